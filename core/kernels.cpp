// SPDX-License-Identifier: MIT
#include <xgrad/core/kernels.hpp>

#include <xgrad/core/error.hpp>

#include "internal/kernels/stream.ipp"

#include <cstdlib>
#include <string>

namespace xgrad::inline XGRAD_ABI {
namespace {

// Returns the kernels of one instruction set. Each set_* is instantiated in its own source.
struct TableOf {
  template <class Arch>
  Kernels operator()(Arch) const {
    Kernels table{};
    simd::set_elementwise<Arch>(table);
    simd::set_rows<Arch>(table);
    simd::set_updates<Arch>(table);
    return table;
  }
};

#if defined(XGRAD_X86_LEVELS)

using Avx512 = xsimd::avx512bw;
using Avx2 = xsimd::fma3<xsimd::avx2>;
using Sse2 = xsimd::sse2;

// The compiler's builtin also checks that the operating system saves the wide registers. xsimd's
// own detection does not, and its interface changed in version 13.
bool runs_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl");
}
bool runs_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

template <class Arch>
Kernels named(const char* name) {
  Kernels table = TableOf{}(Arch{});
  table.name = name;
  return table;
}

Kernels choose() {
  const char* const wanted = std::getenv("XGRAD_SIMD");
  const std::string level = wanted == nullptr ? "" : wanted;
  if (!level.empty() && level != "sse2" && level != "avx2" && level != "avx512") {
    throw OptionError("[simd] XGRAD_SIMD must be sse2, avx2 or avx512, got \"" + level + "\"");
  }
  if ((level == "avx512" && !runs_avx512()) || (level == "avx2" && !runs_avx2())) {
    throw OptionError("[simd] XGRAD_SIMD asks for " + level + ", which this machine does not run");
  }
  if (level == "avx512" || (level.empty() && runs_avx512())) return named<Avx512>("AVX-512");
  if (level == "avx2" || (level.empty() && runs_avx2())) return named<Avx2>("AVX2+FMA");
  return named<Sse2>("SSE2");
}

#else

Kernels choose() {
  Kernels table = TableOf{}(xsimd::default_arch{});
  table.name = xsimd::default_arch::name();
  return table;
}

#endif

}  // namespace

const Kernels& kernels() {
  static const Kernels table = choose();
  return table;
}

}  // namespace xgrad::inline XGRAD_ABI
