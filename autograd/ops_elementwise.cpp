// SPDX-License-Identifier: MIT
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/ops_elementwise.hpp>
#include <xgrad/core/internal/arithmetic.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>

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

// ---- Functions of x

namespace {

// Records y = value(x), whose backward function is gradient(g, y).
Tensor from_result(const char* op, Kernels::Unary value, Kernels::Binary gradient,
                   const Tensor& x) {
  const SavedArray y = elementwise(value, x.value());
  return record(op, y, wrt(x, [y, gradient](Array g, Gradient& dx) {
                  dx.add(elementwise(gradient, std::move(g), *y));
                }));
}

// Records y = value(x), whose backward function is gradient(g, x).
Tensor from_input(const char* op, Kernels::Unary value, Kernels::Binary gradient, const Tensor& x) {
  const SavedArray xv(x);
  return record(op, elementwise(value, *xv), wrt(x, [xv, gradient](Array g, Gradient& dx) {
                  dx.add(elementwise(gradient, std::move(g), *xv));
                }));
}

// Records y = value(x, constant), whose derivative is slope(x, constant).
Tensor with_constant(const char* op, Kernels::Binary value, Kernels::Binary slope, const Tensor& x,
                     double constant) {
  const SavedArray xv(x);
  const auto c = static_cast<Scalar>(constant);
  return record(op, elementwise(value, *xv, c), wrt(x, [xv, slope, c](Array g, Gradient& dx) {
                  dx.add(elementwise(kernels().mul, std::move(g), elementwise(slope, *xv, c)));
                }));
}

}  // namespace

Tensor exp(const Tensor& x) { return from_result("exp", kernels().exp, kernels().mul, x); }

Tensor log(const Tensor& x) { return from_input("log", kernels().log, kernels().div, x); }

Tensor sqrt(const Tensor& x) { return from_result("sqrt", kernels().sqrt, kernels().sqrt_grad, x); }

Tensor abs(const Tensor& x) { return from_input("abs", kernels().abs, kernels().abs_grad, x); }

Tensor tanh(const Tensor& x) { return from_result("tanh", kernels().tanh, kernels().tanh_grad, x); }

Tensor sigmoid(const Tensor& x) {
  return from_result("sigmoid", kernels().sigmoid, kernels().sigmoid_grad, x);
}

Tensor relu(const Tensor& x) { return from_result("relu", kernels().relu, kernels().relu_grad, x); }

Tensor gelu(const Tensor& x) { return from_input("gelu", kernels().gelu, kernels().gelu_grad, x); }

Tensor silu(const Tensor& x) { return from_input("silu", kernels().silu, kernels().silu_grad, x); }

Tensor leaky_relu(const Tensor& x, double slope) {
  return with_constant("leaky_relu", kernels().leaky_relu, kernels().leaky_slope, x, slope);
}

Tensor elu(const Tensor& x, double alpha) {
  return with_constant("elu", kernels().elu, kernels().elu_slope, x, alpha);
}

Tensor log1p(const Tensor& x) {
  const SavedArray xv(x);
  return record("log1p", elementwise(kernels().log1p, *xv), wrt(x, [xv](Array g, Gradient& dx) {
                  dx.add(elementwise(kernels().div, std::move(g),
                                     elementwise(kernels().add, *xv, Scalar{1})));
                }));
}

Tensor sin(const Tensor& x) {
  const SavedArray xv(x);
  return record("sin", elementwise(kernels().sin, *xv), wrt(x, [xv](Array g, Gradient& dx) {
                  dx.add(elementwise(kernels().mul, std::move(g), elementwise(kernels().cos, *xv)));
                }));
}

Tensor cos(const Tensor& x) {
  const SavedArray xv(x);
  return record(
      "cos", elementwise(kernels().cos, *xv), wrt(x, [xv](Array g, Gradient& dx) {
        dx.add(negated(elementwise(kernels().mul, std::move(g), elementwise(kernels().sin, *xv))));
      }));
}

Tensor softplus(const Tensor& x) {
  const SavedArray xv(x);
  return record(
      "softplus", elementwise(kernels().softplus, *xv), wrt(x, [xv](Array g, Gradient& dx) {
        dx.add(elementwise(kernels().mul, std::move(g), elementwise(kernels().sigmoid, *xv)));
      }));
}

namespace {

Array power(const Array& x, double exponent) {
  Array y = empty(x.shape());
  const Scalar* const from = x.data();
  Scalar* const to = y.data();
  // The multiples of 1/2 up to 8 need products and roots only, whose rounding errors are small.
  const double halves = 2 * exponent;
  if (std::fabs(halves) <= 16 && halves == std::floor(halves)) {
    parallel_for(x.size(), tuning::kElementGrain, [&](std::size_t begin, std::size_t end) {
      kernels().half_power(from + begin, static_cast<int>(halves), to + begin, end - begin);
    });
    return y;
  }
  const auto e = static_cast<Scalar>(exponent);
  parallel_for(x.size(), tuning::kExpGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) to[i] = std::pow(from[i], e);
  });
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

Tensor square(const Tensor& x) { return pow(x, 2); }

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

Tensor clamp(const Tensor& x, double low, double high) {
  if (!(low <= high)) {
    throw OptionError("[clamp] low must not exceed high, got " + format_number(low) + " and " +
                      format_number(high));
  }
  const SavedArray xv(x);
  const SavedArray y =
      elementwise(kernels().minimum, elementwise(kernels().maximum, *xv, static_cast<Scalar>(low)),
                  static_cast<Scalar>(high));
  return record(
      "clamp", y, wrt(x, [xv, y](Array g, Gradient& dx) {
        dx.add(elementwise(kernels().mul, std::move(g), elementwise(kernels().equal, *xv, *y)));
      }));
}

Tensor where(const Array& mask, const Tensor& a, const Tensor& b) {
  const SavedArray m(mask);
  return record(
      "where", select("where", mask, a.value(), b.value()),
      wrt(a, [m](const Array& g, Gradient& da) { da.add(select("where", *m, g, zeros({}))); }),
      wrt(b, [m](const Array& g, Gradient& db) { db.add(select("where", *m, zeros({}), g)); }));
}

}  // namespace xgrad::inline XGRAD_ABI
