// SPDX-License-Identifier: MIT
#include <xgrad/autograd/gradcheck.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/rng.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace xgrad::inline XGRAD_ABI {
namespace {

using Function = std::function<Tensor(const std::vector<Tensor>&)>;

std::vector<Tensor> leaves(const std::vector<Array>& inputs, bool requires_grad) {
  std::vector<Tensor> result;
  for (const Array& input : inputs) result.emplace_back(input, requires_grad);
  return result;
}

// Returns numbers of both signs with absolute values in [0.5, 1.5), so that every element of the
// result contributes to the weighted sum.
Array random_weights(const Shape& shape, std::uint64_t seed) {
  Rng rng(seed);
  Array c = rng.uniform(shape, 0.5, 1.5);
  for (Scalar& value : c.storage()) value *= rng.below(2) == 0 ? Scalar{1} : Scalar{-1};
  return c;
}

std::vector<Array> analytic_gradients(const Tensor& y, const Array& c,
                                      const std::vector<Tensor>& x) {
  const Tensor loss = sum(y * Tensor(c));
  if (loss.requires_grad()) return gradients(loss, x);
  std::vector<Array> none;  // f recorded no graph, so its gradients are zero
  for (const Tensor& t : x) none.push_back(zeros(t.shape()));
  return none;
}

double numeric_derivative(const Function& f, std::vector<Array>& inputs, Scalar& element,
                          const Array& c, double step) {
  const Scalar centre = element;
  const double h = step * std::max(1.0, std::fabs(static_cast<double>(centre)));
  const auto value_at = [&](double x) {
    element = static_cast<Scalar>(x);
    Array value = f(leaves(inputs, false)).value();
    require_same_shape("gradcheck", c.shape(), value.shape());
    return value;
  };
  const Array above = value_at(static_cast<double>(centre) + h);
  auto width = static_cast<double>(element);
  const Array below = value_at(static_cast<double>(centre) - h);
  width -= static_cast<double>(element);  // 2 h after rounding to Scalar
  element = centre;
  double difference = 0;
  for (std::size_t i = 0; i < c.size(); ++i) {
    difference += static_cast<double>(c.data()[i]) *
                  (static_cast<double>(above.data()[i]) - static_cast<double>(below.data()[i]));
  }
  return difference / width;
}

double relative_error(double analytic, double numeric) {
  const double scale = std::max({1.0, std::fabs(analytic), std::fabs(numeric)});
  const double error = std::fabs(analytic - numeric) / scale;
  return std::isfinite(error) ? error : std::numeric_limits<double>::infinity();
}

std::string describe(std::size_t input, std::size_t element, const Shape& shape, double analytic,
                     double numeric, double error) {
  char numbers[120];
  std::snprintf(numbers, sizeof numbers, "analytic %.10g, numeric %.10g, relative error %.3g",
                analytic, numeric, error);
  return "[gradcheck] input " + std::to_string(input) + " of shape " + to_string(shape) +
         ", element " + std::to_string(element) + ": " + numbers;
}

GradcheckResult failure(const std::string& message) {
  return {false, std::numeric_limits<double>::infinity(), message};
}

}  // namespace

GradcheckResult gradcheck(const Function& f, const std::vector<Array>& inputs,
                          const GradcheckOptions& options) {
  require_positive("gradcheck", "step", options.step);
  require_positive("gradcheck", "tolerance", options.tolerance);
  const std::vector<Tensor> x = leaves(inputs, true);
  const Tensor y = f(x);
  const Array c = random_weights(y.shape(), options.seed);
  std::vector<Array> analytic;
  try {
    analytic = analytic_gradients(y, c, x);
  } catch (const Error& error) {  // thrown if a backward function adds a gradient of a wrong shape
    return failure(error.what());
  }
  const NoGradGuard no_graph;
  std::vector<Array> varied = inputs;
  GradcheckResult result{true, 0, "[gradcheck] the inputs have no elements to compare"};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Shape& shape = inputs[i].shape();
    if (analytic[i].shape() != shape) {
      return failure("[gradcheck] input " + std::to_string(i) + " has shape " + to_string(shape) +
                     ", but its gradient has shape " + to_string(analytic[i].shape()));
    }
    for (std::size_t k = 0; k < inputs[i].size(); ++k) {
      const auto a = static_cast<double>(analytic[i].data()[k]);
      const double n = numeric_derivative(f, varied, varied[i].data()[k], c, options.step);
      const double error = relative_error(a, n);
      if (error <= result.worst_error && (i > 0 || k > 0)) continue;
      result = {error <= options.tolerance, error, describe(i, k, shape, a, n, error)};
    }
  }
  return result;
}

}  // namespace xgrad::inline XGRAD_ABI
