// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <xgrad/nn.hpp>
#include <xgrad/train.hpp>

#include <cmath>
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
  Parameter w = register_parameter("w", Array{1, 2});
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

TEST(ParametersTest, ShapesCanBeReadWithoutAModel) {
  const Scratch scratch;
  train::save_parameters(scratch / "model", make_model(1));
  const std::map<std::string, Shape> expected{
      {"0.weight", {4, 3}}, {"0.bias", {4}}, {"2.weight", {2, 4}}, {"2.bias", {2}}};
  EXPECT_EQ(train::parameter_shapes(scratch / "model"), expected);
}

TEST(ParametersTest, ShapesThatDoNotFitTheFileAreRejected) {
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

TEST(ParametersTest, SavingReplacesAFileAndLeavesNoOtherFile) {
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

TEST(ParametersTest, ANameReservedByTheFormatIsRejected) {
  struct Taken : nn::Module {
    Parameter w = register_parameter("__metadata__", Array{1, 2});
    Tensor forward(const Tensor& x) override { return x * w; }
  } model;
  const Scratch scratch;
  EXPECT_EQ(test::message_of<DataError>([&] { train::save_parameters(scratch / "file", model); }),
            "[save_parameters] no parameter can be named \"__metadata__\" in a safetensors file");
  EXPECT_FALSE(std::filesystem::exists(scratch / "file"));
}

TEST(ParametersTest, TheErrorIsOneLineEvenIfANameContainsLineEnds) {
  const Scratch scratch;
  write_bytes(scratch / "bad",
              safetensors(R"({"v\n\tw":{"dtype":"I8\n","shape":[0],"data_offsets":[0,0]}})", ""));
  const std::string path = (scratch / "bad").string();
  EXPECT_EQ(test::message_of<DataError>([&] { train::parameter_shapes(path); }),
            "[parameter_shapes] " + path + ": \"v  w\" has dtype I8 ; F32 and F64 can be read");
}

TEST(ParametersTest, TheErrorForABadFileNamesTheDifferenceAndNothingChanges) {
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
      {safetensors(R"({"w":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}})",
                   good + good.substr(4)),
       "\"w\" has shape (3,), the model's has (2,)"},
      {safetensors(R"({"w":{"dtype":"I8","shape":[2],"data_offsets":[0,2]}})", good.substr(0, 2)),
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
                   R"("v":{"dtype":"I8","shape":[8],"data_offsets":[8,16]}})",
                   good + good),
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

/// Returns the entry of one tensor in a header.
std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" +
         offsets + "}";
}

/// The reference implementation in Rust rejects these files, too, and names the same tensors
/// (InvalidOffset, MetadataIncompleteBuffer, TensorInvalidInfo, MisalignedSlice,
/// InvalidHeaderDeserialization). However, it accepts a repeated name and a space before the
/// header, although the description of the format forbids them.
TEST(ParametersTest, TheErrorForAForbiddenFileNamesTheTensor) {
  const Scratch scratch;
  const std::string path = (scratch / "bad").string();
  const std::string w = entry("w", "F32", "[2]", "[0,8]");
  const struct {
    std::string header;
    std::size_t data;
    std::string message;
  } cases[] = {
      {"{" + w + "}", 9, R"(the last tensor "w" ends at byte 8 of the data, the file has 9)"},
      {"{}", 1, "the last tensor ends at byte 0 of the data, the file has 1"},
      {"{" + entry("w", "F32", "[2]", "[4,12]") + "}", 12,
       R"("w" begins at byte 4 of the data, the tensor before it ends at byte 0)"},
      {"{" + w + "," + entry("v", "F32", "[1]", "[12,16]") + "}", 16,
       R"("v" begins at byte 12 of the data, the tensor before it ends at byte 8)"},
      {"{" + entry("v", "F32", "[2]", "[4,12]") + "," + w + "}", 12,
       R"("v" begins at byte 4 of the data, the tensor before it ends at byte 8)"},
      {"{" + w + "," + entry("v", "F32", "[2]", "[0,8]") + "}", 8,
       R"("w" begins at byte 0 of the data, the tensor before it ends at byte 8)"},
      {"{" + w + "," + entry("v", "F32", "[0]", "[4,4]") + "}", 8,
       R"("v" begins at byte 4 of the data, the tensor before it ends at byte 8)"},
      {"{" + w + "," + entry("v", "BF16", "[3]", "[8,12]") + "}", 12,
       R"("v" needs 6 bytes, its place has 4)"},
      {"{" + w + "," + entry("v", "F4", "[3]", "[8,10]") + "}", 10,
       R"("v" needs 2 bytes, its place has 2)"},
      {"{" + w + "," + entry("v", "F33", "[1]", "[8,12]") + "}", 12,
       R"("v" has dtype F33; F32 and F64 can be read)"},
      {"{" + w + "," + w + "}", 8, R"(not a safetensors file: the header has the name "w" twice)"},
      {R"({"__metadata__":{"a":"b","a":"c"},)" + w + "}", 8,
       R"(not a safetensors file: "__metadata__" has the name "a" twice)"},
      {R"({"w":{"dtype":"F64","dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8,
       R"(not a safetensors file: "w" has the name "dtype" twice)"},
      {" {" + w + "}", 8, "not a safetensors file: the header is not a JSON object"},
      {"{" + w + "}" + std::string(3, '\0'), 8,
       "not a safetensors file: the header is not a JSON object"},
      {R"({"a":{"b":{"c":1}},"d":[{"e":1,"e":2}]})", 0,
       R"(not a safetensors file: "d" has the name "e" twice)"},
      {"{" + w + "}{}", 8, "not a safetensors file: the header is not a JSON object"},
  };
  for (const auto& c : cases) {
    One model;
    write_bytes(path, safetensors(c.header, std::string(c.data, '\0')));
    EXPECT_EQ(test::message_of<DataError>([&] { train::load_parameters(path, model); }),
              "[load_parameters] " + path + ": " + c.message);
    EXPECT_EQ(model.w.value(), (Array{1, 2}));
  }
}

TEST(ParametersTest, OnlyWholeNumbersFrom0To64BitsAreSizes) {
  const Scratch scratch;
  const auto error_of = [&](const std::string& shape, const std::string& offsets) {
    write_bytes(scratch / "bad",
                safetensors("{" + entry("w", "F32", shape, offsets) + "}", "data"));
    const std::string message =
        test::message_of<DataError>([&] { train::parameter_shapes(scratch / "bad"); });
    return message.substr(message.find(": ") + 2);
  };
  for (const std::string bad : {"-1", "-0", "1e300", "1.0", "1e2", "18446744073709551616", "null",
                                "true", "\"1\"", "[1]", "{}"}) {
    EXPECT_EQ(error_of("[1," + bad + "]", "[0,4]"), "the header has no valid \"shape\" for \"w\"");
    EXPECT_EQ(error_of("[1]", "[0," + bad + "]"),
              "the header has no valid \"data_offsets\" for \"w\"");
  }
  EXPECT_EQ(error_of("[1]", "[0,4,4]"), "the header has no valid \"data_offsets\" for \"w\"");
  EXPECT_EQ(error_of("[1]", "[0,18446744073709551615]"),
            "cut short: \"w\" ends at byte 18446744073709551615 of the data, the file has 4");
  for (const std::string bad :
       {"1e999", "NaN", "nan", "Infinity", "-Infinity", "0x10", "+1", "1,", ""}) {
    EXPECT_EQ(error_of("[1," + bad + "]", "[0,4]"),
              "not a safetensors file: the header is not a JSON object");
  }
}

TEST(ParametersTest, AHeaderMayBeNested16LevelsDeep) {
  const Scratch scratch;
  const auto write = [&](std::size_t depth) {
    write_bytes(scratch / "file",
                safetensors(R"({"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"extra":)" +
                                std::string(depth - 2, '[') + std::string(depth - 2, ']') + "}}",
                            ""));
  };
  write(16);
  EXPECT_EQ(train::parameter_shapes(scratch / "file").at("w"), (Shape{0}));
  for (const std::size_t depth : {17u, 100'000u}) {
    write(depth);
    EXPECT_EQ(test::message_of<DataError>([&] { train::parameter_shapes(scratch / "file"); }),
              "[parameter_shapes] " + (scratch / "file").string() +
                  ": not a safetensors file: the header is nested more than 16 levels deep");
  }
}

TEST(ParametersTest, FilesThatTheFormatPermitsAreRead) {
  struct Three : nn::Module {
    Tensor none = register_parameter("none", zeros({0, 3}));
    Tensor one = register_parameter("one", Array(7));
    Tensor w = register_parameter("w", Array{1, 2});
    Tensor forward(const Tensor& x) override { return x; }
  } model;
  const Scratch scratch;
  // Tensors may be in any order, empty or scalars. The metadata may be null, entries may have
  // unknown members, and spaces may follow the header.
  const std::string header =
      R"({"w":{"shape":[2],"extra":[{}],"data_offsets":[4,12],"dtype":"F32"},)"
      R"("__metadata__":null,)" +
      entry("one", "F32", "[]", "[0,4]") + "," + entry("none", "F32", "[0,3]", "[12,12]") + "}    ";
  write_bytes(scratch / "file", safetensors(header, bytes_of<float>({3, 5, 6})));
  train::load_parameters(scratch / "file", model);
  EXPECT_EQ(model.one.item(), 3);
  EXPECT_EQ(model.w.value(), (Array{5, 6}));
  EXPECT_EQ(train::parameter_shapes(scratch / "file").at("none"), (Shape{0, 3}));
}

TEST(ParametersTest, ADoubleThatIsTooLargeForAFloatIsRejected) {
  const Scratch scratch;
  const auto write = [&](double first, double second) {
    write_bytes(scratch / "f64", safetensors("{" + entry("w", "F64", "[2]", "[0,16]") + "}",
                                             bytes_of<double>({first, second})));
  };
  const std::string path = (scratch / "f64").string();
  // The largest float is (2 - 2^-23) * 2^127. A number that is larger by at least half a step
  // rounds to infinity.
  const double too_large = 0x1.ffffffp127;
  for (const auto& [value, text] : {std::pair(1e300, "1e+300"), std::pair(-1e300, "-1e+300"),
                                    std::pair(too_large, "3.40282e+38")}) {
    One model;
    write(1, value);
    const std::string rest = path + ": \"w\" contains " + text + ", which is too large for F32";
    EXPECT_EQ(test::message_of<DataError>([&] { train::load_parameters(path, model); }),
              "[load_parameters] " + rest);
    EXPECT_EQ(test::message_of<DataError>([&] { train::parameter_shapes(path); }),
              "[parameter_shapes] " + rest);
    EXPECT_EQ(model.w.value(), (Array{1, 2}));
  }
  One model;
  write(std::nextafter(too_large, 0), -INFINITY);
  train::load_parameters(path, model);
  EXPECT_EQ(model.w.value(), (Array{Scalar(0x1.fffffep127), -INFINITY}));
}

TEST(ParametersTest, TheErrorNamesAFileThatCannotBeReadOrWritten) {
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
