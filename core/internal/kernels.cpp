// SPDX-License-Identifier: MIT
#include <xgrad/core/internal/kernels.hpp>

#include <xgrad/core/log.hpp>

#include "kernels/stream.ipp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace xgrad::inline XGRAD_ABI {
namespace {

// One instruction set: its name in XGRAD_SIMD, whether this machine runs it, and its kernels.
struct Candidate {
  std::string_view name;
  bool (*runs)();
  Kernels (*make)();
};

// Returns the kernels of one instruction set. Each set_* is instantiated in its own source.
template <class Arch>
Kernels make(Level level, const char* name) {
  Kernels table{};
  table.level = level;
  table.name = name;
  simd::set_elementwise<Arch>(table);
  simd::set_extremes<Arch>(table);
  simd::set_products<Arch>(table);
  simd::set_rows<Arch>(table);
  simd::set_windows<Arch>(table);
  return table;
}

#if defined(XGRAD_X86_LEVELS)

// The compiler's builtin also checks that the operating system saves the wide registers. xsimd's
// own detection does not, and its interface changed in version 13.
bool runs_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl");
}
bool runs_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

// The widest level comes first.
constexpr Candidate kCandidates[] = {
    {"avx512", runs_avx512, [] { return make<xsimd::avx512bw>(Level::avx512, "AVX-512"); }},
    {"avx2", runs_avx2, [] { return make<xsimd::fma3<xsimd::avx2>>(Level::avx2, "AVX2+FMA"); }},
    {"sse2", [] { return true; }, [] { return make<xsimd::sse2>(Level::sse2, "SSE2"); }}};

const char* wanted_level() {
  const char* const level = std::getenv("XGRAD_SIMD");
  return level == nullptr ? "" : level;
}

#else

constexpr Candidate kCandidates[] = {
    {"", [] { return true; },
     [] { return make<xsimd::default_arch>(Level::other, xsimd::default_arch::name()); }}};

const char* wanted_level() { return ""; }

#endif

// Returns the level with this name, or the widest level if `name` is empty. Returns nullptr if this
// machine does not run it or the name is unknown.
const Candidate* find_level(std::string_view name) {
  const auto fits = [name](const Candidate& level) {
    return (name.empty() || name == level.name) && level.runs();
  };
  const Candidate* const found = std::find_if(std::begin(kCandidates), std::end(kCandidates), fits);
  return found == std::end(kCandidates) ? nullptr : found;
}

std::atomic<const Kernels*> chosen{nullptr};

// Chooses the kernels. The warning is logged afterwards, because the log handler may call xgrad.
const Kernels& choose() noexcept {
  const char* const wanted = wanted_level();
  const Candidate* const level = find_level(wanted);
  static const Kernels table = (level != nullptr ? level : find_level(""))->make();
  const bool is_first = chosen.exchange(&table) == nullptr;
  if (is_first && level == nullptr) {
    char message[200];
    std::snprintf(message, sizeof message,
                  "[simd] XGRAD_SIMD must be sse2, avx2 or avx512 and supported by this machine, "
                  "got \"%.40s\"; using %s",
                  wanted, table.name);
    log_message(LogLevel::warning, message);
  }
  return table;
}

}  // namespace

const Kernels& kernels() noexcept {
  const Kernels* const table = chosen.load(std::memory_order_acquire);
  return table != nullptr ? *table : choose();
}

}  // namespace xgrad::inline XGRAD_ABI
