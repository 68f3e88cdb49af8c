// SPDX-License-Identifier: MIT
// Tests that reading data, or drawing a batch, loses nothing if it runs out of memory.
#include "failing_runs.hpp"

#include <optional>

namespace xgrad::test {
namespace {

class DataFailureTest : public ::testing::TestWithParam<Shortage> {};

TEST_P(DataFailureTest, ATableIsReadCompletelyOrNotAtAll) {
  const std::string text = "a,b,kind\n1,2,\"x\"\n3,4,a long name of a class with many letters\n";
  const Scratch scratch;
  write_bytes(scratch / "table.csv", text);
  std::optional<datasets::Dataset> table;
  const long failures = fail_each_request(
      GetParam(), [&] { table.reset(); },
      [&] { table = datasets::csv(scratch / "table.csv", {.standardize = true}); },
      [&](bool threw) {
        ASSERT_EQ(table.has_value(), !threw);
        if (table) {
          ASSERT_EQ(table->size(), 2u);
        }
      });
  EXPECT_GT(failures, 20);
}

TEST_P(DataFailureTest, AnEncoderIsWrittenAndReadCompletelyOrNotAtAll) {
  const std::string table = "size,colour,kind\n1,red,a long name of a class\n2,blue,b\n";
  const datasets::RowEncoder encode(datasets::parse_csv(table, "table", {.standardize = true}));
  const std::string whole = encode.to_json();
  std::string text;
  const long failures = fail_each_request(
      GetParam(), [&] { text.clear(); },
      [&] { text = datasets::RowEncoder::from_json(encode.to_json()).to_json(); },
      [&](bool threw) { ASSERT_EQ(text, threw ? "" : whole); });
  EXPECT_GT(failures, 50);
}

void expect_a_loader_repeats_the_batch_that_failed(Shortage shortage, const datasets::Dataset& data,
                                                   const datasets::DataLoaderOptions& options) {
  using Seen = std::vector<Scalar>;
  const auto read = [](datasets::DataLoader& loader, Seen& seen) {
    for (auto& [x, y] : loader) seen.push_back(x.value().data()[0] + x.value().data()[5]);
  };
  datasets::DataLoader reference(data, options);
  Seen whole;
  for (int epoch = 0; epoch < 2; ++epoch) read(reference, whole);
  std::optional<datasets::DataLoader> loader;
  Seen seen;
  const long failures = fail_each_request(
      shortage,
      [&] {
        loader.emplace(data, options);
        seen.clear();
        seen.reserve(whole.size());
      },
      [&] {
        for (int epoch = 0; epoch < 2; ++epoch) read(*loader, seen);
      },
      [&](bool threw) {
        if (threw) loader->set_state(loader->state());
        while (seen.size() < whole.size()) read(*loader, seen);
        ASSERT_EQ(seen, whole);
      });
  EXPECT_GT(failures, 5);
}

TEST_P(DataFailureTest, ALoaderRepeatsTheBatchThatFailed) {
  expect_a_loader_repeats_the_batch_that_failed(GetParam(), datasets::iris(datasets::Split::train),
                                                {.batch_size = 16, .seed = 7});
}

TEST_P(DataFailureTest, ALoaderRepeatsTheTransformsOfTheBatchThatFailed) {
  const datasets::Transform augment{
      datasets::shift(2), datasets::flip_horizontal(), datasets::normalize(3, 2),
      [](const Array& x, Rng& rng) { return Array(x + static_cast<Scalar>(rng.uniform())); }};
  expect_a_loader_repeats_the_batch_that_failed(
      GetParam(), datasets::digits(datasets::Split::test).reshaped({1, 8, 8}),
      {.batch_size = 100, .seed = 7, .transform = augment});
}

INSTANTIATE_TEST_SUITE_P(Shortages, DataFailureTest,
                         ::testing::Values(Shortage::once, Shortage::lasting), name_of_shortage);

}  // namespace
}  // namespace xgrad::test
