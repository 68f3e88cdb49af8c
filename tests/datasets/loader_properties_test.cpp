// SPDX-License-Identifier: MIT
// Properties of loaders and splits that hold for every data set, tested on random ones.
#include <support/property.hpp>
#include <support/tensors.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/datasets.hpp>

#include <algorithm>
#include <numeric>

namespace xgrad::test {
namespace {

using datasets::DataLoader;
using datasets::DataLoaderOptions;
using datasets::Dataset;

/// Returns a data set in which the features and the label of each row are its row number.
Dataset counting(std::size_t rows, std::size_t features) {
  Array x = empty({rows, features});
  Labels y = Labels::from_shape({rows});
  for (std::size_t i = 0; i < rows; ++i) {
    y(i) = static_cast<std::int32_t>(i);
    std::fill_n(x.data() + i * features, features, static_cast<Scalar>(i));
  }
  return {std::move(x), std::move(y), rows};
}

DataLoaderOptions random_options(Rng& rng, std::size_t rows) {
  const bool drop_last = coin(rng);
  std::size_t size = between(rng, 1, drop_last ? rows : 2 * rows);
  if (rng.below(8) == 0) size = datasets::full_batch;
  return {.batch_size = size, .shuffle = coin(rng), .seed = rng.next(), .drop_last = drop_last};
}

using Rows = std::vector<std::int32_t>;

/// Returns the rows of the rest of an epoch, batch by batch. Stops after `most` batches.
std::vector<Rows> epoch(DataLoader& loader, std::size_t most = datasets::full_batch) {
  std::vector<Rows> batches;
  if (most == 0) return batches;
  for (auto& [x, y] : loader) {
    batches.emplace_back(y.begin(), y.end());
    EXPECT_EQ(x.shape(), (Shape{y.size(), loader.dataset().features()}));
    for (std::size_t i = 0; i < x.size(); ++i) {
      EXPECT_EQ(x.value().data()[i], static_cast<Scalar>(y(i / loader.dataset().features())));
    }
    if (batches.size() == most) break;
  }
  return batches;
}

Rows sorted_rows(const std::vector<Rows>& batches) {
  Rows rows;
  for (const Rows& batch : batches) rows.insert(rows.end(), batch.begin(), batch.end());
  std::sort(rows.begin(), rows.end());
  return rows;
}

TEST(LoaderPropertyTest, EveryEpochContainsEachRowOnce) {
  for_all(200, [](Rng& rng) {
    const std::size_t size = between(rng, 1, 60);
    const DataLoaderOptions options = random_options(rng, size);
    DataLoader loader(counting(size, between(rng, 1, 5)), options);
    for (int i = 0; i < 3; ++i) {
      const std::vector<Rows> batches = epoch(loader);
      Rows rows = sorted_rows(batches);
      EXPECT_EQ(batches.size(), loader.batches());
      EXPECT_EQ(rows.size(), loader.rows());
      const bool fills = options.drop_last && options.batch_size != datasets::full_batch;
      EXPECT_EQ(rows.size(), fills ? size - size % options.batch_size : size);
      EXPECT_EQ(std::adjacent_find(rows.begin(), rows.end()), rows.end()) << "a row occurs twice";
      for (std::size_t k = 0; k + 1 < batches.size(); ++k) {
        EXPECT_EQ(batches[k].size(), options.batch_size);
      }
      if (!options.shuffle) {
        EXPECT_TRUE(rows.empty() || static_cast<std::size_t>(rows.back()) + 1 == rows.size());
      }
    }
  });
}

TEST(LoaderPropertyTest, AnEpochResumedAfterAnyBatchContainsTheRemainingRows) {
  for_all(200, [](Rng& rng) {
    const std::size_t size = between(rng, 1, 40);
    const Dataset data = counting(size, 1);
    const DataLoaderOptions options = random_options(rng, size);
    DataLoader whole(data, options), stopped(data, options), resumed(data, options);
    const std::uint64_t before = rng.below(3);
    for (std::uint64_t i = 0; i < before; ++i)
      epoch(whole);  // earlier epochs must not affect later ones
    stopped.set_epoch(before);
    const std::vector<Rows> all = epoch(whole);
    std::vector<Rows> parts;
    datasets::DataLoaderState state = stopped.state();
    const std::size_t used = between(rng, 0, all.size());
    if (used > 0) {
      for (auto& batch : stopped) {
        parts.emplace_back(batch.y.begin(), batch.y.end());
        state = stopped.state();
        if (parts.size() == used) break;
      }
    }
    resumed.set_state(state);
    for (Rows& batch : epoch(resumed)) parts.push_back(std::move(batch));
    EXPECT_EQ(parts, all) << "stopped after " << used;
    EXPECT_EQ(epoch(resumed), epoch(whole)) << "the epoch after it";
  });
}

TEST(SplitPropertyTest, EachRowIsOnOneSideAndEachClassKeepsItsProportion) {
  for_all(200, [](Rng& rng) {
    const std::size_t rows = between(rng, 2, 80), classes = between(rng, 1, 5);
    Labels y = Labels::from_shape({rows});
    for (std::int32_t& label : y) label = static_cast<std::int32_t>(rng.below(classes));
    y(1) = y(0);  // a class with two rows
    Array x = counting(rows, 1).gather_all();
    const double fraction = rng.uniform(0.01, 0.99);
    const auto [rest, test] = stratified_split(Dataset(x, y, classes), fraction, rng.next());
    std::vector<double> seen = numbers(rest.gather_all());
    for (const double row : numbers(test.gather_all())) seen.push_back(row);
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(seen, numbers(x));
    for (std::size_t c = 0; c < classes; ++c) {
      const auto label = static_cast<std::int32_t>(c);
      const auto n = std::count(y.begin(), y.end(), label);
      const auto in_test = std::count(test.labels().begin(), test.labels().end(), label);
      EXPECT_NEAR(static_cast<double>(in_test), fraction * static_cast<double>(n),
                  n > 1 ? 1 : 0.99);
      if (n > 1) {
        EXPECT_TRUE(in_test >= 1 && in_test < n) << in_test << " of " << n;
      }
    }
  });
}

TEST(CsvPropertyTest, NumbersWrittenWithAllDigitsAreRestoredExactly) {
  for_all(100, [](Rng& rng) {
    const std::size_t rows = between(rng, 1, 20), features = between(rng, 1, 6);
    const char delimiter = one_of<char>(rng, {',', ';', '\t'});
    Array x = empty({rows, features});
    std::string text;
    for (std::size_t j = 0; j < features; ++j) text += "x" + std::to_string(j) + delimiter;
    text += "class\n";
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < features; ++j) {
        const double value = std::ldexp(rng.uniform(-1, 1), static_cast<int>(rng.below(160)) - 80);
        x(i, j) = static_cast<Scalar>(value);
        text += format_exactly(static_cast<double>(x(i, j))) + delimiter;
      }
      text += "c" + std::to_string(rng.below(3)) + (coin(rng) ? "\n" : "\r\n");
    }
    const Dataset data = datasets::parse_csv(text, "memory", {.delimiter = delimiter});
    EXPECT_EQ(numbers(data.gather_all()), numbers(x)) << text;
  });
}

}  // namespace
}  // namespace xgrad::test
