// SPDX-License-Identifier: MIT
// The loops over the lines of images, for convolutions and pooling, and the conversion of bytes.
#include "stream.ipp"

namespace xgrad::inline XGRAD_ABI::simd {
namespace {

template <class Arch>
void copy_lines(const Scalar* x, std::size_t x_stride, Scalar* y, std::size_t y_stride,
                std::size_t lines, std::size_t n) {
  for (std::size_t line = 0; line < lines; ++line, x += x_stride, y += y_stride) {
    stream<Arch>(n, [&](auto at) { at.store(y, at.load(x)); });
  }
}

// The compiler's loop, which ends with smaller registers: a processor waits if it reads a register
// of which a masked instruction has just written a part, and lines for neighbouring columns
// overlap.
void add_lines(const Scalar* x, std::size_t x_stride, Scalar* y, std::size_t y_stride,
               std::size_t lines, std::size_t n) {
  for (std::size_t line = 0; line < lines; ++line) {
    const Scalar* __restrict const from = x + line * x_stride;
    Scalar* __restrict const to = y + line * y_stride;
    for (std::size_t k = 0; k < n; ++k) to[k] += from[k];
  }
}

template <class Arch>
void largest_of_columns(const Scalar* x, std::size_t lines, std::size_t n, Position first,
                        Scalar* y, Position* position) {
  using I = xsimd::batch<Position, Arch>;
  alignas(64) Position lanes[I::size];
  for (std::size_t k = 0; k < I::size; ++k) lanes[k] = first + static_cast<Position>(k);
  const I first_positions = I::load_aligned(lanes);
  stream<Arch>(n, [&](auto at) {
    Batch<Arch> best = at.load(x);
    I here = first_positions + I(static_cast<Position>(at.i)), place = here;
    for (std::size_t line = 1; line < lines; ++line) {
      const Batch<Arch> value = at.load(x + line * n);
      const auto take = (value > best) | xsimd::isnan(value);
      here += I(static_cast<Position>(n));
      best = xsimd::select(take, value, best);
      place = xsimd::select(xsimd::bool_cast(take), here, place);
    }
    at.store(y, best);
    at.store(position, place);
  });
}

// Stride is a constant for the usual strides, with which the compiler vectorizes the loop.
template <class Stride>
void replace_by_larger(const Scalar* __restrict x, const Position* __restrict at, Stride stride,
                       std::size_t n, Scalar* __restrict y, Position* __restrict position) {
  for (std::size_t k = 0; k < n; ++k) {
    const Scalar value = x[k * stride], most = y[k];
    const Position here = at[k * stride], before = position[k];
    const bool is_nan = value != value, is_first_nan = is_nan & (most == most);
    const bool take = (value > most) | is_first_nan | (is_nan & (here > before)) |
                      ((value == most) & (here < before));
    y[k] = take ? value : most;
    position[k] = take ? here : before;
  }
}

void replace_by_larger_at(const Scalar* x, const Position* at, std::size_t stride, std::size_t n,
                          Scalar* y, Position* position) {
  if (stride == 1) {
    replace_by_larger(x, at, std::integral_constant<std::size_t, 1>{}, n, y, position);
  } else if (stride == 2) {
    replace_by_larger(x, at, std::integral_constant<std::size_t, 2>{}, n, y, position);
  } else {
    replace_by_larger(x, at, stride, n, y, position);
  }
}

// The compiler vectorizes this loop; xsimd has no portable call that widens bytes.
template <class Arch>
void from_bytes(const std::uint8_t* x, Scalar scale, Scalar* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = scale * static_cast<Scalar>(x[i]);
}

}  // namespace

template <class Arch>
void set_windows(Kernels& table) {
  table.copy_lines = copy_lines<Arch>;
  table.add_lines = add_lines;
  table.largest_of_columns = largest_of_columns<Arch>;
  table.replace_by_larger = replace_by_larger_at;
  table.from_bytes = from_bytes<Arch>;
}

template void set_windows<XGRAD_KERNEL_ARCH>(Kernels&);

}  // namespace xgrad::inline XGRAD_ABI::simd
