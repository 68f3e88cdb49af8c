// SPDX-License-Identifier: MIT
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/ops_conv.hpp>
#include <xgrad/core/internal/arithmetic.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

namespace xgrad::inline XGRAD_ABI {
namespace {

using Doubles = std::vector<double, Allocator<double>>;

// Returns term(begin) + ... + term(end - 1), in double. Adds to several sums in turn, which the
// compiler keeps in registers.
template <class Term>
double sum_over(std::size_t begin, std::size_t end, Term term) {
  constexpr std::size_t lanes = 16;
  double sums[lanes] = {};
  for (; begin + lanes <= end; begin += lanes) {
    for (std::size_t k = 0; k < lanes; ++k) sums[k] += term(begin + k);
  }
  double total = 0;
  for (; begin < end; ++begin) total += term(begin);
  for (const double sum : sums) total += sum;
  return total;
}

double number(const Array& x, std::size_t i) { return static_cast<double>(x.data()[i]); }

// An array viewed as (outer, classes, run). Element (i, c, k) belongs to class c.
struct Classes {
  std::size_t outer, count, run;
  std::size_t size() const { return outer * run; }  // elements of each class

  // Calls body(c, begin, end) for each run of adjacent elements of one class, in parallel.
  template <class Body>
  void for_each_run(Body body) const {
    parallel_for(
        outer * count, tuning::kElementGrain / (run + 1) + 1,
        [&](std::size_t first, std::size_t last) {
          for (std::size_t i = first; i < last; ++i) body(i % count, i * run, (i + 1) * run);
        },
        1);
  }

  // Returns the sum of term(i, c, at) over the elements `at` of each class c.
  template <class Term>
  Doubles sums(Term term) const {
    Doubles totals(count);
    const auto add_classes = [&](std::size_t first, std::size_t last) {
      for (std::size_t i = 0; i < outer; ++i) {
        for (std::size_t c = first; c < last; ++c) {
          const std::size_t begin = (i * count + c) * run;
          totals[c] += sum_over(begin, begin + run, [&](std::size_t at) { return term(i, c, at); });
        }
      }
    };
    const auto add_columns = [&](std::size_t first, std::size_t last) {
      for (std::size_t i = 0; i < outer; ++i) {
        for (std::size_t c = first; c < last; ++c) totals[c] += term(i, c, i * count + c);
      }
    };
    const std::size_t grain = tuning::kElementGrain / (size() + 1) + 1;
    run == 1 ? parallel_for(count, grain, add_columns) : parallel_for(count, grain, add_classes, 1);
    return totals;
  }
};

// The mean of each group and 1 / sqrt(variance + eps).
struct Moments {
  Doubles mean, scale;
  bool are_constant;  // whether they do not depend on x

  double normalized(const Array& x, std::size_t group, std::size_t at) const {
    return (number(x, at) - mean[group]) * scale[group];
  }
};
using SharedMoments = std::shared_ptr<const Moments>;

SharedMoments share_moments(Doubles mean, Doubles variance, double eps, bool are_constant) {
  for (double& v : variance) v = 1 / std::sqrt(v + eps);
  return std::allocate_shared<Moments>(Allocator<Moments>(),
                                       Moments{std::move(mean), std::move(variance), are_constant});
}

// How a normalization divides its elements. In batch_norm, a group is a channel, and it has one
// weight and one bias. In layer_norm, a group is a row, and each column has a weight and a bias.
struct Norm {
  Classes groups;      // elements that share a mean and a variance
  Classes parameters;  // elements that share a weight and a bias
  bool is_by_row;

  // Returns the index of the weight for element k of a run of a group.
  std::size_t parameter(std::size_t group, std::size_t k) const { return is_by_row ? k : group; }

  Doubles means(const Array& x) const {
    Doubles mean =
        groups.sums([&](std::size_t, std::size_t, std::size_t at) { return number(x, at); });
    for (double& m : mean) m /= static_cast<double>(groups.size());
    return mean;
  }
  Doubles variances(const Array& x, const Doubles& mean) const {
    Doubles variance = groups.sums([&](std::size_t, std::size_t group, std::size_t at) {
      return (number(x, at) - mean[group]) * (number(x, at) - mean[group]);
    });
    for (double& v : variance) v /= static_cast<double>(groups.size());
    return variance;
  }
};

Array normalize(const Norm& v, const Moments& m, const Array& x, const Array& weight,
                const Array& bias) {
  Array y = empty(x.shape());
  v.groups.for_each_run([&](std::size_t group, std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end; ++at) {
      const std::size_t p = v.parameter(group, at - begin);
      y.data()[at] =
          static_cast<Scalar>(m.normalized(x, group, at) * number(weight, p) + number(bias, p));
    }
  });
  return y;
}

// With z the normalized x and h = weight g, the gradient of z, the gradient of x is
// scale (h - mean(h) - z mean(h z)). The two means are those of the group. They come from the mean
// and the variance, and are absent if these are constant.
Array input_gradient(const Norm& v, const Moments& m, const Array& x, const Array& weight,
                     Array g) {
  v.groups.for_each_run([&](std::size_t group, std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end; ++at)
      g.data()[at] *= weight.data()[v.parameter(group, at - begin)];
  });
  Doubles h(v.groups.count), hz(v.groups.count);
  if (!m.are_constant) {
    h = v.groups.sums([&](std::size_t, std::size_t, std::size_t at) { return number(g, at); });
    hz = v.groups.sums([&](std::size_t, std::size_t group, std::size_t at) {
      return number(g, at) * m.normalized(x, group, at);
    });
  }
  const auto n = static_cast<double>(v.groups.size());
  v.groups.for_each_run([&](std::size_t group, std::size_t begin, std::size_t end) {
    const double mean_h = h[group] / n, mean_hz = hz[group] / n, scale = m.scale[group];
    for (std::size_t at = begin; at < end; ++at) {
      const double term = number(g, at) - mean_h - m.normalized(x, group, at) * mean_hz;
      g.data()[at] = static_cast<Scalar>(scale * term);
    }
  });
  return g;
}

