// SPDX-License-Identifier: MIT
// Properties of the update rules that hold for all parameters, tested on random ones.
#include "rules.hpp"

#include <support/property.hpp>

#include <cmath>
#include <utility>

namespace xgrad::test {
namespace {

class RulePropertyTest : public ::testing::TestWithParam<Rule> {};

/// Returns random numbers of many magnitudes, including zeros and denormal numbers.
Array wide(Rng& rng, const Shape& shape) {
  Array x = empty(shape);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const int exponent = static_cast<int>(rng.below(60)) - 45;
    x.data()[i] = static_cast<Scalar>(std::ldexp(rng.uniform(-1, 1), exponent));
    if (rng.below(10) == 0) x.data()[i] = rng.below(2) == 0 ? Scalar{0} : Scalar{1e-42f};
  }
  return x;
}

/// Returns the elements [begin, begin + n) of x as a vector.
Array part_of(const Array& x, std::size_t begin, std::size_t n) {
  Array part = empty({n});
  std::copy_n(x.data() + begin, n, part.data());
  return part;
}

TEST_P(RulePropertyTest, OneLongParameterAndItsPiecesGetTheSameBits) {
  for_all(60, [](Rng& rng) {
    std::vector<std::size_t> cuts{0};
    for (std::size_t i = between(rng, 1, 5); i > 0; --i) {
      cuts.push_back(cuts.back() + between(rng, 1, 90));
    }
    const double lr = rng.uniform(1e-4, 0.5), decay = coin(rng) ? rng.uniform(0, 0.1) : 0;
    const Tensor whole(wide(rng, {cuts.back()}), true);
    std::vector<Tensor> parts;
    for (std::size_t i = 1; i < cuts.size(); ++i) {
      parts.emplace_back(part_of(whole.value(), cuts[i - 1], cuts[i] - cuts[i - 1]), true);
    }
    const auto one = GetParam().make({whole}, lr, decay), many = GetParam().make(parts, lr, decay);
    for (std::size_t step = between(rng, 1, 6); step > 0; --step) {
      const Array g = wide(rng, whole.shape());
      give_gradient(whole, g);
      for (std::size_t i = 0; i < parts.size(); ++i) {
        give_gradient(parts[i], part_of(g, cuts[i], parts[i].size()));
      }
      one->step();
      many->step();
    }
    for (optim::Optimizer* rule : {one.get(), many.get()}) rule->eval();
    for (std::size_t i = 0; i < parts.size(); ++i) {
      EXPECT_TRUE(same_bits(parts[i].value(), part_of(whole.value(), cuts[i], parts[i].size())))
          << "part " << i << " of " << parts.size();
    }
  });
}

TEST_P(RulePropertyTest, TheOrderOfTheParametersDoesNotMatter) {
  for_all(30, [](Rng& rng) {
    const std::vector<Shape> shapes{
        random_shape(rng, 0, 3), random_shape(rng, 0, 3), {between(rng, 1, 50)}};
    std::vector<Tensor> forward, backward;
    std::vector<Array> gradients;
    for (const Shape& shape : shapes) {
      forward.emplace_back(wide(rng, shape), true);
      backward.emplace(backward.begin(), forward.back().value(), true);
      gradients.push_back(wide(rng, shape));
    }
    const auto a = GetParam().make(forward, 0.1, 0.01), b = GetParam().make(backward, 0.1, 0.01);
    for (int step = 0; step < 3; ++step) {
      for (std::size_t i = 0; i < 3; ++i) {
        give_gradient(forward[i], gradients[i]);
        give_gradient(backward[2 - i], gradients[i]);
      }
      a->step();
      b->step();
    }
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_TRUE(same_bits(forward[i].value(), backward[2 - i].value())) << i;
    }
  });
}

// Moments that decay would pass through the denormal numbers, with which arithmetic is slow.
TEST_P(RulePropertyTest, NoStateIsEverDenormal) {
  constexpr std::size_t count = 600;
  Array gradient = empty({count});
  for (std::size_t i = 0; i < count; ++i) {  // from 1e-45 to 1e15, and their squares to 1e-20
    gradient.data()[i] = static_cast<Scalar>(std::pow(10, -45 + 0.1 * static_cast<double>(i)));
  }
  const Tensor p(zeros({count}), true);
  const auto rule = GetParam().make({p}, 0.1, 0);
  for (int step = 0; step < 30; ++step) {
    give_gradient(p, step == 0 ? gradient : zeros({count}));
    rule->step();
    for (const auto& [name, state] : std::as_const(*rule).states()) {
      for (const auto& values : *state) {
        if (!values) continue;
        const auto is_denormal = [](Scalar x) { return std::fpclassify(x) == FP_SUBNORMAL; };
        EXPECT_EQ(std::count_if(values->begin(), values->end(), is_denormal), 0) << name;
      }
    }
  }
}

TEST_P(RulePropertyTest, ZeroAndDenormalGradientsGiveFiniteSteps) {
  for (const double g : {0.0, 1e-45, -1e-42, 1e-38, 1e-30, 1e-22, -1e-15, 1e-8}) {
    const Tensor p = parameter({1, -2, 0.5});
    const auto rule = GetParam().make({p}, 0.1, 0);
    for (int step = 0; step < 50; ++step) {
      give_gradient(p, g);
      rule->step();
    }
    rule->eval();
    const double before[] = {1, -2, 0.5};
    for (std::size_t i = 0; i < 3; ++i) {
      const double moved = static_cast<double>(p.value().data()[i]) - before[i];
      EXPECT_TRUE(std::isfinite(moved)) << g;
      // No update rule moves by more than the learning rate per step for these gradients.
      EXPECT_LE(std::fabs(moved), 50 * 0.1 * 1.05) << g;
      if (g == 0) {
        EXPECT_EQ(moved, 0);
      }
      if (std::fabs(g) >= 1e-15) {
        EXPECT_LE(moved * g, 0) << "uphill for " << g;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, RulePropertyTest, ::testing::ValuesIn(kRules), rule_name);

}  // namespace
}  // namespace xgrad::test
