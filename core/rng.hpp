// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/array.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace xgrad::inline XGRAD_ABI {

/// A random number generator that gives the same numbers on every platform. The engine is
/// xoshiro256** (Blackman and Vigna 2018), seeded by SplitMix64. The engine and the distributions
/// are implemented here and use only operations whose results IEEE 754 defines exactly.
class Rng {
 public:
  /// Creates a generator. The same seed gives the same numbers.
  explicit Rng(std::uint64_t seed);

  /// Returns 64 random bits.
  std::uint64_t next();
  /// Returns a number drawn uniformly from [0, 1), a multiple of 2^-53.
  double uniform();
  /// Returns a number drawn uniformly from [low, high).
  double uniform(double low, double high);
  /// Returns an integer drawn uniformly from {0, ..., n - 1}, without bias. Throws OptionError if n
  /// is 0.
  std::uint64_t below(std::uint64_t n);
  /// Returns a number drawn from the normal distribution with mean 0 and variance 1. Applies the
  /// inverse distribution function (Wichura 1988, AS 241) to one uniform number.
  double normal();

  /// Returns an array of independent numbers drawn uniformly from [low, high).
  Array uniform(const Shape& shape, double low, double high);
  /// Returns an array of independent numbers drawn from a normal distribution.
  Array normal(const Shape& shape, double mean = 0, double stddev = 1);
  /// Shuffles numbers in place (Fisher-Yates).
  void shuffle(std::span<std::size_t> numbers);
  /// Returns the numbers 0, ..., n - 1 in random order.
  std::vector<std::size_t> permutation(std::size_t n);

  /// The state of a generator. It determines all numbers that follow.
  using State = std::array<std::uint64_t, 4>;
  /// Returns the current state.
  State state() const { return state_; }
  /// Sets the state. Throws OptionError if all words are 0, because that state gives only zeros.
  void set_state(const State& state);

 private:
  State state_{};
};

}  // namespace xgrad::inline XGRAD_ABI
