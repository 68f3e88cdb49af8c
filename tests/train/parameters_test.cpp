// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <xgrad/nn.hpp>
#include <xgrad/train.hpp>

#include <cstdint>
#include <cstring>

#include "runs.hpp"
#include "support/safetensors.hpp"
#include "support/scratch.hpp"
#include "support/tensors.hpp"

namespace xgrad {
namespace {

using test::safetensors, test::values_of;

nn::Sequential make_model(std::uint64_t seed) {
  Rng rng(seed);
  return nn::Sequential(nn::Linear(3, 4, rng), nn::ReLU(), nn::Linear(4, 2, rng));
}

/// A model with one parameter "w" of shape (2,).
struct One : nn::Module {
  Tensor w = register_parameter("w", Array{1, 2});
  Tensor forward(const Tensor& x) override { return x * w; }
};

template <class T>
std::string bytes_of(std::initializer_list<T> numbers) {
  return {reinterpret_cast<const char*>(numbers.begin()), numbers.size() * sizeof(T)};
}

TEST(ParametersTest, RoundTripIsBitForBit) {
  const Scratch scratch;
  const nn::Sequential saved = make_model(1);
  nn::Sequential loaded = make_model(2);
  ASSERT_NE(values_of(saved), values_of(loaded));
  train::save_parameters(scratch / "model.safetensors", saved);
  train::load_parameters(scratch / "model.safetensors", loaded);
  EXPECT_EQ(values_of(saved), values_of(loaded));
}

TEST(ParametersTest, FileHasTheSafetensorsLayout) {
  const Scratch scratch;
  const One model;
  train::save_parameters(scratch / "one", model);
  const std::string bytes = read_bytes(scratch / "one");
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  EXPECT_EQ(length % 8, 0u);
  ASSERT_EQ(bytes.size(), 8 + length + 2 * sizeof(Scalar));
  EXPECT_NE(bytes.find(R"("w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})"),
            std::string::npos);
  EXPECT_EQ(bytes.substr(8 + length), bytes_of<float>({1, 2}));
}

TEST(ParametersTest, ShapesAreReadBeforeThereIsAModel) {
  const Scratch scratch;
  train::save_parameters(scratch / "model", make_model(1));
  const std::map<std::string, Shape> expected{
      {"0.weight", {4, 3}}, {"0.bias", {4}}, {"2.weight", {2, 4}}, {"2.bias", {2}}};
  EXPECT_EQ(train::parameter_shapes(scratch / "model"), expected);
}

TEST(ParametersTest, ShapesThatTheFileDoesNotHoldAreRefused) {
  const Scratch scratch;
  for (const char* shape : {"[3]", "[1000000000]", "[4294967296,4294967296]"}) {
    write_bytes(scratch / "w", safetensors(std::string(R"({"w":{"dtype":"F32","shape":)") + shape +
                                               R"(,"data_offsets":[0,8]}})",
                                           bytes_of<float>({1, 2})));
    try {
      train::parameter_shapes(scratch / "w");
      ADD_FAILURE() << shape;
    } catch (const DataError& error) {
      const std::string start = "[parameter_shapes] " + (scratch / "w").string() + ": \"w\"";
      EXPECT_EQ(std::string(error.what()).rfind(start, 0), 0u) << error.what();
    }
  }
}

TEST(ParametersTest, SavingReplacesAFileAndLeavesNothingBeside) {
  const Scratch scratch;
  write_bytes(scratch / "model", "old");
  train::save_parameters(scratch / "model", One());
  EXPECT_GT(read_bytes(scratch / "model").size(), 8u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path()), {}), 1);
}

TEST(ParametersTest, DoublesAreConverted) {
  const Scratch scratch;
  write_bytes(scratch / "f64",
              safetensors(R"({"w":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}})",
                          bytes_of<double>({0.5, -3})));
  One model;
  train::load_parameters(scratch / "f64", model);
  EXPECT_EQ(model.w.value(), (Array{0.5, -3}));
}

