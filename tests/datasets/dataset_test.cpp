// SPDX-License-Identifier: MIT
#include <xgrad/core/error.hpp>
#include <xgrad/core/rng.hpp>
#include <xgrad/core/threads.hpp>
#include <xgrad/datasets/dataset.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <numeric>

namespace xgrad {
namespace {

using datasets::Bytes;
using datasets::Dataset;
using Rows = std::vector<std::size_t>;

// Returns a data set whose row i is (10 i, 10 i + 1) and has the class i modulo `classes`.
Dataset numbered_rows(std::size_t rows, std::size_t classes) {
  Array x = zeros({rows, 2});
  Labels y = Labels::from_shape({rows});
  for (std::size_t i = 0; i < rows; ++i) {
    x(i, 0) = static_cast<Scalar>(10 * i);
    x(i, 1) = static_cast<Scalar>(10 * i + 1);
    y(i) = static_cast<std::int32_t>(i % classes);
  }
  return Dataset(std::move(x), std::move(y), classes);
}

std::vector<double> rows_of(const Dataset& data, const Rows& rows) {
  Array x = empty({rows.size(), data.features()});
  data.gather(rows, x.data(), nullptr);
  return test::numbers(x);
}

template <class ErrorType>
std::string complaint(const Array& x, const Labels& y, std::size_t classes) {
  return test::message_of<ErrorType>([&] { Dataset(x, y, classes); });
}

TEST(DatasetTest, GathersRowsAndLabelsInTheRequestedOrder) {
  const Dataset data = numbered_rows(5, 3);
  std::array<Scalar, 6> x{};
  std::array<std::int32_t, 3> y{};
  data.gather(Rows{4, 0, 4}, x.data(), y.data());
  EXPECT_EQ(x, (std::array<Scalar, 6>{40, 41, 0, 1, 40, 41}));
  EXPECT_EQ(y, (std::array<std::int32_t, 3>{1, 0, 1}));
}

TEST(DatasetTest, BytesBecomeScaledNumbers) {
  const Dataset data(Bytes{{0, 2, 4, 255}, 2, 0.5}, Labels{1, 0}, 2);
  EXPECT_EQ(data.size(), 2u);
  EXPECT_EQ(data.features(), 2u);
  EXPECT_EQ(rows_of(data, {1, 0}), (std::vector<double>{2, 127.5, 0, 1}));
}

TEST(DatasetTest, ATableKeepsDoublesAndTheNamesOfItsColumns) {
  const double third = 1.0 / 3, big = 16777217;  // 2^24 + 1
  const Dataset data(datasets::Table{{third, 1, 2, big}, 2, {"a", "b"}}, Labels{0, 1}, {"x", "y"});
  std::array<double, 2> row{};
  data.read_row(0, row);
  EXPECT_EQ(row, (std::array{third, 1.0}));
  const Dataset last = data.subset(Rows{1});
  last.read_row(0, row);
  EXPECT_EQ(row, (std::array{2.0, big}));
  EXPECT_EQ(last.feature_names(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(rows_of(data, {1, 0}),
            (std::vector<double>{2, static_cast<Scalar>(big), static_cast<Scalar>(third), 1}));
  EXPECT_EQ(test::message_of<ShapeError>([&] { data.read_row(0, std::span(row).first(1)); }),
            "[read_row] x must have 2 elements, got 1");
  EXPECT_THROW(data.read_row(2, row), OptionError);
  EXPECT_EQ(test::message_of<ShapeError>([&] {
              Dataset(datasets::Table{{1, 2}, 2, {"a"}}, Labels{0}, {"x"});
            }),
            "[Dataset] every column needs one name: 2 columns, 1 names");
  EXPECT_THROW(Dataset(datasets::Table{{1, 2, 3}, 2}, Labels{0}, {"x"}), ShapeError);
}

TEST(DatasetTest, LargeGathersDoNotDependOnTheNumberOfThreads) {
  const std::size_t rows = 4000;
  const std::size_t features = 1000;
  Bytes x{std::vector<std::uint8_t>(rows * features), features};
  for (std::size_t i = 0; i < x.values.size(); ++i)
    x.values[i] = static_cast<std::uint8_t>(i % 253);
  const Dataset data(x, Labels::from_shape({rows}) * 0, 1);
  const Rows order = Rng(1).permutation(rows);
  const int threads = num_threads();
  set_num_threads(1);
  const std::vector<double> expected = rows_of(data, order);
  set_num_threads(3);
  const std::vector<double> split = rows_of(data, order);
  set_num_threads(threads);
  EXPECT_EQ(split, expected);
  EXPECT_FLOAT_EQ(static_cast<float>(expected[0]),
                  static_cast<float>(order[0] * features % 253) / 255);
}

TEST(DatasetTest, ACopySharesTheData) {
  const Dataset data = numbered_rows(4, 2);
  const Dataset copy = data;
  EXPECT_EQ(&copy.labels(), &data.labels());
}

TEST(DatasetTest, ClassesAreNumberedUnlessNamed) {
  EXPECT_EQ(numbered_rows(3, 3).class_names(), (std::vector<std::string>{"0", "1", "2"}));
  const Dataset named(zeros({1, 1}), Labels{1}, {"no", "yes"});
  EXPECT_EQ(named.classes(), 2u);
  EXPECT_EQ(named.class_names()[1], "yes");
}

TEST(DatasetTest, RejectsRowsOutOfRangeBeforeWriting) {
  const Dataset data = numbered_rows(3, 1);
  Scalar untouched = -1;
  EXPECT_EQ(test::message_of<OptionError>([&] {
              data.gather(Rows{0, 3}, &untouched, nullptr);
            }),
            "[gather] row numbers must be in [0, 3), got 3");
  EXPECT_EQ(untouched, -1);
  EXPECT_EQ(test::message_of<OptionError>([&] { data.subset(Rows{7}); }),
            "[subset] row numbers must be in [0, 3), got 7");
}

TEST(DatasetTest, RejectsAnythingButAMatrix) {
  EXPECT_EQ(complaint<ShapeError>(zeros({3}), Labels{0, 0, 0}, 1),
            "[Dataset] x must have the shape (rows, features) or more dimensions, got (3,)");
}

TEST(DatasetTest, RejectsDataWithoutRowsOrFeatures) {
  EXPECT_EQ(complaint<ShapeError>(zeros({0, 2}), Labels::from_shape({0}), 1),
            "[Dataset] at least one row and one feature are needed, got (0, 2)");
  EXPECT_EQ(complaint<ShapeError>(zeros({2, 0}), Labels{0, 0}, 1),
            "[Dataset] at least one row and one feature are needed, got (2, 0)");
}

TEST(DatasetTest, RejectsAnotherNumberOfLabels) {
  EXPECT_EQ(complaint<DataError>(zeros({3, 1}), Labels{0, 0}, 1),
            "[Dataset] every row needs one label: 3 rows, 2 labels");
}

TEST(DatasetTest, RejectsLabelsOutOfRange) {
  EXPECT_EQ(complaint<DataError>(zeros({2, 1}), Labels{0, 3}, 3),
            "[Dataset] the label of row 1 must be in [0, 3), got 3");
  EXPECT_EQ(complaint<DataError>(zeros({2, 1}), Labels{-1, 0}, 3),
            "[Dataset] the label of row 0 must be in [0, 3), got -1");
}

TEST(DatasetTest, RejectsMoreClassesThanLabelsCanNumber) {
  EXPECT_EQ(test::message_of<OptionError>([] {
              Dataset(zeros({1, 1}), Labels{0}, static_cast<std::size_t>(-1));
            }),
            "[Dataset] classes must be at most 2147483647, got 18446744073709551615");
}

TEST(DatasetTest, RejectsBytesThatAreNotWholeRowsAndInvalidScales) {
  const auto message = [](const Bytes& x) {
    return test::message_of<Error>([&] { Dataset(x, Labels{0}, 1); });
  };
  EXPECT_EQ(message({{1, 2, 3}, 2}),
            "[Dataset] x must contain whole rows of 2 features, got 3 bytes");
  EXPECT_EQ(message({{1, 2, 3}, 0}),
            "[Dataset] x must contain whole rows of 0 features, got 3 bytes");
  EXPECT_EQ(message({{}, 2}), "[Dataset] at least one row and one feature are needed, got (0, 2)");
  EXPECT_EQ(message({{1}, 1, 0}), "[Dataset] scale must be a positive finite number, got 0");
}

TEST(DatasetTest, SubsetsHaveTheRequestedOrderAndAllClasses) {
  const Dataset bytes(Bytes{{0, 1, 2, 3}, 1, 1}, Labels{0, 1, 2, 3}, {"a", "b", "c", "d"});
  const Dataset part = bytes.subset(Rows{3, 1});
  EXPECT_EQ(rows_of(part, {0, 1}), (std::vector<double>{3, 1}));
  EXPECT_EQ(part.labels(), (Labels{3, 1}));
  EXPECT_EQ(part.class_names(), bytes.class_names());
  EXPECT_EQ(rows_of(numbered_rows(5, 2).subset(Rows{2}), {0}), (std::vector<double>{20, 21}));
  EXPECT_THROW(bytes.subset(Rows{}), ShapeError);
}

TEST(StratifiedSplitTest, EveryRowGoesToOneSideAndEachClassIsSplit) {
  const Dataset data = numbered_rows(100, 3);  // 34, 33 and 33 rows per class
  const auto [rest, test] = stratified_split(data, 0.25, 1);
  std::vector<double> first;
  for (const Dataset& part : {rest, test}) {
    for (std::size_t i = 0; i < part.size(); ++i) {
      const double x = rows_of(part, {i})[0];
      first.push_back(x);
      EXPECT_EQ(part.labels()(i), static_cast<int>(x / 10) % 3);
    }
  }
  EXPECT_TRUE(std::is_sorted(first.begin(), first.begin() + static_cast<long>(rest.size())));
  std::sort(first.begin(), first.end());
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(first[i], 10 * static_cast<double>(i));
  EXPECT_EQ(std::count(test.labels().begin(), test.labels().end(), 0), 9);  // 8.5, rounded
  EXPECT_EQ(std::count(test.labels().begin(), test.labels().end(), 1), 8);
  EXPECT_EQ(std::count(test.labels().begin(), test.labels().end(), 2), 8);
}

TEST(StratifiedSplitTest, ClassesWithTwoRowsAreOnBothSides) {
  const Dataset data = numbered_rows(4, 2);
  for (const double fraction : {0.001, 0.999}) {
    const auto [rest, test] = stratified_split(data, fraction, 0);
    EXPECT_EQ(rest.labels(), (Labels{0, 1}));
    EXPECT_EQ(test.labels(), (Labels{0, 1}));
  }
}

TEST(StratifiedSplitTest, AClassOfOneRowStaysInTheFirstDataset) {
  const Dataset data(zeros({3, 1}), Labels{0, 0, 1}, 3);
  const auto [rest, test] = stratified_split(data, 0.9, 0);
  EXPECT_EQ(rest.labels(), (Labels{0, 1}));
  EXPECT_EQ(test.labels(), (Labels{0}));
}

TEST(StratifiedSplitTest, TheSeedDeterminesTheRows) {
  const Dataset data = numbered_rows(50, 1);
  const auto test_rows = [&](std::uint64_t seed) {
    const Dataset part = stratified_split(data, 0.2, seed).second;
    return rows_of(part, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  };
  EXPECT_EQ(test_rows(1), test_rows(1));
  EXPECT_NE(test_rows(1), test_rows(2));
}

TEST(StratifiedSplitTest, RejectsFractionsThatLeaveOneSideEmpty) {
  const Dataset data = numbered_rows(4, 2);
  const auto message = [&](double fraction) {
    return test::message_of<OptionError>([&] { stratified_split(data, fraction, 0); });
  };
  EXPECT_EQ(message(0), "[stratified_split] test_fraction must be in (0, 1), got 0");
  EXPECT_EQ(message(1), "[stratified_split] test_fraction must be in (0, 1), got 1");
  EXPECT_EQ(message(std::numeric_limits<double>::quiet_NaN()),
            "[stratified_split] test_fraction must be in (0, 1), got nan");
}

TEST(StratifiedSplitTest, RejectsDataInWhichNoClassCanBeSplit) {
  EXPECT_EQ(test::message_of<DataError>([] { stratified_split(numbered_rows(3, 3), 0.5, 0); }),
            "[stratified_split] one class must have two rows, but each class has only one");
}

}  // namespace
}  // namespace xgrad
