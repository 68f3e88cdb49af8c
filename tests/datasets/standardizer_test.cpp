// SPDX-License-Identifier: MIT
#include <xgrad/core/error.hpp>
#include <xgrad/datasets/standardizer.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <limits>

namespace xgrad {
namespace {

using datasets::Dataset;
using datasets::Standardizer;
using Numbers = std::vector<double>;

// Returns a data set with one feature, whose values are x.
Dataset column(const Array& x) {
  Array matrix = x;
  matrix.reshape({x.size(), 1});
  return Dataset(matrix, Labels(Labels::shape_type{x.size()}, 0), 1);
}

Numbers only_column(const Dataset& data) {
  Numbers result;
  for (std::size_t i = 0; i < data.size(); ++i) {
    Scalar x = 0;
    data.gather(std::array{i}, &x, nullptr);
    result.push_back(x);
  }
  return result;
}

TEST(StandardizerTest, ScalesAllDatasetsByTheFirstOne) {
  const Standardizer standardizer(column({1, 3, 1, 3}));
  EXPECT_EQ(standardizer.mean(), (Numbers{2}));
  EXPECT_EQ(standardizer.stddev(), (Numbers{1}));
  EXPECT_EQ(only_column(standardizer(column({2, 7, -1}))), (Numbers{0, 5, -3}));
}

TEST(StandardizerTest, EachColumnIsScaledIndependently) {
  const Dataset data(test::array({2, 2}, {0, 100, 2, 300}), Labels{0, 1}, {"no", "yes"});
  const Dataset scaled = Standardizer(data)(data);
  Array x = empty({2, 2});
  scaled.gather(std::array<std::size_t, 2>{0, 1}, x.data(), nullptr);
  EXPECT_EQ(test::numbers(x), (Numbers{-1, -1, 1, 1}));
  EXPECT_EQ(scaled.labels(), data.labels());
  EXPECT_EQ(scaled.class_names(), data.class_names());
}

TEST(StandardizerTest, AConstantColumnBecomesExactlyZero) {
  const Dataset tenths = column(full({1000}, static_cast<Scalar>(0.1)));
  EXPECT_EQ(only_column(Standardizer(tenths)(tenths)), Numbers(1000, 0.0));
  EXPECT_EQ(only_column(Standardizer(tenths)(column({5}))), (Numbers{0}));
}

// A sum of a thousand tenths is not exact in double, in which a table is stored and averaged.
TEST(StandardizerTest, AConstantColumnOfDoublesBecomesExactlyZero) {
  const Dataset tenths(datasets::Table{Numbers(1000, 0.1), 1}, Labels(Labels::shape_type{1000}, 0),
                       {"all"});
  const Standardizer standardizer(tenths);
  EXPECT_EQ(standardizer.mean(), Numbers{0.1});
  EXPECT_EQ(standardizer.stddev(), Numbers{0});
  EXPECT_EQ(only_column(standardizer(tenths)), Numbers(1000, 0.0));
}

TEST(StandardizerTest, MeansAndDeviationsCanBeGiven) {
  EXPECT_EQ(only_column(Standardizer({1}, {4})(column({1, 3}))), (Numbers{0, 0.5}));
}

TEST(StandardizerTest, TheDatasetStoresHowItWasScaled) {
  const Standardizer first({1}, {4}), second({0}, {0.5});
  const Dataset data = column({1, 3});
  EXPECT_TRUE(data.scaling().empty());
  const std::size_t row = 1;
  EXPECT_EQ(second(first(data)).subset({&row, 1}).scaling(), (std::vector{first, second}));
}

TEST(StandardizerTest, RejectsResultsThatAreNotFinite) {
  EXPECT_EQ(test::message_of<DataError>([] {
              Standardizer({0}, {1e-30})(column({0, 1e30f}));
            }),
            "[Standardizer] row 1, column 0: the standardised number must be finite, got 1e+60 "
            "from 1e+30");
}

TEST(StandardizerTest, RejectsInvalidMeansAndDeviations) {
  const double inf = std::numeric_limits<double>::infinity();
  const auto message = [](const Numbers& mean, const Numbers& stddev) {
    return test::message_of<OptionError>([&] { Standardizer(mean, stddev); });
  };
  EXPECT_EQ(
      message({1, 2}, {1}),
      "[Standardizer] a mean and a standard deviation for each column are needed, got 2 and 1");
  EXPECT_EQ(message({inf}, {1}), "[Standardizer] mean must be finite, got inf");
  EXPECT_EQ(message({1}, {-1}),
            "[Standardizer] stddev must be a finite number of at least 0, got -1");
}

TEST(StandardizerTest, RejectsColumnsWithoutAFiniteMean) {
  const auto nan = std::numeric_limits<Scalar>::quiet_NaN();
  EXPECT_EQ(
      test::message_of<DataError>([&] {
        Standardizer(column({1, nan}));
      }),
      "[Standardizer] column 0 must have a finite mean and standard deviation, got nan and nan");
}

TEST(StandardizerTest, RejectsAnotherNumberOfFeatures) {
  EXPECT_EQ(test::message_of<ShapeError>([] {
              Standardizer({0, 0}, {1, 1})(column({1}));
            }),
            "[Standardizer] the data set must have 2 features, got 1");
}

}  // namespace
}  // namespace xgrad
