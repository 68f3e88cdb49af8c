// SPDX-License-Identifier: MIT
#include <xgrad/autograd/ops_conv.hpp>

#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/internal/unroll.hpp>
#include <xgrad/core/internal/kernels.hpp>
#include <xgrad/core/internal/machine.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>
#include <xgrad/core/threads.hpp>

#include <algorithm>

namespace xgrad::inline XGRAD_ABI {
namespace {

using detail::Convolution;
using detail::Interleaved;
using detail::Offsets;
using detail::Range;
using detail::Tile;
using detail::Unrolled;

// Splits [0, n) into chunks for threads, and calls body(i, memory) for each i. Each chunk has
// memory of its own, which holds `size` elements and contains zeros at first.
template <class Body>
void for_each_in_chunks(const Convolution& v, std::size_t n, std::size_t size, Body body) {
  if (n == 0) return;
  const auto threads = static_cast<std::size_t>(num_threads());
  const std::size_t chunks = std::clamp<std::size_t>(
      v.images * v.multiply_adds() / tuning::kProductGrain, 1, std::min(n, threads));
  Array memory = zeros({chunks, size + kRowSlack + tuning::kThreadGap});
  log_machine_once();
  parallel_for(
      chunks, 1,
      [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = n * begin / chunks; i < n * end / chunks; ++i) {
          body(i, memory.data() + begin * memory.shape()[1]);
        }
      },
      1);
}

// y = b + W unrolled(x) for each image. Bands of windows are independent.
Array convolve(const Convolution& v, const Array& x, const Array& weight, const Array& bias) {
  const Unrolled u(v);
  const Offsets offsets = u.offsets();
  const std::size_t columns = v.windows.count(), size = v.kernel_size();
  Array y = empty({v.images, v.out, v.windows.h.count, v.windows.w.count});
  for_each_in_chunks(v, v.images * v.bands(), u.tile_size(), [&](std::size_t at, Scalar* memory) {
    const std::size_t image = at / v.bands(), band = at % v.bands();
    for (std::size_t group = 0; group < v.groups(); ++group) {
      const Tile t = v.tile(band, group);
      u.unroll(t, x.data() + image * v.image_size(), memory);
      kernels().product(v.out, v.columns(t), t.channels.size() * size,
                        weight.data() + t.channels.begin * size, v.in * size,
                        {memory, offsets.data()}, group == 0 ? bias.data() : nullptr,
                        y.data() + image * v.result_size() + v.first_column(t), columns);
    }
  });
  return y;
}

// The product W^T g, as the gradient of the unrolled image: row (channel, j), from rows (i, out) of
// g, whose lines are i / stride lines later.
struct ImageGradient {
  const Convolution& v;
  Unrolled u{v};
  std::size_t g_size = v.lines_per_tile * v.windows.w.count;  // of an output channel in the memory
  Array weight;     // (in, kw, kh, out), where the rows i of each phase are neighbours
  Offsets offsets;  // of the rows of g for (i, out) in that order
  Array zeros = xgrad::zeros({v.channels_per_tile * v.windows.w.kernel});

  ImageGradient(const Convolution& convolution, const Array& w)
      : v(convolution), weight(empty({v.in, v.windows.w.kernel, v.windows.h.kernel, v.out})) {
    const std::size_t kh = v.windows.h.kernel, kw = v.windows.w.kernel, stride = v.windows.h.stride;
    offsets.reserve(kh * v.out);
    for (std::size_t phase = 0; phase < u.phases; ++phase) {
      for (std::size_t i = phase; i < kh; i += stride) {
        const std::size_t row = offsets.size();
        for (std::size_t o = 0; o < v.out; ++o) {
          offsets.push_back(o * g_size + (v.overlap - i / stride) * v.windows.w.count);
          for (std::size_t c = 0; c < v.in; ++c) {
            for (std::size_t j = 0; j < kw; ++j) {
              weight.data()[(c * kw + j) * kh * v.out + row + o] =
                  w.data()[((o * v.in + c) * kh + i) * kw + j];
            }
          }
        }
      }
    }
  }

  // Returns the number of elements of memory that add() needs: for a tile and for g, with lines
  // before it that are not read, so that no offset is negative.
  std::size_t memory() const {
    return u.tile_size() + v.overlap * v.windows.w.count + v.out * g_size;
  }

