// SPDX-License-Identifier: MIT
// Tests EarlyStopping, BestWeights and StopRequest, and callbacks in a hand-written loop.
#include "runs.hpp"

#include <support/table.hpp>

#include <thread>

namespace xgrad::test {
namespace {

TEST(EarlyStoppingTest, StopsWhenTheMetricHasNotImprovedForTheGivenEpochs) {
  Scripted scripted;
  train::EarlyStopping stopping(train::Metric::validation_loss, 2);
  const double losses[] = {0.5, 0.4, 0.41, 0.3, 0.3, 0.31};
  for (const double loss : losses) {
    EXPECT_FALSE(scripted.run.stopped);
    scripted.end_epoch(loss);
    stopping.on_epoch(scripted.run);
  }
  EXPECT_TRUE(scripted.run.stopped);
}

TEST(EarlyStoppingTest, AHigherAccuracyIsBetter) {
  for (const auto metric : {train::Metric::validation_loss, train::Metric::validation_accuracy}) {
    Scripted scripted;
    train::EarlyStopping stopping(metric, 1);
    for (const double loss : {0.5, 0.4, 0.3}) {
      scripted.end_epoch(loss);
      stopping.on_epoch(scripted.run);
      EXPECT_FALSE(scripted.run.stopped);
    }
    scripted.end_epoch(0.35);
    stopping.on_epoch(scripted.run);
    EXPECT_TRUE(scripted.run.stopped);
  }
}

TEST(EarlyStoppingTest, FitReturnsAfterTheEpoch) {
  Training run("sgd");
  train::EarlyStopping stopping(train::Metric::train_loss, 3);
  const train::History history =
      train::fit(run.model, *run.optimizer, run.loader,
                 {.epochs = 1000, .schedule = optim::constant(1e-30), .callbacks = {&stopping}});
  EXPECT_GE(history.size(), 4u);
  EXPECT_LT(history.size(), 100u);
  EXPECT_EQ(run.optimizer->step_count(), 8 * history.size());
}

TEST(EarlyStoppingTest, AResumedRunThatWasStoppedTrainsNoFurther) {
  const Scratch scratch;
  const auto train_with = [&](std::size_t patience, bool resumed) {
    Training run("sgd");
    if (resumed) run.load(scratch / "run");
    train::EarlyStopping stopping(train::Metric::train_loss, patience);
    train::Checkpoint checkpoint(scratch / "run");
    train::FitOptions options{.epochs = 1000, .schedule = optim::constant(1e-30)};
    options.callbacks = {&stopping, &checkpoint};
    if (resumed) options.resume = run.progress;
    return train::fit(run.model, *run.optimizer, run.loader, options).size();
  };
  const std::size_t epochs = train_with(2, false);
  EXPECT_EQ(train_with(2, true), epochs);
  EXPECT_EQ(train_with(2, true), epochs);
  EXPECT_GT(train_with(4, true), epochs);  // a greater patience continues the run
}

TEST(EarlyStoppingTest, WithoutValidationDataItThrows) {
  Training run("sgd");
  train::EarlyStopping stopping;
  EXPECT_EQ(
      message_of(
          [&] { train::fit(run.model, *run.optimizer, run.loader, {.callbacks = {&stopping}}); }),
      "[score] the metric needs validation data, but the epoch has none; give fit a validation "
      "set or use Metric::train_loss");
  EXPECT_THROW(train::EarlyStopping(train::Metric::train_loss, 0), OptionError);
}

TEST(BestWeightsTest, RestoresTheWeightsOfTheBestEpoch) {
  Scripted scripted;
  nn::Module& model = scripted.training.model;
  train::BestWeights best;
  EXPECT_THROW(best.restore(model, *scripted.training.optimizer), Error);
  std::vector<Array> wanted;
  for (const double loss : {0.5, 0.2, 0.3, 0.2}) {
    for (Tensor& p : model.parameters()) {
      p.assign(full(p.shape(), static_cast<Scalar>(scripted.run.progress.epoch)));
    }
    if (scripted.run.progress.epoch == 1) wanted = values_of(model);
    scripted.end_epoch(loss);
    best.on_epoch(scripted.run);
  }
  best.restore(model, *scripted.training.optimizer);
  EXPECT_TRUE(same_bits(values_of(model), wanted));
}

TEST(BestWeightsTest, ANewRunForgetsTheWeightsOfTheLastOneAndAResumedRunKeepsThem) {
  Training good("adam"), bad("adam");
  train::BestWeights best;
  const auto fit = [&](Training& run, const train::FitOptions& options) {
    return train::fit(run.model, *run.optimizer, run.loader, options);
  };
  train::FitOptions options{.epochs = 3, .validation = iris_test(), .callbacks = {&best}};
  const train::History history = fit(good, options);
  const std::vector<Array> trained = values_of(good.model);

  options.resume = train::Progress{.epoch = 3, .loader = good.loader.state(), .history = history};
  options.epochs = 4;
  good.optimizer->set_learning_rate(10);
  fit(good, options);
  EXPECT_FALSE(same_bits(values_of(good.model), trained));
  best.restore(good.model, *good.optimizer);
  EXPECT_TRUE(same_bits(values_of(good.model), trained));

  bad.optimizer->set_learning_rate(0);
  const std::vector<Array> initial = values_of(bad.model);
  fit(bad, {.validation = iris_test(), .callbacks = {&best}});
  best.restore(bad.model, *bad.optimizer);
  EXPECT_TRUE(same_bits(values_of(bad.model), initial));
}

TEST(BestWeightsTest, AnEpochWithALossOfNanIsTheWorst) {
  Scripted scripted;
  train::BestWeights best;
  for (const double loss : {std::nan(""), 0.2, std::nan(""), 0.3}) {
    for (Tensor& p : scripted.training.model.parameters()) {
      p.assign(full(p.shape(), static_cast<Scalar>(scripted.run.progress.epoch)));
    }
    scripted.end_epoch(loss);
    best.on_epoch(scripted.run);
  }
  best.restore(scripted.training.model, *scripted.training.optimizer);
  EXPECT_EQ(values_of(scripted.training.model)[0].data()[0], 1);  // the weights of the second epoch
}

TEST(BestWeightsTest, WeightsOfAnotherNetAreRejectedAndNothingChanges) {
  Scripted scripted;
  train::BestWeights best;
  scripted.end_epoch(0.5);
  best.on_epoch(scripted.run);
  Rng rng(1);
  nn::Sequential other{nn::Linear(4, 6, rng), nn::Linear(6, 2, rng)};  // another last layer
  optim::NAG nag(other.parameters(), {});
  const std::vector<Array> before = values_of(other);
  EXPECT_THROW(best.restore(other, nag), Error);
  EXPECT_TRUE(same_bits(values_of(other), before));
  EXPECT_FALSE(nag.is_evaluating());
}

TEST(BestWeightsTest, NAGRestoresTheWeightsThatWereEvaluated) {
  Training run("nag");
  train::BestWeights best;
  const train::History history =
      train::fit(run.model, *run.optimizer, run.loader,
                 {.epochs = 4, .validation = iris_test(), .callbacks = {&best}});
  double loss = history[0].validation->loss;
  for (const auto& epoch : history) loss = std::min(loss, epoch.validation->loss);
  best.restore(run.model, *run.optimizer);
  EXPECT_TRUE(run.optimizer->is_evaluating());
  EXPECT_EQ(train::evaluate(run.model, iris_test()).loss, loss);
}

TEST(StopRequestTest, ARequestFromAnotherThreadEndsTheRun) {
  Training run("sgd");
  train::StopRequest stop;
  std::thread button;
  AfterStep press([&](train::Run& r) {
    if (r.progress.step == 11) button = std::thread([&] { stop.request(); });
    if (r.progress.step == 11) button.join();
  });
  const train::History history = train::fit(run.model, *run.optimizer, run.loader,
                                            {.epochs = 9, .callbacks = {&press, &stop}});
  EXPECT_TRUE(stop.requested());
  EXPECT_EQ(history.size(), 1u);
  EXPECT_EQ(run.optimizer->step_count(), 11u);
}

TEST(RunTest, AHandWrittenLoopCanUseTheSameCallbacks) {
  const Scratch scratch;
  Training mine("adam"), fitted("adam");
  train::CsvLog log(scratch / "mine.csv");
  train::StopRequest stop;
  train::Checkpoint checkpoint(scratch / "run");
  train::Run run{mine.model, *mine.optimizer, mine.loader};
  for (int epoch = 0; epoch < 2; ++epoch) {
    for (const auto& [x, y] : mine.loader) {
      mine.optimizer->zero_grad();
      const Tensor loss = cross_entropy(mine.model(x), y);
      loss.backward();
      mine.optimizer->step();
      run.end_step(static_cast<double>(loss.item()), y.size());
      stop.on_step(run);
      if (run.stopped) break;
    }
    run.end_epoch();
    log.on_epoch(run);
    checkpoint.on_epoch(run);
  }
  const train::History history =
      train::fit(fitted.model, *fitted.optimizer, fitted.loader, {.epochs = 2});
  EXPECT_EQ(rows_of(read_bytes(scratch / "mine.csv"))[1][1], history[1].train_loss);
  EXPECT_TRUE(same_bits(values_of(mine.model), values_of(fitted.model)));
  Training resumed("adam", 3);
  resumed.load(scratch / "run");
  EXPECT_TRUE(same_bits(values_of(resumed.model), values_of(fitted.model)));
}

}  // namespace
}  // namespace xgrad::test
