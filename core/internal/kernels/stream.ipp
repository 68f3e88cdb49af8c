// SPDX-License-Identifier: MIT
// The loop over registers that all kernels share, and the choice of an instruction set. Each kernel
// source is compiled once per instruction set, which the macro XGRAD_KERNEL_ARCH names.
#pragma once

#include <xgrad/core/internal/kernels.hpp>

#include <xsimd/xsimd.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

#if defined(__aarch64__)

// xsimd 8 computes quotients and square roots of floats with the estimates of 32-bit processors,
// which differ from the exact results in the last bits. ARM64 has instructions for both.
namespace xsimd::kernel {

template <>
inline batch<float, neon64> div(const batch<float, neon64>& a, const batch<float, neon64>& b,
                                const neon&) noexcept {
  return vdivq_f32(a, b);
}
template <>
inline batch<float, neon64> sqrt(const batch<float, neon64>& x, const neon&) noexcept {
  return vsqrtq_f32(x);
}

}  // namespace xsimd::kernel

#endif

namespace xgrad::inline XGRAD_ABI::simd {

// Each function sets the kernels that one source defines. It is instantiated in that source.
template <class Arch>
void set_elementwise(Kernels& table);
template <class Arch>
void set_extremes(Kernels& table);
template <class Arch>
void set_products(Kernels& table);
template <class Arch>
void set_rows(Kernels& table);
template <class Arch>
void set_windows(Kernels& table);

/// Returns f.operator()<Arch>() for the instruction set of kernels().
template <class F>
auto for_level(F f) {
#if defined(XGRAD_X86_LEVELS)
  switch (kernels().level) {
    case Level::avx512:
      return f.template operator()<xsimd::avx512bw>();
    case Level::avx2:
      return f.template operator()<xsimd::fma3<xsimd::avx2>>();
    default:
      return f.template operator()<xsimd::sse2>();
  }
#else
  return f.template operator()<xsimd::default_arch>();
#endif
}

template <class Arch>
using Batch = xsimd::batch<Scalar, Arch>;

#if defined(__AVX512F__)
/// The instructions of AVX-512 read and write a part of a register.
template <class T, class Arch>
constexpr bool kHasMasks = std::is_base_of_v<xsimd::avx512f, Arch> && sizeof(T) == 4;
inline __mmask16 first_lanes(std::size_t n) { return static_cast<__mmask16>((1u << n) - 1); }
#endif

/// Returns a register with `count` elements at p, followed by ones. Reads no other element.
template <class B>
B load_part(const typename B::value_type* p, std::size_t count) {
  using T = typename B::value_type;
  if (count == B::size) return B::load_unaligned(p);
#if defined(__AVX512F__)
  if constexpr (kHasMasks<T, typename B::arch_type>) {
    if constexpr (std::is_same_v<T, float>) {
      return _mm512_mask_loadu_ps(_mm512_set1_ps(1), first_lanes(count), p);
    } else {
      return _mm512_mask_loadu_epi32(_mm512_set1_epi32(1), first_lanes(count), p);
    }
  }
#endif
  alignas(64) T padded[B::size];
  for (std::size_t k = 0; k < B::size; ++k) padded[k] = k < count ? p[k] : T{1};
  return B::load_aligned(padded);
}

/// Writes the first `count` elements of a register to p.
template <class B>
void store_part(typename B::value_type* p, const B& value, std::size_t count) {
  using T = typename B::value_type;
  if (count == B::size) return value.store_unaligned(p);
#if defined(__AVX512F__)
  if constexpr (kHasMasks<T, typename B::arch_type>) {
    if constexpr (std::is_same_v<T, float>) {
      return _mm512_mask_storeu_ps(p, first_lanes(count), value);
    } else {
      return _mm512_mask_storeu_epi32(p, first_lanes(count), value);
    }
  }
#endif
  alignas(64) T padded[B::size];
  value.store_aligned(padded);
  for (std::size_t k = 0; k < count; ++k) p[k] = padded[k];
}

/// A full register of elements, starting at element i.
template <class Arch>
struct Full {
  std::size_t i;
  Batch<Arch> load(const Scalar* p) const { return Batch<Arch>::load_unaligned(p + i); }
  template <class B>
  void store(typename B::value_type* p, const B& value) const {
    value.store_unaligned(p + i);
  }
};

/// The last `count` elements, which do not fill a register. They are padded with ones and computed
/// with the same instructions as all other elements, so that the result for an element does not
/// depend on its position.
template <class Arch>
struct Rest {
  std::size_t i;
  std::size_t count;
  Batch<Arch> load(const Scalar* p) const { return load_part<Batch<Arch>>(p + i, count); }
  template <class B>
  void store(typename B::value_type* p, const B& value) const {
    store_part(p + i, value, count);
  }
};

/// Calls body(at) for each register of [0, n): at.load(p) reads from p, at.store(p, x) writes to p.
template <class Arch, class Body>
inline void stream(std::size_t n, Body body) {
  constexpr std::size_t width = Batch<Arch>::size;
  std::size_t i = 0;
  for (; i + width <= n; i += width) body(Full<Arch>{i});
  if (i < n) body(Rest<Arch>{i, n - i});
}

}  // namespace xgrad::inline XGRAD_ABI::simd
