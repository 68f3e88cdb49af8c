// SPDX-License-Identifier: MIT
// How every kernel walks memory. Private to the kernel sources, each of which is compiled once for
// each instruction set with XGRAD_KERNEL_ARCH naming it.
#pragma once

#include <xgrad/core/kernels.hpp>

#include <xsimd/xsimd.hpp>

#include <cstddef>

namespace xgrad::inline XGRAD_ABI::simd {

/// Fills in the part of the table that a kernel source defines; instantiated in that source.
template <class Arch>
void set_elementwise(Kernels& table);
template <class Arch>
void set_rows(Kernels& table);
template <class Arch>
void set_updates(Kernels& table);

template <class Arch>
using Batch = xsimd::batch<Scalar, Arch>;

/// A full register of elements that start at `i`.
template <class Arch>
struct Full {
  std::size_t i;
  Batch<Arch> load(const Scalar* p) const { return Batch<Arch>::load_unaligned(p + i); }
  void store(Scalar* p, const Batch<Arch>& value) const { value.store_unaligned(p + i); }
};

/// The last `count` elements, fewer than a register. They go through the same instructions as all
/// others, padded with ones, so that a result does not depend on where an element stands.
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
