// SPDX-License-Identifier: MIT
// The loop over registers that all kernels share, and the choice of an instruction set. Each kernel
// source is compiled once per instruction set, which the macro XGRAD_KERNEL_ARCH names.
#pragma once

#include <xgrad/core/internal/kernels.hpp>

#include <xsimd/xsimd.hpp>

#include <cstddef>
#include <type_traits>

namespace xgrad::inline XGRAD_ABI::simd {

// Each function sets the kernels that one source defines. It is instantiated in that source.
template <class Arch>
void set_elementwise(Kernels& table);
template <class Arch>
void set_extremes(Kernels& table);
template <class Arch>
void set_rows(Kernels& table);

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

#if defined(__aarch64__)

/// A register of floats on ARM64. xsimd 8 computes quotients and roots of floats with the estimates
/// of 32-bit ARM processors, which differ from the exact results in the last bits.
struct NeonFloats : xsimd::batch<float, xsimd::neon64> {
  using Base = xsimd::batch<float, xsimd::neon64>;
  using Base::Base;
  NeonFloats() = default;
  NeonFloats(const Base& x) : Base(x) {}
  static NeonFloats load_unaligned(const float* p) { return Base::load_unaligned(p); }
  static NeonFloats load_aligned(const float* p) { return Base::load_aligned(p); }

  friend NeonFloats operator/(const NeonFloats& a, const NeonFloats& b) {
    return Base(vdivq_f32(a, b));
  }
  friend NeonFloats operator/(const NeonFloats& a, const Base& b) { return a / NeonFloats(b); }
  friend NeonFloats operator/(const Base& a, const NeonFloats& b) { return NeonFloats(a) / b; }
  friend NeonFloats sqrt(const NeonFloats& x) { return Base(vsqrtq_f32(x)); }
};
template <class Arch>
using Batch =
    std::conditional_t<std::is_same_v<Scalar, float>, NeonFloats, xsimd::batch<Scalar, Arch>>;

#else

template <class Arch>
using Batch = xsimd::batch<Scalar, Arch>;

#endif

/// A full register of elements, starting at element i.
template <class Arch>
struct Full {
  std::size_t i;
  Batch<Arch> load(const Scalar* p) const { return Batch<Arch>::load_unaligned(p + i); }
  void store(Scalar* p, const Batch<Arch>& value) const { value.store_unaligned(p + i); }
};

/// The last `count` elements, which do not fill a register. They are padded with ones and computed
/// with the same instructions as all other elements, so that the result for an element does not
/// depend on its position.
template <class Arch>
struct Rest {
  std::size_t i;
  std::size_t count;
  Batch<Arch> load(const Scalar* p) const {
    alignas(64) Scalar padded[Batch<Arch>::size];
    for (std::size_t k = 0; k < Batch<Arch>::size; ++k)
      padded[k] = k < count ? p[i + k] : Scalar{1};
    return Batch<Arch>::load_aligned(padded);
  }
  void store(Scalar* p, const Batch<Arch>& value) const {
    alignas(64) Scalar padded[Batch<Arch>::size];
    value.store_aligned(padded);
    for (std::size_t k = 0; k < count; ++k) p[i + k] = padded[k];
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
