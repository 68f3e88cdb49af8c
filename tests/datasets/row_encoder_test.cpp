// SPDX-License-Identifier: MIT
// Tests that one new row is converted as the training data was.
#include <xgrad/datasets.hpp>

#include <support/scratch.hpp>
#include <support/tensors.hpp>

#include <gtest/gtest.h>

namespace xgrad {
namespace {

using datasets::Dataset;
using datasets::RowEncoder;
using datasets::Standardizer;

const std::string kHeader = "size,colour,weight,kind\n";

Dataset training() {
  return datasets::parse_csv(kHeader + "1,red,0.1,a\n2,blue,?,b\n4,red,0.7,a\n", "train",
                             {.standardize = true, .missing = datasets::Missing::mean});
}

TEST(RowEncoderTest, GivesTheSameBitsAsATableReadLikeTheTrainingData) {
  const RowEncoder encode(training());
  for (const std::vector<std::string>& row : std::vector<std::vector<std::string>>{
           {"3", "blue", "0.3"}, {"1e2", "red", "-1"}, {"?", "", "NA"}}) {
    const std::string text = kHeader + row[0] + "," + row[1] + "," + row[2] + ",a\n";
    const Dataset expected = datasets::parse_csv(text, "row", {.like = training()});
    EXPECT_EQ(encode(row), expected.gather_all());
  }
  EXPECT_EQ(encode.class_names(), (std::vector<std::string>{"a", "b"}));
}

TEST(RowEncoderTest, ASavedEncoderGivesTheSameBits) {
  const Scratch scratch;
  const RowEncoder encode(training());
  encode.save(scratch / "inputs.json");
  const RowEncoder loaded = RowEncoder::load(scratch / "inputs.json");
  const std::vector<std::string> row{"3", "blue", "0.3"};
  EXPECT_EQ(loaded(row), encode(row));
  EXPECT_EQ(loaded({"?", "?", "?"}), encode({"?", "?", "?"}));
  EXPECT_EQ(loaded.class_names(), encode.class_names());
  const RowEncoder digits(datasets::digits(datasets::Split::train));
  digits.save(scratch / "digits.json");
  EXPECT_EQ(RowEncoder::load(scratch / "digits.json")(std::vector<std::string>(64, "8")),
            full({1, 1, 8, 8}, Scalar(0.5)));
}

TEST(RowEncoderTest, StandardizesRowsOfNumbers) {
  const Dataset table = datasets::iris(datasets::Split::train);
  const RowEncoder encode(table);
  const Standardizer& standardize = table.scaling()[0];
  const Array row{5, 3, 4, 1};
  EXPECT_EQ(encode(row), standardize(row));
  for (std::size_t j = 0; j < 4; ++j) {
    EXPECT_NEAR(encode(row)(j), (row(j) - standardize.mean()[j]) / standardize.stddev()[j], 1e-6);
  }
  EXPECT_EQ(standardize(zeros({2, 4})).shape(), (Shape{2, 4}));
  EXPECT_EQ(test::message_of<ShapeError>([&] {
              standardize(zeros({2, 3}));
            }),
            "[Standardizer] each row must have 4 features, got the shape (2, 3)");
}

TEST(RowEncoderTest, TheErrorNamesTheColumn) {
  const RowEncoder encode(training());
  const auto message = [&](const std::vector<std::string>& row) {
    return test::message_of<Error>([&] { encode(row); });
  };
  EXPECT_EQ(message({"3", "green", "1"}),
            "[RowEncoder] column \"colour\": expected one of \"blue\", \"red\", found \"green\"");
  EXPECT_EQ(message({"large", "red", "1"}),
            "[RowEncoder] column \"size\": expected a finite number, found \"large\"");
  EXPECT_EQ(message({"3", "red"}), "[RowEncoder] a row must have 3 fields, got 2");
  const RowEncoder strict(datasets::parse_csv("a,b,kind\n1,2,x\n", "train"));
  EXPECT_EQ(test::message_of<DataError>([&] {
              strict({"1", "?"});
            }),
            "[RowEncoder] column \"b\": expected a value, found \"?\"");
}

TEST(RowEncoderTest, RejectsOtherFiles) {
  const Scratch scratch;
  RowEncoder(training()).save(scratch / "whole");
  const std::string whole = read_bytes(scratch / "whole");
  const auto complaint = [&](const std::string& text) {
    write_bytes(scratch / "file", text);
    return test::message_of<DataError>([&] { RowEncoder::load(scratch / "file"); });
  };
  const std::string start = "[RowEncoder] " + (scratch / "file").string() + ": ";
  EXPECT_TRUE(complaint("").starts_with(start + "is not a file of RowEncoder::save: "));
  EXPECT_TRUE(complaint("[1]").starts_with(start + "is not a file of RowEncoder::save: "));
  EXPECT_TRUE(complaint(whole.substr(0, whole.size() / 2)).starts_with(start));
  std::string other = whole;
  other.replace(other.find("\"blue\""), 6, "\"blue\", \"grey\"");
  EXPECT_EQ(complaint(other), start + "the numbers of columns, features and means must agree");
}

}  // namespace
}  // namespace xgrad
