// SPDX-License-Identifier: MIT
#pragma once

// Ops with mistakes in their backward functions, such as a user of xgrad may make. gradcheck() must
// fail for each of them.

#include <xgrad/autograd.hpp>
#include <xgrad/core/internal/arithmetic.hpp>

#include <functional>
#include <vector>

namespace xgrad::test {

/// Computes x^2. The backward function adds slope(g, x).
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
  const auto without_g = [](const std::vector<Tensor>& x) {
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
  return {{"wrong sign", scaled(-2)},         {"half the derivative", scaled(1)},
          {"result transposed", transposed},  {"not multiplied by g", without_g},
          {"not finite", divided_by_zero},    {"wrong shape", other_shape},
          {"no graph recorded", not_recorded}};
}

/// Computes x^2 with the correct backward function.
inline Tensor right_square(const std::vector<Tensor>& x) {
  return square(x[0], [](const Array& g, const Array& v) { return scaled_product(g, v, 2); });
}

}  // namespace xgrad::test
