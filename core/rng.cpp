// SPDX-License-Identifier: MIT
// Compiled with -ffp-contract=off, as all sources but the kernels, because fused multiply-adds
// would change the last bit on some machines.
#include <xgrad/core/rng.hpp>

#include <xgrad/core/error.hpp>

#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

namespace xgrad::inline XGRAD_ABI {
namespace {

// Computes the natural logarithm with + - * / only, because std::log differs between platforms.
// x = m 2^e with m in [sqrt(1/2), sqrt(2)), ln m = 2 atanh(s), s = (m - 1) / (m + 1).
double portable_log(double x) {
  int exponent = 0;
  double m = std::frexp(x, &exponent);
  if (m < 0.70710678118654752) {
    m *= 2;
    --exponent;
  }
  const double s = (m - 1) / (m + 1);
  const double s2 = s * s;
  double series = 0;
  for (int k = 23; k >= 1; k -= 2) series = series * s2 + 1.0 / k;
  return 2 * s * series + exponent * 0.69314718055994531;
}

double polynomial(const std::array<double, 8>& c, double x) {
  double y = c[7];
  for (std::size_t i = 7; i-- > 0;) y = y * x + c[i];
  return y;
}

// AS 241, routine PPND16: the quantile function of the normal distribution to about 1e-16. Each
// region (centre, near tail, far tail) has a numerator (Top) and a denominator (Bottom).
constexpr std::array<double, 8> kCentreTop{3.3871328727963666080e0,  1.3314166789178437745e+2,
                                           1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                           4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                           3.3430575583588128105e+4, 2.5090809287301226727e+3};
constexpr std::array<double, 8> kCentreBottom{1.0,
                                              4.2313330701600911252e+1,
                                              6.8718700749205790830e+2,
                                              5.3941960214247511077e+3,
                                              2.1213794301586595867e+4,
                                              3.9307895800092710610e+4,
                                              2.8729085735721942674e+4,
                                              5.2264952788528545610e+3};
constexpr std::array<double, 8> kNearTop{1.42343711074968357734e0,  4.63033784615654529590e0,
                                         5.76949722146069140550e0,  3.64784832476320460504e0,
                                         1.27045825245236838258e0,  2.41780725177450611770e-1,
                                         2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr std::array<double, 8> kNearBottom{1.0,
                                            2.05319162663775882187e0,
                                            1.67638483018380384940e0,
                                            6.89767334985100004550e-1,
                                            1.48103976427480074590e-1,
                                            1.51986665636164571966e-2,
                                            5.47593808499534494600e-4,
                                            1.05075007164441684324e-9};
constexpr std::array<double, 8> kFarTop{6.65790464350110377720e0,  5.46378491116411436990e0,
                                        1.78482653991729133580e0,  2.96560571828504891230e-1,
                                        2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                        2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr std::array<double, 8> kFarBottom{1.0,
                                           5.99832206555887937690e-1,
                                           1.36929880922735805310e-1,
                                           1.48753612908506148525e-2,
                                           7.86869131145613259100e-4,
                                           1.84631831751005468180e-5,
                                           1.42151175831644588870e-7,
                                           2.04426310338993978564e-15};

double normal_quantile(double p) {
  const double q = p - 0.5;
  if (std::fabs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(kCentreTop, r) / polynomial(kCentreBottom, r);
  }
  const double r = std::sqrt(-portable_log(q < 0 ? p : 1 - p));
  const double x = r <= 5 ? polynomial(kNearTop, r - 1.6) / polynomial(kNearBottom, r - 1.6)
                          : polynomial(kFarTop, r - 5) / polynomial(kFarBottom, r - 5);
  return q < 0 ? -x : x;
}

}  // namespace

Rng::Rng(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {  // SplitMix64
    std::uint64_t z = (seed += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    word = z ^ (z >> 31);
  }
}

void Rng::set_state(const State& state) {
  if (state == State{}) throw OptionError("[Rng::set_state] the state must not be all zeros");
  state_ = state;
}

std::uint64_t Rng::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Rng::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

double Rng::uniform(double low, double high) {
  const double x = low + (high - low) * uniform();
  return x == high ? std::nextafter(high, low) : x;  // rounding may give `high` itself
}

std::uint64_t Rng::below(std::uint64_t n) {
  if (n == 0) throw OptionError("[Rng::below] n must be at least 1, got 0");
  // Rejects bits below 2^64 mod n. For the remaining values, all remainders are equally likely.
  const std::uint64_t unbiased = (0 - n) % n;
  std::uint64_t bits = next();
  while (bits < unbiased) bits = next();
  return bits % n;
}

double Rng::normal() {
  // The added half keeps the argument away from 0 and 1, where the quantile is infinite.
  return normal_quantile((static_cast<double>(next() >> 12) + 0.5) * 0x1.0p-52);
}

Array Rng::uniform(const Shape& shape, double low, double high) {
  Array result = empty(shape);
  const auto end = static_cast<Scalar>(high);
  const Scalar last = std::nextafter(end, static_cast<Scalar>(low));
  for (Scalar& x : result.storage()) {
    x = static_cast<Scalar>(uniform(low, high));
    if (x == end) x = last;  // rounding to Scalar may give `high`
  }
  return result;
}

Array Rng::normal(const Shape& shape, double mean, double stddev) {
  Array result = empty(shape);
  for (Scalar& x : result.storage()) x = static_cast<Scalar>(mean + stddev * normal());
  return result;
}

void Rng::shuffle(std::span<std::size_t> numbers) {
  for (std::size_t i = numbers.size(); i > 1; --i) std::swap(numbers[i - 1], numbers[below(i)]);
}

std::vector<std::size_t> Rng::permutation(std::size_t n) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  shuffle(order);
  return order;
}

}  // namespace xgrad::inline XGRAD_ABI
