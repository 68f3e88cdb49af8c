// SPDX-License-Identifier: MIT
#include <xgrad/core/error.hpp>
#include <xgrad/datasets/csv.hpp>

#include <support/scratch.hpp>
#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include "csv_tables.hpp"

namespace xgrad {
namespace {

using datasets::CsvOptions;
using datasets::Dataset;
using test::complaint;
using test::features;
using test::labels;
using test::parse;
using Names = std::vector<std::string>;

TEST(CsvTest, ReadsNumbersAndClasses) {
  const Dataset data = parse("a,b,class\n1,-2.5,dog\n+3e2,.25,cat\n");
  EXPECT_EQ(features(data), (std::vector<double>{1, -2.5, 300, 0.25}));
  EXPECT_EQ(data.class_names(), (Names{"cat", "dog"}));
  EXPECT_EQ(labels(data), (std::vector<int>{1, 0}));
}

TEST(CsvTest, ClassesAreTextAndIntegersAreSortedByValue) {
  const Dataset data = parse("a,class\n0,10\n0,9\n0,007\n0,7\n0,0\n0,00\n0,01234\n0,1234\n");
  EXPECT_EQ(data.class_names(), (Names{"0", "00", "7", "007", "9", "10", "1234", "01234"}));
  EXPECT_EQ(labels(data), (std::vector<int>{5, 4, 3, 2, 0, 1, 7, 6}));
  // Spaces around a field or its quotes are not part of the class. Spaces in quotes are.
  EXPECT_EQ(parse("a,class\n0,1\n0,1.0\n0,+1\n0, 1 \n0,\"1\"\n0,\" 1\"\n0,1e0\n").class_names(),
            (Names{" 1", "+1", "1", "1.0", "1e0"}));
}

TEST(CsvTest, IfOneClassIsNotAnIntegerAllAreText) {
  EXPECT_EQ(parse("a,class\n0,10\n0,9\n0,-1\n").class_names(), (Names{"-1", "10", "9"}));
}

TEST(CsvTest, TheLabelOptionChoosesTheClassColumn) {
  const CsvOptions options{.label = "kind", .standardize = false};
  const Dataset data = parse("kind,a,b\nx,1,2\ny,3,4\n", options);
  EXPECT_EQ(features(data), (std::vector<double>{1, 2, 3, 4}));
  EXPECT_EQ(labels(data), (std::vector<int>{0, 1}));
}

TEST(CsvTest, TakesOtherDelimiters) {
  for (const char delimiter : {';', '\t', ' ', '|'}) {
    std::string text = "a,b,class\n1,2,x\n3,4,y\n";
    std::replace(text.begin(), text.end(), ',', delimiter);
    const CsvOptions options{.delimiter = delimiter, .standardize = false};
    EXPECT_EQ(features(parse(text, options)), (std::vector<double>{1, 2, 3, 4})) << delimiter;
  }
}

TEST(CsvTest, IgnoresWindowsLineEndsAByteOrderMarkSpacesAndBlankLines) {
  const Dataset data = parse("\xEF\xBB\xBF a , class \r\n\r\n 1 , x\r\n\t2,y \r\n\r\n  \r\n");
  EXPECT_EQ(features(data), (std::vector<double>{1, 2}));
  EXPECT_EQ(data.class_names(), (Names{"x", "y"}));
  EXPECT_EQ(parse("\xEF\xBB\xBF"
                  "class,a\nx,1\ny,2\n",
                  {.label = "class"})
                .class_names(),
            (Names{"x", "y"}));
}

TEST(CsvTest, TheLastLineNeedsNoLineEnd) {
  EXPECT_EQ(features(parse("a,class\n1,x\n2,y")), (std::vector<double>{1, 2}));
}

TEST(CsvTest, QuotedFieldsMayContainDelimitersQuotesAndLineEnds) {
  const Dataset data = parse(
      "\"a, \"\"b\"\"\",\"class\"\n"
      "\"1\",\"\"\"x\"\"\"\r\n"
      "2 , \"u,\nv\" \n");
  EXPECT_EQ(features(data), (std::vector<double>{1, 2}));
  EXPECT_EQ(data.class_names(), (Names{"\"x\"", "u,\nv"}));
}

TEST(CsvTest, LinesAreCountedInQuotedFieldsAndBlankLinesToo) {
  EXPECT_EQ(complaint("a,class\n\n1,\"x\ny\"\n#,x\n"),
            "[csv] table: line 5: expected a finite number in column \"a\", found \"#\"");
}

TEST(CsvTest, StandardizesIfTheOptionIsSet) {
  const Dataset data = parse("a,b,class\n1,7,x\n2,7,y\n3,7,y\n", {.standardize = true});
  const std::vector<double> x = features(data);
  const double step = std::sqrt(1.5);
  const std::vector<double> expected{-step, 0, 0, 0, step, 0};
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], expected[i], 1e-6);
}

