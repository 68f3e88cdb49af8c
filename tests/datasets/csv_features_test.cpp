// SPDX-License-Identifier: MIT
// Tests how csv() reads targets, categories, missing values and compressed files.
#include <xgrad/core/error.hpp>
#include <xgrad/datasets/csv.hpp>
#include <xgrad/datasets/loader.hpp>

#include <support/scratch.hpp>
#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include "csv_tables.hpp"
#include "idx_files.hpp"

namespace xgrad {
namespace {

using datasets::CsvOptions;
using datasets::Dataset;
using datasets::Header;
using datasets::Missing;
using test::complaint;
using test::features;
using test::labels;
using test::parse;
using test::refusal;
using Names = std::vector<std::string>;
using Numbers = std::vector<double>;

TEST(CsvTargetTest, TheOptionTargetsNamesTheNumbersToPredict) {
  const std::string text = "rooms,price,area,rent\n3,250000.5,70,900\n1,99999,25,450\n";
  const Dataset one = parse(text, {.targets = {"price"}});
  EXPECT_FALSE(one.has_labels());
  EXPECT_EQ(features(one), (Numbers{3, 70, 900, 1, 25, 450}));
  EXPECT_EQ(one.feature_names(), (Names{"rooms", "area", "rent"}));
  EXPECT_EQ(one.target_names(), Names{"price"});
  EXPECT_EQ(test::numbers(one.targets()), (Numbers{250000.5, 99999}));
  const Dataset two = parse(text, {.targets = {"rent", "price"}});
  EXPECT_EQ(test::numbers(two.targets()), (Numbers{900, 250000.5, 450, 99999}));
  const Dataset unnamed = parse("1,2,3\n4,5,6\n", {.targets = {"2"}});
  EXPECT_EQ(test::numbers(unnamed.targets()), (Numbers{3, 6}));
  EXPECT_EQ(features(unnamed), (Numbers{1, 2, 4, 5}));
}

TEST(CsvTargetTest, ATableIsReadWithTheTargetsOfTheTrainingData) {
  const Dataset train = parse("a,b,y\n1,2,3\n3,4,5\n", {.targets = {"y"}, .standardize = true});
  const Dataset test = parse("y,a,b\n8,5,6\n", {.like = train});
  EXPECT_EQ(test::numbers(test.targets()), Numbers{8});
  EXPECT_EQ(features(test), (Numbers{3, 3}));  // means 2 and 3, stddev 1
  EXPECT_EQ(refusal({.label = "a", .like = train}),
            "[csv] label must be empty, because the data set given as like has targets");
  EXPECT_EQ(refusal({.targets = {"y"}, .like = parse("a,y\n1,x\n")}),
            "[csv] targets must be empty, because the data set given as like has classes");
  EXPECT_EQ(refusal({.like = Dataset(zeros({1, 1}), Array{1})}),
            "[csv] targets must be given, because those of the data set given as like have no "
            "names");
}

TEST(CsvTargetTest, TargetsMustBeNumbersOfOtherColumns) {
  EXPECT_EQ(complaint("a,y\n1,2\n2,?\n", {.targets = {"y"}}),
            "[csv] table: line 3: expected a finite number in target column \"y\", found \"?\"");
  EXPECT_EQ(complaint("a,y\n1,2\n", {.targets = {"z"}}),
            "[csv] table: line 1: expected a column \"z\", found 2 columns from \"a\" to \"y\"");
  EXPECT_EQ(complaint("a,y\n1,2\n", {.targets = {"a", "y"}}),
            "[csv] table: line 1: expected at least one feature column, found only columns of the "
            "option targets");
  EXPECT_EQ(refusal({.label = "a", .targets = {"y"}}),
            "[csv] targets must not be given together with label or classes; give one");
  EXPECT_EQ(refusal({.targets = {"y", "y"}}), "[csv] targets must contain each column once");
}

TEST(CsvTargetTest, ManyDifferentNumbersAreNotClasses) {
  std::string text = "rooms,price\n", grouped = text;
  for (int i = 0; i < 505; ++i) {
    text += "3," + std::to_string(100000 + i) + ".0\n";
    grouped += "3," + std::to_string(i / 5) + "\n";
  }
  EXPECT_EQ(complaint(text),
            "[csv] table: line 506: expected classes in column \"price\", found 505 different "
            "numbers in 505 rows; set targets = {\"price\"} if they are to be predicted, or give "
            "all classes in classes");
  EXPECT_EQ(parse(grouped).classes(), 101u);
  EXPECT_EQ(parse(text, {.targets = {"price"}}).size(), 505u);
}

TEST(CsvCategoryTest, AColumnOfWordsBecomesOneFeatureForEachWord) {
  const Dataset data = parse("size,colour,kind\n1,red,a\n2,blue,b\n3,red,a\n");
  EXPECT_EQ(data.feature_names(), (Names{"size", "colour=blue", "colour=red"}));
  EXPECT_EQ(features(data), (Numbers{1, 0, 1, 2, 1, 0, 3, 0, 1}));
  ASSERT_EQ(data.columns().size(), 2u);
  EXPECT_TRUE(data.columns()[0].categories.empty());
  EXPECT_EQ(data.columns()[1].name, "colour");
  EXPECT_EQ(data.columns()[1].categories, (Names{"blue", "red"}));
}

TEST(CsvCategoryTest, AnotherTableUsesTheCategoriesOfTheTrainingData) {
  const Dataset train = parse("size,colour,kind\n1,red,a\n3,blue,b\n", {.standardize = true});
  const Dataset test = parse("size,colour,kind\n5,red,b\n1,red,b\n", {.like = train});
  EXPECT_EQ(features(test), (Numbers{3, -1, 1, -1, -1, 1}));
  EXPECT_EQ(complaint("size,colour,kind\n5,green,b\n", {.like = train}),
            "[csv] table: line 2: expected a category of the data set given as like (\"blue\", "
            "\"red\") in column \"colour\", found \"green\"");
  EXPECT_EQ(complaint("size,hue,kind\n5,red,b\n", {.like = train}),
            "[csv] table: line 1: expected feature column 1 to be \"colour\" as in the data set "
            "given as like, found \"hue\"");
  EXPECT_EQ(complaint("size,colour,kind\nred,red,b\n", {.like = train}),
            "[csv] table: line 2: expected a finite number in column \"size\", found \"red\"");
}

TEST(CsvCategoryTest, TheOptionCategoricalTurnsNumbersIntoCategories) {
  const Dataset data =
      parse("zip,age,kind\n10115,10-19,a\n80331,20-29,b\n", {.categorical = {"zip", "age"}});
  EXPECT_EQ(data.feature_names(), (Names{"zip=10115", "zip=80331", "age=10-19", "age=20-29"}));
  EXPECT_EQ(features(data), (Numbers{1, 0, 1, 0, 0, 1, 0, 1}));
}

TEST(CsvCategoryTest, WordsAmongNumbersAreRejected) {
  EXPECT_EQ(complaint("a,b,class\n1,2,x\nlow,2,x\n"),
            "[csv] table: line 3: expected a finite number in column \"a\", found \"low\"");
  EXPECT_EQ(complaint("a,b,class\nlow,2,x\nhigh,3,x\n7,2,x\n"),
            "[csv] table: line 2: expected a finite number in column \"a\", found \"low\"; line 4 "
            "has the number \"7\"; name the column in categorical if both are categories");
  std::string text = "name,age,class\n";
  for (int i = 0; i < 300; ++i) text += "n" + std::to_string(i) + ",1,x\n";
  EXPECT_EQ(complaint(text),
            "[csv] table: line 258: expected at most 256 different words in column \"name\", found "
            "\"n256\"; remove the column, or replace its words by numbers");
}

TEST(CsvCategoryTest, ATableOfWordsAloneNeedsTheOptionHeader) {
  const std::string text = "outlook,wind,play\nsunny,weak,no\nrain,strong,yes\n";
  EXPECT_EQ(complaint(text),
            "[csv] table: line 1: expected column names above at least one column of numbers, "
            "found words in all lines; set header to yes if this line contains column names, to no "
            "if it is data");
  EXPECT_EQ(parse(text, {.header = Header::yes}).size(), 2u);
  EXPECT_EQ(parse(text, {.header = Header::no}).size(), 3u);
  EXPECT_EQ(parse(text, {.label = "play"}).size(), 2u);  // the name confirms the first line
}

TEST(CsvMissingTest, MissingValuesAreRefusedByDefault) {
  for (const std::string field : {"", "?", "NA", "nan", "N/A", "null"}) {
    EXPECT_EQ(complaint("a,b,class\n1,2,x\n1," + field + ",x\n"),
              "[csv] table: line 3: expected a finite number in column \"b\", found \"" + field +
                  "\"; set missing to Missing::mean for the mean of the column");
  }
  EXPECT_EQ(complaint("a,b,class\nred,2,x\n?,3,x\n"),
            "[csv] table: line 3: expected a category in column \"a\", found \"?\"; set missing to "
            "Missing::mean for the mean of the column");
}

TEST(CsvMissingTest, AMissingClassIsRefusedUnlessTheOptionClassesNamesIt) {
  for (const std::string field : {"?", "NA", "nan", "N/A", "null"}) {
    const std::string text = "a,class\n1,x\n2," + field + "\n";
    EXPECT_EQ(complaint(text, {.missing = Missing::mean}),
              "[csv] table: line 3: expected a class in column \"class\", found the missing value "
              "\"" +
                  field + "\"; list all classes in the option classes if this is the name of one");
    const Dataset data = parse(text, {.classes = {"x", field}});
    EXPECT_EQ(labels(data), (std::vector<int>{0, 1}));
    EXPECT_EQ(labels(parse(text, {.like = data})), (std::vector<int>{0, 1}));
  }
}

TEST(CsvMissingTest, TheMeanOfTheColumnTakesTheirPlace) {
  const CsvOptions options{.missing = Missing::mean};
  const Dataset data = parse("a,c,class\n1,red,x\n?,blue,y\n4,,x\n,red,x\n", options);
  const Numbers expected{1, 0, 1, 2.5, 1, 0, 4, 1.0 / 3, 2.0 / 3, 2.5, 0, 1};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(features(data)[i], expected[i], 1e-7) << i;
  }
  // The means of the training data take the place of missing values of another table.
  const Dataset other = parse("a,c,class\n10,red,x\nNA,?,y\n", {.like = data});
  EXPECT_EQ(features(other)[3], 2.5);
  EXPECT_NEAR(features(other)[5], 2.0 / 3, 1e-7);
  EXPECT_EQ(complaint("a,b,class\n1,?,x\n2,,y\n", options),
            "[csv] table: line 3: expected a value in column \"b\", found missing values in all "
            "rows");
}

TEST(CsvGzipTest, ACompressedTableIsReadLikeAPlainOne) {
  const Scratch scratch;
  std::string text = "a,class\n";
  for (int i = 0; i < 200000; ++i) text += std::to_string(i) + (i % 2 == 0 ? ",x\n" : ",y\n");
  write_bytes(scratch / "plain", text);
  test::write_gzip(scratch / "packed", text);
  EXPECT_EQ(datasets::csv(scratch / "packed").gather_all(),
            datasets::csv(scratch / "plain").gather_all());
  const std::string packed = read_bytes(scratch / "packed");
  write_bytes(scratch / "cut", packed.substr(0, packed.size() / 2));
  const std::string message = test::message_of<DataError>([&] { datasets::csv(scratch / "cut"); });
  EXPECT_EQ(message.find("[csv] " + (scratch / "cut").string() + ": offset "), 0u) << message;
  EXPECT_NE(message.find("expected the end of the file, found damaged gzip data"),
            std::string::npos)
      << message;
}

}  // namespace
}  // namespace xgrad
