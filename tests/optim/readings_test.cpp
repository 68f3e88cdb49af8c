// SPDX-License-Identifier: MIT
// Compares the SIMD kernels of the update rules with two other readings of the same definitions:
// in long double, and element by element without SIMD.
#include "measured.hpp"
#include "rules.hpp"

#include <support/kernel_checks.hpp>
#include <support/property.hpp>

#include <cstring>

namespace xgrad::test {
namespace {

using optim::AnyRule;
using optim::Coefficients;
using optim::OptionInfo;
using optim::Range;
using Precise = optim::Element<long double>;

/// A random number of a random magnitude: ±2^e with e in [lowest, highest). Some are 0 or denormal.
Scalar any_number(Rng& rng, int lowest, int highest) {
  const std::uint64_t kind = rng.below(40);
  if (kind == 0) return 0;
  if (kind == 1) return std::numeric_limits<Scalar>::min() / 8;
  const int exponent =
      lowest + static_cast<int>(rng.below(static_cast<std::uint64_t>(highest - lowest)));
  return static_cast<Scalar>(
      std::ldexp(coin(rng) ? rng.uniform(0.5, 1) : -rng.uniform(0.5, 1), exponent));
}

double any_option(Rng& rng, const OptionInfo& option) {
  if (option.range == Range::positive) return std::pow(10, rng.uniform(-10, -1));
  if (option.range == Range::non_negative) return std::pow(10, rng.uniform(-5, 0));
  const bool is_momentum =
      option.name == std::string("momentum") || option.name == std::string("beta1");
  return 1 - std::pow(10, rng.uniform(is_momentum ? -1.7 : -4, -0.1));
}

/// A step of one parameter with random options, numbers and states.
template <class Rule>
struct RandomStep {
  static constexpr std::size_t kStates = optim::state_count<Rule>;
  static constexpr int kLowest = sizeof(Scalar) == 4 ? -60 : -500;  // squares do not underflow

  std::size_t n;
  std::vector<double> options{};
  std::uint64_t t;
  Guarded theta, g;
  std::vector<Guarded> states;
  Scalar factor;

  RandomStep(Rng& rng, std::size_t n_, Scalar factor_, bool has_decay)
      : n(n_),
        t(1 + rng.below(coin(rng) ? 10 : 2000)),
        theta(n, 1, 0, 1),
        g(theta),
        states(kStates, theta),
        factor(factor_) {
    for (const OptionInfo& option : optim::default_rule(Rule::info.name)->options()) {
      const bool is_decay = option.name == std::string("weight_decay");
      options.push_back(is_decay && !has_decay ? 0 : any_option(rng, option));
    }
    for (std::size_t i = 0; i < n; ++i) {
      theta[i] = any_number(rng, kLowest, 30);
      g[i] = any_number(rng, kLowest, 30);
      for (std::size_t k = 0; k < kStates; ++k) {
        const std::string name = Rule::states[k].name;
        const bool is_signed = name == "mean" || name == "velocity";
        states[k][i] =
            is_signed ? any_number(rng, kLowest, 30) : std::fabs(any_number(rng, 2 * kLowest, 60));
      }
    }
  }

  /// Returns the coefficients as numbers of type N.
  template <class N>
  Coefficients<Rule, N> coefficients() const {
    Coefficients<Rule, N> c;
    auto next = options.begin();
    c.each(c, [&](auto, auto, auto, N& number) { number = N(*next++); });
    c.t = N(static_cast<double>(t));
    c.begin_step();
    return c;
  }

  /// Makes the step with the kernel of `rule`.
  void update(AnyRule& rule) {
    const auto c = coefficients<optim::Coefficient>();
    std::vector<Scalar*> data;
    for (Guarded& state : states) data.push_back(state.data());
    rule.begin_step(t, {{c.lr.value(), c.weight_decay.value()}});
    rule.update(0, {theta.data(), data.data(), {g.data(), factor}, 0, n});
  }

  /// Returns the new values of theta and of the states of element i. E is the element type.
  template <class E>
  std::vector<E> reading(std::size_t i, const Coefficients<Rule, Precise>& c) const {
    E p = Precise::of(theta[i]);
    std::array<E, kStates> s;
    for (std::size_t k = 0; k < kStates; ++k) s[k] = Precise::of(states[k][i]);
    optim::apply<Rule>(p, E(Precise::of(factor)) * E(Precise::of(g[i])), s, c);
    std::vector<E> result{p};
    result.insert(result.end(), s.begin(), s.end());
    return result;
  }

