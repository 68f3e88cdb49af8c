// SPDX-License-Identifier: MIT
#include <xgrad/datasets/bundled.hpp>
#include <xgrad/datasets/csv.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace xgrad {
namespace {

using datasets::Dataset;
using datasets::Split;

std::vector<long> rows_of_each_class(const Dataset& data) {
  std::vector<long> counts;
  for (std::size_t c = 0; c < data.classes(); ++c) {
    counts.push_back(std::count(data.labels().begin(), data.labels().end(), static_cast<int>(c)));
  }
  return counts;
}

std::vector<double> row(const Dataset& data, std::size_t i) {
  std::vector<Scalar> x(data.features());
  data.gather(std::array{i}, x.data(), nullptr);
  return std::vector<double>(x.begin(), x.end());
}

std::vector<int> first_labels(const Dataset& data, std::ptrdiff_t n) {
  return std::vector<int>(data.labels().begin(), data.labels().begin() + n);
}

struct Table {
  const char* name;
  Dataset (*load)(Split);
  std::size_t features;
  std::vector<std::string> class_names;
  std::vector<long> train;
  std::vector<long> test;
};

const Table kTables[] = {
    {"digits",
     datasets::digits,
     64,
     {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
     {142, 146, 142, 146, 145, 146, 145, 143, 139, 144},
     {36, 36, 35, 37, 36, 36, 36, 36, 35, 36}},
    {"iris", datasets::iris, 4, {"setosa", "versicolor", "virginica"}, {40, 40, 40}, {10, 10, 10}},
    {"wine",
     datasets::wine,
     13,
     {"cultivar_1", "cultivar_2", "cultivar_3"},
     {47, 57, 38},
     {12, 14, 10}},
    {"breast_cancer", datasets::breast_cancer, 30, {"benign", "malignant"}, {286, 170}, {71, 42}}};

TEST(BundledTest, EachTableHasTheExpectedRowsOfEachClass) {
  for (const Table& table : kTables) {
    SCOPED_TRACE(table.name);
    for (const Split split : {Split::train, Split::test}) {
      const Dataset data = table.load(split);
      EXPECT_EQ(data.features(), table.features);
      EXPECT_EQ(data.class_names(), table.class_names);
      EXPECT_EQ(rows_of_each_class(data), split == Split::train ? table.train : table.test);
    }
  }
}

TEST(BundledTest, BothSplitsOfDigitsTogetherAreTheWholeTable) {
  const Dataset all = datasets::csv(XGRAD_SOURCE_DIR "/datasets/uci/digits.csv");
  std::vector<std::vector<double>> expected;
  std::vector<std::vector<double>> found;
  for (std::size_t i = 0; i < all.size(); ++i) {
    expected.push_back(row(all, i));
    expected.back().push_back(all.labels()(i));
  }
  for (const Split split : {Split::train, Split::test}) {
    const Dataset part = datasets::digits(split);
    for (std::size_t i = 0; i < part.size(); ++i) {
      found.push_back(row(part, i));
      for (double& pixel : found.back()) pixel *= 16;
      found.back().push_back(part.labels()(i));
    }
  }
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, expected);
}

TEST(BundledTest, TheTrainingSplitsAreStandardizedAndTheTestSplitsUseTheirScale) {
  for (const Table& table : kTables) {
    if (std::string(table.name) == "digits") continue;
    SCOPED_TRACE(table.name);
    const auto moments = [&](Split split, std::size_t column) {
      const Dataset data = table.load(split);
      double sum = 0;
      double squares = 0;
      for (std::size_t i = 0; i < data.size(); ++i) {
        const double x = row(data, i)[column];
        sum += x;
        squares += x * x;
      }
      const auto n = static_cast<double>(data.size());
      return std::pair(sum / n, squares / n);
    };
    for (std::size_t column = 0; column < table.features; ++column) {
      const auto [mean, variance] = moments(Split::train, column);
      EXPECT_NEAR(mean, 0, 1e-6);
      EXPECT_NEAR(variance, 1, 1e-6);
    }
    const auto [mean, variance] = moments(Split::test, 0);
    // The test split is not standardized by its own mean and variance.
    EXPECT_GT(std::abs(mean) + std::abs(variance - 1), 1e-3);
    EXPECT_LT(std::abs(mean), 0.5);
  }
}

TEST(BundledTest, TheSplitIsAlwaysTheSame) {
  EXPECT_EQ(first_labels(datasets::digits(Split::train), 16),
            (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 5, 6, 8}));
  EXPECT_EQ(first_labels(datasets::digits(Split::test), 10),
            (std::vector<int>{3, 4, 7, 5, 8, 8, 3, 0, 7, 6}));
  EXPECT_EQ(first_labels(datasets::breast_cancer(Split::test), 10),
            (std::vector<int>{1, 1, 1, 0, 1, 0, 0, 0, 0, 1}));
}

