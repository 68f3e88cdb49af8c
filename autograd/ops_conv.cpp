// SPDX-License-Identifier: MIT
#include <xgrad/autograd/ops_conv.hpp>

#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/internal/unroll.hpp>
#include <xgrad/core/internal/arithmetic.hpp>
#include <xgrad/core/internal/blas.hpp>
#include <xgrad/core/internal/machine.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/process.hpp>
#include <xgrad/core/internal/tuning.hpp>
#include <xgrad/core/threads.hpp>

#include <climits>

namespace xgrad::inline XGRAD_ABI {
namespace {

using detail::Convolution;
using detail::Tile;

// Splits [0, n) into chunks for threads, and calls body(i, memory) for each i. Each chunk has
// memory for one tile of its own.
template <class Body>
void for_each_in_chunks(const Convolution& v, std::size_t n, Body body) {
  if (n == 0) return;
  const std::size_t work = v.images * v.multiply_adds();
  const auto threads = static_cast<std::size_t>(num_threads());
  const std::size_t chunks =
      std::clamp<std::size_t>(work / tuning::kProductGrain, 1, std::min(n, threads));
  Array memory = empty({chunks, v.tile_size()});
  log_machine_once();
  parallel_for(
      chunks, 1,
      [&](std::size_t begin, std::size_t end) {
        const SingleThreadedBlas guard(work);
        for (std::size_t i = n * begin / chunks; i < n * end / chunks; ++i) {
          body(i, memory.data() + begin * v.tile_size());
        }
      },
      1);
}

// Returns a tile of an unrolled image: a part of the image itself, or the copy in `memory`.
MatrixView unrolled(const Convolution& v, const Tile& t, const Scalar* image, Scalar* memory) {
  if (v.is_pointwise()) {
    const std::size_t stride = v.windows.image_size();
    return {image + t.channels.begin * stride + v.first_column(t), stride, Transpose::no};
  }
  detail::unroll(v, t, image, memory);
  return {memory, v.stride(t), Transpose::no};
}

// Returns the columns for the channels of a tile, in row i of a weight (kh, out, in, kw).
MatrixView weight_of(const Convolution& v, const Tile& t, std::size_t i, const Array& weight) {
  return {weight.data() + i * v.out * v.depth() + v.first_row(t), v.depth(), Transpose::no};
}

MatrixView transposed(MatrixView a) {
  a.transpose = Transpose::yes;
  return a;
}

// y = b + sum over i of W_i unrolled(x)_i for each image. Bands of windows are independent.
Array convolve(const Convolution& v, const Array& x, const Array& weight, const Array& bias) {
  const std::size_t columns = v.windows.count();
  Array y = empty({v.images, v.out, v.windows.h.count, v.windows.w.count});
  for_each_in_chunks(v, v.images * v.bands(), [&](std::size_t at, Scalar* memory) {
    const std::size_t image = at / v.bands(), band = at % v.bands();
    const Tile whole = v.tile(band, 0);
    Scalar* const to = y.data() + image * v.result_size() + v.first_column(whole);
    for (std::size_t o = 0; o < v.out; ++o) {
      std::fill_n(to + o * columns, v.columns(whole), bias.data()[o]);
    }
    for (std::size_t group = 0; group < v.groups(); ++group) {
      const Tile t = v.tile(band, group);
      const MatrixView from = unrolled(v, t, x.data() + image * v.image_size(), memory);
      for (std::size_t i = 0; i < v.kernel_rows(); ++i) {
        gemm_in_chunk(v.out, v.columns(t), v.rows(t), weight_of(v, t, i, weight),
                      from.from_column(v.begin(t, i)), 1, to, columns);
      }
    }
  });
  return y;
}

// dx = rolled(W_i^T g for each i) + beta dx for each image. Groups of channels are independent.
void image_gradient(const Convolution& v, const Array& g, const Array& weight, Scalar beta,
                    Array& dx) {
  const std::size_t columns = v.windows.count(), size = v.windows.image_size();
  for_each_in_chunks(v, v.images * v.groups(), [&](std::size_t at, Scalar* memory) {
    const std::size_t image = at / v.groups(), group = at % v.groups();
    Scalar* const to = dx.data() + image * v.image_size();
    for (std::size_t band = 0; band < v.bands(); ++band) {
      const Tile t = v.tile(band, group);
      const MatrixView from{g.data() + image * v.result_size() + v.first_column(t), columns,
                            Transpose::no};
      Scalar* const part = to + t.channels.begin * size;
      if (v.is_pointwise()) {
        gemm_in_chunk(v.rows(t), v.columns(t), v.out, transposed(weight_of(v, t, 0, weight)), from,
                      beta, part + v.first_column(t), size);
        continue;
      }
      if (band == 0 && beta == 0) std::fill_n(part, t.channels.size() * size, Scalar{0});
      std::fill_n(memory, v.rows(t) * v.stride(t), Scalar{0});
      for (std::size_t i = 0; i < v.kernel_rows(); ++i) {
        gemm_in_chunk(v.rows(t), v.columns(t), v.out, transposed(weight_of(v, t, i, weight)), from,
                      1, memory + v.begin(t, i), v.stride(t));
      }
      detail::add_rolled(v, t, memory, to);
    }
  });
}

// Returns the number of partial sums of the weight gradient. Together, they are not larger than the
// images as matrices for each row of the kernel.
std::size_t sums_of_weights(const Convolution& v) {
  const std::size_t ratio = v.images * v.windows.count() / std::max<std::size_t>(v.out, 1);
  return std::clamp<std::size_t>(tuning::kWeightSums / v.groups(), 1,
                                 std::max<std::size_t>(std::min(v.images, ratio), 1));
}

// Returns dW of shape (kh, out, in, kw): dW_i = sum over the images of g unrolled(x)_i^T. Groups of
// channels are independent. If there are few groups, blocks of images have sums of their own, which
// are then added.
Array weight_gradient(const Convolution& v, const Array& g, const Array& x) {
  const std::size_t columns = v.windows.count(), sums = sums_of_weights(v);
  Array dw = empty({v.kernel_rows(), v.out, v.in, v.windows.w.kernel});
  if (v.images == 0) dw.fill(0);
  Array partial = empty({sums > 1 ? sums : 0, dw.size()});
  for_each_in_chunks(v, v.images == 0 ? 0 : v.groups() * sums, [&](std::size_t at, Scalar* memory) {
    const std::size_t block = at / v.groups(), group = at % v.groups();
    Scalar* const to = sums > 1 ? partial.data() + block * dw.size() : dw.data();
    Scalar beta = 0;
    for (std::size_t image = v.images * block / sums; image < v.images * (block + 1) / sums;
         ++image) {
      for (std::size_t band = 0; band < v.bands(); ++band) {
        const Tile t = v.tile(band, group);
        const MatrixView from = unrolled(v, t, x.data() + image * v.image_size(), memory);
        const Scalar* const outer = g.data() + image * v.result_size() + v.first_column(t);
        for (std::size_t i = 0; i < v.kernel_rows(); ++i) {
          gemm_in_chunk(v.out, v.rows(t), v.columns(t), {outer, columns, Transpose::no},
                        transposed(from.from_column(v.begin(t, i))), beta,
                        to + i * v.out * v.depth() + v.first_row(t), v.depth());
        }
        beta = 1;
      }
    }
  });
  if (sums > 1) {
    parallel_for(dw.size(), tuning::kElementGrain / sums + 1, [&](std::size_t i, std::size_t end) {
      kernels().column_sum(partial.data() + i, sums, end - i, dw.size(), 0, dw.data() + i);
    });
  }
  return dw;
}

// db = sum of g over the images and the windows, + beta db.
void bias_gradient(const Convolution& v, const Array& g, Scalar beta, Array& db) {
  const std::size_t columns = v.windows.count();
  const std::size_t grain = tuning::kElementGrain / (v.images * columns + 1) + 1;
  parallel_for(
      v.out, grain,
      [&](std::size_t begin, std::size_t end) {
        for (std::size_t o = begin; o < end; ++o) {
          double total = beta == 0 ? 0 : static_cast<double>(beta * db.data()[o]);
          for (std::size_t image = 0; image < v.images; ++image) {
            total += kernels().sum(g.data() + (image * v.out + o) * columns, columns);
          }
          db.data()[o] = static_cast<Scalar>(total);
        }
      },
      1);
}

Convolution check_conv2d(const Shape& x, const Shape& weight, const Shape& bias,
                         const ConvolutionOptions& options) {
  detail::require_size("conv2d", "stride", options.stride, 1);
  detail::require_size("conv2d", "padding", options.padding, 0);
  if (x.size() != 4 || weight.size() != 4 || x[1] != weight[1]) {
    throw ShapeError(
        "[conv2d] the images must be (n, in, height, width) and the weight (out, in, kh, kw), "
        "got " +
        to_string(x) + " and " + to_string(weight));
  }
  if (bias != Shape{weight[0]}) {
    throw ShapeError("[conv2d] the bias must have one element for each output channel: " +
                     to_string(bias) + " and " + to_string(weight));
  }
  if (weight[2] == 0 || weight[3] == 0) {
    throw ShapeError("[conv2d] the kernel must have at least one element: " + to_string(weight));
  }
  const detail::Windows v =
      detail::windows("conv2d", x, {weight[2], weight[3]}, options.stride, options.padding);
  Convolution result(v, x[0], x[1], weight[0]);
  if (std::max(result.depth(), weight[0]) > INT_MAX) {
    throw ShapeError("[conv2d] extents above 2147483647 do not fit BLAS: " + to_string(weight));
  }
  return result;
}

}  // namespace

Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
              const ConvolutionOptions& options) {
  const Convolution v = check_conv2d(x.shape(), weight.shape(), bias.shape(), options);
  const SavedArray xv(x);
  const SavedArray rows(permute(weight.value(), {2, 0, 1, 3}));  // (kh, out, in, kw)
  return record(
      "conv2d", convolve(v, *xv, *rows, bias.value()),
      wrt(x,
          [v, rows](const Array& g, Gradient& dx) {
            dx.accumulate([&](Array& to, Scalar beta) { image_gradient(v, g, *rows, beta, to); });
          }),
      wrt(weight,
          [v, xv](const Array& g, Gradient& dw) {
            dw.add(permute(weight_gradient(v, g, *xv), {1, 2, 0, 3}));
          }),
      wrt(bias, [v](const Array& g, Gradient& db) {
        db.accumulate([&](Array& to, Scalar beta) { bias_gradient(v, g, beta, to); });
      }));
}

}  // namespace xgrad::inline XGRAD_ABI
