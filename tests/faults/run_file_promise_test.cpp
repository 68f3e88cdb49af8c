// SPDX-License-Identifier: MIT
// A run file of compare_optimizers with huge numbers must not make the reader allocate as much.
#include "failing_memory.hpp"

#include "compare_optimizers/run_file.hpp"

#include <gtest/gtest.h>

namespace compare {
namespace {

TEST(PromiseTest, ARunFileWithHugeNumbersTakesMemoryOnlyForItsData) {
  compare::Run run;  // testing::Test has a member Run
  run.settings.options = {{"lr", 0.1}};
  run.settings.batch_size = std::size_t{1} << 32;
  run.settings.hidden = {std::size_t{1} << 32, std::size_t{1} << 62};
  run.settings.budget.steps = ~std::uint64_t{0};
  run.steps = {{std::uint64_t{1} << 62, 1.0}};
  const std::string text = to_json_lines(run);
  xgrad::test::largest_request();
  EXPECT_EQ(parse_run(text, "x").settings.hidden, run.settings.hidden);
  EXPECT_LE(xgrad::test::largest_request(), std::size_t{1} << 16);
}

TEST(PromiseTest, ARunFileNested100000DeepIsRejected) {
  const std::string open(100'000, '['), close(100'000, ']');
  for (const std::string& text : {open, open + close, "{\"stage\":" + open + close + "}"}) {
    EXPECT_THROW(parse_run(text, "x"), xgrad::DataError);
  }
}

}  // namespace
}  // namespace compare
