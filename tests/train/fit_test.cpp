// SPDX-License-Identifier: MIT
// Tests that fit() gives the same bits as a hand-written loop, and tests its history.
#include "runs.hpp"

namespace xgrad::test {
namespace {

/// Returns a history as text, without the seconds, which differ from run to run.
std::string told(train::History history) {
  for (train::EpochRecord& epoch : history) epoch.seconds = 0;
  return train::to_csv(history);
}

/// Returns a callback that stops the run after `steps` steps in total.
auto stop_after(std::uint64_t steps) {
  return AfterStep([steps](train::Run& run) { run.stopped = run.progress.step == steps; });
}

TEST(FitTest, EqualsAHandWrittenLoopBitForBit) {
  for (const std::string& rule : optim::names()) {
    Training by_hand(rule), fitted(rule);
    for (int epoch = 0; epoch < 3; ++epoch) {
      for (auto& [x, y] : by_hand.loader) {
        const std::uint64_t step = by_hand.optimizer->step_count();
        by_hand.optimizer->set_learning_rate(by_hand.schedule(step));
        by_hand.optimizer->zero_grad();
        cross_entropy(by_hand.model(x), y).backward();
        optim::clip_grad_norm(by_hand.optimizer->parameters(), 0.5);
        by_hand.optimizer->step();
      }
    }
    train::fit(
        fitted.model, *fitted.optimizer, fitted.loader,
        {.epochs = 3, .validation = iris_test(), .schedule = fitted.schedule, .clip_norm = 0.5});
    EXPECT_TRUE(same_bits(values_of(fitted.model), values_of(by_hand.model))) << rule;
    EXPECT_EQ(fitted.rng.state(), by_hand.rng.state());
  }
}

TEST(FitTest, ALoopThatWasLeftEarlyDoesNotChangeTheNextEpoch) {
  Training fresh("sgd"), looked("sgd"), failed("sgd");
  struct FailAtTheThird : train::Callback {
    void on_gradient(train::Run& run) override {
      if (run.progress.step == 2) throw DataError("stop");
    }
  } fail;
  const std::vector<Array> initial = values_of(failed.model);
  const Rng::State state = failed.rng.state();
  EXPECT_THROW(train::fit(failed.model, *failed.optimizer, failed.loader, {.callbacks = {&fail}}),
               DataError);
  failed.rng.set_state(state);
  for (std::size_t i = 0; i < initial.size(); ++i) failed.model.parameters()[i].assign(initial[i]);
  EXPECT_EQ(looked.loader.begin()->x.shape(), (Shape{16, 4}));

  fresh.loader.set_epoch(1);
  const train::History expected = train::fit(fresh.model, *fresh.optimizer, fresh.loader);
  for (Training* const other : {&looked, &failed}) {
    const train::History history = train::fit(other->model, *other->optimizer, other->loader);
    EXPECT_EQ(told(history), told(expected));
    EXPECT_TRUE(same_bits(values_of(other->model), values_of(fresh.model)));
  }
}

TEST(FitTest, AStopInOnLossSkipsTheStep) {
  struct StopAtTheThird : train::Callback {
    void on_loss(train::Run& run) override { run.stopped = run.progress.step == 2; }
  } stop;
  Training two("adam"), stopped("adam");
  AfterStep after_two = stop_after(2);
  train::fit(two.model, *two.optimizer, two.loader, {.callbacks = {&after_two}});
  train::fit(stopped.model, *stopped.optimizer, stopped.loader, {.callbacks = {&stop}});
  EXPECT_EQ(stopped.optimizer->step_count(), 2u);
  EXPECT_TRUE(same_bits(values_of(stopped.model), values_of(two.model)));
}

TEST(FitTest, ClippingAndTheScheduleAreApplied) {
  Training plain("sgd"), clipped("sgd"), scheduled("sgd");
  train::fit(plain.model, *plain.optimizer, plain.loader);
  train::fit(clipped.model, *clipped.optimizer, clipped.loader, {.clip_norm = 0.1});
  train::fit(scheduled.model, *scheduled.optimizer, scheduled.loader,
             {.schedule = optim::constant(0.01)});
  EXPECT_FALSE(same_bits(values_of(plain.model), values_of(clipped.model)));
  EXPECT_FALSE(same_bits(values_of(plain.model), values_of(scheduled.model)));
}

TEST(FitTest, TheSumsOfAnEpochStartAtZero) {
  struct AfterEpoch : train::Callback {
    void on_step(train::Run& run) override { EXPECT_GT(run.progress.seconds, 0); }
    void on_epoch(train::Run& run) override {
      EXPECT_EQ(run.progress.seconds, 0) << "the times of the epochs would add up";
      EXPECT_EQ(run.progress.loss_sum, 0);
      EXPECT_EQ(run.progress.rows, 0u);
      ++epochs;
    }
    int epochs = 0;
  } look;
  Training run("sgd");
  train::fit(run.model, *run.optimizer, run.loader, {.epochs = 3, .callbacks = {&look}});
  EXPECT_EQ(look.epochs, 3);
}

TEST(FitTest, TheHistoryContainsLossValidationRateAndTimePerEpoch) {
  Training run("nag");
  double sum = 0;
  AfterStep note([&](train::Run& r) {
    // 120 rows in batches of 16: the eighth batch has 8 rows.
    if (r.progress.epoch == 1) sum += r.loss * (r.progress.rows == 120 ? 8 : 16);
  });
  const train::History history = train::fit(
      run.model, *run.optimizer, run.loader,
      {.epochs = 2, .validation = iris_test(), .schedule = run.schedule, .callbacks = {&note}});
  ASSERT_EQ(history.size(), 2u);
  EXPECT_NEAR(history[1].train_loss, sum / 120, 1e-12);
  EXPECT_LT(history[1].train_loss, history[0].train_loss);
  EXPECT_EQ(history[0].learning_rate, run.schedule(7));
  EXPECT_EQ(history[1].learning_rate, run.schedule(15));
  EXPECT_GT(history[0].seconds, 0);
  run.optimizer->eval();  // validation used theta
  const train::Evaluation last = train::evaluate(run.model, iris_test());
  EXPECT_EQ(history[1].validation->loss, last.loss);
  EXPECT_EQ(history[1].validation->accuracy, last.accuracy);
  EXPECT_EQ(history[1].validation->accuracy_stderr, last.accuracy_stderr);
  EXPECT_EQ(history[1].validation->count, 30u);
}

TEST(FitTest, WithoutValidationDataTheHistoryHasNoValidation) {
  Training run("sgd");
  EXPECT_FALSE(train::fit(run.model, *run.optimizer, run.loader)[0].validation);
}

TEST(FitTest, AValidationFractionUsesTheStratifiedSplit) {
  Training fraction("adam"), split("adam");
  const train::History one =
      train::fit(fraction.model, *fraction.optimizer, fraction.loader,
                 {.epochs = 2, .validation_fraction = 0.25, .validation_seed = 3});
  auto [rest, held_out] = datasets::stratified_split(split.loader.dataset(), 0.25, 3);
  datasets::DataLoader loader(rest, split.loader.options());
  const train::History other =
      train::fit(split.model, *split.optimizer, loader, {.epochs = 2, .validation = held_out});
  EXPECT_EQ(one[1].validation->count, 30u);
  EXPECT_EQ(told(one), told(other));
  EXPECT_TRUE(same_bits(values_of(fraction.model), values_of(split.model)));
  EXPECT_EQ(fraction.loader.epoch(), 2u);
}

TEST(FitTest, AValidationFractionContinuesTheEpochsOfTheLoader) {
  Training run("sgd");
  run.loader.set_epoch(3);
  train::fit(run.model, *run.optimizer, run.loader, {.epochs = 1, .validation_fraction = 0.25});
  EXPECT_EQ(run.loader.epoch(), 4u);
}

TEST(FitTest, TwoKindsOfValidationDataAreRejected) {
  Training run("sgd");
  const std::vector<Array> before = values_of(run.model);
  EXPECT_EQ(message_of<OptionError>([&] {
              train::fit(run.model, *run.optimizer, run.loader,
                         {.validation = iris_test(), .validation_fraction = 0.1});
            }),
            "[fit] validation and validation_fraction must not be given together; give one");
  EXPECT_THROW(train::fit(run.model, *run.optimizer, run.loader, {.validation_fraction = -0.1}),
               OptionError);
  EXPECT_TRUE(same_bits(values_of(run.model), before));
}

TEST(FitTest, SwitchesModelAndOptimizerToTrainingMode) {
  Training run("nag"), evaluated("nag");
  evaluated.model.eval();
  evaluated.optimizer->eval();
  train::fit(run.model, *run.optimizer, run.loader);
  train::fit(evaluated.model, *evaluated.optimizer, evaluated.loader);
  EXPECT_TRUE(same_bits(values_of(run.model), values_of(evaluated.model)));
}

/// Returns 200 rows of two features x with the target 2 x[0] - x[1] + 0.5.
datasets::Dataset linear_rows(Rng& rng) {
  Array x = rng.normal({200, 2});
  Array y = empty({200});
  for (std::size_t i = 0; i < 200; ++i) y(i) = 2 * x(i, 0) - x(i, 1) + Scalar(0.5);
  return {std::move(x), std::move(y)};
}

TEST(FitTest, ADataSetOfTargetsIsFittedWithTheMeanSquaredErrorByDefault) {
  Rng rng(0);
  datasets::DataLoader loader(linear_rows(rng), {.batch_size = 20});
  nn::Linear model(2, 1, rng);
  optim::SGD optimizer(model.parameters(), {.lr = 0.1});
  const train::History history =
      train::fit(model, optimizer, loader, {.epochs = 20, .validation_fraction = 0.2});
  EXPECT_LT(history.back().train_loss, 1e-8);
  EXPECT_LT(history.back().validation->loss, 1e-8);
  EXPECT_NEAR(history.back().validation->r2, 1, 1e-6);
  EXPECT_TRUE(std::isnan(history.back().validation->accuracy));
  EXPECT_NEAR(model.weight.value()(0, 0), 2, 1e-3);
  EXPECT_NEAR(model.weight.value()(0, 1), -1, 1e-3);
  EXPECT_NEAR(model.bias.value()(0), 0.5, 1e-3);
}

TEST(FitTest, TheCriterionMayBeALossObjectOrALambda) {
  const auto trained = [](train::Criterion criterion) {
    Rng rng(0);
    datasets::DataLoader loader(linear_rows(rng), {.batch_size = 20});
    nn::Linear model(2, 1, rng);
    optim::SGD optimizer(model.parameters(), {.lr = 0.1});
    train::fit(model, optimizer, loader, {.criterion = std::move(criterion)});
    return values_of(model);
  };
  const std::vector<Array> by_default = trained({});
  EXPECT_TRUE(same_bits(trained(nn::MSELoss{}), by_default));
  EXPECT_TRUE(
      same_bits(trained([](const Tensor& output, const Target& y) { return mse_loss(output, y); }),
                by_default));
  EXPECT_FALSE(same_bits(trained([](const Tensor& output, const Tensor& y) {
                           return mse_loss(output, y) * Scalar(0.5);
                         }),
                         by_default));
}

TEST(FitTest, ACriterionForTheOtherKindOfDataIsRejectedBeforeTheFirstStep) {
  Training run("sgd");
  EXPECT_EQ(message_of<DataError>([&] {
              train::fit(run.model, *run.optimizer, run.loader, {.criterion = nn::MSELoss{}});
            }),
            "[Target] targets are needed, but the data set holds class labels; use a loss for "
            "labels, such as cross_entropy, or a data set with targets: Dataset(x, targets)");
  Rng rng(0);
  const datasets::Dataset rows = linear_rows(rng);
  datasets::DataLoader loader(rows, {.batch_size = 20});
  nn::Linear model(2, 1, rng);
  optim::SGD optimizer(model.parameters(), {.lr = 0.1});
  EXPECT_EQ(message_of<DataError>([&] {
              train::fit(model, optimizer, loader, {.criterion = nn::SoftmaxCrossEntropy{}});
            }),
            "[Target] class labels are needed, but the data set holds targets of shape (20, 1); "
            "use a loss for numbers, such as mse_loss, or a data set with labels: Dataset(x, "
            "labels, classes)");
  EXPECT_EQ(message_of<DataError>(
                [&] { train::fit(model, optimizer, loader, {.validation = iris_test()}); }),
            "[fit] the validation data must hold targets, 1 per row, as the training data does, "
            "but it holds labels");
  EXPECT_EQ(optimizer.step_count(), 0u);
}

TEST(FitTest, ARunResumedAfterAnyStepGivesTheSameParametersAndHistory) {
  const Scratch scratch;
  for (const std::string& rule : optim::names()) {
    Training whole(rule);
    const train::FitOptions options{
        .epochs = 3, .validation = iris_test(), .schedule = whole.schedule};
    const train::History history = train::fit(whole.model, *whole.optimizer, whole.loader, options);
    for (std::uint64_t steps = 1; steps <= 24; ++steps) {
      Training stopped(rule), resumed(rule, 99);
      auto stop = stop_after(steps);
      train::Checkpoint checkpoint(scratch / "run");
      train::FitOptions first = options, second = options;
      first.callbacks = {&stop, &checkpoint};
      const train::History part =
          train::fit(stopped.model, *stopped.optimizer, stopped.loader, first);
      EXPECT_EQ(part.size(), (steps - 1) / 8);
      second.resume = train::load_checkpoint(scratch / "run", resumed.model, *resumed.optimizer);
      const train::History all =
          train::fit(resumed.model, *resumed.optimizer, resumed.loader, second);
      EXPECT_EQ(told(all), told(history)) << rule << " after " << steps;
      EXPECT_TRUE(same_bits(values_of(resumed.model), values_of(whole.model))) << rule << steps;
    }
  }
}

TEST(FitTest, ARunWithAugmentationResumedInMidEpochEqualsAnUninterruptedOne) {
  const Scratch scratch;
  struct Run {
    Run() : rng(3), model(nn::Linear(64, 10, rng)), optimizer(model.parameters()) {}
    Rng rng;
    nn::Sequential model;
    optim::Adam optimizer;
    datasets::DataLoader loader{datasets::digits(datasets::Split::test),
                                {.batch_size = 50,
                                 .transform = {datasets::shift(1), datasets::flip_horizontal(),
                                               datasets::normalize(0.3, 0.4)},
                                 .balance = true}};
  } whole, stopped, resumed;
  const train::FitOptions options{.epochs = 3,
                                  .validation = datasets::digits(datasets::Split::test)};
  const train::History history = train::fit(whole.model, whole.optimizer, whole.loader, options);
  auto stop = stop_after(11);  // an epoch has 8 steps
  train::Checkpoint checkpoint(scratch / "run");
  train::FitOptions first = options, second = options;
  first.callbacks = {&stop, &checkpoint};
  train::fit(stopped.model, stopped.optimizer, stopped.loader, first);
  second.resume = train::load_checkpoint(scratch / "run", resumed.model, resumed.optimizer);
  EXPECT_EQ(told(train::fit(resumed.model, resumed.optimizer, resumed.loader, second)),
            told(history));
  EXPECT_TRUE(same_bits(values_of(resumed.model), values_of(whole.model)));
}

TEST(FitTest, TheValidationDataGetTheTransformsThatAreNotRandom) {
  Training run("sgd");
  datasets::DataLoader loader(
      run.loader.dataset(),
      {.batch_size = 16,
       .transform = {[](const Array& x, Rng& rng) { return x * static_cast<Scalar>(rng.normal()); },
                     datasets::normalize(1, 2)}});
  const train::History history =
      train::fit(run.model, *run.optimizer, loader, {.validation = iris_test()});
  const train::Evaluation expected =
      train::evaluate(run.model, iris_test(), {}, datasets::normalize(1, 2));
  EXPECT_EQ(history[0].validation->loss, expected.loss);
  EXPECT_NE(history[0].validation->loss, train::evaluate(run.model, iris_test()).loss);
}

TEST(FitTest, ResumingACompleteRunTrainsNothing) {
  Training run("adam");
  train::Progress done{.epoch = 2, .loader = run.loader.state()};
  done.history.resize(2);
  train::FitOptions options{.epochs = 2};
  options.resume = done;
  EXPECT_EQ(train::fit(run.model, *run.optimizer, run.loader, options).size(), 2u);
  EXPECT_EQ(run.optimizer->step_count(), 0u);
}

TEST(FitTest, ProgressOfAnotherLoaderIsRejected) {
  Training run("adam");
  datasets::DataLoader other(run.loader.dataset(), {.batch_size = 5});
  train::FitOptions options;
  options.resume = train::Progress{.loader = other.state()};
  EXPECT_THROW(train::fit(run.model, *run.optimizer, run.loader, options), OptionError);
  EXPECT_EQ(run.optimizer->step_count(), 0u);
}

TEST(FitTest, ValidationDataOfAnotherEncodingIsRejectedBeforeAnythingChanges) {
  using datasets::parse_csv;
  const std::string text = "f,kind\n1,a\n2,b\n3,c\n", other = "f,kind\n2,c\n3,b\n5,c\n";
  const datasets::CsvOptions scaled{.standardize = true};
  const datasets::Dataset data = parse_csv(text, "train", scaled);
  datasets::DataLoader loader(data);
  Rng rng(0);
  nn::Linear model(1, 3, rng);
  optim::SGD optimizer(model.parameters(), {.lr = 0.1});
  const std::vector<Array> before = values_of(model);
  model.eval();
  const auto message = [&](const datasets::Dataset& validation) {
    return message_of<DataError>(
        [&] { train::fit(model, optimizer, loader, {.validation = validation}); });
  };
  const std::string remedy = "; csv reads a table like the training data with the option like";
  EXPECT_EQ(message(parse_csv(other, "test", scaled)),
            "[fit] the validation data must have the classes of the training data, got 2 and 3 "
            "classes" +
                remedy);
  EXPECT_EQ(message(parse_csv("f,kind\n1,a\n2,b\n3,d\n", "test", scaled)),
            "[fit] the validation data must have the classes of the training data, got \"d\" and "
            "\"c\" for class 2" +
                remedy);
  EXPECT_EQ(
      message(parse_csv("f,kind\n1,a\n2,b\n4,c\n", "test", scaled)),
      "[fit] the validation data must be standardised with the mean and stddev of the training "
      "data, but it was standardised with other numbers" +
          remedy);
  EXPECT_EQ(
      message(parse_csv(text, "test")),
      "[fit] both data sets must be standardised with the same mean and stddev, but only the "
      "training data has passed through a Standardizer; apply that of the training data to both "
      "data sets");
  datasets::DataLoader plain(parse_csv(text, "train"));
  EXPECT_EQ(
      message_of<DataError>([&] { train::fit(model, optimizer, plain, {.validation = data}); }),
      "[fit] both data sets must be standardised with the same mean and stddev, but only the "
      "validation data has passed through a Standardizer; apply that of the training data to both "
      "data sets");
  EXPECT_TRUE(same_bits(values_of(model), before));
  EXPECT_FALSE(model.is_training());
  const datasets::Dataset like = parse_csv(other, "test", {.like = data});
  EXPECT_EQ(train::fit(model, optimizer, loader, {.validation = like})[0].validation->count, 3u);
}

TEST(FitTest, ValidationDataWithOtherFeaturesOrTargetsIsRejected) {
  using datasets::parse_csv;
  const auto message = [](const datasets::Dataset& training, const datasets::Dataset& validation) {
    Rng rng(0);
    nn::Linear model(training.features(), 1, rng);
    optim::SGD optimizer(model.parameters(), {.lr = 0.1});
    datasets::DataLoader loader(training);
    return message_of<DataError>(
        [&] { train::fit(model, optimizer, loader, {.validation = validation}); });
  };
  const datasets::CsvOptions options{.targets = {"u", "v"}};
  const std::string start = "[fit] the validation data must have the ",
                    remedy = "; csv reads a table like the training data with the option like";
  const datasets::Dataset data = parse_csv("colour,a,u,v\nred,1,2,3\nblue,4,5,6\n", "t", options);
  EXPECT_EQ(message(data, parse_csv("colour,a,u,v\nred,1,2,3\ngreen,4,5,6\n", "t", options)),
            start +
                "features of the training data, got \"colour=green\" and \"colour=blue\" for "
                "feature 0" +
                remedy);
  EXPECT_EQ(message(data, parse_csv("colour,a,u,v\nred,1,2,3\n", "t", options)),
            start + "features of the training data, got 2 and 3 features" + remedy);
  EXPECT_EQ(message(data, parse_csv("colour,a,u,v\nred,1,2,3\nblue,4,5,6\n", "t",
                                    {.targets = {"v", "u"}})),
            start + "targets of the training data, got \"v\" and \"u\" for target 0" + remedy);
  const auto without_names = [](const std::string& text) {
    return parse_csv(text, "t", {.targets = {"1"}, .header = datasets::Header::no});
  };
  EXPECT_EQ(message(without_names("red,1\nblue,2\n"), without_names("red,1\ngreen,2\n")),
            start + "features of the training data, got \"0=green\" and \"0=blue\" for feature 0" +
                remedy);
  // These tables have the same columns in another order.
  const auto labelled = [](const std::string& text, const char* label) {
    return parse_csv(text, "t", {.label = label, .header = datasets::Header::no});
  };
  Rng rng(0);
  nn::Linear model(2, 2, rng);
  optim::SGD optimizer(model.parameters(), {.lr = 0.1});
  datasets::DataLoader loader(labelled("red,x\nblue,y\n", "1"));
  EXPECT_NO_THROW(
      train::fit(model, optimizer, loader, {.validation = labelled("x,red\ny,blue\n", "0")}));
}

TEST(FitTest, ErrorsOfTheModelPassThrough) {
  Training run("adam");
  datasets::DataLoader wine(datasets::wine(datasets::Split::train));
  EXPECT_THROW(train::fit(run.model, *run.optimizer, wine), ShapeError);
}

}  // namespace
}  // namespace xgrad::test