TEST(ParametersTest, TheNameThatTheFormatHasTakenIsRefused) {
  struct Taken : nn::Module {
    Tensor w = register_parameter("__metadata__", Array{1, 2});
    Tensor forward(const Tensor& x) override { return x * w; }
  } model;
  const Scratch scratch;
  EXPECT_EQ(test::message_of<DataError>([&] { train::save_parameters(scratch / "file", model); }),
            "[save_parameters] no parameter can be named \"__metadata__\" in a safetensors file");
  EXPECT_FALSE(std::filesystem::exists(scratch / "file"));
}

TEST(ParametersTest, ANameWithLineEndsLeavesTheErrorOneLine) {
  const Scratch scratch;
  write_bytes(scratch / "bad",
              safetensors(R"({"v\n\tw":{"dtype":"I8\n","shape":[0],"data_offsets":[0,0]}})", ""));
  const std::string path = (scratch / "bad").string();
  EXPECT_EQ(test::message_of<DataError>([&] { train::parameter_shapes(path); }),
            "[parameter_shapes] " + path + ": \"v  w\" has dtype I8 ; F32 and F64 can be read");
}

TEST(ParametersTest, ABadFileNamesWhatDiffersAndChangesNothing) {
  const Scratch scratch;
  const std::string path = (scratch / "bad").string();
  const std::string good = bytes_of<float>({5, 6});
  const struct {
    std::string bytes, message;
  } cases[] = {
      {"abc", "not a safetensors file: shorter than 8 bytes"},
      {std::string(8, '\xff'),
       "not a safetensors file, or cut short: the header should take 18446744073709551615 bytes, "
       "the file has 8"},
      {safetensors("[1]", ""), "not a safetensors file: the header is not a JSON object"},
      {safetensors("{", ""), "not a safetensors file: the header is not a JSON object"},
      {safetensors("{}", ""), "the model's \"w\" is not in the file"},
      {safetensors(R"({"w":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}})", good + good),
       "\"w\" has shape (3,), the model's has (2,)"},
      {safetensors(R"({"w":{"dtype":"I8","shape":[2],"data_offsets":[0,2]}})", good),
       "\"w\" has dtype I8; F32 and F64 can be read"},
      {safetensors(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,9]}})", good + good),
       "\"w\" needs 8 bytes, its place has 9"},
      {safetensors(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})", good),
       "cut short: \"w\" ends at byte 12 of the data, the file has 8"},
      {safetensors(R"({"w":{"dtype":"F32","shape":"x","data_offsets":[0,8]}})", good),
       "the header has no valid \"shape\" for \"w\""},
      {safetensors(R"({"w":5})", good), "the header has no valid \"shape\" for \"w\""},
      {safetensors(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", good),
       "\"w\" ends before it begins"},
      {safetensors(R"({"__metadata__":{"format":1}})", good),
       "the header has no valid \"__metadata__\" for \"__metadata__\""},
      {safetensors(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                   R"("v":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}})",
                   good),
       "the file's \"v\" is not in the model"},
  };
  for (const auto& c : cases) {
    One model;
    write_bytes(path, c.bytes);
    try {
      train::load_parameters(path, model);
      FAIL() << c.message;
    } catch (const DataError& error) {
      EXPECT_EQ(error.what(), "[load_parameters] " + path + ": " + c.message);
    }
    EXPECT_EQ(model.w.value(), (Array{1, 2}));
  }
}

TEST(ParametersTest, FilesThatCannotBeReadOrWrittenAreNamed) {
  const Scratch scratch;
  One model;
  const std::string missing = (scratch / "no-folder/model").string();
  try {
    train::load_parameters(missing, model);
    FAIL();
  } catch (const DataError& error) {
    EXPECT_EQ(error.what(), "[load_parameters] " + missing + ": no such file");
  }
  try {
    train::save_parameters(missing, model);
    FAIL();
  } catch (const DataError& error) {
    EXPECT_EQ(error.what(),
              "[save_parameters] " + missing + ": cannot be written: No such file or directory");
  }
  EXPECT_THROW(train::load_parameters(scratch.path(), model), DataError);
  EXPECT_THROW(train::load_parameters("", model), DataError);
  EXPECT_THROW(train::save_parameters("", model), DataError);
}

}  // namespace
}  // namespace xgrad
