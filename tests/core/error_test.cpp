// SPDX-License-Identifier: MIT
#include "support/tensors.hpp"

#include <gtest/gtest.h>
#include <xgrad/core/internal/numbers.hpp>

#include <cmath>
#include <limits>
#include <type_traits>

namespace xgrad {
namespace {

using test::message_of;

using test::kInf;
using test::kNaN;

TEST(ErrorTest, EveryKindIsAnErrorAndARuntimeError) {
  EXPECT_TRUE((std::is_base_of_v<std::runtime_error, Error>));
  EXPECT_TRUE((std::is_base_of_v<Error, ShapeError>));
  EXPECT_TRUE((std::is_base_of_v<Error, DataError>));
  EXPECT_TRUE((std::is_base_of_v<Error, OptionError>));
}

TEST(ErrorTest, AMessageIsOneLineOfLimitedLength) {
  EXPECT_STREQ(Error("[x] found \"a\r\nb\tc\x7F\xC3\xA9\"").what(),
               "[x] found \"a  b c \xC3\xA9\"");
  const std::string longest(10'000, 'x');
  EXPECT_EQ(DataError(longest).what(), longest);
  EXPECT_EQ(DataError(longest + "y").what(), longest.substr(3) + "...");
}

TEST(ErrorTest, FormatNumberIsShortAndReadable) {
  EXPECT_EQ(format_number(0), "0");
  EXPECT_EQ(format_number(0.1), "0.1");
  EXPECT_EQ(format_number(-1), "-1");
  EXPECT_EQ(format_number(1e-8), "1e-08");
  EXPECT_EQ(format_number(123456), "123456");
  EXPECT_EQ(format_number(kInf), "inf");
  EXPECT_EQ(format_number(-kInf), "-inf");
  EXPECT_EQ(format_number(kNaN), "nan");
  EXPECT_EQ(format_number(-kNaN), "nan");
}

TEST(ErrorTest, ParseNumberRestoresWhatFormatExactlyWrote) {
  for (const double x :
       {0.1, 1.0 / 3, 0.1 + 0.2, 5e-324, 1.7976931348623157e308, -0.0, kInf, -kInf}) {
    EXPECT_EQ(std::signbit(parse_number(format_exactly(x))), std::signbit(x));
    EXPECT_EQ(parse_number(format_exactly(x)), x);
  }
  EXPECT_TRUE(std::isnan(parse_number(format_exactly(kNaN))));
  EXPECT_EQ(format_exactly(0.1), "0.1");
  EXPECT_EQ(message_of<DataError>([] { parse_number("1x"); }),
            "[parse_number] the text must be one number, got \"1x\"");
  EXPECT_THROW(parse_number(""), DataError);
}

TEST(ErrorTest, APositiveNumberIsFiniteAndAboveZero) {
  EXPECT_NO_THROW(require_positive("SGD", "lr", 1e-30));
  for (const double bad : {0.0, -1.0, kInf, kNaN}) {
    EXPECT_THROW(require_positive("SGD", "lr", bad), OptionError) << bad;
  }
  EXPECT_EQ(message_of([] { require_positive("SGD", "lr", -1); }),
            "[SGD] lr must be a positive finite number, got -1");
}

TEST(ErrorTest, ANumberThatScalarRoundsOutOfRangeIsRefused) {
  EXPECT_THROW(require_positive("SGD", "lr", 1e300), OptionError);
  EXPECT_THROW(require_positive("SGD", "lr", 1e-300), OptionError);
  EXPECT_THROW(require_non_negative("SGD", "weight_decay", 1e300), OptionError);
  EXPECT_THROW(require_fraction("Adam", "beta2", 1 - 1e-12), OptionError);
}

TEST(ErrorTest, ANonNegativeNumberMayBeZero) {
  EXPECT_NO_THROW(require_non_negative("SGD", "weight_decay", 0));
  for (const double bad : {-1e-300, kInf, kNaN}) {
    EXPECT_THROW(require_non_negative("SGD", "weight_decay", bad), OptionError) << bad;
  }
  EXPECT_EQ(message_of([] { require_non_negative("SGD", "weight_decay", kNaN); }),
            "[SGD] weight_decay must be a finite number of at least 0, got nan");
}

TEST(ErrorTest, AFractionIsBelowOne) {
  EXPECT_NO_THROW(require_fraction("Adam", "beta1", 0));
  EXPECT_NO_THROW(require_fraction("Adam", "beta1", 0.999));
  for (const double bad : {1.0, -0.1, kInf, kNaN}) {
    EXPECT_THROW(require_fraction("Adam", "beta1", bad), OptionError) << bad;
  }
  EXPECT_EQ(message_of([] { require_fraction("Adam", "beta1", 1); }),
            "[Adam] beta1 must be in [0, 1), got 1");
}

}  // namespace
}  // namespace xgrad
