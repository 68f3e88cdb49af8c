// SPDX-License-Identifier: MIT
// Tests the metrics of an epoch and ReduceOnPlateau.
#include "runs.hpp"

#include <support/table.hpp>

#include <cmath>

namespace xgrad::test {
namespace {

const std::string kTable = XGRAD_SOURCE_DIR "/tests/reference/reduce_on_plateau.csv";

TEST(ScoreTest, AnAccuracyOrR2ThatIsNanThrows) {
  const train::EpochRecord epoch{.validation = train::Evaluation{0.5, std::nan(""), 0, 30}};
  EXPECT_EQ(train::score(epoch, train::Metric::validation_loss), -0.5);
  for (const auto& [metric, name] : {std::pair(train::Metric::validation_accuracy, "accuracy"),
                                     std::pair(train::Metric::validation_r2, "R²")}) {
    const std::string message = std::string("[score] the metric needs an ") + name + ", but the " +
                                name + " of the epoch is NaN; use Metric::validation_loss";
    EXPECT_EQ(message_of([&, m = metric] { train::score(epoch, m); }), message);
    train::EarlyStopping stopping(metric);
    train::BestWeights best(metric);
    train::ReduceOnPlateau plateau({.metric = metric});
    for (train::Callback* const callback :
         std::initializer_list<train::Callback*>{&stopping, &best, &plateau}) {
      Training training("sgd");
      train::Run run{training.model, *training.optimizer, training.loader};
      run.progress.history.push_back(epoch);
      EXPECT_EQ(message_of([&] { callback->on_epoch(run); }), message);
    }
  }
}

TEST(ScoreTest, TheR2OfTargetsChoosesTheBestEpoch) {
  // y = 2 x. The epochs set the weight to 1, 2 and 3, for which R² is 1 - 10 / 40, 1 and 1 - 10
  // / 40.
  const datasets::Dataset data(array({4, 1}, {-1, 1, -2, 2}), array({4, 1}, {-2, 2, -4, 4}));
  Rng rng(0);
  nn::Linear model(1, 1, rng, {.bias = false});
  optim::SGD optimizer(model.parameters());
  datasets::DataLoader loader(data);
  train::Run run{model, optimizer, loader};
  train::BestWeights best(train::Metric::validation_r2);
  train::EarlyStopping stopping(train::Metric::validation_r2, 1);
  for (const Scalar weight : {Scalar{1}, Scalar{2}, Scalar{3}}) {
    EXPECT_FALSE(run.stopped);
    model.weight = full({1, 1}, weight);
    run.end_step(1, 4);
    run.end_epoch(train::evaluate(model, data));
    const double r2 = train::score(run.progress.history.back(), train::Metric::validation_r2);
    EXPECT_EQ(r2, weight == 2 ? 1 : 0.75);
    best.on_epoch(run);
    stopping.on_epoch(run);
  }
  EXPECT_TRUE(run.stopped);
  best.restore(model, optimizer);
  EXPECT_EQ(model.weight.item(), 2);
}

TEST(ReduceOnPlateauTest, TakesTheDecisionsOfPyTorch) {
  const std::string text = read_bytes(kTable);
  std::optional<Training> training;
  std::optional<train::Run> run;
  int rows = 0;
  for (const std::vector<double>& row : rows_of(text.substr(text.find('\n') + 1))) {
    ASSERT_EQ(row.size(), 9u);
    const bool is_accuracy = row[5] == 1;
    train::ReduceOnPlateau plateau({.metric = is_accuracy ? train::Metric::validation_accuracy
                                                          : train::Metric::validation_loss,
                                    .factor = row[0],
                                    .patience = static_cast<std::size_t>(row[1]),
                                    .threshold = row[2],
                                    .cooldown = static_cast<std::size_t>(row[3]),
                                    .min_lr = row[4]});
    if (row[6] == 0) {
      training.emplace("sgd");
      training->optimizer->set_learning_rate(0.4);
      run.emplace(train::Run{training->model, *training->optimizer, training->loader});
    }
    run->end_step(1, 120);
    run->end_epoch(is_accuracy ? train::Evaluation{1, row[7], 0, 30}
                               : train::Evaluation{row[7], 0.5, 0, 30});
    plateau.on_epoch(*run);
    ASSERT_EQ(training->optimizer->learning_rate(), row[8]) << "row " << rows;
    ++rows;
  }
  EXPECT_EQ(rows, 800);
}

TEST(ReduceOnPlateauTest, AResumedRunHasTheRatesOfTheUninterruptedRun) {
  const Scratch scratch;
  // The learning rate is too large, so that the loss stops improving soon.
  const auto options = [](train::Callback* a, train::Callback* b) {
    train::FitOptions result{.epochs = 8, .validation = iris_test()};
    result.callbacks = {a, b};
    return result;
  };
  train::ReduceOnPlateau plateau({.factor = 0.5, .patience = 0, .threshold = 0.1});
  Training whole("sgd");
  whole.optimizer->set_learning_rate(2);
  train::Callback nothing;
  const train::History history =
      train::fit(whole.model, *whole.optimizer, whole.loader, options(&plateau, &nothing));
  ASSERT_LT(history.back().learning_rate, 1);
  for (std::uint64_t stop = 9; stop < 64; stop += 4) {
    Training stopped("sgd"), resumed("sgd");
    stopped.optimizer->set_learning_rate(2);
    // Saves after each epoch, before the rate is reduced.
    train::Checkpoint checkpoint(scratch / "run");
    AfterStep button([&](train::Run& run) {
      if (run.progress.step == stop) throw Error("power cut");
    });
    train::FitOptions first = options(&checkpoint, &plateau);
    first.callbacks.push_back(&button);
    EXPECT_THROW(train::fit(stopped.model, *stopped.optimizer, stopped.loader, first), Error);
    train::FitOptions second = options(&checkpoint, &plateau);
    second.resume = train::load_checkpoint(scratch / "run", resumed.model, *resumed.optimizer);
    const train::History all =
        train::fit(resumed.model, *resumed.optimizer, resumed.loader, second);
    ASSERT_EQ(all.size(), history.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      ASSERT_EQ(all[i].learning_rate, history[i].learning_rate) << stop << " " << i;
    }
    ASSERT_TRUE(same_bits(values_of(resumed.model), values_of(whole.model))) << stop;
  }
}

TEST(ReduceOnPlateauTest, OptionsOutOfRangeAndAScheduleAreRejected) {
  for (const train::ReduceOnPlateauOptions& bad : std::vector<train::ReduceOnPlateauOptions>{
           {.factor = 1}, {.factor = 0}, {.threshold = -1}, {.min_lr = -1}, {.eps = NAN}}) {
    EXPECT_THROW(train::ReduceOnPlateau{bad}, OptionError);
  }
  Training run("sgd");
  train::ReduceOnPlateau plateau;
  EXPECT_EQ(message_of<OptionError>([&] {
              train::fit(run.model, *run.optimizer, run.loader,
                         {.schedule = run.schedule, .callbacks = {&plateau}});
            }),
            "[ReduceOnPlateau] the learning rate must not have a schedule, which would overwrite "
            "it in each step; leave out the option schedule of fit");
  EXPECT_EQ(run.optimizer->step_count(), 0u);
}

}  // namespace
}  // namespace xgrad::test