  /// Returns theta and the states of element i.
  std::vector<Scalar> element(std::size_t i) const {
    std::vector<Scalar> result{theta[i]};
    for (const Guarded& state : states) result.push_back(state[i]);
    return result;
  }
  bool is_intact() const {
    return theta.is_intact() && g.is_intact() &&
           std::all_of(states.begin(), states.end(),
                       [](const Guarded& s) { return s.is_intact(); });
  }
};

/// Returns the error of `got` in units in the last place of a number of this size.
double error_in_ulps(Scalar got, long double want, long double size) {
  using Limits = std::numeric_limits<Scalar>;
  if (got == 0 && std::fabs(want) < 2 * static_cast<long double>(Limits::min())) return 0;
  const long double ulp = std::ldexp(static_cast<long double>(Limits::epsilon()), std::ilogb(size));
  return static_cast<double>(std::fabs(got - want) / ulp);
}

template <class Rule>
class ReadingsTest : public ::testing::Test {
 protected:
  /// Calls check(step) for steps of all lengths, with and without weight decay and a factor.
  static void for_all_steps(auto check) {
    for_all(3, [&](Rng& rng) {
      for (const std::size_t n : kLengths) {
        for (const bool has_decay : {false, true}) {
          for (const Scalar factor :
               {Scalar{1}, Scalar{0}, Scalar{-0.75}, any_number(rng, -20, 20)}) {
            check(RandomStep<Rule>(rng, n, factor, has_decay));
          }
        }
      }
    });
  }
};

template <class... Rule>
::testing::Types<Rule...> types_of(optim::RuleList<Rule...>);

struct RuleNames {
  template <class Rule>
  static std::string GetName(int) {
    return Rule::info.name;
  }
};

TYPED_TEST_SUITE(ReadingsTest, decltype(types_of(optim::Rules{})), RuleNames);

// The bounds in units in the last place of the largest term. Each operation rounds by up to half a
// unit, and so does each coefficient. A parameter that changes by at most a quarter, by terms that
// are not larger than itself, has only a part of the error of the step. In float, the largest
// errors of these seeds are 7.3 (Adadelta), and 1.7 for small steps (NAG); 25 other seeds give 10.3
// and 2.4. In double, the bounds are a relative error of 1e-14. The largest error of 25 seeds is 23
// units (NAdam, whose 1 - μ has the rounding error of μ), and 8.4 for the other rules.
constexpr bool kIsFloat = sizeof(Scalar) == sizeof(float);
constexpr double kTiny = 1e-14 / std::numeric_limits<Scalar>::epsilon();
constexpr double kLargestError = kIsFloat ? 12 : kTiny, kSmallStepError = kIsFloat ? 3 : kTiny;

TYPED_TEST(ReadingsTest, TheKernelEqualsTheDefinitionInLongDouble) {
  double largest = 0, of_small_steps = 0;
  this->for_all_steps([&](const RandomStep<TypeParam>& before) {
    auto after = before;
    after.update(*optim::detail::library_rule(TypeParam::info.name, before.options));
    const auto c = before.template coefficients<Precise>();
    for (std::size_t i = 0; i < before.n; ++i) {
      const std::vector<Scalar> got = after.element(i);
      const std::vector<Precise> want = before.template reading<Precise>(i, c);
      const std::vector<Measured> size = before.template reading<Measured>(i, c);
      for (std::size_t k = 0; k < got.size(); ++k) {
        largest = std::max(largest, error_in_ulps(got[k], want[k].value, size[k].size));
      }
      const long double old = before.theta[i], now = want[0].value;
      const long double larger = std::max(std::fabs(old), std::fabs(now));
      if (4 * std::fabs(now - old) <= std::fabs(old) && size[0].size <= larger) {
        of_small_steps = std::max(of_small_steps, error_in_ulps(got[0], now, larger));
      }
      ASSERT_EQ(after.g[i], before.g[i]) << "the gradient has changed";
    }
    EXPECT_TRUE(after.is_intact());
  });
  EXPECT_LE(largest, kLargestError);
  EXPECT_LE(of_small_steps, kSmallStepError);
  this->RecordProperty("largest", std::to_string(largest));
  this->RecordProperty("of_small_steps", std::to_string(of_small_steps));
}

TYPED_TEST(ReadingsTest, OneByOneGivesTheBitsOfTheKernel) {
#if defined(__OPTIMIZE__) && (defined(FP_FAST_FMA) || defined(FP_FAST_FMAF))
  GTEST_SKIP() << "the compiler may join a product and a sum";
#endif
  this->for_all_steps([&](RandomStep<TypeParam> step) {
    for (std::size_t i = 0; i < std::min<std::size_t>(step.n, 4); ++i) {
      step.g[i] = static_cast<Scalar>(i == 0 ? kNaN : i == 1 ? -kInf : i == 2 ? kInf : -0.0);
    }
    auto with_simd = step;
    const auto simd = optim::detail::library_rule(TypeParam::info.name, step.options);
    with_simd.update(*simd);
    typename TypeParam::template Options<double> options;
    auto next = step.options.begin();
    options.each(options, [&](auto, auto, auto, double& option) { option = *next++; });
    optim::AnyRuleOf<TypeParam> one_by_one(options);
    step.update(one_by_one);
    for (std::size_t i = 0; i < step.n; ++i) {
      const auto a = step.element(i), b = with_simd.element(i);
      for (std::size_t k = 0; k < a.size(); ++k) {
        ASSERT_TRUE((std::isnan(a[k]) && std::isnan(b[k])) ||
                    std::memcmp(&a[k], &b[k], sizeof(Scalar)) == 0)
            << i << " of " << step.n << ": " << a[k] << " and " << b[k];
      }
    }
  });
}

}  // namespace
}  // namespace xgrad::test
