// SPDX-License-Identifier: MIT
// Tests the JSON reader on text that an untrusted file may contain.
#include <gtest/gtest.h>
#include <xgrad/train/internal/json.hpp>

#include <limits>
#include <string>

namespace xgrad::train {
namespace {

TEST(JsonTest, ACountIsAnIntegerFrom0To64Bits) {
  for (const char* text : {"-1", "-0", "1e300", "1.0", "1e2", "18446744073709551616", "null",
                           "true", "\"1\"", "[1]", "{}"}) {
    EXPECT_THROW(JsonValue::parse(text).get<std::uint64_t>(), JsonError) << text;
    const std::string array = "[0," + std::string(text) + "]";
    EXPECT_THROW(JsonValue::parse(array).get_array<std::uint64_t>(), JsonError) << text;
  }
  EXPECT_EQ(JsonValue::parse("18446744073709551615").get<std::uint64_t>(),
            std::numeric_limits<std::uint64_t>::max());
}

TEST(JsonTest, ANumberIsAFiniteIntegerOrFraction) {
  EXPECT_EQ(JsonValue::parse("-1").get<double>(), -1);
  EXPECT_EQ(JsonValue::parse("1e300").get<double>(), 1e300);
  EXPECT_EQ(JsonValue::parse("18446744073709551616").get<double>(), 0x1p64);
  for (const char* text :
       {"1e999", "NaN", "nan", "Infinity", "-Infinity", "0x10", "+1", "1,", ""}) {
    EXPECT_THROW(JsonValue::parse(text), JsonError) << text;
  }
}

TEST(JsonTest, RejectsDeepNesting) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(JsonValue::parse(nested(16)).text(), nested(16));
  EXPECT_THROW(JsonValue::parse(nested(17)), JsonError);
  EXPECT_THROW(JsonValue::parse(nested(100'000)), JsonError);
  EXPECT_THROW(JsonValue::parse(std::string(100'000, '[')), JsonError);
}

}  // namespace
}  // namespace xgrad::train
