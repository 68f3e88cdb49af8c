// SPDX-License-Identifier: MIT
// Tests that one new row is converted as the training data was.
#include <xgrad/datasets.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <limits>

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

TEST(RowEncoderTest, ASecondScalingTakesTheResultOfTheFirst) {
  const Dataset table = datasets::parse_csv("a,class\n1,x\n3,y\n", "train");
  const RowEncoder encode(Standardizer({1}, {4})(Standardizer({3}, {2})(table)));
  EXPECT_EQ(encode({"9"}), full({1, 1}, Scalar{0.5}));
}

TEST(RowEncoderTest, TheTextOfAnEncoderGivesTheSameBits) {
  const RowEncoder encode(training());
  const RowEncoder read = RowEncoder::from_json(encode.to_json());
  const std::vector<std::string> row{"3", "blue", "0.3"};
  EXPECT_EQ(read(row), encode(row));
  EXPECT_EQ(read({"?", "?", "?"}), encode({"?", "?", "?"}));
  EXPECT_EQ(read.class_names(), encode.class_names());
  EXPECT_EQ(read.to_json(), encode.to_json());
  const RowEncoder digits(datasets::digits(datasets::Split::train));
  EXPECT_EQ(digits.row_shape(), (Shape{1, 8, 8}));
  EXPECT_EQ(RowEncoder::from_json(digits.to_json())(std::vector<std::string>(64, "8")),
            full({1, 1, 8, 8}, Scalar(0.5)));
}

TEST(RowEncoderTest, OnlyUtf8CanBeSaved) {
  const RowEncoder latin_1(
      datasets::parse_csv("colour,size,kind\ngr\xfcn,1,a\nrot,2,b\n", "train"));
  EXPECT_EQ(test::message_of<DataError>([&] { latin_1.to_json(); }),
            "[RowEncoder] the names of columns and classes and the words must be UTF-8 to be "
            "saved; convert the table to UTF-8");
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

TEST(RowEncoderTest, AnArrayOfTheShapeOfARowIsOneRow) {
  Rng rng(0);
  const Dataset images(rng.normal({5, 3, 2, 2}), Labels{0, 1, 0, 1, 0}, 2);
  const RowEncoder encode(Standardizer(images)(images));
  const Array image = rng.normal({3, 2, 2});
  EXPECT_EQ(encode(image).shape(), image.shape());
  Array batch = image;
  batch.reshape({1, 3, 2, 2});
  Array expected = encode(batch);
  expected.reshape(image.shape());
  EXPECT_EQ(encode(image), expected);
}

TEST(RowEncoderTest, RejectsRowsOfNumbersThatTheTrainingDataCannotHave) {
  const RowEncoder scaled(training());
  const RowEncoder plain(datasets::parse_csv("a,b,kind\n1,2,x\n", "train"));
  for (const RowEncoder& encode : {scaled, plain}) {
    const std::string features = std::to_string(encode.row_shape()[0]);
    const auto shape_message = [&](const Array& x) {
      return test::message_of<ShapeError>([&] { encode(x); });
    };
    EXPECT_EQ(shape_message(zeros({3})),
              "[RowEncoder] each row must have " + features + " features, got the shape (3,)");
    EXPECT_EQ(shape_message(zeros({4, 3})),
              "[RowEncoder] each row must have " + features + " features, got the shape (4, 3)");
  }
  EXPECT_EQ(plain(zeros({4, 2})), zeros({4, 2}));
  EXPECT_EQ(plain(zeros({0, 2})).shape(), (Shape{0, 2}));
  const Array x{{1, 2}, {3, std::numeric_limits<Scalar>::quiet_NaN()}};
  EXPECT_EQ(test::message_of<DataError>([&] { plain(x); }),
            "[RowEncoder] row 1, feature 1: expected a finite number, found nan");
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

TEST(RowEncoderTest, RejectsOtherTexts) {
  const auto complaint = [](const std::string& text) {
    const std::string message = test::message_of<DataError>([&] { RowEncoder::from_json(text); });
    const std::string start = "[RowEncoder] the text is not that of an encoder: ";
    EXPECT_TRUE(message.starts_with(start)) << message;
    return message.substr(start.size());
  };
  const std::string whole = RowEncoder(training()).to_json();
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string other = whole;
    return complaint(other.replace(other.find(from), from.size(), to));
  };
  EXPECT_EQ(complaint(""), "it is not a JSON object");
  EXPECT_EQ(complaint("[1]"), "it is not a JSON object");
  EXPECT_EQ(complaint(whole.substr(0, whole.size() / 2)), "it is not a JSON object");
  EXPECT_EQ(changed("{", "{\"scaling\":[],"), "it has the name \"scaling\" twice");
  EXPECT_EQ(changed("\"version\":1", "\"version\":2"), "its version must be 1");
  const std::string disagree = "the numbers of columns, features and means must agree";
  EXPECT_EQ(changed("\"blue\"", "\"blue\",\"grey\""), disagree);
  EXPECT_EQ(changed("\"row_shape\":[4]", "\"row_shape\":[2]"), disagree);
  EXPECT_EQ(changed("\"mean\":[", "\"mean\":[1,"),
            "[Standardizer] a mean and a standard deviation for each column are needed, got 5 and "
            "4");
  for (const char* shape : {"[-4]", "[4.0]", "4", "null"}) {
    EXPECT_TRUE(changed("\"row_shape\":[4]", std::string("\"row_shape\":") + shape)
                    .starts_with("[json.exception.type_error"));
  }
  EXPECT_TRUE(
      changed("\"row_shape\":[4]", "\"row_shape\":[4294967296,4294967296]").starts_with("[shape]"));
}

}  // namespace
}  // namespace xgrad
