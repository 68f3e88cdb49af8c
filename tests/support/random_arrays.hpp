// SPDX-License-Identifier: MIT
#pragma once

// Random numbers, shapes and arrays for tests and fuzz targets.

#include <xgrad/core/array.hpp>
#include <xgrad/core/rng.hpp>

#include <algorithm>
#include <vector>

namespace xgrad::test {

/// Returns an integer drawn uniformly from {low, ..., high}.
inline std::size_t between(Rng& rng, std::size_t low, std::size_t high) {
  return low + static_cast<std::size_t>(rng.below(high - low + 1));
}

inline bool coin(Rng& rng) { return rng.below(2) == 1; }

template <class T>
const T& one_of(Rng& rng, const std::vector<T>& choices) {
  return choices[between(rng, 0, choices.size() - 1)];
}

/// Returns a random shape with `least` to `most` axes of extent 1 to 4. One in 16 shapes also has
/// an axis of extent 0.
inline Shape random_shape(Rng& rng, std::size_t least, std::size_t most) {
  Shape shape(between(rng, least, most));
  for (std::size_t& extent : shape) extent = between(rng, 1, 4);
  if (!shape.empty() && rng.below(16) == 0) shape[between(rng, 0, shape.size() - 1)] = 0;
  return shape;
}

/// Returns a random shape that broadcasts to `whole`: some leading axes are missing and some
/// extents are 1.
inline Shape random_part(Rng& rng, const Shape& whole) {
  const std::size_t missing = between(rng, 0, whole.size());
  Shape part(whole.begin() + static_cast<std::ptrdiff_t>(missing), whole.end());
  for (std::size_t& extent : part) {
    if (rng.below(3) == 0) extent = 1;
  }
  return part;
}

/// Returns arrays of these shapes with numbers of magnitude 0.3 to 1.5. No two numbers are close to
/// each other or to 0, where ops have kinks. All are positive if `positive` is true.
inline std::vector<Array> apart(Rng& rng, const std::vector<Shape>& shapes, bool positive) {
  std::vector<Array> arrays;
  std::size_t size = 0, next = 0;
  for (const Shape& shape : shapes) size += element_count(shape);
  const std::vector<std::size_t> order = rng.permutation(size);
  for (const Shape& shape : shapes) {
    Array x = empty(shape);
    for (std::size_t i = 0; i < x.size(); ++i, ++next) {
      const double part = static_cast<double>(order[next]) + rng.uniform(0.1, 0.9);
      const double magnitude = 0.3 + 1.2 * part / static_cast<double>(size);
      x.data()[i] = static_cast<Scalar>(positive || coin(rng) ? magnitude : -magnitude);
    }
    arrays.push_back(std::move(x));
  }
  return arrays;
}

}  // namespace xgrad::test
