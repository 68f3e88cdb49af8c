// SPDX-License-Identifier: MIT
// Tests the averages of the weights in validation, in files and in resumed runs.
#include "runs.hpp"

namespace xgrad::test {
namespace {

/// Trains for three epochs with averages.
train::History fit_averaged(Training& run, train::AveragedWeights& average,
                            std::vector<train::Callback*> before = {}, bool resumed = false) {
  train::FitOptions options{.epochs = 3, .validation = iris_test(), .schedule = run.schedule};
  options.callbacks = std::move(before);
  options.callbacks.push_back(&average);
  if (resumed) options.resume = run.progress;
  return train::fit(run.model, *run.optimizer, run.loader, options);
}

TEST(AveragedWeightsTest, DoNotChangeTheTraining) {
  for (const std::string& rule : optim::names()) {
    Training plain(rule), averaged(rule);
    train::AveragedWeights average(0.9);
    fit_averaged(averaged, average);
    train::fit(plain.model, *plain.optimizer, plain.loader,
               {.epochs = 3, .schedule = plain.schedule});
    EXPECT_TRUE(same_bits(values_of(averaged.model), values_of(plain.model))) << rule;
  }
}

TEST(AveragedWeightsTest, AreUsedForValidationAndByBestWeights) {
  for (const std::string& rule : optim::names()) {
    Training run(rule);
    train::AveragedWeights average(0.9);
    train::BestWeights best;
    const train::History history = fit_averaged(run, average, {&best});
    const Array trained = run.model.parameters()[0].value();
    average.restore(run.model, *run.optimizer);
    EXPECT_FALSE(same_bits(run.model.parameters()[0].value(), trained));
    EXPECT_EQ(train::evaluate(run.model, iris_test()).loss, history[2].validation->loss) << rule;
    double least = history[0].validation->loss;
    for (const auto& epoch : history) least = std::min(least, epoch.validation->loss);
    best.restore(run.model, *run.optimizer);
    EXPECT_EQ(train::evaluate(run.model, iris_test()).loss, least) << rule;
  }
}

TEST(AveragedWeightsTest, TheGuardPutsTheTrainingValuesBackBitForBit) {
  Training run("nag");
  train::AveragedWeights average(0.9);
  AfterStep look([&](train::Run& r) {
    const std::vector<Array> before = values_of(r.model), averages = average.average().values;
    {
      const train::EvaluationWeightsGuard guard(r);
      EXPECT_TRUE(same_bits(values_of(r.model), averages));
      EXPECT_TRUE(r.optimizer.is_evaluating());
    }
    EXPECT_TRUE(same_bits(values_of(r.model), before));
    EXPECT_TRUE(same_bits(average.average().values, averages));
    EXPECT_FALSE(r.optimizer.is_evaluating());
  });
  fit_averaged(run, average, {&look});
}

TEST(AveragedWeightsTest, ARunResumedAfterAnyStepContinuesThemBitForBit) {
  const Scratch scratch;
  for (const std::string& rule : optim::names()) {
    Training whole(rule);
    train::AveragedWeights wanted(0.9);
    const train::History history = fit_averaged(whole, wanted);
    for (std::uint64_t steps = 1; steps <= 24; ++steps) {
      Training stopped(rule), resumed(rule, 99);
      train::AveragedWeights first(0.9), second(0.9);
      AfterStep stop([&](train::Run& run) { run.stopped = run.progress.step == steps; });
      train::Checkpoint checkpoint(scratch / "run", {.steps = 1});
      fit_averaged(stopped, first, {&stop, &checkpoint});
      resumed.load(scratch / "run");
      EXPECT_EQ(resumed.progress.average->steps, steps);
      const train::History all = fit_averaged(resumed, second, {}, true);
      EXPECT_EQ(second.average().steps, 24u);
      EXPECT_TRUE(same_bits(second.average().values, wanted.average().values)) << rule << steps;
      EXPECT_EQ(all[2].validation->loss, history[2].validation->loss);
    }
  }
}

TEST(AveragedWeightsTest, AreOfTheParametersThatNAGEvaluates) {
  Training run("nag");
  train::AveragedWeights average(0);
  fit_averaged(run, average);
  const optim::EvalParametersGuard guard(*run.optimizer);
  EXPECT_TRUE(same_bits(average.average().values, values_of(run.model)));
}

TEST(AveragedWeightsTest, ADecayOf0GivesTheParametersAndAConstantParameterIsItsAverage) {
  Training run("adam");
  train::AveragedWeights average(0);
  fit_averaged(run, average);
  EXPECT_TRUE(same_bits(average.average().values, values_of(run.model)));

  Training frozen("adam");
  frozen.model.parameters()[0].set_requires_grad(false);
  train::AveragedWeights slow(0.99);
  fit_averaged(frozen, slow);
  EXPECT_TRUE(same_bits(slow.average().values[0], values_of(frozen.model)[0]));
}

/// A model with running statistics.
struct Normalized {
  explicit Normalized(std::uint64_t seed)
      : rng(seed),
        model{nn::Linear(4, 6, rng), nn::BatchNorm1d(6), nn::ReLU(), nn::Linear(6, 3, rng)},
        optimizer(model.parameters(), {.lr = 0.05}),
        loader(datasets::iris(datasets::Split::train), {.batch_size = 16, .seed = 7}) {}
  train::History fit(std::vector<train::Callback*> callbacks,
                     std::optional<train::Progress> resume = {}) {
    return train::fit(model, optimizer, loader,
                      {.epochs = 3,
                       .validation = iris_test(),
                       .callbacks = std::move(callbacks),
                       .resume = std::move(resume)});
  }
  Rng rng;
  nn::Sequential model;
  optim::Adam optimizer;
  datasets::DataLoader loader;
};

TEST(AveragedWeightsTest, RunningStatisticsAreAveragedAndUsedForValidation) {
  Normalized run(1);
  train::AveragedWeights average(0.9);
  double weighted = 0;  // a <- decay a + (1 - decay) x for an element of running_var
  AfterStep follow([&](train::Run& r) {
    weighted = 0.9 * weighted + 0.1 * static_cast<double>(r.model.buffers()[1].value().data()[2]);
    const double expected = weighted / (1 - std::pow(0.9, average.average().steps));
    EXPECT_NEAR(static_cast<double>(average.average().values[7].data()[2]), expected, 1e-5);
  });
  train::BestWeights best;
  const train::History history = run.fit({&average, &follow, &best});
  average.restore(run.model, run.optimizer);
  EXPECT_TRUE(same_bits(run.model.buffers()[1].value(), average.average().values[7]));
  EXPECT_EQ(train::evaluate(run.model, iris_test()).loss, history[2].validation->loss);
  double least = history[0].validation->loss;
  for (const auto& epoch : history) least = std::min(least, epoch.validation->loss);
  best.restore(run.model, run.optimizer);
  EXPECT_EQ(train::evaluate(run.model, iris_test()).loss, least);
}

TEST(AveragedWeightsTest, AResumedRunContinuesTheRunningStatisticsAndTheirAveragesBitForBit) {
  const Scratch scratch;
  Normalized whole(1), stopped(1), resumed(99);
  train::AveragedWeights wanted(0.9), first(0.9), second(0.9);
  const train::History history = whole.fit({&wanted});
  AfterStep stop([&](train::Run& run) { run.stopped = run.progress.step == 11; });
  train::Checkpoint checkpoint(scratch / "run", {.steps = 1});
  stopped.fit({&first, &stop, &checkpoint});
  const train::Progress progress =
      train::load_checkpoint(scratch / "run", resumed.model, resumed.optimizer);
  const train::History all = resumed.fit({&second}, progress);
  EXPECT_TRUE(same_bits(second.average().values, wanted.average().values));
  for (const std::size_t i : {0u, 1u}) {
    EXPECT_TRUE(same_bits(resumed.model.buffers()[i].value(), whole.model.buffers()[i].value()));
  }
  EXPECT_EQ(all[2].validation->loss, history[2].validation->loss);
}

TEST(AveragedWeightsTest, ASecondRunStartsNewAverages) {
  Training run("sgd"), fresh("sgd");
  train::AveragedWeights reused(0.9), once(0.9);
  fit_averaged(run, reused);
  Training other("sgd");
  fit_averaged(other, reused);
  fit_averaged(fresh, once);
  EXPECT_TRUE(same_bits(reused.average().values, once.average().values));
}

TEST(AveragedWeightsTest, WithoutTheCallbackAResumedRunDropsThem) {
  const Scratch scratch;
  Training run("sgd"), plain("sgd"), last("sgd");
  train::AveragedWeights average(0.9);
  train::Checkpoint checkpoint(scratch / "run");
  fit_averaged(run, average, {&checkpoint});
  plain.load(scratch / "run");
  ASSERT_TRUE(plain.progress.average);
  train::FitOptions options{.epochs = 4, .callbacks = {&checkpoint}};
  options.resume = plain.progress;
  train::fit(plain.model, *plain.optimizer, plain.loader, options);
  last.load(scratch / "run");
  EXPECT_FALSE(last.progress.average);
}

TEST(AveragedWeightsTest, BadDecaysAndAveragesOfAnotherRunAreRejected) {
  for (const double decay : {-0.1, 1.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(train::AveragedWeights{decay}, OptionError);
  }
  Training run("sgd");
  train::AveragedWeights average(0.9);
  EXPECT_EQ(message_of([&] { average.restore(run.model, *run.optimizer); }),
            "[AveragedWeights] restore() needs averages of this model, but there are none");
  run.progress.average = train::WeightAverage{0.5, 1, values_of(run.model)};
  EXPECT_EQ(message_of<OptionError>([&] { fit_averaged(run, average, {}, true); }),
            "[AveragedWeights] decay must be that of the resumed run, 0.5, got 0.9");
  run.progress.average = train::WeightAverage{0.9, 1, {zeros({2})}};
  EXPECT_EQ(message_of<OptionError>([&] { fit_averaged(run, average, {}, true); }),
            "[AveragedWeights] the averages of the resumed run are of another model");
  run.progress.average.reset();
  train::AveragedWeights second(0.9);
  EXPECT_EQ(message_of<OptionError>([&] { fit_averaged(run, average, {&second}); }),
            "[AveragedWeights] a run must have at most one AveragedWeights, got two");
  EXPECT_EQ(run.optimizer->step_count(), 0u);
  run.progress.average = train::WeightAverage{0.9, 1, {zeros({2})}};
  const Scratch scratch;
  EXPECT_EQ(message_of<OptionError>([&] { run.save(scratch / "run"); }),
            "[save_checkpoint] the progress must have one average for each of the 4 parameters and "
            "buffers of the model, got 1");
}

}  // namespace
}  // namespace xgrad::test
