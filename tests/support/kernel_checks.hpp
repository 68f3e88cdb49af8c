// SPDX-License-Identifier: MIT
#pragma once

// Helpers of the kernel tests: lengths, memory with guard elements behind it, and a comparison.

#include <gtest/gtest.h>
#include <xgrad/core/internal/kernels.hpp>
#include <xgrad/core/rng.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace xgrad::test {

/// The lengths 0 to 70, which cover every possible number of elements in the last register, and
/// 5000, which is long enough for all unrolled loops.
inline const std::vector<std::size_t> kLengths = [] {
  std::vector<std::size_t> lengths(71);
  for (std::size_t n = 0; n < lengths.size(); ++n) lengths[n] = n;
  lengths.push_back(5000);
  return lengths;
}();

/// n random numbers in [low, high), followed by guard elements, which a kernel must not change.
class Guarded {
 public:
  Guarded(std::size_t n, std::uint64_t seed, double low, double high)
      : numbers_(n + kGuard, kUntouched) {
    Rng rng(seed);
    for (std::size_t i = 0; i < n; ++i) numbers_[i] = static_cast<Scalar>(rng.uniform(low, high));
  }

  const Scalar* data() const { return numbers_.data(); }
  Scalar* data() { return numbers_.data(); }
  Scalar operator[](std::size_t i) const { return numbers_[i]; }
  Scalar& operator[](std::size_t i) { return numbers_[i]; }
  bool is_intact() const {
    return std::all_of(numbers_.end() - kGuard, numbers_.end(),
                       [](Scalar x) { return x == kUntouched; });
  }

 private:
  static constexpr std::ptrdiff_t kGuard = 20;
  static constexpr Scalar kUntouched = Scalar{-12345};
  std::vector<Scalar> numbers_;
};

/// Expects two numbers to differ by at most a few units in the last place of `scale` or of `want`,
/// whichever is larger.
inline void expect_close(Scalar got, double want, const char* what, double scale = 0) {
  if (std::isnan(want)) {
    EXPECT_TRUE(std::isnan(got)) << what << ": " << got;
  } else if (std::isinf(want)) {
    EXPECT_EQ(static_cast<double>(got), want) << what;
  } else {
    constexpr auto epsilon = static_cast<double>(std::numeric_limits<Scalar>::epsilon());
    EXPECT_NEAR(static_cast<double>(got), want, 4 * epsilon * std::max(std::fabs(want), scale))
        << what;
  }
}

}  // namespace xgrad::test
