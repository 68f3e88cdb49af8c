// SPDX-License-Identifier: MIT
// Tests Checkpoint, and NaNGuard, which protects it.
#include "runs.hpp"

#include <cmath>
#include <limits>

namespace xgrad::test {
namespace {

TEST(CheckpointCallbackTest, SavesEveryGivenStepsOrEpochsAndAtTheEnd) {
  const Scratch scratch;
  const auto saved_steps = [&](train::Checkpoint::Every every) {
    Training run("adam");
    std::filesystem::remove(scratch / "run");
    train::Checkpoint checkpoint(scratch / "run", every);
    std::string steps;
    AfterStep look([&](train::Run&) {
      if (!std::filesystem::exists(scratch / "run")) return;
      Training other("adam");
      other.load(scratch / "run");
      const std::string text = std::to_string(other.progress.step) + " ";
      if (!steps.ends_with(" " + text)) steps += (steps.empty() ? " " : "") + text;
    });
    train::fit(run.model, *run.optimizer, run.loader,
               {.epochs = 3, .callbacks = {&checkpoint, &look}});
    Training last("adam");
    last.load(scratch / "run");
    return steps + "end " + std::to_string(last.progress.step) + " " +
           std::to_string(last.progress.epoch);
  };
  EXPECT_EQ(saved_steps({.steps = 10}), " 10 20 end 24 3");
  EXPECT_EQ(saved_steps({.epochs = 1}), " 8 16 end 24 3");
  EXPECT_EQ(saved_steps({.epochs = 2}), " 16 end 24 3");
  EXPECT_EQ(saved_steps({}), "end 24 3");
}

TEST(CheckpointCallbackTest, SavesARunWithoutSteps) {
  const Scratch scratch;
  Training run("adam");
  train::Checkpoint checkpoint(scratch / "run");
  train::fit(run.model, *run.optimizer, run.loader, {.epochs = 0, .callbacks = {&checkpoint}});
  Training loaded("adam", 2);
  loaded.load(scratch / "run");
  EXPECT_TRUE(same_bits(values_of(loaded.model), values_of(run.model)));
}

TEST(CheckpointCallbackTest, ACallbackMayLookAtABatchBetweenTwoEpochs) {
  struct Look : train::Callback {
    void on_epoch(train::Run& run) override { EXPECT_EQ(run.loader.begin()->y.size(), 16u); }
  } look;
  const Scratch scratch;
  Training whole("adam"), first("adam"), resumed("adam", 99);
  train::Checkpoint checkpoint(scratch / "run");
  train::fit(whole.model, *whole.optimizer, whole.loader, {.epochs = 4, .callbacks = {&look}});
  train::fit(first.model, *first.optimizer, first.loader,
             {.epochs = 2, .callbacks = {&look, &checkpoint}});
  train::FitOptions rest{.epochs = 4, .callbacks = {&look}};
  rest.resume = train::load_checkpoint(scratch / "run", resumed.model, *resumed.optimizer);
  train::fit(resumed.model, *resumed.optimizer, resumed.loader, rest);
  EXPECT_TRUE(same_bits(values_of(resumed.model), values_of(whole.model)));
}

TEST(CheckpointCallbackTest, SavesASecondRunOfTheSameCallback) {
  const Scratch scratch;
  train::Checkpoint checkpoint(scratch / "run", {.steps = 1000});
  for (const std::uint64_t seed : {1u, 2u}) {
    Training run("adam", seed), loaded("adam");
    train::fit(run.model, *run.optimizer, run.loader, {.epochs = 1, .callbacks = {&checkpoint}});
    loaded.load(scratch / "run");
    EXPECT_TRUE(same_bits(values_of(loaded.model), values_of(run.model))) << seed;
  }
}

TEST(NaNGuardTest, TheErrorNamesTheStepTheFirstBadTensorAndTheLearningRate) {
  const double inf = std::numeric_limits<double>::infinity();
  Training run("sgd");
  train::NaNGuard guard;
  AfterStep spoil([&](train::Run& r) {
    if (r.progress.step == 3) r.model.parameters()[2].assign(full({3, 6}, Scalar(inf)));
  });
  EXPECT_EQ(message_of([&] {
              train::fit(run.model, *run.optimizer, run.loader, {.callbacks = {&spoil, &guard}});
            }),
            "[NaNGuard] 3.weight is not finite in step 3 (learning rate 0.05); try a lower "
            "learning rate");
}

TEST(NaNGuardTest, NamesTheGradientThatMadeAParameterNan) {
  for (const std::string& rule : optim::names()) {
    Training run(rule);
    train::NaNGuard guard;
    const train::Criterion criterion = [&](const Tensor& output, const Labels& y) {
      const Tensor bias = run.model.parameters()[1];
      const Tensor zero = sum(bias - bias.detach());
      return cross_entropy(output, y) + sqrt(zero * zero);  // 0 / 0 in backward
    };
    const std::string text = message_of([&] {
      train::fit(run.model, *run.optimizer, run.loader,
                 {.criterion = criterion, .callbacks = {&guard}});
    });
    EXPECT_EQ(text,
              "[NaNGuard] the gradient of 0.bias is not finite in step 1 (learning rate 0.05); try "
              "a lower learning rate")
        << rule;
  }
}

TEST(NaNGuardTest, DetectsALossThatIsNotFiniteBeforeTheStep) {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    Training run("adam");
    train::NaNGuard guard;
    const train::Criterion criterion = [&](const Tensor& output, const Labels& y) {
      return cross_entropy(output, y) * static_cast<Scalar>(bad);
    };
    EXPECT_EQ(message_of([&] {
                train::fit(run.model, *run.optimizer, run.loader,
                           {.criterion = criterion, .callbacks = {&guard}});
              }),
              "[NaNGuard] the loss is not finite in step 1 (learning rate 0.05); try a lower "
              "learning rate");
    EXPECT_EQ(run.optimizer->step_count(), 0u);
  }
}

TEST(NaNGuardTest, ANumberWhoseSquareOverflowsIsFinite) {
  Training run("sgd");
  train::NaNGuard guard;
  train::Run seen{run.model, *run.optimizer, run.loader};
  run.model.parameters()[1].assign(full({6}, std::numeric_limits<Scalar>::max()));
  EXPECT_NO_THROW(guard.on_step(seen));
}

TEST(NaNGuardTest, PlacedBeforeACheckpointCallbackItKeepsTheLastGoodCheckpoint) {
  const Scratch scratch;
  Training run("sgd");
  train::NaNGuard guard;
  train::Checkpoint checkpoint(scratch / "run", {.steps = 1});
  AfterStep spoil([&](train::Run& r) {
    if (r.progress.step == 3) r.model.parameters()[1].assign(full({6}, Scalar(std::nan(""))));
  });
  EXPECT_THROW(train::fit(run.model, *run.optimizer, run.loader,
                          {.callbacks = {&spoil, &guard, &checkpoint}}),
               Error);
  Training good("sgd");
  good.load(scratch / "run");
  EXPECT_EQ(good.progress.step, 2u);
}

TEST(CheckpointTest, FitThrowsBeforeTheFirstStepIfAFileCannotBeWritten) {
  const Scratch scratch;
  const std::string folder = scratch.path().string(), missing = folder + "/no/file";
  const auto refusal = [](train::Callback& callback) {
    Training run("adam");
    const std::vector<Array> before = values_of(run.model);
    std::string text = message_of<DataError>(
        [&] { train::fit(run.model, *run.optimizer, run.loader, {.callbacks = {&callback}}); });
    EXPECT_EQ(run.optimizer->step_count(), 0u);
    EXPECT_TRUE(same_bits(values_of(run.model), before));
    return text;
  };
  train::Checkpoint to_folder(folder), to_missing(missing);
  train::CsvLog log_to_folder(folder), log_to_missing(missing);
  const std::string no_file = folder + ": is not a regular file";
  const std::string no_folder = missing + ": cannot be written: No such file or directory";
  EXPECT_EQ(refusal(to_folder), "[Checkpoint] " + no_file);
  EXPECT_EQ(refusal(to_missing), "[Checkpoint] " + no_folder);
  EXPECT_EQ(refusal(log_to_folder), "[CsvLog] " + no_file);
  EXPECT_EQ(refusal(log_to_missing), "[CsvLog] " + no_folder);
}

}  // namespace
}  // namespace xgrad::test
