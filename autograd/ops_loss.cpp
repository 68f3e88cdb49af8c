// SPDX-License-Identifier: MIT
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/internal/arithmetic.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>

#include <algorithm>
#include <vector>

namespace xgrad::inline XGRAD_ABI {
namespace {

std::size_t row_grain(std::size_t cols) { return tuning::kExpGrain / (cols + 1) + 1; }

// Returns the axis order that swaps `axis` with the last axis. It is its own inverse.
Shape swapped_with_last(std::size_t ndim, std::size_t axis) {
  Shape order(ndim);
  for (std::size_t i = 0; i < ndim; ++i) order[i] = i;
  std::swap(order[axis], order[ndim - 1]);
  return order;
}

// Treats the last axis of a shape as rows, and calls rows(begin_element, rows, cols) for chunks of
// consecutive rows, in parallel.
template <class Rows>
void for_row_blocks(const Shape& shape, Rows rows) {
  const AxisView view = view_around(shape, shape.size() - 1);
  if (view.extent == 0) return;
  parallel_for(view.outer, row_grain(view.extent), [&](std::size_t begin, std::size_t end) {
    rows(begin * view.extent, end - begin, view.extent);
  });
}

using RowOp = Tensor (*)(const Tensor&);

// Applies an op that works on the last axis to any axis.
Tensor along(const char* op, RowOp apply, const Tensor& x, std::ptrdiff_t axis) {
  const std::size_t target = normalize_axis(op, axis, x.ndim());
  if (target == x.ndim() - 1) return apply(x);
  const Shape order = swapped_with_last(x.ndim(), target);
  const auto swap = [order](const Tensor& t) {
    return record("swap_axes", permute(t.value(), order),
                  wrt(t, [order](const Array& g, Gradient& dt) { dt.add(permute(g, order)); }));
  };
  return swap(apply(swap(x)));
}

Tensor row_op(const char* op, Kernels::Rows kernel, Kernels::RowsGrad grad, const Tensor& x) {
  Array result = empty(x.shape());
  for_row_blocks(x.shape(), [&](std::size_t at, std::size_t rows, std::size_t cols) {
    kernel(x.value().data() + at, result.data() + at, rows, cols);
  });
  const SavedArray y = std::move(result);
  return record(op, y, wrt(x, [y, grad](const Array& g, Gradient& dx) {
                  Array term = empty(dx.shape());
                  for_row_blocks(dx.shape(), [&](std::size_t at, std::size_t n, std::size_t cols) {
                    grad(g.data() + at, y->data() + at, term.data() + at, n, cols);
                  });
                  dx.add(std::move(term));
                }));
}

Tensor softmax_rows(const Tensor& x) {
  return row_op("softmax", kernels().softmax, kernels().softmax_grad, x);
}

Tensor log_softmax_rows(const Tensor& x) {
  return row_op("log_softmax", kernels().log_softmax, kernels().log_softmax_grad, x);
}

void check_labels(const Tensor& logits, const Labels& labels) {
  const Shape& shape = logits.shape();
  if (shape.size() != 2 || shape[0] != labels.size()) {
    throw ShapeError("[cross_entropy] the logits must be (rows, classes) with one label per row: " +
                     to_string(shape) + " and " + std::to_string(labels.size()) + " labels");
  }
  if (shape[0] == 0 || shape[1] == 0) {
    throw ShapeError("[cross_entropy] the batch is empty: the logits are " + to_string(shape));
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::int32_t label = labels.data()[i];
    if (label < 0 || static_cast<std::size_t>(label) >= shape[1]) {
      throw DataError("[cross_entropy] label " + std::to_string(label) + " in row " +
                      std::to_string(i) + " is outside [0, " + std::to_string(shape[1]) + ")");
    }
  }
}

}  // namespace

Tensor softmax(const Tensor& x, std::ptrdiff_t axis) {
  return along("softmax", softmax_rows, x, axis);
}

Tensor log_softmax(const Tensor& x, std::ptrdiff_t axis) {
  return along("log_softmax", log_softmax_rows, x, axis);
}

Tensor cross_entropy(const Tensor& logits, const Labels& labels) {
  check_labels(logits, labels);
  const std::size_t rows = logits.shape()[0], cols = logits.shape()[1];
  // The kernel computes softmax - onehot, which is the gradient without the factor g / rows. The
  // losses are summed in blocks of a fixed number of rows, so that the sum does not depend on the
  // number of threads.
  constexpr std::size_t block = tuning::kLossRows;
  const Kernels& k = kernels();
  Array difference = empty(logits.shape());
  std::vector<double, Allocator<double>> losses((rows + block - 1) / block);
  parallel_for(
      losses.size(), 1,
      [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
          const std::size_t first = i * block, at = first * cols;
          losses[i] = k.cross_entropy(logits.value().data() + at, labels.data() + first,
                                      difference.data() + at, std::min(block, rows - first), cols);
        }
      },
      1);
  double loss = 0;
  for (const double part : losses) loss += part;
  const auto n = static_cast<double>(rows);
  const SavedArray d = std::move(difference);
  return record("cross_entropy", full({}, static_cast<Scalar>(loss / n)),
                wrt(logits, [d, n](const Array& g, Gradient& dx) {
                  const double scale = static_cast<double>(*g.data()) / n;
                  dx.add(elementwise(kernels().mul, *d, static_cast<Scalar>(scale)));
                }));
}

Tensor mse_loss(const Tensor& prediction, const Tensor& target) {
  require_same_shape("mse_loss", prediction.shape(), target.shape());
  if (prediction.size() == 0) {
    throw ShapeError("[mse_loss] nothing to average: the shape is " +
                     to_string(prediction.shape()));
  }
  const auto n = static_cast<double>(prediction.size());
  const SavedArray d = elementwise(kernels().sub, prediction.value(), target.value());
  const auto backward = [d, n](double sign) {  // +-2 g (prediction - target) / n
    return [d, factor = sign * 2 / n](const Array& g, Gradient& dx) {
      const double scale = factor * static_cast<double>(*g.data());
      dx.add(elementwise(kernels().mul, *d, static_cast<Scalar>(scale)));
    };
  };
  const double squares = kernels().dot(d->data(), d->data(), d->size());
  return record("mse_loss", full({}, static_cast<Scalar>(squares / n)),
                wrt(prediction, backward(1)), wrt(target, backward(-1)));
}

}  // namespace xgrad::inline XGRAD_ABI
