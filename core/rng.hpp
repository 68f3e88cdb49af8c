// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/array.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace xgrad::inline XGRAD_ABI {

/// Random numbers that are the same on every platform: the engine (xoshiro256**, Blackman and Vigna
/// 2018, seeded by SplitMix64) and the distributions are our own and use only operations that IEEE
/// 754 defines exactly.
class Rng {
 public:
  /// The same seed gives the same numbers.
  explicit Rng(std::uint64_t seed);

  /// 64 random bits.
  std::uint64_t next();
  /// Uniform in [0, 1), 53 bits.
  double uniform();
  /// Uniform in [low, high).
  double uniform(double low, double high);
  /// Uniform in {0, ..., n - 1}, without bias. Throws OptionError for n = 0.
  std::uint64_t below(std::uint64_t n);
  /// Normal with mean 0 and variance 1: the inverse distribution function (Wichura 1988, AS 241) of
  /// one uniform number.
  double normal();

  /// Arrays of independent draws.
  Array uniform(const Shape& shape, double low, double high);
  /// Likewise, of the normal distribution.
  Array normal(const Shape& shape, double mean = 0, double stddev = 1);
  /// Puts numbers in random order (Fisher and Yates).
  void shuffle(std::span<std::size_t> numbers);
  /// The numbers 0, ..., n - 1 in random order.
  std::vector<std::size_t> permutation(std::size_t n);

  /// The engine's state: the same state gives the same numbers from here on.
  using State = std::array<std::uint64_t, 4>;
  State state() const { return state_; }  ///< four words
  /// Throws OptionError where all words are 0, which gives zeros for ever.
  void set_state(const State& state);

 private:
  State state_{};
};

}  // namespace xgrad::inline XGRAD_ABI