Array to_array(const Doubles& values, const Shape& shape) {
  Array result = empty(shape);
  std::transform(values.begin(), values.end(), result.data(),
                 [](double value) { return static_cast<Scalar>(value); });
  return result;
}

Tensor record_norm(const char* op, const Norm& v, SharedMoments m, const Tensor& x,
                   const Tensor& weight, const Tensor& bias) {
  const SavedArray xv(x), wv(weight);
  return record(
      op, normalize(v, *m, *xv, *wv, bias.value()),
      wrt(x, [=](Array g, Gradient& dx) { dx.add(input_gradient(v, *m, *xv, *wv, std::move(g))); }),
      wrt(weight,
          [=](const Array& g, Gradient& dw) {
            const auto term = [&](std::size_t i, std::size_t c, std::size_t at) {
              return number(g, at) * m->normalized(*xv, v.is_by_row ? i : c, at);
            };
            dw.add(to_array(v.parameters.sums(term), dw.shape()));
          }),
      wrt(bias, [=](const Array& g, Gradient& db) {
        const auto term = [&](std::size_t, std::size_t, std::size_t at) { return number(g, at); };
        db.add(to_array(v.parameters.sums(term), db.shape()));
      }));
}

Norm check_batch_norm(const Shape& x, const Shape& weight, const Shape& bias, double eps) {
  require_non_negative("batch_norm", "eps", eps);
  if (x.size() < 2 || weight != Shape{x[1]} || bias != weight) {
    throw ShapeError(
        "[batch_norm] x must be (n, channels, ...), and the weight and the bias (channels), got " +
        to_string(x) + ", " + to_string(weight) + " and " + to_string(bias));
  }
  const AxisView view = view_around(x, 1);
  const Classes channels{view.outer, view.extent, view.inner};
  return {channels, channels, false};
}

Norm check_layer_norm(const Shape& x, const Shape& weight, const Shape& bias, double eps) {
  require_non_negative("layer_norm", "eps", eps);
  const std::size_t cols = element_count(weight), n = weight.size();
  const bool fits =
      n > 0 && n <= x.size() && cols > 0 && bias == weight &&
      std::equal(weight.begin(), weight.end(), x.end() - static_cast<std::ptrdiff_t>(n));
  if (!fits) {
    throw ShapeError(
        "[layer_norm] the weight and the bias must have the shape of the last axes of x, "
        "with at least one element, got " +
        to_string(x) + ", " + to_string(weight) + " and " + to_string(bias));
  }
  const std::size_t rows = element_count(x) / cols;
  return {{1, rows, cols}, {rows, cols, 1}, true};
}

}  // namespace

Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps,
                  BatchStatistics* statistics) {
  const Norm v = check_batch_norm(x.shape(), weight.shape(), bias.shape(), eps);
  if (v.groups.size() < 2) {
    throw ShapeError("[batch_norm] training needs at least two values for each channel, got " +
                     to_string(x.shape()) + "; use a larger batch or the evaluation mode");
  }
  Doubles mean = v.means(x.value()), variance = v.variances(x.value(), mean);
  if (statistics != nullptr) {
    *statistics = {to_array(mean, weight.shape()), to_array(variance, weight.shape()),
                   v.groups.size()};
  }
  return record_norm("batch_norm", v,
                     share_moments(std::move(mean), std::move(variance), eps, false), x, weight,
                     bias);
}

Tensor batch_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& mean,
                  const Tensor& variance, double eps) {
  const Norm v = check_batch_norm(x.shape(), weight.shape(), bias.shape(), eps);
  if (mean.shape() != weight.shape() || variance.shape() != weight.shape()) {
    throw ShapeError("[batch_norm] the mean and the variance must have the shape of the weight: " +
                     to_string(mean.shape()) + ", " + to_string(variance.shape()) + " and " +
                     to_string(weight.shape()));
  }
  const Array &m = mean.value(), &s = variance.value();
  return record_norm("batch_norm", v,
                     share_moments({m.begin(), m.end()}, {s.begin(), s.end()}, eps, true), x,
                     weight, bias);
}

Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps) {
  const Norm v = check_layer_norm(x.shape(), weight.shape(), bias.shape(), eps);
  Doubles mean = v.means(x.value()), variance = v.variances(x.value(), mean);
  return record_norm("layer_norm", v,
                     share_moments(std::move(mean), std::move(variance), eps, false), x, weight,
                     bias);
}

}  // namespace xgrad::inline XGRAD_ABI
