// SPDX-License-Identifier: MIT
// Tests that files restore random nets, runs and histories exactly.
#include "runs.hpp"

#include <support/property.hpp>
#include <support/table.hpp>

#include <bit>
#include <cmath>
#include <limits>

namespace xgrad::test {
namespace {

/// Returns a number with random bits. It may be denormal or infinite, but not NaN.
double any_number(Rng& rng) {
  for (;;) {
    const double x = rng.below(4) == 0 ? rng.uniform(-10, 10) : std::bit_cast<double>(rng.next());
    if (!std::isnan(x)) return x;
  }
}

Array any_numbers(Rng& rng, const Shape& shape) {
  Array x = empty(shape);
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<Scalar>(any_number(rng));
  return x;
}

/// A module with parameters of random shapes and unusual names.
struct RandomNet : nn::Module {
  explicit RandomNet(Rng& rng) {
    const std::vector<std::string> names{"hidden", "a b", "\"quoted\"", "ungew\u00f6hnlich",
                                         "x\\y",   "0"};
    for (std::size_t i = 0, n = between(rng, 1, names.size()); i < n; ++i) {
      register_parameter(names[i], rng.normal(random_shape(rng, 0, 3)));
    }
  }
  Tensor forward(const Tensor& x) override { return x; }
};

TEST(ParametersPropertyTest, EveryBitOfEveryShapeIsRestored) {
  const Scratch scratch;
  for_all(60, [&](Rng& rng) {
    const Rng twin = rng;
    RandomNet saved(rng);
    for (Tensor& p : saved.parameters()) p.assign(any_numbers(rng, p.shape()));
    train::save_parameters(scratch / "net", saved);
    Rng same = twin;
    RandomNet loaded(same);
    train::load_parameters(scratch / "net", loaded);
    EXPECT_TRUE(same_bits(values_of(loaded), values_of(saved)));
  });
}

train::History random_history(Rng& rng) {
  train::History history(between(rng, 0, 5));
  for (train::EpochRecord& epoch : history) {
    epoch = {any_number(rng), any_number(rng), any_number(rng), {}};
    if (coin(rng)) {
      epoch.validation = {any_number(rng), any_number(rng), any_number(rng), between(rng, 1, 1000),
                          any_number(rng)};
    }
  }
  return history;
}

bool same_number(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

void expect_same(const train::History& got, const train::History& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_TRUE(same_number(got[i].train_loss, want[i].train_loss)) << want[i].train_loss;
    EXPECT_TRUE(same_number(got[i].learning_rate, want[i].learning_rate));
    EXPECT_TRUE(same_number(got[i].seconds, want[i].seconds));
    ASSERT_EQ(got[i].validation.has_value(), want[i].validation.has_value());
    if (!want[i].validation) continue;
    EXPECT_TRUE(same_number(got[i].validation->loss, want[i].validation->loss));
    EXPECT_TRUE(same_number(got[i].validation->accuracy, want[i].validation->accuracy));
    EXPECT_TRUE(
        same_number(got[i].validation->accuracy_stderr, want[i].validation->accuracy_stderr));
    EXPECT_EQ(got[i].validation->count, want[i].validation->count);
    EXPECT_TRUE(same_number(got[i].validation->r2, want[i].validation->r2));
  }
}

TEST(HistoryPropertyTest, ATableGivesEveryNumberBackBitForBit) {
  for_all(200, [](Rng& rng) {
    const train::History history = random_history(rng);
    const auto rows = rows_of(train::to_csv(history));
    ASSERT_EQ(rows.size(), history.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const train::EpochRecord& epoch = history[i];
      ASSERT_EQ(rows[i].size(), 9u);
      EXPECT_EQ(rows[i][0], static_cast<double>(i + 1));
      EXPECT_TRUE(same_number(rows[i][1], epoch.train_loss));
      EXPECT_TRUE(same_number(rows[i][2], epoch.learning_rate));
      EXPECT_TRUE(same_number(rows[i][3], epoch.seconds));
      EXPECT_EQ(std::isnan(rows[i][4]), !epoch.validation.has_value());
      EXPECT_EQ(rows[i][7], epoch.validation ? static_cast<double>(epoch.validation->count) : 0);
      if (!epoch.validation) continue;
      EXPECT_TRUE(same_number(rows[i][4], epoch.validation->loss));
      EXPECT_TRUE(same_number(rows[i][5], epoch.validation->accuracy));
      EXPECT_TRUE(same_number(rows[i][6], epoch.validation->accuracy_stderr));
      EXPECT_TRUE(same_number(rows[i][8], epoch.validation->r2));
    }
  });
}

TEST(CheckpointPropertyTest, EveryRunResumesBitForBit) {
  const Scratch scratch;
  for_all(40, [&](Rng& rng) {
    const std::string rule = one_of(rng, optim::names());
    const std::uint64_t stop = rng.below(20), more = between(rng, 1, 10);
    Training whole(rule, rng.below(1000)), resumed(rule, 2000);
    whole.train_to(stop);
    whole.progress.history = random_history(rng);
    whole.progress.seed = rng.next();
    whole.progress.loss_sum = any_number(rng);
    whole.save(scratch / "run");
    resumed.load(scratch / "run");
    expect_same(resumed.progress.history, whole.progress.history);
    EXPECT_EQ(resumed.progress.seed, whole.progress.seed);
    EXPECT_TRUE(same_number(resumed.progress.loss_sum, whole.progress.loss_sum));
    for (Training* run : {&whole, &resumed}) run->train_to(stop + more);
    EXPECT_TRUE(same_bits(values_of(resumed.model), values_of(whole.model))) << rule << " " << stop;
    EXPECT_EQ(resumed.rng.state(), whole.rng.state());
  });
}

}  // namespace
}  // namespace xgrad::test
