// SPDX-License-Identifier: MIT
// Results of members of a temporary object stay valid after the temporary is destroyed.
#include <gtest/gtest.h>
#include <xgrad/datasets.hpp>
#include <xgrad/nn.hpp>
#include <xgrad/optim.hpp>

#include <cmath>
#include <type_traits>

namespace xgrad {
namespace {

// Whether a member returns a reference for an object with a name, and a value for a temporary, also
// for a const temporary such as `condition ? constant : x * 2`.
template <class T, class Get>
constexpr bool kIsSafe = std::is_lvalue_reference_v<std::invoke_result_t<Get, const T&>> &&
                         !std::is_reference_v<std::invoke_result_t<Get, T>> &&
                         !std::is_reference_v<std::invoke_result_t<Get, const T>>;

constexpr auto value = [](auto&& x) -> decltype(auto) {
  return std::forward<decltype(x)>(x).value();
};
constexpr auto grad = [](auto&& x) -> decltype(auto) {
  return std::forward<decltype(x)>(x).grad();
};
constexpr auto shape = [](auto&& x) -> decltype(auto) {
  return std::forward<decltype(x)>(x).shape();
};
constexpr auto labels = [](auto&& x) -> decltype(auto) {
  return std::forward<decltype(x)>(x).labels();
};
constexpr auto names = [](auto&& x) -> decltype(auto) {
  return std::forward<decltype(x)>(x).class_names();
};
constexpr auto dataset = [](auto&& x) -> decltype(auto) {
  return std::forward<decltype(x)>(x).dataset();
};
constexpr auto options = [](auto&& x) -> decltype(auto) {
  return std::forward<decltype(x)>(x).options();
};
constexpr auto mean_of = [](auto&& x) -> decltype(auto) {
  return std::forward<decltype(x)>(x).mean();
};
constexpr auto stddev = [](auto&& x) -> decltype(auto) {
  return std::forward<decltype(x)>(x).stddev();
};
constexpr auto parameters = [](auto&& x) -> decltype(auto) {
  return std::forward<decltype(x)>(x).parameters();
};

static_assert(kIsSafe<Tensor, decltype(value)> && kIsSafe<Parameter, decltype(value)>);
static_assert(kIsSafe<Tensor, decltype(grad)> && kIsSafe<Parameter, decltype(grad)>);
static_assert(kIsSafe<Tensor, decltype(shape)> && kIsSafe<Parameter, decltype(shape)>);
static_assert(kIsSafe<datasets::Dataset, decltype(labels)>);
static_assert(kIsSafe<datasets::Dataset, decltype(names)>);
static_assert(kIsSafe<datasets::DataLoader, decltype(dataset)>);
static_assert(kIsSafe<datasets::DataLoader, decltype(options)>);
static_assert(kIsSafe<datasets::Standardizer, decltype(mean_of)>);
static_assert(kIsSafe<datasets::Standardizer, decltype(stddev)>);
static_assert(kIsSafe<optim::Adam, decltype(parameters)>);
static_assert(!std::is_reference_v<decltype(std::declval<const Rng&>().state())>);
static_assert(!std::is_reference_v<decltype(std::declval<optim::Optimizer&>().name())>);
static_assert(!std::is_reference_v<decltype(std::declval<optim::Optimizer&>().description())>);

double total_of(const Array& array) {
  double total = 0;
  for (const Scalar x : array) total += static_cast<double>(x);
  return total;
}

TEST(TemporaryTest, ALoopOverTheProbabilitiesOfATemporaryAddsUpToOne) {
  Rng rng(0);
  nn::Sequential model{nn::Linear(4, 1000, rng)};
  const Tensor x(rng.normal({1, 4}));
  for (const bool record : {true, false}) {
    model.parameters()[0].set_requires_grad(record);
    model.parameters()[1].set_requires_grad(record);
    double total = 0;
    for (const Scalar p : softmax(model(x)).value()) {
      EXPECT_EQ(Tensor(full({1, 1000}, 7)).size(), 1000u);  // reuses freed memory
      total += static_cast<double>(p);
    }
    EXPECT_NEAR(total, 1, 1e-5);
  }
}

TEST(TemporaryTest, ReferencesBoundToResultsOfTemporariesStayValid) {
  const Tensor x(Array{1, 2, 3}, true);
  const Array& y = (x * 2).value();
  const Shape& extents = reshape(x, {3, 1}).shape();
  const Array& zeros = Tensor(ones({1000}), true).grad();
  const Array& chosen = (x.size() == 3 ? x : x * 2).value();
  EXPECT_EQ(y, (Array{2, 4, 6}));
  EXPECT_EQ(extents, (Shape{3, 1}));
  EXPECT_EQ(total_of(zeros), 0);
  EXPECT_EQ(chosen, x.value());
}

TEST(TemporaryTest, TakingTheValueOfATemporaryChangesNoOtherHandle) {
  const Array values = ones({1000});
  const Tensor x(values, true);
  const Tensor handle = x;
  EXPECT_EQ(Tensor(x).value(), values);   // another handle of x
  EXPECT_EQ(x.detach().value(), values);  // a tensor that shares the memory of x
  EXPECT_EQ(handle.value(), values);
  const Tensor y = exp(x);  // its backward function saves the value
  EXPECT_EQ(Tensor(y).value(), y.value());
  const Tensor z = sum(y * exp(x));
  EXPECT_EQ(exp(y * 0).value(), values);
  z.backward();
  const double e = std::exp(1.0);
  EXPECT_NEAR(static_cast<double>(x.grad()(999)), 2 * e * e, 1e-4);
}

TEST(TemporaryTest, AnArrayThatOnlyATemporaryOwnsIsMovedOut) {
  Tensor x(ones({1000}));
  const Scalar* const memory = x.value().data();
  const Array taken = std::move(x).value();
  EXPECT_EQ(taken.data(), memory);
  const Tensor y(full({1000}, 2));
  const Scalar* const kept = y.value().data();
  EXPECT_NE(Tensor(y).value().data(), kept);
  EXPECT_EQ(y.value().data(), kept);
}

TEST(TemporaryTest, LoopsOverATemporaryDataSetReadItsLabelsAndNames) {
  std::size_t count = 0;
  for (const std::int32_t label : datasets::iris(datasets::Split::test).labels()) {
    ASSERT_GE(label, 0);
    ASSERT_LT(label, 3);
    ++count;
  }
  EXPECT_EQ(count, 30u);
  std::string all;
  for (const std::string& name : datasets::iris(datasets::Split::test).class_names()) all += name;
  EXPECT_EQ(all, "setosaversicolorvirginica");
}

}  // namespace
}  // namespace xgrad
