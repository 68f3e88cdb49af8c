// SPDX-License-Identifier: MIT
#pragma once

// Ops with a fault in their rule, as an embedder might write them: each must fail the check.

#include <xgrad/autograd.hpp>

#include <functional>
#include <vector>

namespace xgrad::test {

/// x^2, with a rule that takes its derivative from `slope`.
inline Tensor square(const Tensor& x, std::function<Array(const Array& g, const Array& x)> slope) {
  const SavedArray xv(x);
  return record("square", elementwise(kernels().mul, *xv, *xv),
                wrt(x, [xv, slope](const Array& g, Gradient& dx) { dx.add(slope(g, *xv)); }));
}

inline Array scaled_product(const Array& g, const Array& x, double factor) {
  return elementwise(kernels().mul, elementwise(kernels().mul, g, x), static_cast<Scalar>(factor));
}

struct FaultyOp {
  const char* fault;
  std::function<Tensor(const std::vector<Tensor>&)> op;
};

inline std::vector<FaultyOp> faulty_ops() {
  const auto scaled = [](double factor) {
    return [factor](const std::vector<Tensor>& x) {
      return square(
          x[0], [factor](const Array& g, const Array& v) { return scaled_product(g, v, factor); });
    };
  };
  const auto transposed = [](const std::vector<Tensor>& x) {
    return square(x[0], [](const Array& g, const Array& v) {
      return permute(scaled_product(g, v, 2), {1, 0});
    });
  };
  const auto no_cotangent = [](const std::vector<Tensor>& x) {
    return square(x[0], [](const Array&, const Array& v) {
      return elementwise(kernels().mul, v, Scalar{2});
    });
  };
  const auto divided_by_zero = [](const std::vector<Tensor>& x) {
    return square(x[0], [](const Array& g, const Array&) {
      return elementwise(kernels().div, g, Scalar{0});
    });
  };
  const auto other_shape = [](const std::vector<Tensor>& x) {
    const SavedArray xv(x[0]);
    return record("copy", *xv, wrt(x[0], [](const Array& g, Gradient& dx) {
                    dx.accumulate([&g](Array& to, Scalar) {
                      to = g;
                      to.reshape(Shape{g.size()});
                    });
                  }));
  };
  const auto not_recorded = [](const std::vector<Tensor>& x) {
    return record("copy", x[0].value());
  };
  return {{"sign flipped", scaled(-2)},      {"value halved", scaled(1)},
          {"result transposed", transposed}, {"cotangent forgotten", no_cotangent},
          {"not finite", divided_by_zero},   {"of another shape", other_shape},
          {"nothing recorded", not_recorded}};
}

/// The same op without a fault.
inline Tensor right_square(const std::vector<Tensor>& x) {
  return square(x[0], [](const Array& g, const Array& v) { return scaled_product(g, v, 2); });
}

}  // namespace xgrad::test
