// SPDX-License-Identifier: MIT
// Tests the options header, decimal, delimiter, classes and like of csv().
#include <xgrad/core/error.hpp>
#include <xgrad/datasets/csv.hpp>
#include <xgrad/datasets/standardizer.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include "csv_tables.hpp"

namespace xgrad {
namespace {

using datasets::CsvOptions;
using datasets::Dataset;
using datasets::Header;
using datasets::Standardizer;
using test::complaint;
using test::features;
using test::labels;
using test::parse;
using test::refusal;
using Names = std::vector<std::string>;
using Numbers = std::vector<double>;

const std::string kRemedy =
    "; set header to yes if this line contains column names, to no if it is data";

struct HeaderCase {
  std::string text;
  std::string label = "";
  std::size_t rows = 0;  // 0: expect an error that suggests the option header
  Names names{};
};

TEST(CsvHeaderTest, TheFirstLineContainsNamesOnlyIfItCannotBeData) {
  const std::vector<HeaderCase> cases{
      {"a,b,class\n1,2,x\n3,4,y\n", "", 2, {"a", "b"}},
      {",a,class\n1,2,x\n3,4,y\n", "", 2, {"", "a"}},        // pandas writes an index like this
      {"RI,Na,class\n1,2,x\n3,4,y\n", "", 2, {"RI", "Na"}},  // Na (sodium) is not a missing value
      {"1x1,1x2,class\n1,2,x\n3,4,y\n", "", 2, {"1x1", "1x2"}},
      {"\"a\nb\",c,7\n1,2,7\n3,4,7\n", "", 2, {"a\nb", "c"}},
      {"0,a\n1,b\n2,a\n", "", 3},
      {"0,1,x\n5.1,3.5,x\n", "", 2},  // consecutive numbers are data, too
      {"5.1,3.5,setosa\n4.9,3,setosa\n", "", 2},
      {"1e-400,x\n1,x\n", "", 2},
      {"1,2,3\n4,5,3\n", "", 2},
      {"1,2,3\n1,5,6\n", "0", 2},  // column 0 contains the classes
      {"x,1\ny,2\nx,3\n", "0", 3},
      {"400,402,label\n1,2,x\n", "label", 1, {"400", "402"}},  // the label option is a name
      {"400,402,label\n1,2,x\n3,4,y\n"},
      {"400,402,label\n1,2,0\n3,4,1\n"},
      {"1990,1991,1992\n1,2,0\n3,4,1\n"},
      {"0,1,class\n5.1,3.5,setosa\n"},
      {"id,2019,class\n1,2,x\n"},
      {"5.1,3.5x,setosa\n4.9,3,setosa\n"},
      {"?,a\n1,b\n2,a\n"},
      {",a\n1,b\n2,a\n"},
      {"1e999,a\n1,b\n2,a\n"},
      {"nan,NA,a\n1,2,a\n"},
      {"N/A,a\n1,a\n"},
      {"-,a\n1,a\n"},
      {"5.1,setosa\n"}};
  for (const HeaderCase& c : cases) {
    SCOPED_TRACE(c.text);
    if (c.rows == 0) {
      const std::string message = complaint(c.text);
      EXPECT_EQ(message.find("[csv] table: line 1: expected "), 0u) << message;
      EXPECT_TRUE(message.ends_with(kRemedy)) << message;
      continue;
    }
    const Dataset data = parse(c.text, {.label = c.label});
    EXPECT_EQ(data.size(), c.rows);
    EXPECT_EQ(data.feature_names(), c.names);
  }
}

TEST(CsvHeaderTest, TheErrorsExplainWhatIsAmbiguous) {
  EXPECT_EQ(
      complaint("\n400,402,label\n1,2,x\n3,4,y\n"),
      "[csv] table: line 2: expected column names, or data with a class that occurs again, found "
      "numbers with the class \"label\"" +
          kRemedy);
  EXPECT_EQ(complaint("id,2019,class\n1,2,x\n"),
            "[csv] table: line 1: expected a line of column names or a line of numbers, found both "
            "\"id\" and \"2019\"" +
                kRemedy);
  EXPECT_EQ(complaint("?,a\n1,b\n2,a\n"),
            "[csv] table: line 1: expected a finite number in column \"0\", found \"?\"" + kRemedy);
}

TEST(CsvHeaderTest, YesAndNoDecideWhetherThereIsAHeader) {
  const Dataset named = parse("400,402,label\n1,2,x\n3,4,y\n", {.header = Header::yes});
  EXPECT_EQ(features(named), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(named.feature_names(), (Names{"400", "402"}));
  EXPECT_EQ(parse("?,a\n1,b\n", {.header = Header::yes}).feature_names(), (Names{"?"}));
  EXPECT_EQ(labels(parse("1,x\n2,y\n", {.header = Header::no})), (std::vector<int>{0, 1}));
  EXPECT_EQ(
      complaint("a,class\n1,x\n", {.header = Header::no}),
      "[csv] table: line 1: expected a finite number in column \"0\", found \"a\"; line 2 has "
      "the number \"1\"; name the column in categorical if both are categories");
  EXPECT_EQ(
      complaint("1,x\n2,y\n", {.label = "kind", .header = Header::no}),
      "[csv] table: line 1: expected a column \"kind\", found 2 columns without names; set label "
      "to the number of the class column, from 0");
  EXPECT_EQ(features(parse("1,5\n2,6\n", {.label = "0", .header = Header::no})), (Numbers{5, 6}));
}

TEST(CsvNumberTest, NumbersTooSmallForADoubleAreZeroAndTooLargeAreRejected) {
  const std::string zeros(400, '0');
  for (const std::string& tiny :
       std::vector<std::string>{"1e-400", "-2.5E-999999999999999999999", "0." + zeros + "1",
                                "1" + zeros + "e-1000", "+.1e-323"}) {
    const Numbers x = features(parse("a,class\n" + tiny + ",x\n"));
    EXPECT_NEAR(x[0], 0, 1e-323) << tiny;
  }
  for (const std::string& large : std::vector<std::string>{"1e400", "-1e999999999999999999999",
                                                           "1" + zeros, "0." + zeros + "1e+1000"}) {
    EXPECT_NE(complaint("a,class\n" + large + ",x\n").find("expected a finite number"),
              std::string::npos)
        << large;
  }
}

TEST(CsvNumberTest, DecimalCommasAreReadIfTheOptionIsSet) {
  const CsvOptions options{.delimiter = ';', .decimal = ','};
  EXPECT_EQ(features(parse("a;b;class\n-1,5;2;x\n+,25;1,5e2;y\n", options)),
            (Numbers{-1.5, 2, 0.25, 150}));
  EXPECT_EQ(features(parse("a,b,class\n\"1.5\",2,x\n", {})), (Numbers{1.5, 2}));
  // The point may be a thousands separator in such a table, so 1.234 could mean 1234.
  EXPECT_EQ(complaint("a;class\n1.234;x\n", options),
            "[csv] table: line 2: expected a finite number in column \"a\", found \"1.234\"; set "
            "decimal to '.' if it is the decimal point");
  EXPECT_EQ(
      complaint("a;class\n1,5;x\n", {.delimiter = ';'}),
      "[csv] table: line 2: expected a finite number in column \"a\", found \"1,5\"; set decimal "
      "to ',' if it is the decimal point");
  EXPECT_EQ(refusal({.decimal = ','}),
            "[csv] decimal and delimiter must differ, got ',' for both; tables with decimal commas "
            "usually have the delimiter ';'");
  EXPECT_EQ(refusal({.decimal = '\''}), "[csv] decimal must be '.' or ',', got '''");
}

TEST(CsvNumberTest, ASpaceAsDelimiterMatchesAnyRunOfSpacesAndTabs) {
  const CsvOptions blanks{.delimiter = ' '};
  const Dataset data = parse("  a \t b   class  \r\n 1    2\t\tx\n\n   \n3 \"4\" \"y z\"", blanks);
  EXPECT_EQ(features(data), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(data.class_names(), (Names{"x", "y z"}));
  EXPECT_EQ(complaint("a b class\n1 2\n", blanks),
            "[csv] table: line 2: expected 3 fields, found 2");
  EXPECT_EQ(complaint("a class\n1 \"x\"y\n", blanks),
            "[csv] table: line 2: expected a delimiter after the closing quote, found \"y\"");
  EXPECT_EQ(
      complaint("a\tb\tclass\n1\t\tx\n", {.delimiter = '\t'}),  // every tab is a delimiter
      "[csv] table: line 2: expected a finite number in column \"b\", found \"\"; set missing to "
      "Missing::mean for the mean of the column");
}

TEST(CsvClassTest, NumbersThatAreNotIntegersAreRejectedAsClasses) {
  const std::string remedy =
      "; classes must be words or whole numbers: set label if they are in another column, targets "
      "= "
      "{\"y\"} if the numbers are to be predicted, or give all classes in classes";
  EXPECT_EQ(
      complaint("a,y\n1,3\n2,0.5\n"),
      "[csv] table: line 3: expected a class in column \"y\", found the number \"0.5\"" + remedy);
  for (const std::string number : {"-1.5", "2.50", "1e-3", "\"0,5\"", "+.1"}) {
    EXPECT_TRUE(complaint("a,y\n1," + number + "\n").ends_with(remedy)) << number;
  }
  for (const std::string name : {"-1", "2.0", "1e3", "v0.5", "0.5.1", "inf", "1e999"}) {
    EXPECT_EQ(parse("a,y\n1," + name + "\n").class_names(), Names{name});
  }
  EXPECT_EQ(labels(parse("a,y\n1,3.9\n2,3.10\n", {.classes = {"3.9", "3.10"}})),
            (std::vector<int>{0, 1}));
}

TEST(CsvClassTest, TheOptionClassesSetsTheLabels) {
  const CsvOptions options{.classes = {"low", "high", "extreme"}};
  const Dataset data = parse("a,class\n1,high\n2,low\n", options);
  EXPECT_EQ(data.class_names(), options.classes);
  EXPECT_EQ(labels(data), (std::vector<int>{1, 0}));
  EXPECT_EQ(complaint("a,class\n1,high\n2,High\n", options),
            "[csv] table: line 3: expected a class of the option classes (\"low\", \"high\", "
            "\"extreme\") in column \"class\", found \"High\"");
  EXPECT_EQ(refusal({.classes = {"x", "y", "x"}}), "[csv] classes must contain each class once");
}

TEST(CsvLikeTest, UsesTheClassesOfTheOtherDataset) {
  const Dataset train = parse("f,kind\n1,a\n2,b\n3,c\n");
  const Dataset test = parse("f,kind\n2,c\n3,b\n", {.like = train});
  EXPECT_EQ(test.class_names(), (Names{"a", "b", "c"}));
  EXPECT_EQ(labels(test), (std::vector<int>{2, 1}));
  EXPECT_EQ(complaint("f,kind\n2,c\n3,d\n", {.like = train}),
            "[csv] table: line 3: expected a class of the data set given as like (\"a\", \"b\", "
            "\"c\") in column \"kind\", found \"d\"");
  EXPECT_EQ(complaint("400,label\n2,c\n", {.like = parse("400,a\n1,a\n")}),
            "[csv] table: line 1: expected a class of the data set given as like (\"a\") in column "
            "\"1\", found \"label\"" +
                kRemedy);
  EXPECT_EQ(refusal({.classes = {"a"}, .like = train}),
            "[csv] like and classes must not be given together; give one");
}

TEST(CsvLikeTest, UsesTheScalingOfTheOtherDataset) {
  const std::string text = "f,g,kind\n1,5,a\n3,5,b\n", other = "f,g,kind\n5,6,b\n2,5,b\n";
  const Numbers expected{3, 0, 0, 0};  // column f has mean 2 and stddev 1; column g is constant
  const CsvOptions standardized{.standardize = true};
  EXPECT_EQ(features(parse(other, {.like = parse(text, standardized)})), expected);
  EXPECT_EQ(features(parse(other, {.standardize = true, .like = parse(text, standardized)})),
            expected);
  const Dataset table = parse(text);
  const Dataset by_hand = Standardizer(table)(table);
  EXPECT_EQ(features(parse(other, {.like = by_hand})), expected);
  const std::size_t row = 0;
  EXPECT_EQ(features(parse(other, {.like = by_hand.subset({&row, 1})})), expected);
  const Dataset twice = Standardizer({1, 0}, {2, 1})(by_hand);
  EXPECT_EQ(features(parse(other, {.like = twice})), (Numbers{1, 0, -0.5, 0}));
  EXPECT_EQ(features(parse(other, {.like = table})), (Numbers{5, 6, 2, 5}));
  EXPECT_EQ(refusal({.standardize = true, .like = table}),
            "[csv] standardize must be false, because the data set given as like is not "
            "standardised");
}

TEST(CsvLikeTest, TheColumnsMustEqualThoseOfTheOtherDataset) {
  const Dataset train = parse("f,g,kind\n1,2,a\n3,4,b\n");
  EXPECT_EQ(
      complaint("f,h,kind\n1,2,a\n", {.like = train}),
      "[csv] table: line 1: expected feature column 1 to be \"g\" as in the data set given as "
      "like, found \"h\"");
  EXPECT_EQ(
      complaint("g,f,kind\n1,2,a\n", {.like = train}),
      "[csv] table: line 1: expected feature column 0 to be \"f\" as in the data set given as "
      "like, found \"g\"");
  EXPECT_EQ(
      complaint("f,kind\n1,a\n", {.like = train}),
      "[csv] table: line 1: expected 2 feature columns as in the data set given as like, found "
      "1; to convert rows without a class or targets, use a RowEncoder");
  EXPECT_EQ(parse("kind,f,g\na,1,2\n", {.label = "kind", .like = train}).size(), 1u);
  EXPECT_EQ(parse("1,2,a\n", {.like = train}).size(), 1u);  // a table without column names
  const Dataset years = parse("1990,1991,kind\n1,2,a\n", {.header = Header::yes});
  // The first line is a header, because it equals the column names of `years`.
  EXPECT_EQ(parse("1990,1991,kind\n3,4,a\n", {.like = years}).size(), 1u);
}

}  // namespace
}  // namespace xgrad