TEST(CsvTest, ReadsAFile) {
  const Scratch scratch;
  write_bytes(scratch / "table.csv", "a,class\n1,x\n2,y\n");
  EXPECT_EQ(features(datasets::csv(scratch / "table.csv")), (std::vector<double>{1, 2}));
}

TEST(CsvTest, NamesTheAbsolutePathOfAFile) {
  const Scratch scratch;
  const auto message = [](const std::filesystem::path& path) {
    return test::message_of<DataError>([&] { datasets::csv(path); });
  };
  const std::string file = (scratch / "table.csv").string();
  EXPECT_EQ(message(file), "[csv] " + file + ": no such file");
  EXPECT_EQ(message("table.csv"),
            "[csv] " + (std::filesystem::current_path() / "table.csv").string() + ": no such file");
  EXPECT_EQ(message(scratch.path()),
            "[csv] " + scratch.path().string() + ": is not a regular file");
  write_bytes(file, "a,class\n1,x\n2,y,z\n");
  EXPECT_EQ(message(file), "[csv] " + file + ": line 3: expected 2 fields, found 3");
}

TEST(CsvTest, RejectsRowsOfAnotherLength) {
  EXPECT_EQ(complaint("a,b,class\n1,2,x\n1,x\n"),
            "[csv] table: line 3: expected 3 fields, found 2");
  EXPECT_EQ(complaint("a,class\n1,x,\n"), "[csv] table: line 2: expected 2 fields, found 3");
}

TEST(CsvTest, RejectsFeaturesThatAreNotFiniteNumbers) {
  for (const std::string field :
       {"-", "inf", "1x", "-nan", "-inf", "1e999", "0x10", "1,5", "--1", "+-1"}) {
    EXPECT_EQ(complaint("a,class\n\"" + field + "\",x\n"),
              "[csv] table: line 2: expected a finite number in column \"a\", found \"" + field +
                  "\"" + (field == "1,5" ? "; set decimal to ',' if it is the decimal point" : ""));
  }
}

TEST(CsvTest, RejectsNumbersOutsideTheRangeOfScalar) {
  EXPECT_EQ(complaint("a,class\n1e39,x\n"),
            "[csv] table: line 2: expected a finite number in column \"a\", found \"1e39\"");
}

TEST(CsvTest, ErrorsShortenLongFieldsAndReplaceLineEnds) {
  EXPECT_EQ(complaint("a,class\n\"1\ntwo\",x\n"),
            "[csv] table: line 2: expected a finite number in column \"a\", found \"1 two\"");
  EXPECT_EQ(complaint("a,class\n" + std::string(1000, '.') + ",x\n"),
            "[csv] table: line 2: expected a finite number in column \"a\", found \"" +
                std::string(40, '.') + "...\"");
}

TEST(CsvTest, RejectsRowsWithoutAClass) {
  EXPECT_EQ(complaint("a,class\n1,\n"),
            "[csv] table: line 2: expected a class in column \"class\", found nothing");
}

TEST(CsvTest, RejectsAMissingClassColumn) {
  EXPECT_EQ(complaint("a,b,class\n1,2,x\n", {.label = "kind"}),
            "[csv] table: line 1: expected a column \"kind\", found 3 columns from \"a\" to "
            "\"class\"");
}

TEST(CsvTest, RejectsTextWithoutRows) {
  EXPECT_EQ(
      complaint(""),
      "[csv] table: line 1: expected a line of column names or data, found the end of the text");
  EXPECT_EQ(complaint("a,class\n"),
            "[csv] table: line 1: expected at least one row after the column names, found none");
}

TEST(CsvTest, RejectsASingleColumn) {
  EXPECT_EQ(
      complaint("a;class\n1;x\n"),
      "[csv] table: line 1: expected at least one feature column and a class column, found one "
      "column, \"a;class\"; set delimiter if another character separates the fields");
}

TEST(CsvTest, RejectsBrokenQuotes) {
  EXPECT_EQ(complaint("a,class\n1,\"x\n2,y\n"),
            "[csv] table: line 2: expected a closing quote, found the end of the text");
  EXPECT_EQ(complaint("a,class\n1,\"x\"y\n"),
            "[csv] table: line 2: expected a delimiter after the closing quote, found \"y\"");
}

TEST(CsvTest, RejectsQuotesAndLineEndsAsDelimiters) {
  for (const char delimiter : {'"', '\n', '\r'}) {
    EXPECT_EQ(test::message_of<OptionError>([&] { parse("", {.delimiter = delimiter}); }),
              "[csv] delimiter must not be a quote or a line end");
  }
}

}  // namespace
}  // namespace xgrad
