// SPDX-License-Identifier: MIT
// Tests the transforms and the balanced sampling of the loader.
#include <support/tensors.hpp>
#include <xgrad/core/threads.hpp>
#include <xgrad/datasets.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace xgrad {
namespace {

using datasets::DataLoader;
using datasets::DataLoaderOptions;
using datasets::Dataset;
using datasets::Transform;

/// Returns `rows` images of 1 x 5 x 7 pixels with different numbers above 0; the label is the row.
Dataset pixels(std::size_t rows) {
  Array x = empty({rows, 1, 5, 7});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<Scalar>(i + 1);
  Labels y = Labels::from_shape({rows});
  for (std::size_t i = 0; i < rows; ++i) y(i) = static_cast<std::int32_t>(i);
  return {std::move(x), std::move(y), rows};
}

/// Returns the images of one epoch by their labels.
std::map<int, std::vector<double>> images_of(DataLoader& loader) {
  std::map<int, std::vector<double>> images;
  for (auto& [x, y] : loader) {
    const std::size_t n = x.size() / y.size();
    for (std::size_t i = 0; i < y.size(); ++i) {
      const Scalar* const first = x.value().data() + i * n;
      images[y(i)] = std::vector<double>(first, first + n);
    }
  }
  return images;
}

TEST(TransformTest, ShiftMovesAnImageByAtMostThatManyPixels) {
  DataLoader loader(pixels(300), {.transform = datasets::shift(2)});
  std::map<std::pair<int, int>, int> counts;
  for (const auto& [label, image] : images_of(loader)) {
    // A pixel that is not 0 tells how far the image was moved.
    const auto at = static_cast<int>(
        std::find_if(image.begin(), image.end(), [](double v) { return v != 0; }) - image.begin());
    const int source = static_cast<int>(image[static_cast<std::size_t>(at)]) - 1 - 35 * label;
    const int down = at / 7 - source / 7, right = at % 7 - source % 7;
    for (int i = 0; i < 5; ++i) {
      for (int j = 0; j < 7; ++j) {
        const int from_i = i - down, from_j = j - right;
        const bool is_inside = from_i >= 0 && from_i < 5 && from_j >= 0 && from_j < 7;
        EXPECT_EQ(image[static_cast<std::size_t>(7 * i + j)],
                  is_inside ? 35 * label + 7 * from_i + from_j + 1 : 0);
      }
    }
    ++counts[{down, right}];
  }
  EXPECT_EQ(counts.size(), 25u);  // all offsets from -2 to 2 in both directions
  EXPECT_EQ(counts.begin()->first, (std::pair{-2, -2}));
  EXPECT_EQ(counts.rbegin()->first, (std::pair{2, 2}));
}

TEST(TransformTest, FlipHorizontalMirrorsHalfOfTheImages) {
  DataLoader loader(pixels(400), {.transform = datasets::transforms::flip_horizontal()});
  int mirrored = 0;
  for (const auto& [label, image] : images_of(loader)) {
    const bool is_mirrored = image[0] == 35 * label + 7;
    mirrored += is_mirrored;
    for (std::size_t i = 0; i < 35; ++i) {
      const std::size_t from = is_mirrored ? i / 7 * 7 + 6 - i % 7 : i;
      EXPECT_EQ(image[i], 35 * label + static_cast<int>(from) + 1);
    }
  }
  EXPECT_NEAR(mirrored, 200, 40);
}

TEST(TransformTest, NormalizeSubtractsTheMeanOfTheChannel) {
  const Dataset data(Array{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}}, Labels{0, 1}, 2);
  const auto numbers = [&](const Transform& transform) {
    DataLoader loader(data, {.batch_size = 2, .shuffle = false, .transform = transform});
    return test::numbers(loader.begin()->x.value());
  };
  EXPECT_EQ(numbers(datasets::normalize(1, 2)),
            (std::vector<double>{0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5}));
  EXPECT_EQ(numbers(datasets::normalize({1, 3}, {1, 2})),
            (std::vector<double>{0, 1, 0, 0.5, 4, 5, 2, 2.5}));
  EXPECT_EQ(test::message_of<ShapeError>([&] {
              numbers(datasets::normalize({1, 2, 3}, {1, 1, 1}));
            }),
            "[normalize] each row must have 3 channels, got the shape (2, 2)");
  EXPECT_EQ(test::message_of<OptionError>([] { datasets::normalize(0, 0); }),
            "[normalize] stddev must be a positive finite number, got 0");
  EXPECT_THROW(datasets::normalize({1, 2}, {1}), OptionError);
}

TEST(TransformTest, AnyFunctionOfARowIsATransform) {
  const auto doubled = [](const Array& x) { return 2 * x; };
  const auto noisy = [](const Array& x, Rng& rng) {
    return Array(x + static_cast<Scalar>(rng.uniform()));
  };
  DataLoader loader(pixels(3), {.transform = {doubled, datasets::normalize(2, 1)}});
  EXPECT_EQ(images_of(loader).at(1)[0], 70);
  DataLoader random(pixels(3), {.transform = noisy});
  const auto first = images_of(random), second = images_of(random);
  EXPECT_NE(first, second);
  random.set_epoch(0);
  EXPECT_EQ(images_of(random), first);
}

TEST(TransformTest, EvaluationNeedsTheStepsWithoutRandomNumbers) {
  const auto same = [](const Array& x) { return x; };
  const auto random = [](const Array& x, Rng&) { return x; };
  const datasets::Transform all{datasets::shift(1), same, datasets::flip_horizontal(),
                                datasets::normalize(0, 1), random};
  EXPECT_EQ(all.name(), "shift(1), function, flip_horizontal, normalize(0 1), function");
  EXPECT_EQ(all.without_random_steps().name(), "function, normalize(0 1)");
}

