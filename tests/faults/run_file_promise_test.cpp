// SPDX-License-Identifier: MIT
// A file of compare_optimizers with huge numbers must not make the reader allocate as much.
#include "failing_memory.hpp"

#include "compare_optimizers/study_file.hpp"

#include <gtest/gtest.h>

namespace compare {
namespace {

TEST(PromiseTest, ARunWithHugeNumbersTakesMemoryOnlyForItsData) {
  Record record;
  record.settings.options = {{"lr", 0.1}};
  record.settings.batch_size = std::uint64_t{1} << 32;
  record.settings.hidden = {std::uint64_t{1} << 32, std::uint64_t{1} << 62};
  record.settings.steps = ~std::uint64_t{0};
  seal(record.run);
  const std::string line = to_line(record);
  xgrad::test::largest_request();
  const auto back = parse_record(line);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->settings.hidden, record.settings.hidden);
  EXPECT_LE(xgrad::test::largest_request(), std::size_t{1} << 16);
}

TEST(PromiseTest, ARunOrAStudyNested100000DeepIsRejected) {
  const std::string open(100'000, '['), close(100'000, ']');
  for (const std::string& text :
       {open, open + close,
        "{\"format\":\"xgrad-study\",\"version\":1,\"rules\":" + open + close + "}"}) {
    EXPECT_FALSE(parse_record(text));
    EXPECT_THROW(parse_study(text, "x"), xgrad::DataError);
  }
}

}  // namespace
}  // namespace compare
