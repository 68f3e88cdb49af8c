// SPDX-License-Identifier: MIT
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/internal/arithmetic.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>

#include <algorithm>
#include <vector>

namespace xgrad::inline XGRAD_ABI {
namespace {

std::size_t row_grain(std::size_t cols) { return tuning::kExpGrain / (cols + 1) + 1; }

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

// Returns x minus its largest element along an axis.
Array below_largest(const Array& x, std::size_t axis) {
  return elementwise(kernels().sub, x, max_axes(x, {axis}, true));
}

Tensor softmax_of_columns(const Tensor& x, std::size_t axis) {
  const Array e = elementwise(kernels().exp, below_largest(x.value(), axis));
  const SavedArray y = elementwise(kernels().div, e, sum_axis(e, axis, true));
  return record("softmax", y, wrt(x, [y, axis](const Array& g, Gradient& dx) {
                  const Array mean = sum_axis(elementwise(kernels().mul, g, *y), axis, true);
                  dx.add(elementwise(kernels().mul, elementwise(kernels().sub, g, mean), *y));
                }));
}

Tensor log_softmax_of_columns(const Tensor& x, std::size_t axis) {
  const Kernels& k = kernels();
  const Array z = below_largest(x.value(), axis);
  // The largest element has z = 0 and exp(z) = 1. Small terms would be lost in a sum that is near
  // 1, so it is left out, and log1p adds it. Further elements with z = 0 are counted.
  const Array is_largest = elementwise(k.equal, z, Scalar{0});
  const Array rest = sum_axis(elementwise(k.sub, elementwise(k.exp, z), is_largest), axis, true);
  const Array others = elementwise(k.sub, sum_axis(is_largest, axis, true), Scalar{1});
  const Array log_total = elementwise(k.log1p, elementwise(k.add, rest, others));
  const SavedArray y = elementwise(k.sub, z, log_total);
  return record("log_softmax", y, wrt(x, [y, axis](const Array& g, Gradient& dx) {
                  Array p = elementwise(kernels().exp, *y);
                  p = elementwise(kernels().mul, std::move(p), sum_axis(g, axis, true));
                  dx.add(elementwise(kernels().sub, g, p));
                }));
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
  const std::size_t along = normalize_axis("softmax", axis, x.ndim());
  if (along + 1 < x.ndim()) return softmax_of_columns(x, along);
  return row_op("softmax", kernels().softmax, kernels().softmax_grad, x);
}

Tensor log_softmax(const Tensor& x, std::ptrdiff_t axis) {
  const std::size_t along = normalize_axis("log_softmax", axis, x.ndim());
  if (along + 1 < x.ndim()) return log_softmax_of_columns(x, along);
  return row_op("log_softmax", kernels().log_softmax, kernels().log_softmax_grad, x);
}

namespace {

// Returns the mean over the rows, computed in one op.
Tensor mean_cross_entropy(const Tensor& logits, const Labels& labels) {
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

// Reduces the losses of all elements.
Tensor reduced(const Tensor& losses, Reduction reduction, double divisor) {
  if (reduction == Reduction::none) return losses;
  const Tensor total = sum(losses);
  return reduction == Reduction::sum ? total : total / divisor;
}

void check_options(const CrossEntropyOptions& options, std::size_t classes) {
  require_fraction("cross_entropy", "label_smoothing", options.label_smoothing);
  for (const double weight : options.class_weights) {
    require_non_negative("cross_entropy", "class_weights", weight);
  }
  if (options.class_weights.empty() || options.class_weights.size() == classes) return;
  throw OptionError("[cross_entropy] class_weights must have one weight for each of the " +
                    std::to_string(classes) + " classes, got " +
                    std::to_string(options.class_weights.size()));
}

Tensor weighted_cross_entropy(const Tensor& logits, const Labels& labels,
                              const CrossEntropyOptions& options) {
  const std::size_t rows = logits.shape()[0], classes = logits.shape()[1];
  Array weights = ones({classes}), label_weights = empty({rows});
  std::copy(options.class_weights.begin(), options.class_weights.end(), weights.data());
  for (std::size_t i = 0; i < rows; ++i) {
    label_weights.data()[i] = weights.data()[static_cast<std::size_t>(labels.data()[i])];
  }
  const double divisor = sum_all(label_weights);
  if (options.reduction == Reduction::mean && divisor == 0) {
    throw DataError("[cross_entropy] the class weights of all labels of the batch are 0");
  }
  Indices indices = labels;
  indices.reshape({rows, std::size_t{1}});
  const Tensor log_p = log_softmax(logits);
  Tensor losses = -label_weights * squeeze(gather(log_p, 1, indices), 1);
  if (options.label_smoothing > 0) {
    const double e = options.label_smoothing;
    losses = (1 - e) * losses - e / static_cast<double>(classes) * sum(log_p * weights, 1);
  }
  return reduced(losses, options.reduction, divisor);
}

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Labels& labels,
                     const CrossEntropyOptions& options) {
  check_labels(logits, labels);
  check_options(options, logits.shape()[1]);
  if (options.class_weights.empty() && options.label_smoothing == 0 &&
      options.reduction == Reduction::mean) {
    return mean_cross_entropy(logits, labels);
  }
  return weighted_cross_entropy(logits, labels, options);
}

// ---- Losses of two tensors

namespace {

void check_pair(const char* op, const Tensor& prediction, const Tensor& target,
                const LossOptions& options) {
  require_same_shape(op, prediction.shape(), target.shape());
  if (prediction.size() > 0 || options.reduction != Reduction::mean) return;
  throw ShapeError("[" + std::string(op) + "] nothing to average: the shape is " +
                   to_string(prediction.shape()));
}

// Records a loss whose elements are `losses`. Their derivatives are `slope` with respect to the
// prediction and -target_slope with respect to the target.
Tensor record_loss(const char* op, const Tensor& prediction, const Tensor& target, Array losses,
                   const SavedArray& slope, const SavedArray& target_slope, Reduction reduction) {
  const double factor = reduction == Reduction::mean ? 1 / static_cast<double>(losses.size()) : 1;
  const auto backward = [](const SavedArray& derivative, double scale) {
    return [derivative, s = static_cast<Scalar>(scale)](Array g, Gradient& dx) {
      dx.add(elementwise(kernels().mul, *derivative, elementwise(kernels().mul, std::move(g), s)));
    };
  };
  if (reduction != Reduction::none) {
    losses = full({}, static_cast<Scalar>(sum_all(losses) * factor));
  }
  return record(op, std::move(losses), wrt(prediction, backward(slope, factor)),
                wrt(target, backward(target_slope, -factor)));
}

}  // namespace

Tensor mse_loss(const Tensor& prediction, const Tensor& target, const LossOptions& options) {
  check_pair("mse_loss", prediction, target, options);
  const Kernels& k = kernels();
  const Array d = elementwise(k.sub, prediction.value(), target.value());
  const SavedArray slope = elementwise(k.add, d, d);
  return record_loss("mse_loss", prediction, target, elementwise(k.mul, d, d), slope, slope,
                     options.reduction);
}

Tensor l1_loss(const Tensor& prediction, const Tensor& target, const LossOptions& options) {
  check_pair("l1_loss", prediction, target, options);
  const Array d = elementwise(kernels().sub, prediction.value(), target.value());
  const SavedArray sign = elementwise(kernels().abs_grad, Scalar{1}, d);
  return record_loss("l1_loss", prediction, target, elementwise(kernels().abs, d), sign, sign,
                     options.reduction);
}

// With c = d limited to [-delta, delta], the loss is c (d - c / 2) and its derivative is c.
Tensor huber_loss(const Tensor& prediction, const Tensor& target, double delta,
                  const LossOptions& options) {
  check_pair("huber_loss", prediction, target, options);
  require_positive("huber_loss", "delta", delta);
  const Kernels& k = kernels();
  const auto limit = static_cast<Scalar>(delta);
  const Array d = elementwise(k.sub, prediction.value(), target.value());
  const SavedArray c = elementwise(k.minimum, elementwise(k.maximum, d, -limit), limit);
  Array losses =
      elementwise(k.mul, elementwise(k.sub, d, elementwise(k.mul, *c, Scalar{0.5f})), *c);
  return record_loss("huber_loss", prediction, target, std::move(losses), c, c, options.reduction);
}

// The loss is max(z, 0) - target z + log(1 + exp(-|z|)), which does not cancel for large z.
Tensor binary_cross_entropy_with_logits(const Tensor& logits, const Tensor& target,
                                        const LossOptions& options) {
  constexpr auto op = "binary_cross_entropy_with_logits";
  check_pair(op, logits, target, options);
  const Kernels& k = kernels();
  const SavedArray z(logits);
  Array losses = elementwise(k.softplus, elementwise(k.mul, elementwise(k.abs, *z), Scalar{-1}));
  add_to(losses, elementwise(k.relu, *z));
  losses = elementwise(k.sub, std::move(losses), elementwise(k.mul, *z, target.value()));
  const SavedArray slope = elementwise(k.sub, elementwise(k.sigmoid, *z), target.value());
  return record_loss(op, logits, target, std::move(losses), slope, z, options.reduction);
}

}  // namespace xgrad::inline XGRAD_ABI
