// SPDX-License-Identifier: MIT
#pragma once

// Helpers that create tensors and read their numbers.

#include <xgrad/autograd/tensor.hpp>
#include <xgrad/core/error.hpp>

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

namespace xgrad::test {

inline constexpr double kInf = std::numeric_limits<double>::infinity();
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

inline Array array(const Shape& shape, std::initializer_list<double> values) {
  Array result = empty(shape);
  std::transform(values.begin(), values.end(), result.data(),
                 [](double value) { return static_cast<Scalar>(value); });
  return result;
}

/// Returns a leaf that requires a gradient.
inline Tensor leaf(const Shape& shape, std::initializer_list<double> values) {
  return Tensor(array(shape, values), true);
}

inline Tensor leaf(double value) { return leaf({}, {value}); }

inline std::vector<double> numbers(const Array& array) {
  return std::vector<double>(array.data(), array.data() + array.size());
}

/// Returns whether two arrays have the same shape and the same bits: a NaN equals itself, and -0
/// differs from 0. The data of an empty array may be null, which std::memcmp does not allow.
inline bool same_bits(const Array& a, const Array& b) {
  return a.shape() == b.shape() &&
         (a.size() == 0 || std::memcmp(a.data(), b.data(), a.size() * sizeof(Scalar)) == 0);
}

inline bool same_bits(const std::vector<Array>& a, const std::vector<Array>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Array& x, const Array& y) { return same_bits(x, y); });
}

/// Returns the message of the error that call() throws, or "nothing thrown".
template <class ErrorType = Error, class Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const ErrorType& error) {
    return error.what();
  }
  return "nothing thrown";
}

}  // namespace xgrad::test
