// SPDX-License-Identifier: MIT
#include "sine.ipp"
#include "stream.ipp"

#include <cmath>

namespace xgrad::inline XGRAD_ABI::simd {
namespace {

template <class Arch, class F>
void unary(const Scalar* x, Scalar* y, std::size_t n) {
  stream<Arch>(n, [=](auto at) { at.store(y, F{}(at.load(x))); });
}

template <class Arch, class F>
void binary(const Scalar* a, std::size_t a_step, const Scalar* b, std::size_t b_step, Scalar* y,
            std::size_t n) {
  using B = Batch<Arch>;
  if (n == 0) return;
  if (a_step == 0) {
    stream<Arch>(n, [=, all = B(*a)](auto at) { at.store(y, F{}(all, at.load(b))); });
  } else if (b_step == 0) {
    stream<Arch>(n, [=, all = B(*b)](auto at) { at.store(y, F{}(at.load(a), all)); });
  } else {
    stream<Arch>(n, [=](auto at) { at.store(y, F{}(at.load(a), at.load(b))); });
  }
}

template <class Arch>
void select(const Scalar* mask, std::size_t mask_step, const Scalar* a, std::size_t a_step,
            const Scalar* b, std::size_t b_step, Scalar* y, std::size_t n) {
  using B = Batch<Arch>;
  if (n == 0) return;
  const auto operand = [](const Scalar* p, std::size_t step) {
    return [=, all = B(*p)](auto at) { return step == 0 ? all : at.load(p); };
  };
  stream<Arch>(n, [=, m = operand(mask, mask_step), x = operand(a, a_step), z = operand(b, b_step)](
                      auto at) { at.store(y, xsimd::select(m(at) == B(0), z(at), x(at))); });
}

// Each function is a struct, named after its entry in the table.
struct Exp {
  template <class B>
  B operator()(B x) const {
    return xsimd::exp(x);
  }
};
struct Log {
  template <class B>
  B operator()(B x) const {
    return xsimd::log(x);
  }
};
struct Log1p {
  template <class B>
  B operator()(B x) const {
    return xsimd::log1p(x);
  }
};
struct Sqrt {
  template <class B>
  B operator()(B x) const {
    return sqrt(x);
  }
};
struct Abs {
  template <class B>
  B operator()(B x) const {
    return xsimd::abs(x);
  }
};
struct Sin {
  template <class B>
  B operator()(B x) const {
    return xsimd::select(x == B(0), x, sine(x, 0, [](Scalar each) { return std::sin(each); }));
  }
};
struct Cos {
  template <class B>
  B operator()(B x) const {
    return sine(x, 1, [](Scalar each) { return std::cos(each); });
  }
};
struct Tanh {
  template <class B>
  B operator()(B x) const {
    return xsimd::tanh(x);
  }
};
struct Sigmoid {  // uses exp(-|x|), which cannot overflow
  template <class B>
  B operator()(B x) const {
    const B e = xsimd::exp(-xsimd::abs(x));
    return xsimd::select(x < B(0), e, B(1)) / (B(1) + e);
  }
};
struct Relu {  // "x < 0 ? 0 : x" rather than max, so that NaN stays NaN
  template <class B>
  B operator()(B x) const {
    return xsimd::select(x < B(0), B(0), x);
  }
};
struct Silu {
  template <class B>
  B operator()(B x) const {
    return x * Sigmoid{}(x);
  }
};
struct Softplus {  // uses exp(-|x|), which cannot overflow
  template <class B>
  B operator()(B x) const {
    return Relu{}(x) + xsimd::log1p(xsimd::exp(-xsimd::abs(x)));
  }
};
template <class B>
B normal_cdf(B x) {  // the distribution function of the standard normal distribution
  return B(Scalar{0.5}) * (B(1) + xsimd::erf(x * B(static_cast<Scalar>(0.70710678118654752))));
}
template <class B>
B normal_pdf(B x) {  // its density
  return B(static_cast<Scalar>(0.39894228040143268)) * xsimd::exp(B(Scalar{-0.5}) * x * x);
}
struct Gelu {
  template <class B>
  B operator()(B x) const {
    return x * normal_cdf(x);
  }
};
struct Add {
  template <class B>
  B operator()(B a, B b) const {
    return a + b;
  }
};
struct Sub {
  template <class B>
  B operator()(B a, B b) const {
    return a - b;
  }
};
struct Mul {
  template <class B>
  B operator()(B a, B b) const {
    return a * b;
  }
};
struct Div {
  template <class B>
  B operator()(B a, B b) const {
    return a / b;
  }
};
struct Maximum {  // the last case is NaN: a + b is NaN if a or b is
  template <class B>
  B operator()(B a, B b) const {
    return xsimd::select(a >= b, a, xsimd::select(b > a, b, a + b));
  }
};
struct Minimum {
  template <class B>
  B operator()(B a, B b) const {
    return xsimd::select(a <= b, a, xsimd::select(b < a, b, a + b));
  }
};
struct LeakyRelu {
  template <class B>
  B operator()(B x, B slope) const {
    return xsimd::select(x > B(0), x, slope * x);
  }
};
struct LeakySlope {
  template <class B>
  B operator()(B x, B slope) const {
    return xsimd::select(x > B(0), B(1), slope);
  }
};
struct Elu {
  template <class B>
  B operator()(B x, B alpha) const {
    return xsimd::select(x > B(0), x, alpha * xsimd::expm1(x));
  }
};
struct EluSlope {
  template <class B>
  B operator()(B x, B alpha) const {
    return xsimd::select(x > B(0), B(1), alpha * xsimd::exp(x));
  }
};
struct Equal {
  template <class B>
  B operator()(B a, B b) const {
    return xsimd::select(a == b, B(1), B(0));
  }
};
struct Above {
  template <class B>
  B operator()(B a, B b) const {
    return xsimd::select(a > b, B(1), xsimd::select(a == b, B(Scalar{0.5}), B(0)));
  }
};
struct AbsGrad {
  template <class B>
  B operator()(B g, B x) const {
    return xsimd::select(x > B(0), g, xsimd::select(x < B(0), -g, B(0)));
  }
};
struct SqrtGrad {
  template <class B>
  B operator()(B g, B y) const {
    return g / (y + y);
  }
};
struct TanhGrad {
  template <class B>
  B operator()(B g, B y) const {
    return g * (B(1) - y * y);
  }
};
struct SigmoidGrad {
  template <class B>
  B operator()(B g, B y) const {
    return g * (y * (B(1) - y));
  }
};
struct ReluGrad {
  template <class B>
  B operator()(B g, B y) const {
    return xsimd::select(y <= B(0), B(0), g);
  }
};

struct GeluGrad {
  template <class B>
  B operator()(B g, B x) const {
    return g * (normal_cdf(x) + x * normal_pdf(x));
  }
};
struct SiluGrad {
  template <class B>
  B operator()(B g, B x) const {
    const B s = Sigmoid{}(x);
    return g * (s * (B(1) + x * (B(1) - s)));
  }
};

template <class Arch>
void half_power(const Scalar* x, int halves, Scalar* y, std::size_t n) {
  using B = Batch<Arch>;
  stream<Arch>(n, [=, size = halves < 0 ? -halves : halves](auto at) {
    B v = at.load(x);
    if (size % 2 == 1) v += B(0);  // -0 becomes 0, because (-0)^1.5 is 0
    B power = xsimd::pow(v, size / 2);
    if (size % 2 == 1) power *= Sqrt{}(v);
    at.store(y, halves < 0 ? B(1) / power : power);
  });
}

}  // namespace

template <class Arch>
void set_elementwise(Kernels& table) {
  table.exp = unary<Arch, Exp>;
  table.log = unary<Arch, Log>;
  table.log1p = unary<Arch, Log1p>;
  table.sqrt = unary<Arch, Sqrt>;
  table.abs = unary<Arch, Abs>;
  table.sin = unary<Arch, Sin>;
  table.cos = unary<Arch, Cos>;
  table.tanh = unary<Arch, Tanh>;
  table.sigmoid = unary<Arch, Sigmoid>;
  table.relu = unary<Arch, Relu>;
  table.gelu = unary<Arch, Gelu>;
  table.silu = unary<Arch, Silu>;
  table.softplus = unary<Arch, Softplus>;
  table.add = binary<Arch, Add>;
  table.sub = binary<Arch, Sub>;
  table.mul = binary<Arch, Mul>;
  table.div = binary<Arch, Div>;
  table.maximum = binary<Arch, Maximum>;
  table.minimum = binary<Arch, Minimum>;
  table.leaky_relu = binary<Arch, LeakyRelu>;
  table.leaky_slope = binary<Arch, LeakySlope>;
  table.elu = binary<Arch, Elu>;
  table.elu_slope = binary<Arch, EluSlope>;
  table.equal = binary<Arch, Equal>;
  table.above = binary<Arch, Above>;
  table.abs_grad = binary<Arch, AbsGrad>;
  table.sqrt_grad = binary<Arch, SqrtGrad>;
  table.tanh_grad = binary<Arch, TanhGrad>;
  table.sigmoid_grad = binary<Arch, SigmoidGrad>;
  table.relu_grad = binary<Arch, ReluGrad>;
  table.gelu_grad = binary<Arch, GeluGrad>;
  table.silu_grad = binary<Arch, SiluGrad>;
  table.half_power = half_power<Arch>;
  table.select = select<Arch>;
}

template void set_elementwise<XGRAD_KERNEL_ARCH>(Kernels&);

}  // namespace xgrad::inline XGRAD_ABI::simd
