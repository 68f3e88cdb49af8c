// SPDX-License-Identifier: MIT
#include <xgrad/autograd/ops.hpp>
#include <xgrad/core/error.hpp>
#include <xgrad/datasets/bundled.hpp>
#include <xgrad/datasets/loader.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <numeric>

namespace xgrad {
namespace {

using datasets::DataLoader;
using datasets::DataLoaderOptions;
using datasets::Dataset;
using datasets::full_batch;
using Order = std::vector<std::size_t>;

// Returns a data set whose row i is (i, -i) and has the label i.
Dataset counting(std::size_t rows) {
  Array x = empty({rows, 2});
  Labels y = Labels::from_shape({rows});
  for (std::size_t i = 0; i < rows; ++i) {
    x(i, 0) = static_cast<Scalar>(i);
    x(i, 1) = -x(i, 0);
    y(i) = static_cast<std::int32_t>(i);
  }
  return Dataset(std::move(x), std::move(y), rows);
}

Order in_order(std::size_t rows) {
  Order order(rows);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

// Returns the row numbers of one epoch in the order of the loader.
Order one_epoch(DataLoader& loader) {
  Order order;
  for (const auto& [x, y] : loader) {
    for (const std::int32_t label : y) order.push_back(static_cast<std::size_t>(label));
  }
  return order;
}

std::vector<std::size_t> batch_sizes(DataLoader& loader) {
  std::vector<std::size_t> sizes;
  for (const auto& [x, y] : loader) {
    EXPECT_EQ(x.shape(), (Shape{y.size(), loader.dataset().features()}));
    sizes.push_back(y.size());
  }
  return sizes;
}

TEST(DataLoaderTest, EachRowComesOncePerEpochInANewOrder) {
  DataLoader loader(counting(100), {.batch_size = 7});
  Order first = one_epoch(loader);
  Order second = one_epoch(loader);
  EXPECT_NE(first, in_order(100));
  EXPECT_NE(first, second);
  std::sort(first.begin(), first.end());
  std::sort(second.begin(), second.end());
  EXPECT_EQ(first, in_order(100));
  EXPECT_EQ(second, in_order(100));
}

TEST(DataLoaderTest, LabelsBelongToTheirRows) {
  DataLoader loader(counting(50), {.batch_size = 8});
  for (auto& [x, y] : loader) {
    for (std::size_t i = 0; i < y.size(); ++i) {
      EXPECT_EQ(x.value()(i, 0), static_cast<Scalar>(y(i)));
      EXPECT_EQ(x.value()(i, 1), static_cast<Scalar>(-y(i)));
    }
  }
}

TEST(DataLoaderTest, TheLastBatchIsShorterUnlessItIsDropped) {
  DataLoader all(counting(10), {.batch_size = 4});
  EXPECT_EQ(all.batches(), 3u);
  EXPECT_EQ(all.rows(), 10u);
  EXPECT_EQ(batch_sizes(all), (std::vector<std::size_t>{4, 4, 2}));
  EXPECT_EQ(batch_sizes(all), (std::vector<std::size_t>{4, 4, 2}));
  DataLoader full_ones(counting(10), {.batch_size = 4, .drop_last = true});
  EXPECT_EQ(full_ones.batches(), 2u);
  EXPECT_EQ(full_ones.rows(), 8u);
  EXPECT_EQ(batch_sizes(full_ones), (std::vector<std::size_t>{4, 4}));
}

TEST(DataLoaderTest, OtherRowsAreDroppedInEachEpoch) {
  DataLoader loader(counting(10), {.batch_size = 6, .drop_last = true});
  Order first = one_epoch(loader);
  Order second = one_epoch(loader);
  EXPECT_EQ(first.size(), 6u);
  std::sort(first.begin(), first.end());
  std::sort(second.begin(), second.end());
  EXPECT_NE(first, second);
}

TEST(DataLoaderTest, WithoutShufflingRowsKeepTheirOrder) {
  DataLoader loader(counting(10), {.batch_size = 3, .shuffle = false});
  EXPECT_EQ(one_epoch(loader), in_order(10));
  EXPECT_EQ(one_epoch(loader), in_order(10));
}

TEST(DataLoaderTest, TheSeedDeterminesTheOrder) {
  const auto order = [](std::uint64_t seed) {
    DataLoader loader(counting(100), {.seed = seed});
    return one_epoch(loader);
  };
  EXPECT_EQ(order(5), order(5));
  EXPECT_NE(order(5), order(6));
}

TEST(DataLoaderTest, TheOrderIsTheSameOnEveryMachine) {
  DataLoader loader(counting(12), {.batch_size = 5, .seed = 7});
  EXPECT_EQ(one_epoch(loader), (Order{11, 6, 5, 10, 3, 7, 8, 4, 2, 0, 1, 9}));
  EXPECT_EQ(one_epoch(loader), (Order{8, 5, 6, 3, 2, 9, 0, 4, 10, 7, 11, 1}));
}

TEST(DataLoaderTest, SetEpochSelectsAnyEpoch) {
  DataLoader loader(counting(60), {.batch_size = 16, .seed = 3});
  std::vector<Order> orders;
  for (int epoch = 0; epoch < 4; ++epoch) orders.push_back(one_epoch(loader));
  EXPECT_EQ(loader.epoch(), 4u);

  DataLoader resumed(counting(60), {.batch_size = 16, .seed = 3});
  resumed.set_epoch(2);
  EXPECT_EQ(one_epoch(resumed), orders[2]);
  EXPECT_EQ(one_epoch(resumed), orders[3]);
  resumed.set_epoch(0);
  EXPECT_EQ(one_epoch(resumed), orders[0]);
}

TEST(DataLoaderTest, ALoopThatIsLeftEarlyCountsAsAnEpoch) {
  DataLoader loader(counting(60), {.batch_size = 16, .seed = 3});
  for (auto& batch : loader) {
    EXPECT_EQ(batch.y.size(), 16u);
    break;
  }
  EXPECT_EQ(loader.epoch(), 1u);
  DataLoader other(counting(60), {.batch_size = 16, .seed = 3});
  other.set_epoch(1);
  EXPECT_EQ(one_epoch(loader), one_epoch(other));
}

TEST(DataLoaderTest, BatchSizeDoesNotChangeTheOrder) {
  DataLoader single(counting(30), {.batch_size = 1});
  DataLoader tens(counting(30), {.batch_size = 10});
  EXPECT_EQ(one_epoch(single), one_epoch(tens));
}

TEST(DataLoaderTest, ATensorKeptAfterItsBatchDoesNotChange) {
  DataLoader loader(counting(6), {.batch_size = 2, .shuffle = false});
  std::vector<Tensor> kept;
  for (auto& [x, y] : loader) kept.push_back(x);
  ASSERT_EQ(kept.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(kept[i].value()(0, 0), static_cast<Scalar>(2 * i));
    EXPECT_EQ(kept[i].value()(1, 0), static_cast<Scalar>(2 * i + 1));
  }
}

TEST(DataLoaderTest, LabelsThatAreKeptOrMovedOutDoNotChange) {
  DataLoader loader(counting(5), {.batch_size = 2, .shuffle = false});
  std::vector<Target> kept;
  for (auto& [x, y] : loader) kept.push_back(std::move(y));
  EXPECT_EQ(kept[0].labels(), (Labels{0, 1}));
  EXPECT_EQ(kept[1].labels(), (Labels{2, 3}));
  EXPECT_EQ(kept[2].labels(), (Labels{4}));
}

TEST(DataLoaderTest, LabelsKeepTheirMemory) {
  DataLoader loader(counting(10), {.batch_size = 4});
  std::vector<const std::int32_t*> first;
  std::vector<const std::int32_t*> second;
  for (auto& [x, y] : loader) first.push_back(y.labels().data());
  for (auto& [x, y] : loader) second.push_back(y.labels().data());
  EXPECT_EQ(first, second);
  EXPECT_EQ(first[0], first[1]);
}

TEST(DataLoaderTest, AFullBatchContainsAllRowsInOrderAndIsBuiltOnce) {
  for (const std::size_t size : {full_batch, std::size_t{10}, std::size_t{11}}) {
    DataLoader loader(counting(10), {.batch_size = size});
    EXPECT_EQ(loader.batches(), 1u);
    const Scalar* memory = nullptr;
    for (int epoch = 0; epoch < 3; ++epoch) {
      for (auto& [x, y] : loader) {
        EXPECT_EQ(x.shape(), (Shape{10, 2}));
        EXPECT_EQ(y.labels(), loader.dataset().labels());
        EXPECT_EQ(x.value()(9, 1), -9);
        if (epoch > 0) {
          EXPECT_EQ(x.value().data(), memory);
        }
        memory = x.value().data();
      }
    }
    EXPECT_EQ(loader.epoch(), 3u);
  }
}

TEST(DataLoaderTest, ChangesToAFullBatchDoNotReachTheNextEpoch) {
  DataLoader loader(counting(3), {.batch_size = full_batch});
  for (auto& [x, y] : loader) {
    x.set_requires_grad(true);
    sum(x).backward();
    x = Tensor();
    y = Labels{7};
  }
  for (auto& [x, y] : loader) {
    EXPECT_EQ(x.size(), 6u);
    EXPECT_FALSE(x.requires_grad());
    EXPECT_EQ(y.labels(), (Labels{0, 1, 2}));
  }
}

TEST(DataLoaderTest, TheDatasetMayBeATemporary) {
  std::size_t rows = 0;
  for (auto& [x, y] : DataLoader(datasets::iris(datasets::Split::train), {.batch_size = 50})) {
    rows += y.size();
  }
  EXPECT_EQ(rows, 120u);
}

TEST(DataLoaderTest, RejectsABatchSizeOfZero) {
  EXPECT_EQ(test::message_of<OptionError>([] { DataLoader(counting(3), {.batch_size = 0}); }),
            "[DataLoader] batch_size must be at least 1, got 0; full_batch puts all rows into one "
            "batch");
}

TEST(DataLoaderTest, RejectsDropLastIfItWouldDropTheOnlyBatch) {
  EXPECT_EQ(test::message_of<OptionError>(
                [] { DataLoader(counting(10), {.batch_size = 11, .drop_last = true}); }),
            "[DataLoader] drop_last leaves no batch: batch_size is 11, the data set has 10 rows");
  DataLoader whole(counting(10), {.batch_size = full_batch, .drop_last = true});
  EXPECT_EQ(batch_sizes(whole), (std::vector<std::size_t>{10}));
}

TEST(DataLoaderTest, ANestedLoopOverTheSameLoaderIsRejected) {
  DataLoader loader(counting(10), {.batch_size = 2});
  const auto nested = [&] {
    for (auto& outer : loader) {
      EXPECT_EQ(outer.y.size(), 2u);
      one_epoch(loader);
    }
  };
  EXPECT_EQ(test::message_of(nested),
            "[DataLoader] a loop must end before another one over the same loader begins; use two "
            "loaders for nested loops");
}

TEST(DataLoaderTest, IteratorsAreInputIterators) {
  static_assert(std::input_iterator<DataLoader::Iterator>);
  static_assert(std::sentinel_for<std::default_sentinel_t, DataLoader::Iterator>);
  DataLoader loader(counting(4), {.batch_size = 2, .shuffle = false});
  DataLoader::Iterator batch = loader.begin();
  EXPECT_EQ(batch->y.labels(), (Labels{0, 1}));
  ++batch;
  EXPECT_EQ(batch->y.labels(), (Labels{2, 3}));
  ++batch;
  EXPECT_TRUE(batch == loader.end());
}

}  // namespace
}  // namespace xgrad
