// SPDX-License-Identifier: MIT
// Tests the hooks, the position and the errors of fit() if a step uses several batches.
#include "runs.hpp"

namespace xgrad::test {
namespace {

/// A net without Dropout, so that a repeated step has the same result. 8 batches make 3 steps.
struct ThreeSteps {
  ThreeSteps() = default;
  train::History fit(std::vector<train::Callback*> callbacks, std::size_t epochs = 1) {
    options.epochs = epochs;
    options.callbacks = std::move(callbacks);
    return train::fit(model, optimizer, loader, options);
  }
  Rng rng{3};
  nn::Sequential model{nn::Linear(4, 6, rng), nn::Tanh(), nn::Linear(6, 3, rng)};
  optim::NAG optimizer{model.parameters()};
  datasets::DataLoader loader{datasets::iris(datasets::Split::train), {.batch_size = 16}};
  train::FitOptions options{.accumulate = 3};
};

/// Counts the calls of the hooks, and compares the loss of a step with those of its batches.
struct Counter : train::Callback {
  void on_loss(train::Run& run) override {
    const double in_batch = ++losses == 8 ? 8 : 16;  // 120 rows in batches of 16
    weighted += in_batch * run.loss;
    in_step += in_batch;
  }
  void on_gradient(train::Run& run) override { EXPECT_EQ(run.optimizer.step_count(), gradients++); }
  void on_step(train::Run& run) override {
    EXPECT_NEAR(run.loss, weighted / in_step, 1e-12);
    weighted = in_step = 0;
    rows.push_back(run.progress.rows);
  }
  std::size_t losses = 0, gradients = 0;
  double weighted = 0, in_step = 0;
  std::vector<std::uint64_t> rows;
};

TEST(AccumulateHooksTest, OnLossIsCalledForEachBatchAndTheOtherHooksForEachStep) {
  ThreeSteps run;
  Counter counter;
  run.fit({&counter});
  EXPECT_EQ(counter.losses, 8u);
  EXPECT_EQ(counter.gradients, 3u);
  EXPECT_EQ(counter.rows, (std::vector<std::uint64_t>{48, 96, 120}));
}

TEST(AccumulateHooksTest, OnGradientSeesClippedGradientsBeforeTheStep) {
  struct Look : train::Callback {
    void on_gradient(train::Run& run) override {
      squares = 0;
      for (const Tensor& p : run.optimizer.parameters()) {
        for (const Scalar g : p.grad()) squares += static_cast<double>(g) * static_cast<double>(g);
      }
      before = values_of(run.model);
    }
    void on_step(train::Run& run) override {
      EXPECT_NEAR(squares, 1e-4, 1e-8);
      EXPECT_FALSE(same_bits(values_of(run.model), before));
    }
    double squares = 0;
    std::vector<Array> before;
  } look;
  ThreeSteps run;
  run.options.clip_norm = 0.01;
  const std::vector<Array> before = values_of(run.model);
  run.fit({&look});
  EXPECT_GT(look.squares, 0);
}

TEST(AccumulateHooksTest, AStepThatACallbackPreventsIsRepeatedByTheResumedRun) {
  struct StopAt : train::Callback {
    void on_loss(train::Run& run) override { run.stopped = ++losses == at_loss; }
    void on_gradient(train::Run& run) override { run.stopped = ++gradients == at_gradient; }
    std::size_t losses = 0, gradients = 0, at_loss = 0, at_gradient = 0;
  };
  ThreeSteps whole;
  whole.fit({}, 2);
  const Scratch scratch;
  for (const bool at_gradient : {false, true}) {
    for (std::size_t at = 1; at <= (at_gradient ? 6 : 16); ++at) {
      ThreeSteps stopped, resumed;
      StopAt stop;
      (at_gradient ? stop.at_gradient : stop.at_loss) = at;
      train::Checkpoint checkpoint(scratch / "run");
      stopped.fit({&stop, &checkpoint}, 2);
      EXPECT_LT(stopped.optimizer.step_count(), 6u);
      resumed.options.resume =
          train::load_checkpoint(scratch / "run", resumed.model, resumed.optimizer);
      resumed.fit({}, 2);
      EXPECT_EQ(resumed.optimizer.step_count(), 6u);
      EXPECT_TRUE(same_bits(values_of(resumed.model), values_of(whole.model))) << at;
    }
  }
}

TEST(AccumulateHooksTest, ARunResumedAfterAnyStepEqualsTheUninterruptedRun) {
  const Scratch scratch;
  for (const bool drop_last : {false, true}) {
    const auto make = [&] {
      auto run = std::make_unique<Training>("adam");
      run->loader = datasets::DataLoader(run->loader.dataset(),
                                         {.batch_size = 16, .seed = 7, .drop_last = drop_last});
      return run;
    };
    const std::uint64_t steps = drop_last ? 6 : 9;  // of three epochs
    const auto whole = make();
    train::FitOptions options{.epochs = 3, .accumulate = 3};
    const train::History history =
        train::fit(whole->model, *whole->optimizer, whole->loader, options);
    EXPECT_EQ(whole->optimizer->step_count(), steps);
    for (std::uint64_t stop = 1; stop <= steps; ++stop) {
      const auto stopped = make(), resumed = make();
      AfterStep button([&](train::Run& run) { run.stopped = run.progress.step == stop; });
      train::Checkpoint checkpoint(scratch / "run");
      train::FitOptions first = options, second = options;
      first.callbacks = {&button, &checkpoint};
      train::fit(stopped->model, *stopped->optimizer, stopped->loader, first);
      second.resume = train::load_checkpoint(scratch / "run", resumed->model, *resumed->optimizer);
      const train::History all =
          train::fit(resumed->model, *resumed->optimizer, resumed->loader, second);
      EXPECT_TRUE(same_bits(values_of(resumed->model), values_of(whole->model))) << stop;
      EXPECT_EQ(all.back().train_loss, history.back().train_loss);
      EXPECT_EQ(resumed->loader.state().epoch, 3u);
      EXPECT_EQ(resumed->loader.state().batch, 0u);
    }
  }
}

TEST(AccumulateHooksTest, ANumberOfBatchesAboveThoseOfTheEpochIsOneStep) {
  for (const std::size_t accumulate : {std::size_t{8}, std::numeric_limits<std::size_t>::max()}) {
    ThreeSteps run;
    run.options.accumulate = accumulate;
    run.fit({}, 2);
    EXPECT_EQ(run.optimizer.step_count(), 2u);
  }
}

TEST(AccumulateHooksTest, ZeroBatchesAndADropLastThatLeavesNoStepAreRejected) {
  ThreeSteps run;
  run.model.eval();
  run.options.accumulate = 0;
  EXPECT_EQ(message_of<OptionError>([&] { run.fit({}); }),
            "[fit] accumulate must be a positive finite number, got 0");
  run.loader = datasets::DataLoader(run.loader.dataset(), {.batch_size = 16, .drop_last = true});
  run.options.accumulate = 8;
  EXPECT_EQ(message_of<OptionError>([&] { run.fit({}); }),
            "[fit] drop_last leaves no step: a step needs 8 batches, the loader has 7");
  EXPECT_FALSE(run.model.is_training());
  EXPECT_EQ(run.loader.epoch(), 0u);
}

// ---- Parameters without a gradient

/// A model with a layer that forward() does not use.
struct Forgetful : nn::Module {
  explicit Forgetful(Rng& rng)
      : used(register_module("used", nn::Linear(4, 3, rng))),
        forgotten(register_module("forgotten", nn::Linear(4, 3, rng))) {}
  Tensor forward(const Tensor& x) override {
    return ++calls == remembered_at ? used(x) + forgotten(x) : used(x);
  }
  nn::Linear &used, &forgotten;
  int calls = 0;
  int remembered_at = 0;  ///< number of the call that uses both layers, from 1; 0: none
};

struct ForgetfulRun {
  train::History fit(train::FitOptions options) {
    optim::SGD optimizer(parameters);
    return train::fit(model, optimizer, loader, options);
  }
  Rng rng{3};
  Forgetful model{rng};
  std::vector<Tensor> parameters = model.parameters();
  datasets::DataLoader loader{datasets::iris(datasets::Split::train), {.batch_size = 50}};
};

TEST(MissingGradientTest, FitNamesTheParameterAfterTheFirstEpoch) {
  ForgetfulRun run;
  EXPECT_EQ(message_of<Error>([&] { run.fit({.epochs = 2}); }),
            "[fit] each parameter of the optimizer must receive a gradient, but the parameter "
            "\"forgotten.weight\" received none in the first epoch; use it in the loss, or freeze "
            "it with set_requires_grad(false)");
  EXPECT_EQ(run.loader.epoch(), 1u);
}

TEST(MissingGradientTest, AParameterOutsideTheModelIsFoundToo) {
  ForgetfulRun run;
  run.parameters = run.model.used.parameters();
  run.parameters.emplace_back(full({2}, 1), true);
  EXPECT_NE(message_of<Error>([&] { run.fit({}); }).find("but a parameter outside the model rec"),
            std::string::npos);
}

TEST(MissingGradientTest, FrozenParametersAndThoseOutsideTheOptimizerMayHaveNone) {
  ForgetfulRun some, frozen;
  some.parameters = some.model.used.parameters();
  EXPECT_NO_THROW(some.fit({}));
  for (Tensor p : frozen.model.forgotten.parameters()) p.set_requires_grad(false);
  frozen.parameters = frozen.model.used.parameters();
  EXPECT_NO_THROW(frozen.fit({}));
  ForgetfulRun later;  // frozen after the optimizer was created
  struct Freeze : train::Callback {
    void on_begin(train::Run& run) override {
      for (Tensor p : dynamic_cast<Forgetful&>(run.model).forgotten.parameters()) {
        p.set_requires_grad(false);
      }
    }
  } freeze;
  EXPECT_NO_THROW(later.fit({.callbacks = {&freeze}}));
}

TEST(MissingGradientTest, OneGradientInTheFirstEpochIsEnough) {
  ForgetfulRun run;
  run.model.remembered_at = 2;
  EXPECT_NO_THROW(run.fit({.epochs = 2}));
}

TEST(MissingGradientTest, OnlyAWholeFirstEpochIsChecked) {
  ForgetfulRun run;
  AfterStep stop([](train::Run& r) { r.stopped = true; });
  EXPECT_NO_THROW(run.fit({.callbacks = {&stop}}));
  train::FitOptions second;
  second.resume = train::Progress{.loader = run.loader.state(), .rows = 50};
  EXPECT_NO_THROW(run.fit(second));
}

}  // namespace
}  // namespace xgrad::test
