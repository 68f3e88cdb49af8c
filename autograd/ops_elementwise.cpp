// SPDX-License-Identifier: MIT
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/internal/arithmetic.hpp>

#include <cmath>

namespace xgrad::inline XGRAD_ABI {
namespace {

Array negated(Array x) { return elementwise(kernels().mul, std::move(x), Scalar{-1}); }

// Returns the gradient of b in y = a / b, which is -g y / b.
Array divisor_gradient(Array g, const Array& y, const Array& b) {
  return negated(elementwise(kernels().div, elementwise(kernels().mul, std::move(g), y), b));
}

}  // namespace

// ---- Arithmetic

Tensor operator+(const Tensor& a, const Tensor& b) {
  return record("add", elementwise("add", kernels().add, a.value(), b.value()),
                wrt(a, [](Array g, Gradient& da) { da.add(std::move(g)); }),
                wrt(b, [](Array g, Gradient& db) { db.add(std::move(g)); }));
}

Tensor operator-(const Tensor& a, const Tensor& b) {
  return record("sub", elementwise("sub", kernels().sub, a.value(), b.value()),
                wrt(a, [](Array g, Gradient& da) { da.add(std::move(g)); }),
                wrt(b, [](Array g, Gradient& db) { db.add(negated(std::move(g))); }));
}

Tensor operator*(const Tensor& a, const Tensor& b) {
  const SavedArray av(a), bv(b);
  return record(
      "mul", elementwise("mul", kernels().mul, *av, *bv),
      wrt(a,
          [bv](Array g, Gradient& da) { da.add(elementwise(kernels().mul, std::move(g), *bv)); }),
      wrt(b,
          [av](Array g, Gradient& db) { db.add(elementwise(kernels().mul, std::move(g), *av)); }));
}

Tensor operator/(const Tensor& a, const Tensor& b) {
  const SavedArray bv(b), y = elementwise("div", kernels().div, a.value(), *bv);
  return record(
      "div", y,
      wrt(a,
          [bv](Array g, Gradient& da) { da.add(elementwise(kernels().div, std::move(g), *bv)); }),
      wrt(b, [bv, y](Array g, Gradient& db) { db.add(divisor_gradient(std::move(g), *y, *bv)); }));
}

Tensor operator-(const Tensor& x) {
  return record("neg", negated(x.value()),
                wrt(x, [](Array g, Gradient& dx) { dx.add(negated(std::move(g))); }));
}

// ---- Arithmetic with a number, which does not become a node of the graph

Tensor operator+(const Tensor& a, double b) {
  return record("add", elementwise(kernels().add, a.value(), static_cast<Scalar>(b)),
                wrt(a, [](Array g, Gradient& da) { da.add(std::move(g)); }));
}

Tensor operator-(double a, const Tensor& b) {
  return record("sub", elementwise(kernels().sub, static_cast<Scalar>(a), b.value()),
                wrt(b, [](Array g, Gradient& db) { db.add(negated(std::move(g))); }));
}

Tensor operator*(const Tensor& a, double b) {
  const auto factor = static_cast<Scalar>(b);
  return record("mul", elementwise(kernels().mul, a.value(), factor),
                wrt(a, [factor](Array g, Gradient& da) {
                  da.add(elementwise(kernels().mul, std::move(g), factor));
                }));
}

Tensor operator/(const Tensor& a, double b) {
  const auto divisor = static_cast<Scalar>(b);
  return record("div", elementwise(kernels().div, a.value(), divisor),
                wrt(a, [divisor](Array g, Gradient& da) {
                  da.add(elementwise(kernels().div, std::move(g), divisor));
                }));
}

Tensor operator/(double a, const Tensor& b) {
  const SavedArray bv(b), y = elementwise(kernels().div, static_cast<Scalar>(a), *bv);
  return record("div", y, wrt(b, [bv, y](Array g, Gradient& db) {
                  db.add(divisor_gradient(std::move(g), *y, *bv));
                }));
}

Tensor operator-(const Tensor& a, double b) { return a + -b; }
Tensor operator+(double a, const Tensor& b) { return b + a; }
Tensor operator*(double a, const Tensor& b) { return b * a; }

// ---- Functions whose derivative is computed from the result y

Tensor exp(const Tensor& x) {
  const SavedArray y = elementwise(kernels().exp, x.value());
  return record("exp", y, wrt(x, [y](Array g, Gradient& dx) {
                  dx.add(elementwise(kernels().mul, std::move(g), *y));
                }));
}

Tensor sqrt(const Tensor& x) {
  const SavedArray y = elementwise(kernels().sqrt, x.value());
  return record("sqrt", y, wrt(x, [y](Array g, Gradient& dx) {
                  dx.add(elementwise(kernels().sqrt_grad, std::move(g), *y));
                }));
}

Tensor tanh(const Tensor& x) {
  const SavedArray y = elementwise(kernels().tanh, x.value());
  return record("tanh", y, wrt(x, [y](Array g, Gradient& dx) {
                  dx.add(elementwise(kernels().tanh_grad, std::move(g), *y));
                }));
}

Tensor sigmoid(const Tensor& x) {
  const SavedArray y = elementwise(kernels().sigmoid, x.value());
  return record("sigmoid", y, wrt(x, [y](Array g, Gradient& dx) {
                  dx.add(elementwise(kernels().sigmoid_grad, std::move(g), *y));
                }));
}

Tensor relu(const Tensor& x) {
  const SavedArray y = elementwise(kernels().relu, x.value());
  return record("relu", y, wrt(x, [y](Array g, Gradient& dx) {
                  dx.add(elementwise(kernels().relu_grad, std::move(g), *y));
                }));
}

// ---- Functions whose derivative is computed from x

Tensor log(const Tensor& x) {
  const SavedArray xv(x);
  return record("log", elementwise(kernels().log, *xv), wrt(x, [xv](Array g, Gradient& dx) {
                  dx.add(elementwise(kernels().div, std::move(g), *xv));
                }));
}

Tensor abs(const Tensor& x) {
  const SavedArray xv(x);
  return record("abs", elementwise(kernels().abs, *xv), wrt(x, [xv](Array g, Gradient& dx) {
                  dx.add(elementwise(kernels().abs_grad, std::move(g), *xv));
                }));
}

Tensor leaky_relu(const Tensor& x, double slope) {
  const SavedArray xv(x);
  const auto s = static_cast<Scalar>(slope);
  return record("leaky_relu", elementwise(kernels().leaky_relu, *xv, s),
                wrt(x, [xv, s](Array g, Gradient& dx) {
                  dx.add(elementwise(kernels().mul, std::move(g),
                                     elementwise(kernels().leaky_slope, *xv, s)));
                }));
}

namespace {

Array power(const Array& x, double exponent) {
  if (exponent == 1) return x;  // the common case: the derivative of a square
  if (exponent == 2) return elementwise(kernels().mul, x, x);
  Array y = empty(x.shape());
  for (std::size_t i = 0; i < x.size(); ++i) {
    y.data()[i] = static_cast<Scalar>(std::pow(static_cast<double>(x.data()[i]), exponent));
  }
  return y;
}

}  // namespace

Tensor pow(const Tensor& x, double exponent) {
  const SavedArray xv(x);
  return record("pow", power(*xv, exponent), wrt(x, [xv, exponent](Array g, Gradient& dx) {
                  if (exponent == 0) return;  // 0 * x^-1 would be NaN at x = 0
                  const Array slope = elementwise(kernels().mul, power(*xv, exponent - 1),
                                                  static_cast<Scalar>(exponent));
                  dx.add(elementwise(kernels().mul, std::move(g), slope));
                }));
}

// ---- Maximum and minimum. The kernel above(a, b) returns a > b ? 1 : 0, and 1/2 if a == b.

Tensor maximum(const Tensor& a, const Tensor& b) {
  const SavedArray av(a), bv(b);
  return record(
      "maximum", elementwise("maximum", kernels().maximum, *av, *bv),
      wrt(a,
          [av, bv](Array g, Gradient& da) {
            da.add(
                elementwise(kernels().mul, std::move(g), elementwise(kernels().above, *av, *bv)));
          }),
      wrt(b, [av, bv](Array g, Gradient& db) {
        db.add(elementwise(kernels().mul, std::move(g), elementwise(kernels().above, *bv, *av)));
      }));
}

Tensor minimum(const Tensor& a, const Tensor& b) {
  const SavedArray av(a), bv(b);
  return record(
      "minimum", elementwise("minimum", kernels().minimum, *av, *bv),
      wrt(a,
          [av, bv](Array g, Gradient& da) {
            da.add(
                elementwise(kernels().mul, std::move(g), elementwise(kernels().above, *bv, *av)));
          }),
      wrt(b, [av, bv](Array g, Gradient& db) {
        db.add(elementwise(kernels().mul, std::move(g), elementwise(kernels().above, *av, *bv)));
      }));
}

}  // namespace xgrad::inline XGRAD_ABI
