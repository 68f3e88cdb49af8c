// SPDX-License-Identifier: MIT
// Products with a matrix whose rows start anywhere in memory and may overlap, as convolutions need
// them. A block of the result stays in registers while the loop runs over what is summed.
#include "stream.ipp"

#include <algorithm>

namespace xgrad::inline XGRAD_ABI::simd {
namespace {

// These instruction sets have 16 vector registers; the others have 32.
template <class Arch>
constexpr bool kFewRegisters =
    std::is_same_v<Arch, xsimd::sse2> || std::is_same_v<Arch, xsimd::fma3<xsimd::avx2>>;

// Calls body(n) with n as a constant, which is 1, ..., or most.
template <std::size_t most, class Body>
inline void with_constant(std::size_t n, Body body) {
  if constexpr (most > 1) {
    if (n < most) return with_constant<most - 1>(n, body);
  }
  body(std::integral_constant<std::size_t, most>{});
}

// Divides [0, n) into the least number of almost equal parts of at most `most` elements. Calls
// body(begin, size) for each part, with size as a constant.
template <std::size_t most, class Body>
inline void for_each_part(std::size_t n, Body body) {
  const std::size_t parts = (n + most - 1) / most;
  for (std::size_t i = 0; i < parts; ++i) {
    const std::size_t begin = n * i / parts;
    with_constant<most>(n * (i + 1) / parts - begin, [&](auto size) { body(begin, size); });
  }
}

// Computes a block of C = A B + start or A B + C with `rows` rows and `registers` registers of
// columns, of which the last contains `last` elements of C.
template <class Arch, std::size_t rows, std::size_t registers>
void product_block(const Scalar* a, std::size_t a_stride, const RowsAt& b, std::size_t depth,
                   const Scalar* start, Scalar* c, std::size_t c_stride, std::size_t last) {
  using B = Batch<Arch>;
  constexpr std::size_t w = B::size;
  B sum[rows][registers];
  for (std::size_t i = 0; i < rows; ++i) {
    std::fill_n(sum[i], registers, B(start != nullptr ? start[i] : Scalar{0}));
  }
  for (std::size_t k = 0; k < depth; ++k) {
    const Scalar* const row = b.data + b.offsets[k];
    B right[registers];
    for (std::size_t j = 0; j < registers; ++j) right[j] = B::load_unaligned(row + j * w);
    for (std::size_t i = 0; i < rows; ++i) {
      const B left(a[i * a_stride + k]);
      for (std::size_t j = 0; j < registers; ++j) sum[i][j] = xsimd::fma(left, right[j], sum[i][j]);
    }
  }
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < registers; ++j) {
      Scalar* const to = c + i * c_stride + j * w;
      const std::size_t count = j + 1 < registers ? w : last;
      if (start == nullptr) sum[i][j] += load_part<B>(to, count);
      store_part(to, sum[i][j], count);
    }
  }
}

template <class Arch>
void product(std::size_t rows, std::size_t columns, std::size_t depth, const Scalar* a,
             std::size_t a_stride, const RowsAt& b, const Scalar* start, Scalar* c,
             std::size_t c_stride) {
  constexpr std::size_t w = Batch<Arch>::size;
  for_each_part<3>((columns + w - 1) / w, [&](std::size_t first, auto registers) {
    const std::size_t begin = first * w, last = std::min(columns - begin, registers * w);
    for_each_part<kFewRegisters<Arch> ? 4 : 8>(rows, [&](std::size_t i, auto size) {
      product_block<Arch, size, registers>(a + i * a_stride, a_stride, {b.data + begin, b.offsets},
                                           depth, start != nullptr ? start + i : nullptr,
                                           c + i * c_stride + begin, c_stride,
                                           last - (registers - 1) * w);
    });
  });
}

}  // namespace

template <class Arch>
void set_products(Kernels& table) {
  table.product = product<Arch>;
}

template void set_products<XGRAD_KERNEL_ARCH>(Kernels&);

}  // namespace xgrad::inline XGRAD_ABI::simd