  // Adds the gradient of a tile to that of the image, dx, for the gradient g of the result.
  void add(const Tile& t, const Scalar* g, Scalar* memory, Scalar* dx) const {
    const std::size_t width = v.windows.w.count;
    Scalar* const from = memory + u.tile_size();
    kernels().copy_lines(g + v.first_column(t), v.windows.count(), from + v.overlap * width, g_size,
                         v.out, v.columns(t));
    std::size_t row = 0;
    for (std::size_t phase = 0; phase < u.phases; ++phase) {
      const std::size_t rows = (v.windows.h.kernel - phase - 1) / v.windows.h.stride + 1;
      compute_phase(t, rows, row * v.out, from, memory + phase * u.lines * width);
      row += rows;
    }
    u.add_rolled(t, memory, dx);
  }

  // Computes a phase of a tile from `rows` rows i of the kernel, which begin at `row` in the
  // weight. Only some of these rows contribute to the first and to the last lines.
  void compute_phase(const Tile& t, std::size_t rows, std::size_t row, const Scalar* from,
                     Scalar* tile) const {
    const std::size_t width = v.windows.w.count, n = t.lines.size();
    const std::size_t kw = v.windows.w.kernel, depth = v.windows.h.kernel * v.out;
    for (std::size_t line = 0, end = 0; line < n + v.overlap; line = end) {
      const std::size_t first = line < n ? 0 : line - n + 1;
      const std::size_t last = std::max(std::min(line + 1, rows), first);
      end = last - first == rows ? std::max(n, line + 1) : line + 1;
      const std::size_t begin = row + first * v.out;
      kernels().product(t.channels.size() * kw, (end - line) * width, (last - first) * v.out,
                        weight.data() + t.channels.begin * kw * depth + begin, depth,
                        {from + line * width, offsets.data() + begin}, zeros.data(),
                        tile + line * width, u.row_size);
    }
  }
};

// dx = rolled(W^T g) + beta dx for each image. Groups of channels are independent.
void image_gradient(const Convolution& v, const Array& g, const Array& weight, Scalar beta,
                    Array& dx) {
  if (dx.size() == 0) return;
  const ImageGradient gradient(v, weight);
  const std::size_t size = v.windows.image_size();
  for_each_in_chunks(
      v, v.images * v.groups(), gradient.memory(), [&](std::size_t at, Scalar* memory) {
        const std::size_t image = at / v.groups(), group = at % v.groups();
        Scalar* const to = dx.data() + image * v.image_size();
        for (std::size_t band = 0; band < v.bands(); ++band) {
          const Tile t = v.tile(band, group);
          if (band == 0 && beta == 0) {
            std::fill_n(to + t.channels.begin * size, t.channels.size() * size, Scalar{0});
          }
          gradient.add(t, g.data() + image * v.result_size(), memory, to);
        }
      });
}

// Returns the number of partial sums of the weight gradient. Together, they are not larger than the
// unrolled images.
std::size_t sums_of_weights(const Convolution& v) {
  const std::size_t ratio = v.images * v.windows.count() / std::max<std::size_t>(v.out, 1);
  return std::clamp<std::size_t>(tuning::kImageBlocks / v.groups(), 1,
                                 std::max<std::size_t>(std::min(v.images, ratio), 1));
}

// Computes sum = g interleaved(x), of shape (rest, out, j, i, channel), for some images and the
// channels of a group.
void sum_products(const Interleaved& x, const Offsets& offsets, const Array& images, const Array& g,
                  const Range& range, std::size_t group, Scalar* memory, Scalar* sum) {
  const Convolution& v = x.v;
  const std::size_t size = v.out * x.window_size();
  std::fill_n(sum, x.rest() * size, Scalar{0});
  for (std::size_t image = range.begin; image < range.end; ++image) {
    for (std::size_t band = 0; band < v.bands(); ++band) {
      const Tile t = v.tile(band, group);
      x.interleave(t, images.data() + image * v.image_size(), memory);
      for (std::size_t i = 0; i < x.rest(); ++i) {
        kernels().product(v.out, x.window_size(), v.columns(t),
                          g.data() + image * v.result_size() + v.first_column(t), v.windows.count(),
                          {memory + i * x.line_size, offsets.data()}, nullptr, sum + i * size,
                          x.window_size());
      }
    }
  }
}

// Returns dW from sums with the axes (group, i / rows, out, j, i % rows, channel of the group).
Array arrange_weight(const Interleaved& x, const Scalar* sums) {
  const Convolution& v = x.v;
  const std::size_t kh = v.windows.h.kernel, kw = v.windows.w.kernel;
  Array dw = empty({v.out, v.in, kh, kw});
  for (std::size_t group = 0; group < v.groups(); ++group) {
    const Range channels = v.tile(0, group).channels;
    for (std::size_t first = 0; first < kh; first += x.rows) {
      for (std::size_t o = 0; o < v.out; ++o) {
        for (std::size_t j = 0; j < kw; ++j) {
          for (std::size_t i = first; i < first + x.rows; ++i, sums += x.channels) {
            for (std::size_t c = 0; c < channels.size(); ++c) {
              dw.data()[((o * v.in + channels.begin + c) * kh + i) * kw + j] = sums[c];
            }
          }
        }
      }
    }
  }
  return dw;
}

// Returns dW = sum over the images of g interleaved(x). Groups of channels are independent. If
// there are few groups, blocks of images have sums of their own, which are then added.
Array weight_gradient(const Convolution& v, const Array& g, const Array& x) {
  const Interleaved interleaved(v);
  const Offsets offsets = interleaved.offsets();
  const std::size_t blocks = sums_of_weights(v), groups = v.groups();
  const std::size_t size = interleaved.rest() * v.out * interleaved.window_size();  // of a group
  Array sums = empty({blocks, groups * size});
  for_each_in_chunks(v, blocks * groups, interleaved.tile_size(),
                     [&](std::size_t at, Scalar* memory) {
                       const std::size_t block = at / groups, group = at % groups;
                       sum_products(interleaved, offsets, x, g, v.images_of(block, blocks), group,
                                    memory, sums.data() + at * size);
                     });
  if (blocks > 1) {
    const std::size_t n = groups * size;
    parallel_for(n, tuning::kElementGrain / blocks + 1, [&](std::size_t i, std::size_t end) {
      kernels().column_sum(sums.data() + i, blocks, end - i, n, 0, sums.data() + i);
    });
  }
  return arrange_weight(interleaved, sums.data());
}

// db = sum of g over the images and the windows, + beta db. Blocks of images have sums of their
// own, so that a core reads the images that it has written itself.
void bias_gradient(const Convolution& v, const Array& g, Scalar beta, Array& db) {
  const std::size_t columns = v.windows.count();
  const std::size_t blocks = std::clamp<std::size_t>(v.images, 1, tuning::kImageBlocks);
  std::vector<double, Allocator<double>> sums(blocks * v.out);
  parallel_for(
      blocks, tuning::kElementGrain * blocks / (g.size() + 1) + 1,
      [&](std::size_t begin, std::size_t end) {
        for (std::size_t block = begin; block < end; ++block) {
          const Range images = v.images_of(block, blocks);
          for (std::size_t i = images.begin * v.out; i < images.end * v.out; ++i) {
            sums[block * v.out + i % v.out] += kernels().sum(g.data() + i * columns, columns);
          }
        }
      },
      1);
  for (std::size_t o = 0; o < v.out; ++o) {
    double total = beta == 0 ? 0 : static_cast<double>(beta * db.data()[o]);
    for (std::size_t block = 0; block < blocks; ++block) total += sums[block * v.out + o];
    db.data()[o] = static_cast<Scalar>(total);
  }
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
  return {v, x[0], x[1], weight[0]};
}

}  // namespace

Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
              const ConvolutionOptions& options) {
  const Convolution v = check_conv2d(x.shape(), weight.shape(), bias.shape(), options);
  const SavedArray xv(x);
  const SavedArray wv(weight);
  return record(
      "conv2d", convolve(v, *xv, *wv, bias.value()),
      wrt(x,
          [v, wv](const Array& g, Gradient& dx) {
            dx.accumulate([&](Array& to, Scalar beta) { image_gradient(v, g, *wv, beta, to); });
          }),
      wrt(weight, [v, xv](const Array& g, Gradient& dw) { dw.add(weight_gradient(v, g, *xv)); }),
      wrt(bias, [v](const Array& g, Gradient& db) {
        db.accumulate([&](Array& to, Scalar beta) { bias_gradient(v, g, beta, to); });
      }));
}

}  // namespace xgrad::inline XGRAD_ABI