TEST(TransformTest, ATransformMustKeepTheShapeOfARow) {
  DataLoader loader(pixels(3), {.transform = [](const Array&) { return zeros({5, 7}); }});
  EXPECT_EQ(test::message_of<ShapeError>([&] { loader.begin(); }),
            "[DataLoader] a transform must keep the shape of a row, (1, 5, 7), but it returned (5, "
            "7)");
  EXPECT_EQ(loader.epoch(), 0u);
  DataLoader vectors(Dataset(zeros({2, 4}), Labels{0, 0}, 1), {.transform = datasets::shift(1)});
  EXPECT_EQ(test::message_of<ShapeError>([&] { vectors.begin(); }),
            "[shift] each row must have 2 axes or more, got (4,); Dataset::reshaped turns vectors "
            "into images");
}

TEST(TransformTest, RandomStepsDependOnTheSeedTheEpochAndTheRowOnly) {
  const Transform random{datasets::shift(2), datasets::flip_horizontal()};
  const auto images = [&](DataLoaderOptions options, std::uint64_t epoch) {
    options.transform = random;
    DataLoader loader(pixels(60), options);
    loader.set_epoch(epoch);
    return images_of(loader);
  };
  const auto expected = images({.batch_size = 7, .seed = 4}, 3);
  EXPECT_EQ(images({.batch_size = 16, .shuffle = false, .seed = 4}, 3), expected);
  EXPECT_EQ(images({.batch_size = datasets::full_batch, .seed = 4}, 3), expected);
  EXPECT_NE(images({.batch_size = 7, .seed = 4}, 2), expected);
  EXPECT_NE(images({.batch_size = 7, .seed = 5}, 3), expected);
}

TEST(TransformTest, TheNumberOfThreadsDoesNotChangeTheImages) {
  const auto images = [](int threads) {
    const int before = num_threads();
    set_num_threads(threads);
    DataLoader loader(pixels(4000), {.batch_size = 4000, .transform = datasets::shift(1)});
    const auto result = images_of(loader);
    set_num_threads(before);
    return result;
  };
  EXPECT_EQ(images(1), images(3));
}

TEST(TransformTest, ALoaderResumedInMidEpochGivesTheSameImages) {
  const auto make = [](const Transform& transform) {
    return DataLoader(pixels(20), {.batch_size = 3, .seed = 2, .transform = transform});
  };
  const Transform random{datasets::shift(2), datasets::flip_horizontal()};
  DataLoader whole = make(random), resumed = make(random), other = make(datasets::shift(1));
  const auto expected = images_of(whole);
  datasets::DataLoaderState state;
  std::size_t batches = 0;
  whole.set_epoch(0);
  for ([[maybe_unused]] auto& batch : whole) {
    state = whole.state();
    if (++batches == 3) break;
  }
  resumed.set_state(state);
  const auto rest = images_of(resumed);
  EXPECT_EQ(rest.size(), 11u);
  for (const auto& [label, image] : rest) EXPECT_EQ(image, expected.at(label));
  EXPECT_THROW(other.set_state(state), OptionError);
}

/// Returns how often each class occurs in one epoch.
std::map<int, int> classes_of(DataLoader& loader) {
  std::map<int, int> counts;
  for (auto& [x, y] : loader) {
    for (const std::int32_t label : y) ++counts[label];
  }
  return counts;
}

TEST(BalanceTest, EachClassIsDrawnEquallyOften) {
  Labels y = Labels::from_shape({100});
  Array x = zeros({100, 1});
  for (std::size_t i = 0; i < 100; ++i) {
    y(i) = i < 90 ? 0 : i < 99 ? 1 : 2;  // 90, 9 and 1 rows
    x(i, 0) = static_cast<Scalar>(i);
  }
  const Dataset data(x, y, 3);
  for (const std::size_t size : {std::size_t{8}, datasets::full_batch}) {
    DataLoader loader(data, {.batch_size = size, .balance = true});
    EXPECT_EQ(loader.rows(), 100u);
    EXPECT_EQ(classes_of(loader), (std::map<int, int>{{0, 34}, {1, 33}, {2, 33}}));
    std::map<int, int> rows;
    for (auto& batch : loader) {
      for (const Scalar row : batch.x.value()) ++rows[static_cast<int>(row)];
    }
    for (int row = 90; row < 99; ++row) EXPECT_NEAR(rows[row], 33.0 / 9, 1);
    EXPECT_EQ(rows[99], 33);
    for (int row = 0; row < 90; ++row) EXPECT_LE(rows[row], 1);
  }
}

TEST(BalanceTest, NeedsLabelsShuffleAndARowOfEachClass) {
  const auto message = [](const Dataset& data, DataLoaderOptions options) {
    options.balance = true;
    return test::message_of<Error>([&] { DataLoader(data, options); });
  };
  EXPECT_EQ(message({zeros({2, 1}), Labels{0, 2}, {"a", "b", "c"}}, {}),
            "[DataLoader] balance needs a row of each class, but class \"b\" has none");
  EXPECT_EQ(message({zeros({2, 1}), Array{0, 2}}, {}),
            "[DataLoader] balance needs class labels, but the data set holds targets");
  EXPECT_EQ(message({zeros({1, 1}), Labels{0}, 1}, {.shuffle = false}),
            "[DataLoader] balance needs shuffle to be true");
}

}  // namespace
}  // namespace xgrad
