// SPDX-License-Identifier: MIT
#pragma once

// Property tests check a claim about all inputs on random inputs. Each case has its own seed, which
// a failure prints. XGRAD_PROPERTY_SEED=SEED XGRAD_PROPERTY_CASES=1 repeats only that case; other
// numbers run other cases or more of them.

#include <support/random_arrays.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace xgrad::test {

inline std::uint64_t environment_number(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

/// Calls claim(rng) for `cases` seeds and stops after the first failure.
template <class Claim>
void for_all(std::uint64_t cases, Claim claim) {
  const std::uint64_t first = environment_number("XGRAD_PROPERTY_SEED", 1);
  const std::uint64_t count = environment_number("XGRAD_PROPERTY_CASES", cases);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("to repeat: XGRAD_PROPERTY_SEED=" + std::to_string(seed) +
                 " XGRAD_PROPERTY_CASES=1");
    Rng rng(seed);
    claim(rng);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace xgrad::test
