// SPDX-License-Identifier: MIT
// Tests each callback in fit() and in a hand-written loop.
#include "runs.hpp"

#include <support/table.hpp>

#include <cmath>
#include <limits>
#include <sstream>
#include <thread>

namespace xgrad::test {
namespace {

/// A run whose epochs end with given validation losses, without training.
struct Scripted {
  void end_epoch(double loss) {
    run.end_step(1, 120);
    run.end_epoch(train::Evaluation{loss, 1 - loss, 0.1, 30});
  }
  Training training{"sgd"};
  train::Run run{training.model, *training.optimizer, training.loader};
};

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

TEST(CsvLogTest, ContainsTheHistoryAfterEachEpoch) {
  const Scratch scratch;
  Training run("adam");
  train::CsvLog log(scratch / "log.csv");
  const train::History history =
      train::fit(run.model, *run.optimizer, run.loader,
                 {.epochs = 3, .validation = iris_test(), .callbacks = {&log}});
  const std::string text = read_bytes(scratch / "log.csv");
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "epoch,train_loss,learning_rate,seconds,validation_loss,validation_accuracy,"
            "validation_accuracy_error,validation_rows,validation_r2");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  EXPECT_EQ(text, train::to_csv(history));
  const std::vector<double> last = rows_of(text)[2];
  ASSERT_EQ(last.size(), 9u);
  EXPECT_EQ(last[0], 3);
  EXPECT_EQ(last[1], history[2].train_loss);
  EXPECT_EQ(last[5], history[2].validation->accuracy);
  EXPECT_EQ(last[7], 30);
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

TEST(ProgressReportTest, WritesALinePerEpochAndNoBarByDefault) {
  Training run("adam");
  std::ostringstream out;
  train::ProgressReport report(out);
  const train::History history =
      train::fit(run.model, *run.optimizer, run.loader,
                 {.epochs = 2, .validation = iris_test(), .callbacks = {&report}});
  char expected[200];
  std::snprintf(expected, sizeof expected,
                "epoch 2/2  train loss %.4f  validation loss %.4f  validation accuracy %.2f ± %.2f "
                "%%  ",
                history[1].train_loss, history[1].validation->loss,
                100 * history[1].validation->accuracy,
                100 * history[1].validation->accuracy_stderr);
  const std::string text = out.str();
  EXPECT_NE(text.find(expected), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_EQ(text.find('\r'), std::string::npos);
}

TEST(ProgressReportTest, DrawsABarWithTheRemainingTimeIfEnabled) {
  Scripted scripted;
  std::ostringstream out;
  train::ProgressReport report(out, true, "test");
  std::this_thread::sleep_for(std::chrono::milliseconds(110));
  scripted.run.end_step(0.25, 60);
  report.on_step(scripted.run);
  EXPECT_EQ(out.str().rfind("\r[===============               ]  50 %  loss 0.2500  ", 0), 0u)
      << out.str();
  EXPECT_NE(out.str().find(" s left"), std::string::npos);
  const std::size_t drawn = out.str().size();
  report.on_step(scripted.run);  // too early for another update of the bar
  EXPECT_EQ(out.str().size(), drawn);
  std::this_thread::sleep_for(std::chrono::milliseconds(110));
  scripted.run.end_step(0.25, 90);  // more rows than the data set has: end_epoch() was not called
  report.on_step(scripted.run);
  EXPECT_NE(out.str().find("=] 100 %"), std::string::npos) << out.str();
  scripted.run.stopped = true;
  report.on_end(scripted.run);
  EXPECT_NE(out.str().find("stopped in epoch 1"), std::string::npos) << out.str();
}

TEST(ProgressReportTest, TheBarNeverFillsTheLastColumnOfTheTerminal) {
  const std::pair<std::size_t, std::string> drawings[] = {
      {200, "[==============================] 100 %  loss 0.2500  0 s left "},
      {63, "[==============================] 100 %  loss 0.2500  0 s left "},
      {40, "[=======] 100 %  loss 0.2500  0 s left "},
      {38, "[=====] 100 %  loss 0.2500  0 s left "},
      {37, "100 %  loss 0.2500  0 s left "},
      {20, "100 %  loss 0.2500 "},
      {2, "1"},
      {1, ""},
      {0, ""}};
  Scripted scripted;
  std::ostringstream out;
  std::size_t columns = 0;  // may change during the run
  train::ProgressReport report(out, true, "test", [&] { return columns; });
  std::string expected;
  for (const auto& [width, drawing] : drawings) {
    columns = width;
    std::this_thread::sleep_for(std::chrono::milliseconds(110));
    scripted.run.end_step(0.25, 120);
    report.on_step(scripted.run);
    expected += "\r" + drawing + "\033[K";
    EXPECT_LT(drawing.size(), std::max<std::size_t>(1, width));
  }
  EXPECT_EQ(out.str(), expected);
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
