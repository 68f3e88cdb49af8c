// SPDX-License-Identifier: MIT
// Tests that a training run that runs out of memory can be resumed, and that its callbacks keep
// what they had.
#include "failing_runs.hpp"

#include <optional>
#include <sstream>

namespace xgrad::test {
namespace {

class TrainFailureTest : public ::testing::TestWithParam<Shortage> {};

/// Trains for two epochs with every callback. Resumes from the checkpoint in the folder, if there
/// is one.
void fit_with_everything(Training& run, const std::filesystem::path& folder,
                         std::size_t shards = 0) {
  std::ostringstream lines;
  train::ProgressReport report(lines);
  train::NaNGuard guard;
  train::BestWeights best;
  train::AveragedWeights average(0.9);
  train::EarlyStopping stop;
  train::CsvLog log(folder / "log.csv");
  train::Checkpoint checkpoint(folder / "run", {.steps = 3});
  std::optional<train::Progress> resume;
  if (std::filesystem::exists(folder / "run")) {
    resume = train::load_checkpoint(folder / "run", run.model, *run.optimizer);
  }
  train::fit(run.model, *run.optimizer, run.loader,
             {.epochs = 2,
              .validation = datasets::iris(datasets::Split::test),
              .schedule = run.schedule,
              .clip_norm = 1.0,
              .accumulate = 2,
              .callbacks = {&guard, &report, &best, &average, &stop, &log, &checkpoint},
              .resume = std::move(resume),
              .shards = shards});
}

/// Makes each request of a fit fail, above `all` requests in steps of 1 / `all`.
void expect_a_fit_resumes(Shortage shortage, std::size_t shards, long all) {
  const Scratch reference;
  Training whole("nag");
  fit_with_everything(whole, reference.path(), shards);
  std::optional<Scratch> scratch;
  std::optional<Training> run;
  const long failures = fail_each_request(
      shortage,
      [&] {
        scratch.emplace();
        run.emplace("nag");
      },
      [&] { fit_with_everything(*run, scratch->path(), shards); },
      [&](bool threw) {
        ASSERT_FALSE(run->optimizer->is_evaluating());
        ASSERT_TRUE(run->model.is_training());
        if (threw) {
          run.emplace("nag");
          fit_with_everything(*run, scratch->path(), shards);
        }
        ASSERT_TRUE(same_bits(values_of(run->model), values_of(whole.model)));
      },
      all);
  EXPECT_GT(failures, 2 * all);
}

TEST_P(TrainFailureTest, AFitThatFailsResumesFromItsCheckpoint) {
  expect_a_fit_resumes(GetParam(), 0, 50);
}

TEST_P(TrainFailureTest, AFitOverShardsThatFailsResumesFromItsCheckpoint) {
  expect_a_fit_resumes(GetParam(), 4, 20);
}

/// A run of NAG after two epochs. The second epoch is the better one, but BestWeights has not seen
/// it yet and keeps the weights of the first.
struct Watched {
  Training run{"nag"};
  train::Run state{run.model, *run.optimizer, run.loader};
  train::BestWeights best;
  std::vector<Array> first;
  Watched() {
    run.train_to(3);
    run.optimizer->eval();
    first = values_of(run.model);
    run.optimizer->train();
    state.end_epoch(train::Evaluation{.loss = 2});
    best.on_epoch(state);
    run.train_to(5);
    state.end_epoch(train::Evaluation{.loss = 1});
  }
};

TEST_P(TrainFailureTest, BestWeightsThatFailToCopyKeepTheOldWeightsAndTheMode) {
  std::optional<Watched> watched;
  const long failures = fail_each_request(
      GetParam(), [&] { watched.emplace(); }, [&] { watched->best.on_epoch(watched->state); },
      [&](bool threw) {
        ASSERT_FALSE(watched->run.optimizer->is_evaluating());
        watched->best.restore(watched->run.model, *watched->run.optimizer);
        ASSERT_EQ(same_bits(values_of(watched->run.model), watched->first), threw);
      });
  EXPECT_GT(failures, 10);
}

TEST_P(TrainFailureTest, AveragesThatFailToStartLeaveTheRunWithoutThem) {
  std::optional<Training> run;
  std::optional<train::Run> state;
  train::AveragedWeights average(0.9);
  const long failures = fail_each_request(
      GetParam(),
      [&] {
        run.emplace("nag");
        run->train_to(3);
        state.emplace(train::Run{run->model, *run->optimizer, run->loader});
      },
      [&] { average.on_begin(*state); },
      [&](bool threw) {
        ASSERT_EQ(state->average == nullptr, threw);
        ASSERT_FALSE(run->optimizer->is_evaluating());
      });
  EXPECT_GT(failures, 5);
}

/// A run of NAG with averages of one step, two steps later.
struct Averaged {
  Training run{"nag"};
  train::Run state{run.model, *run.optimizer, run.loader};
  train::AveragedWeights average{0.9};
  std::vector<Array> values, averages;
  Averaged() {
    run.train_to(3);
    average.on_begin(state);
    average.update(*run.optimizer);
    run.train_to(5);
    values = values_of(run.model);
    averages = average.average().values;
  }
};

TEST_P(TrainFailureTest, AveragesThatFailToMoveStayAsTheyWere) {
  Averaged moved;
  moved.average.update(*moved.run.optimizer);
  std::optional<Averaged> averaged;
  const long failures = fail_each_request(
      GetParam(), [&] { averaged.emplace(); },
      [&] { averaged->average.update(*averaged->run.optimizer); },
      [&](bool threw) {
        const train::WeightAverage& found = averaged->average.average();
        ASSERT_EQ(found.steps, threw ? 1u : 2u);
        ASSERT_TRUE(
            same_bits(found.values, threw ? averaged->averages : moved.average.average().values));
        ASSERT_TRUE(same_bits(values_of(averaged->run.model), averaged->values));
      });
  EXPECT_GT(failures, 5);
}

TEST_P(TrainFailureTest, AveragesThatCannotBeRestoredLeaveTheModelAsItWas) {
  std::optional<Averaged> averaged;
  const long failures = fail_each_request(
      GetParam(), [&] { averaged.emplace(); },
      [&] { averaged->average.restore(averaged->run.model, *averaged->run.optimizer); },
      [&](bool threw) {
        ASSERT_EQ(averaged->run.optimizer->is_evaluating(), !threw);
        ASSERT_TRUE(same_bits(values_of(averaged->run.model),
                              threw ? averaged->values : averaged->averages));
      });
  EXPECT_GT(failures, 5);
}

INSTANTIATE_TEST_SUITE_P(Shortages, TrainFailureTest,
                         ::testing::Values(Shortage::once, Shortage::lasting), name_of_shortage);

}  // namespace
}  // namespace xgrad::test
