// SPDX-License-Identifier: MIT
// Tests that a loader can resume in the middle of an epoch.
#include <support/tensors.hpp>
#include <xgrad/datasets.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace xgrad {
namespace {

using datasets::DataLoader;
using datasets::DataLoaderState;

/// Returns a data set of ten rows whose labels are the row numbers.
datasets::Dataset counting() {
  Labels y = Labels::from_shape({10});
  for (std::size_t i = 0; i < 10; ++i) y(i) = static_cast<std::int32_t>(i);
  return {ones({10, 2}), y, 10};
}

DataLoader make() { return DataLoader(counting(), {.batch_size = 4, .seed = 5}); }

/// Returns the batches of `loops` loops over the loader.
std::vector<Labels> batches_of(DataLoader& loader, int loops) {
  std::vector<Labels> result;
  for (int i = 0; i < loops; ++i) {
    for (auto& batch : loader) result.push_back(batch.y);
  }
  return result;
}

TEST(LoaderStateTest, AResumedLoaderGivesTheBatchesOfAnUninterruptedOne) {
  DataLoader whole = make();
  const std::vector<Labels> all = batches_of(whole, 3);
  for (std::size_t used = 1; used <= 9; ++used) {
    DataLoader stopped = make();
    DataLoaderState state;
    std::size_t count = 0;
    while (count < used) {
      for ([[maybe_unused]] auto& batch : stopped) {
        state = stopped.state();
        if (++count == used) break;
      }
    }
    DataLoader resumed = make();
    resumed.set_state(state);
    EXPECT_EQ(resumed.state().batch, state.batch);
    const std::vector<Labels> rest =
        batches_of(resumed, 3 - static_cast<int>(resumed.state().epoch));
    EXPECT_EQ(rest, std::vector<Labels>(all.begin() + static_cast<std::ptrdiff_t>(used), all.end()))
        << used;
  }
}

TEST(LoaderStateTest, TheStateDiffersDuringAndAfterTheLastBatch) {
  DataLoader loader = make();
  EXPECT_EQ(loader.state().batch, 0u);
  std::vector<std::uint64_t> batches;
  for ([[maybe_unused]] auto& batch : loader) {
    batches.push_back(loader.state().batch);
    EXPECT_EQ(loader.state().epoch, 0u);
  }
  EXPECT_EQ(batches, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(loader.state().epoch, 1u);
  EXPECT_EQ(loader.state().batch, 0u);
}

TEST(LoaderStateTest, ResumingAfterTheLastBatchGivesNoMoreBatchesInThatEpoch) {
  DataLoader loader = make();
  DataLoaderState state = loader.state();
  state.batch = 3;
  loader.set_state(state);
  EXPECT_TRUE(batches_of(loader, 1).empty());
  EXPECT_EQ(loader.state().epoch, 1u);
  EXPECT_EQ(loader.state().batch, 0u) << "the epoch that only ended has no batch";
  EXPECT_EQ(batches_of(loader, 1).size(), 3u);
}

TEST(LoaderStateTest, SetEpochStartsAtTheFirstBatch) {
  DataLoader loader = make();
  DataLoaderState state = loader.state();
  state.batch = 2;
  loader.set_state(state);
  loader.set_epoch(0);
  EXPECT_EQ(batches_of(loader, 1).size(), 3u);
}

TEST(LoaderStateTest, SetEpochAfterALoopThatWasLeftStartsAtTheFirstBatch) {
  DataLoader loader = make();
  for ([[maybe_unused]] auto& batch : loader) break;
  EXPECT_EQ(loader.state().batch, 1u);
  loader.set_epoch(3);
  EXPECT_EQ(loader.state().epoch, 3u);
  EXPECT_EQ(loader.state().batch, 0u);
}

TEST(LoaderStateTest, AfterALoopThatWasLeftTheNextLoopStartsTheNextEpoch) {
  DataLoader loader = make();
  EXPECT_EQ(loader.begin()->y.size(), 4u);
  EXPECT_EQ(loader.state().batch, 1u);
  EXPECT_EQ(loader.next_loop().epoch, 1u);
  EXPECT_EQ(loader.next_loop().batch, 0u);
  loader.set_state(loader.state());
  EXPECT_EQ(loader.next_loop().epoch, 0u);
  EXPECT_EQ(loader.next_loop().batch, 1u);
}

TEST(LoaderStateTest, ResumesAfterAFullBatch) {
  DataLoader loader(counting(), {.batch_size = datasets::full_batch});
  DataLoaderState state;
  for ([[maybe_unused]] auto& batch : loader) state = loader.state();
  EXPECT_EQ(state.batch, 1u);
  loader.set_state(state);
  EXPECT_TRUE(batches_of(loader, 1).empty());
  EXPECT_EQ(batches_of(loader, 1).size(), 1u);
}

TEST(LoaderStateTest, RejectsTheStateOfAnotherLoaderAndKeepsItsOwn) {
  const datasets::Dataset data = counting();
  DataLoader loader = make();
  batches_of(loader, 2);
  const std::vector<std::size_t> few{0, 1, 2, 3};
  const DataLoader others[] = {DataLoader(data, {.batch_size = 5, .seed = 5}),
                               DataLoader(data, {.batch_size = 4, .seed = 6}),
                               DataLoader(data, {.batch_size = 4, .shuffle = false, .seed = 5}),
                               DataLoader(data, {.batch_size = 4, .seed = 5, .drop_last = true}),
                               DataLoader(data.subset(few), {.batch_size = 4, .seed = 5})};
  for (const DataLoader& other : others) {
    EXPECT_THROW(loader.set_state(other.state()), OptionError) << other.state().loader;
    EXPECT_EQ(loader.epoch(), 2u);
  }
  EXPECT_EQ(test::message_of<OptionError>([&] { loader.set_state(others[0].state()); }),
            "[DataLoader] the state must come from a loader with batch_size 4, shuffle 1, seed 5, "
            "drop_last 0 over 10 rows, but it comes from one with batch_size 5, shuffle 1, seed 5, "
            "drop_last 0 over 10 rows");
  DataLoaderState beyond = loader.state();
  beyond.batch = 4;
  EXPECT_THROW(loader.set_state(beyond), OptionError);
}

TEST(LoaderStateTest, SetStateEndsTheCurrentLoop) {
  DataLoader loader = make();
  EXPECT_EQ(test::message_of([&] {
              for ([[maybe_unused]] auto& batch : loader) loader.set_state(loader.state());
            }).substr(0, 40),
            "[DataLoader] a loop must end before anot");
}

}  // namespace
}  // namespace xgrad