TEST(BundledTest, FirstRowsHaveTheExpectedValues) {
  const auto expect_row = [](const Dataset& data, const std::vector<double>& expected) {
    const std::vector<double> found = row(data, 0);
    for (std::size_t j = 0; j < expected.size(); ++j) EXPECT_NEAR(found[j], expected[j], 1e-6);
  };
  expect_row(datasets::digits(Split::train), {0, 0, 0.3125, 0.8125, 0.5625, 0.0625, 0, 0});
  expect_row(datasets::digits(Split::test), {0, 0.125, 0.5625, 0.9375, 0.875, 0.5625, 0.1875, 0});
  expect_row(datasets::iris(Split::train), {-1.36687601, 0.286509126, -1.39530778, -1.32080996});
  expect_row(datasets::iris(Split::test), {-0.893157244, 0.965083063, -1.3387413, -1.32080996});
  expect_row(datasets::wine(Split::test), {1.57886028, -0.535091043, 0.238757521, -1.17580962});
  expect_row(datasets::breast_cancer(Split::test),
             {-0.315194994, 0.594790995, -0.174984097, -0.381434172});
}

struct LargeTable {
  const char* name;
  std::size_t rows, features, classes;
};

const std::string kFolder = XGRAD_SOURCE_DIR "/datasets";

// The numbers of rows are those of the files: zcat NAME.csv.gz | wc -l, less the header.
const LargeTable kLargeTables[] = {{"letter", 20000, 16, 26}, {"satellite", 6435, 36, 6},
                                   {"shuttle", 58000, 9, 7},  {"dna", 3186, 180, 3},
                                   {"spam", 4601, 57, 2},     {"vowel", 990, 9, 11},
                                   {"vehicle", 846, 18, 4},   {"ionosphere", 351, 33, 2},
                                   {"glass", 214, 9, 6},      {"sonar", 208, 60, 2}};

TEST(LargeTableTest, EachTableIsReadAndSplitByClass) {
  ASSERT_EQ(datasets::table_names().size(), std::size(kLargeTables));
  for (const LargeTable& table : kLargeTables) {
    SCOPED_TRACE(table.name);
    const Dataset train = datasets::table(table.name, Split::train, kFolder);
    const Dataset test = datasets::table(table.name, Split::test, kFolder);
    EXPECT_EQ(train.size() + test.size(), table.rows);
    for (const Dataset& part : {train, test}) {
      EXPECT_EQ(part.features(), table.features);
      EXPECT_EQ(part.classes(), table.classes);
    }
    for (std::size_t c = 0; c < table.classes; ++c) {
      const auto in_test = static_cast<double>(rows_of_each_class(test)[c]);
      const auto all = in_test + static_cast<double>(rows_of_each_class(train)[c]);
      EXPECT_NEAR(in_test, all / 5, 0.5 + 1e-9) << c;
    }
    EXPECT_TRUE(test.scaling() == train.scaling());
  }
}

TEST(LargeTableTest, ErrorsListTheNamesAndSayWhereTheFilesAre) {
  EXPECT_EQ(test::message_of<OptionError>([] { datasets::table("letters", Split::train); }),
            "[table] name must be one of letter, satellite, shuttle, dna, spam, vowel, vehicle, "
            "ionosphere, glass, sonar, got \"letters\"");
  setenv("XGRAD_DATA_DIR", "/nowhere", 1);
  const std::string message =
      test::message_of<DataError>([] { datasets::table("letter", Split::train); });
  EXPECT_EQ(message,
            "[table] there is no file /nowhere/uci/letter.csv.gz; give the folder datasets of "
            "xgrad's sources, or set XGRAD_DATA_DIR to it");
  EXPECT_EQ(datasets::table("sonar", Split::train, kFolder).features(), 60u);
  setenv("XGRAD_DATA_DIR", kFolder.c_str(), 1);
  EXPECT_EQ(datasets::table("sonar", Split::train).features(), 60u);
  unsetenv("XGRAD_DATA_DIR");
}

}  // namespace
}  // namespace xgrad
