// SPDX-License-Identifier: MIT
#include <xgrad/nn/init.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/shape.hpp>

#include <cmath>

namespace xgrad::inline XGRAD_ABI::nn::init {
namespace {

struct Fans {
  double in, out;
};

Fans fans_of(const char* where, const Shape& shape) {
  if (shape.size() < 2 || element_count(shape) == 0) {
    throw ShapeError("[" + std::string(where) +
                     "] the shape must be (out, in) or (out, in, height, width), got " +
                     to_string(shape));
  }
  const auto size = static_cast<double>(element_count(shape));
  return {size / static_cast<double>(shape[0]), size / static_cast<double>(shape[1])};
}

double kaiming_variance(const char* where, const Shape& shape, double slope) {
  return 2 / ((1 + slope * slope) * fans_of(where, shape).in);
}

double xavier_variance(const char* where, const Shape& shape, double gain) {
  const Fans fans = fans_of(where, shape);
  return gain * gain * 2 / (fans.in + fans.out);
}

Array uniform(const Shape& shape, Rng& rng, double variance) {
  const double limit = std::sqrt(3 * variance);
  return rng.uniform(shape, -limit, limit);
}

}  // namespace

Array kaiming_uniform(const Shape& shape, Rng& rng, double slope) {
  return uniform(shape, rng, kaiming_variance("kaiming_uniform", shape, slope));
}

Array kaiming_normal(const Shape& shape, Rng& rng, double slope) {
  return rng.normal(shape, 0, std::sqrt(kaiming_variance("kaiming_normal", shape, slope)));
}

Array xavier_uniform(const Shape& shape, Rng& rng, double gain) {
  return uniform(shape, rng, xavier_variance("xavier_uniform", shape, gain));
}

Array xavier_normal(const Shape& shape, Rng& rng, double gain) {
  return rng.normal(shape, 0, std::sqrt(xavier_variance("xavier_normal", shape, gain)));
}

Array truncated_normal(const Shape& shape, Rng& rng, double mean, double stddev) {
  require_non_negative("truncated_normal", "stddev", stddev);
  Array result = empty(shape);
  for (Scalar& value : result.storage()) {
    double z = rng.normal();
    while (std::abs(z) > 2) z = rng.normal();
    value = static_cast<Scalar>(mean + stddev * z);
  }
  return result;
}

void kaiming_uniform(Parameter& p, Rng& rng, double slope) {
  p = kaiming_uniform(p.shape(), rng, slope);
}
void kaiming_normal(Parameter& p, Rng& rng, double slope) {
  p = kaiming_normal(p.shape(), rng, slope);
}
void xavier_uniform(Parameter& p, Rng& rng, double gain) {
  p = xavier_uniform(p.shape(), rng, gain);
}
void xavier_normal(Parameter& p, Rng& rng, double gain) { p = xavier_normal(p.shape(), rng, gain); }
void truncated_normal(Parameter& p, Rng& rng, double mean, double stddev) {
  p = truncated_normal(p.shape(), rng, mean, stddev);
}
void constant(Parameter& p, double value) { p = full(p.shape(), static_cast<Scalar>(value)); }

}  // namespace xgrad::inline XGRAD_ABI::nn::init

namespace xgrad::inline XGRAD_ABI {

Array detail::layer_uniform(const Shape& shape, std::size_t fan_in, Rng& rng) {
  const double limit = 1 / std::sqrt(static_cast<double>(fan_in));
  return rng.uniform(shape, -limit, limit);
}

}  // namespace xgrad::inline XGRAD_ABI
