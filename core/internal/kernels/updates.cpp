// SPDX-License-Identifier: MIT
// The six update rules that optim/rules.hpp documents, each in one pass over memory. Compiled
// without fused multiply-adds, so that a gradient given as an outer product (ScaledSpan) gives
// exactly the same parameters as the stored product.
#include "stream.ipp"

#include <limits>

namespace xgrad::inline XGRAD_ABI::simd {
namespace {

template <class Arch>
Batch<Arch> all(double value) {
  return Batch<Arch>(static_cast<Scalar>(value));
}

// Returns g + decay theta: every update rule adds the L2 weight decay in this way.
template <class Arch, class At>
Batch<Arch> decayed(At at, ScaledSpan g, const Scalar* theta, Scalar decay) {
  return Batch<Arch>(g.factor) * at.load(g.values) + Batch<Arch>(decay) * at.load(theta);
}

// Replaces denormal numbers by 0. A moving average of gradients that have become 0 ends in denormal
// numbers, which cost about a hundred cycles each and do not change a parameter.
template <class Arch>
Batch<Arch> without_denormals(Batch<Arch> x) {
  const Batch<Arch> least(std::numeric_limits<Scalar>::min());
  return xsimd::select(xsimd::abs(x) < least, Batch<Arch>(0), x);
}

// theta <- theta - lr g
template <class Arch>
void sgd(Scalar* theta, ScaledSpan g, std::size_t n, Scalar lr, Scalar decay) {
  stream<Arch>(n, [=](auto at) {
    const auto d = decayed<Arch>(at, g, theta, decay);
    at.store(theta, at.load(theta) - Batch<Arch>(lr) * d);
  });
}

// v <- gamma v + lr g; theta <- theta - v
template <class Arch>
void momentum(Scalar* theta, Scalar* v, ScaledSpan g, std::size_t n, Scalar lr, Scalar gamma,
              Scalar decay) {
  stream<Arch>(n, [=](auto at) {
    const auto d = decayed<Arch>(at, g, theta, decay);
    const auto velocity = Batch<Arch>(gamma) * at.load(v) + Batch<Arch>(lr) * d;
    at.store(v, without_denormals<Arch>(velocity));
    at.store(theta, at.load(theta) - velocity);
  });
}

// y <- y - gamma^2 v - (1 + gamma) lr g; v <- gamma v + lr g, where y is the look-ahead point.
// In terms of the new velocity v': y <- y + gamma v - (1 + gamma) v'.
template <class Arch>
void nag(Scalar* y, Scalar* v, ScaledSpan g, std::size_t n, Scalar lr, Scalar gamma, Scalar decay) {
  stream<Arch>(n, [=](auto at) {
    const auto d = decayed<Arch>(at, g, y, decay);
    const auto carried = Batch<Arch>(gamma) * at.load(v);
    const auto velocity = carried + Batch<Arch>(lr) * d;
    at.store(v, without_denormals<Arch>(velocity));
    at.store(y, at.load(y) + carried - (all<Arch>(1) + Batch<Arch>(gamma)) * velocity);
  });
}

// r <- r + g^2; theta <- theta - lr g / (sqrt(r) + eps)
template <class Arch>
void adagrad(Scalar* theta, Scalar* r, ScaledSpan g, std::size_t n, Scalar lr, Scalar eps,
             Scalar decay) {
  stream<Arch>(n, [=](auto at) {
    const auto d = decayed<Arch>(at, g, theta, decay);
    const auto sum = at.load(r) + d * d;
    at.store(r, sum);
    at.store(theta, at.load(theta) - Batch<Arch>(lr) * d / (xsimd::sqrt(sum) + Batch<Arch>(eps)));
  });
}

// r <- rho r + (1 - rho) g^2; theta <- theta - lr g / (sqrt(r) + eps)
template <class Arch>
void rmsprop(Scalar* theta, Scalar* r, ScaledSpan g, std::size_t n, Scalar lr, double rho,
             Scalar eps, Scalar decay) {
  stream<Arch>(n, [=](auto at) {
    const auto d = decayed<Arch>(at, g, theta, decay);
    const auto mean = all<Arch>(rho) * at.load(r) + all<Arch>(1 - rho) * (d * d);
    at.store(r, without_denormals<Arch>(mean));
    at.store(theta, at.load(theta) - Batch<Arch>(lr) * d / (xsimd::sqrt(mean) + Batch<Arch>(eps)));
  });
}

// m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2;
// theta <- theta - lr m_hat / (sqrt(v_hat) + eps), with m_hat = m / (1 - beta1^t) and
// v_hat = v / (1 - beta2^t)
template <class Arch>
void adam(Scalar* theta, Scalar* m, Scalar* v, ScaledSpan g, std::size_t n, const AdamStep& step) {
  const auto keep1 = all<Arch>(step.beta1), take1 = all<Arch>(1 - step.beta1);
  const auto keep2 = all<Arch>(step.beta2), take2 = all<Arch>(1 - step.beta2);
  const auto rate = all<Arch>(step.lr * step.correction1), correct2 = all<Arch>(step.correction2);
  const auto eps = all<Arch>(step.eps);
  const auto decay = static_cast<Scalar>(step.decay);
  stream<Arch>(n, [=](auto at) {
    const auto d = decayed<Arch>(at, g, theta, decay);
    const auto m_new = keep1 * at.load(m) + take1 * d;
    const auto v_new = keep2 * at.load(v) + take2 * (d * d);
    at.store(m, without_denormals<Arch>(m_new));
    at.store(v, without_denormals<Arch>(v_new));
    at.store(theta, at.load(theta) - rate * m_new / (xsimd::sqrt(v_new * correct2) + eps));
  });
}

}  // namespace

template <class Arch>
void set_updates(Kernels& table) {
  table.sgd = sgd<Arch>;
  table.momentum = momentum<Arch>;
  table.nag = nag<Arch>;
  table.adagrad = adagrad<Arch>;
  table.rmsprop = rmsprop<Arch>;
  table.adam = adam<Arch>;
}

template void set_updates<XGRAD_KERNEL_ARCH>(Kernels&);

}  // namespace xgrad::inline XGRAD_ABI::simd
