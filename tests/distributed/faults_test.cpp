// SPDX-License-Identifier: MIT
// Tests that no process hangs if another one fails, stops or differs.
#include "distributed/sharded_runs.hpp"

#include <support/scratch.hpp>

#include <gtest/gtest.h>

#include <mutex>

namespace xgrad::test {
namespace {

/// Calls act(run) in one of the hooks, at its third call or at the only one.
struct InHook : train::Callback {
  InHook(int which, std::function<void(train::Run&)> f) : hook(which), act(std::move(f)) {}
  void call(int which, int number, train::Run& run) {
    if (which == hook && ++calls == number) act(run);
  }
  void on_begin(train::Run& run) override { call(0, 1, run); }
  void on_loss(train::Run& run) override { call(1, 3, run); }
  void on_gradient(train::Run& run) override { call(2, 3, run); }
  void on_step(train::Run& run) override { call(3, 3, run); }
  void on_epoch(train::Run& run) override { call(4, 1, run); }
  void on_end(train::Run& run) override { call(5, 1, run); }
  int hook, calls = 0;
  std::function<void(train::Run&)> act;
};
constexpr int kHooks = 6;

/// Runs two epochs on three processes, of which one calls `act` in a hook. Returns what each
/// process has thrown, or "".
std::vector<std::string> errors_of(int hook, const std::function<void(train::Run&)>& act,
                                   const std::function<void(train::Run&, int)>& look) {
  std::vector<std::string> errors(3);
  const Scratch scratch;
  distributed::run_as_threads(3, [&](distributed::World& world) {
    ShardedRun run("nag");
    train::AveragedWeights average(0.9);  // calls eval() of NAG, which all processes must call
    InHook fault(world.rank() == 1 ? hook : -1, act);
    struct Look : train::Callback {
      void on_end(train::Run& r) override { f(r); }
      std::function<void(train::Run&)> f;
    } end;
    end.f = [&](train::Run& r) { look(r, world.rank()); };
    try {
      run.fit({.epochs = 2, .validation_fraction = 0.2, .shards = 6, .world = &world},
              scratch / "checkpoint", {&fault, &average, &end}, 2);
    } catch (const train::OtherProcessError& e) {
      errors[static_cast<std::size_t>(world.rank())] = std::string("other: ") + e.what();
    } catch (const Error& e) {
      errors[static_cast<std::size_t>(world.rank())] = e.what();
    }
  });
  return errors;
}

TEST(DistributedFaultsTest, AnErrorInAHookOfOneProcessIsAnErrorOfAll) {
  for (int hook = 0; hook < kHooks; ++hook) {
    const auto errors = errors_of(
        hook, [](train::Run&) { throw DataError("[test] no"); }, [](train::Run&, int) {});
    EXPECT_EQ(errors[1], "[test] no") << hook;
    EXPECT_EQ(errors[0], "other: [fit] process 1 has failed: [test] no") << hook;
    EXPECT_EQ(errors[2], errors[0]) << hook;
  }
}

TEST(DistributedFaultsTest, AStopInAHookOfOneProcessStopsAllAfterTheSameStep) {
  // The steps and epochs that have ended, and the next batch; an epoch has 24 steps.
  const std::uint64_t expected[kHooks][3] = {{0, 0, 0}, {2, 0, 2},  {2, 0, 2},
                                             {3, 0, 3}, {24, 1, 0}, {48, 2, 0}};
  for (int hook = 0; hook < kHooks; ++hook) {
    std::vector<std::vector<std::uint64_t>> ends(3);
    const auto errors = errors_of(
        hook, [](train::Run& run) { run.stopped = true; },
        [&](train::Run& run, int rank) {
          ends[static_cast<std::size_t>(rank)] = {run.progress.step, run.progress.epoch,
                                                  run.loader.state().batch};
        });
    for (std::size_t rank = 0; rank < 3; ++rank) {
      EXPECT_EQ(errors[rank], "");
      EXPECT_EQ(ends[rank], std::vector<std::uint64_t>(expected[hook], expected[hook] + 3))
          << "hook " << hook << ", rank " << rank;
    }
  }
}

TEST(DistributedFaultsTest, AnErrorInTheForwardPassNamesTheProcess) {
  std::atomic<int> others{0};
  const auto body = [&](distributed::World& world) {
    ShardedRun run("adam");
    int calls = 0;
    const train::Criterion criterion = [&](const Tensor& output, const Target& y) {
      if (world.rank() == 2 && ++calls == 5) throw DataError("[test] no loss");
      return cross_entropy(output, y);
    };
    const Rng::State before = run.model.named_rngs()[0].second->state();
    try {
      train::fit(run.model, *run.optimizer, run.loader,
                 {.criterion = criterion, .shards = 4, .world = &world});
    } catch (const train::OtherProcessError& e) {
      EXPECT_STREQ(e.what(), "[fit] process 2 has failed: [test] no loss");
      EXPECT_EQ(run.optimizer->step_count(), 4u);
      ++others;
    } catch (const DataError&) {
      EXPECT_EQ(run.optimizer->step_count(), 4u);
      EXPECT_NE(run.model.named_rngs()[0].second->state(), before);
    }
  };
  distributed::run_as_threads(4, body);
  EXPECT_EQ(others, 3);
}

/// Returns the error of each of two processes, whose runs `change` makes different.
std::vector<std::string> differences(
    const std::function<void(ShardedRun&, train::FitOptions&, int rank)>& change) {
  std::vector<std::string> errors(2);
  distributed::run_as_threads(2, [&](distributed::World& world) {
    ShardedRun run("adam");
    train::FitOptions options{.shards = 8, .world = &world};
    change(run, options, world.rank());
    try {
      train::fit(run.model, *run.optimizer, run.loader, options);
    } catch (const OptionError& e) {
      errors[static_cast<std::size_t>(world.rank())] = e.what();
    }
  });
  return errors;
}

TEST(DistributedFaultsTest, ADifferenceOfTheProcessesIsTheSameErrorOnAll) {
  const auto expect = [](const std::string& what, auto change) {
    const auto errors = differences(change);
    EXPECT_NE(errors[0].find("[fit] all processes must have the same " + what), std::string::npos)
        << errors[0];
    EXPECT_EQ(errors[0], errors[1]);
  };
  using Options = train::FitOptions;
  expect("number of shards, but process 0 has 8, and process 1 has 10",
         [](ShardedRun&, Options& o, int rank) { o.shards += 2 * static_cast<unsigned>(rank); });
  expect("number of batches in a step",
         [](ShardedRun&, Options& o, int rank) { o.accumulate += static_cast<unsigned>(rank); });
  expect("norm for clipping", [](ShardedRun&, Options& o, int rank) {
    if (rank == 1) o.clip_norm = 1;
  });
  expect("loader, but process 0 has batch_size 48", [](ShardedRun& run, Options&, int rank) {
    run.loader = datasets::DataLoader(run.data, {.batch_size = 24 + 24u * unsigned(1 - rank)});
  });
  expect("data", [](ShardedRun& run, Options&, int rank) {
    Labels y = run.data.labels();
    y(700) = rank;
    run.loader =
        datasets::DataLoader(datasets::Dataset(run.data.gather_all(), y, 10), {.batch_size = 48});
  });
  expect("values of the model", [](ShardedRun& run, Options&, int rank) {
    mutable_value(run.model.parameters()[0]).data()[5] += static_cast<Scalar>(rank);
  });
  expect("optimizer, but process 0 has adam", [](ShardedRun& run, Options&, int rank) {
    if (rank == 1) run.optimizer = optim::make("sgd", run.model.parameters(), 0.01);
  });
  expect("learning rate", [](ShardedRun& run, Options&, int rank) {
    run.optimizer->set_learning_rate(0.01 + rank);
  });
}

TEST(DistributedFaultsTest, TheNumberOfProcessesMustDivideTheShards) {
  const auto errors = differences([](ShardedRun&, train::FitOptions& o, int) { o.shards = 7; });
  EXPECT_EQ(errors[0], "[fit] shards must be a multiple of the number of processes, 2, got 7");
  EXPECT_EQ(errors[0], errors[1]);
}

TEST(DistributedFaultsTest, TheStateOfTheOptimizerIsDividedAndThenWhole) {
  std::mutex mutex;
  std::size_t elements = 0;
  distributed::run_as_threads(4, [&](distributed::World& world) {
    ShardedRun run("adam");
    train::ShardedStep step(run.model, *run.optimizer, run.loader, {.shards = 4, .world = &world});
    for (auto& batch : run.loader) {
      EXPECT_EQ(batch.x.shape()[0], 12u);  // of 48
      step(batch);
      break;
    }
    {
      const std::scoped_lock lock(mutex);
      for (const auto& state : *run.optimizer->states()[0].second) {
        elements += state ? state->size() : 0;
      }
    }
    EXPECT_THROW(run.optimizer->add_group({{Tensor(zeros({1}), true)}}), Error);
    EXPECT_THROW(run.optimizer->explain(run.model.parameters()[0], {0, 0}), Error);
    step.finish();
    for (std::size_t i = 0; i < run.model.parameters().size(); ++i) {
      EXPECT_EQ(run.optimizer->states()[0].second->at(i)->shape(),
                run.model.parameters()[i].shape());
    }
  });
  std::size_t expected = 0;
  for (const Tensor& p : ShardedRun("adam").model.parameters()) expected += p.size();
  EXPECT_EQ(elements, expected);
}

}  // namespace
}  // namespace xgrad::test
