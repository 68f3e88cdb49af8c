// SPDX-License-Identifier: MIT
// Tests training on several processes, which are threads here.
#include "distributed/sharded_runs.hpp"

#include <support/scratch.hpp>
#include <xgrad/autograd/graph.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

namespace xgrad::test {
namespace {

using Worlds = std::vector<int>;

/// Calls body(world, run) on each process.
template <class Body>
void on_processes(int size, const std::string& rule, Body body) {
  distributed::run_as_threads(size, [&](distributed::World& world) {
    ShardedRun run(rule);
    body(world, run);
  });
}

/// Returns the checkpoint after a run on so many processes. prepare(run, options) may change them.
template <class Prepare>
std::string checkpoint_of(int size, const std::string& rule, train::FitOptions options,
                          Prepare prepare) {
  const Scratch scratch;
  on_processes(size, rule, [&](distributed::World& world, ShardedRun& run) {
    train::FitOptions own = options;
    own.world = &world;
    prepare(run, own);
    run.fit(own, scratch / "checkpoint");
  });
  return read_bytes(scratch / "checkpoint");
}
std::string checkpoint_of(int size, const std::string& rule, const train::FitOptions& options) {
  return checkpoint_of(size, rule, options, [](ShardedRun&, train::FitOptions&) {});
}

TEST(ShardsTest, CheckpointsHaveTheSameBytesForEveryRuleAndNumberOfProcesses) {
  for (const std::string& rule : optim::names()) {
    const std::string expected = checkpoint_of(1, rule, {.epochs = 2, .shards = 8});
    EXPECT_FALSE(expected.empty());
    for (const int size : {2, 4, 8}) {
      EXPECT_TRUE(checkpoint_of(size, rule, {.epochs = 2, .shards = 8}) == expected)
          << rule << " on " << size << " processes";
    }
  }
}

TEST(ShardsTest, TheNumberOfShardsNeedNotBeAPowerOfTwo) {
  for (const std::size_t shards : {1u, 3u, 6u, 7u, 12u}) {
    const std::string expected = checkpoint_of(1, "adam", {.shards = shards});
    for (const int size : {2, 3, 6, 7}) {
      if (shards % static_cast<std::size_t>(size) != 0) continue;
      EXPECT_TRUE(checkpoint_of(size, "adam", {.shards = shards}) == expected) << shards << size;
    }
  }
}

TEST(ShardsTest, EveryOptionOfFitHasTheSameBytes) {
  const auto prepare = [](ShardedRun& run, train::FitOptions& options) {
    options.validation_fraction = 0.2;
    options.schedule = optim::cosine(0.02, 40, 1e-3);
    run.optimizer = std::make_unique<optim::NAG>(
        std::vector<optim::ParameterGroup>{
            {.parameters = run.model[0].parameters()},
            {.parameters = run.model[3].parameters(), .lr_scale = 2},
            {.parameters = run.model[4].parameters(), .weight_decay = 0.01}},
        optim::NAGOptions{});
    Tensor(run.model[0].parameters()[1]).set_requires_grad(false);
  };
  for (const std::size_t accumulate : {1u, 3u}) {
    const train::FitOptions options{.epochs = 2, .accumulate = accumulate, .shards = 4};
    const std::string expected = checkpoint_of(1, "nag", options, prepare);
    EXPECT_TRUE(checkpoint_of(2, "nag", options, prepare) == expected);
    EXPECT_TRUE(checkpoint_of(4, "nag", options, prepare) == expected);
  }
}

TEST(ShardsTest, CallbacksThatKeepWeightsHaveTheSameBits) {
  for (const std::string rule : {"nag", "adam"}) {
    std::mutex mutex;
    std::vector<std::vector<Array>> results;
    std::vector<std::size_t> epochs;
    for (const int size : {1, 4}) {
      on_processes(size, rule, [&](distributed::World& world, ShardedRun& run) {
        const Scratch scratch;
        train::AveragedWeights average(0.9);
        train::BestWeights best;
        train::EarlyStopping stopping(train::Metric::validation_loss, 1);
        const train::History history =
            run.fit({.epochs = 20, .validation_fraction = 0.2, .shards = 4, .world = &world},
                    scratch / "checkpoint", {&average, &best, &stopping});
        best.restore(run.model, *run.optimizer);
        const std::scoped_lock lock(mutex);
        epochs.push_back(history.size());
        std::vector<Array>& result = results.emplace_back(average.average().values);
        for (const auto& [name, tensor] : run.model.named_state()) result.push_back(tensor.value());
      });
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(results[i], results[0]) << i;
      EXPECT_EQ(epochs[i], epochs[0]);
    }
  }
}

TEST(ShardsTest, ARunThatFourProcessesBeganIsContinuedByTwoOrOneWithTheSameBytes) {
  for (const std::string rule : {"nag", "adam"}) {
    const std::string expected = checkpoint_of(1, rule, {.epochs = 3, .shards = 8});
    for (const int size : {1, 2, 8}) {
      const Scratch scratch;
      struct StopAt : train::Callback {
        void on_step(train::Run& run) override { run.stopped = run.progress.step == 40; }
      };
      on_processes(4, rule, [&](distributed::World& world, ShardedRun& run) {
        StopAt stop;
        run.fit({.epochs = 3, .shards = 8, .world = &world}, scratch / "checkpoint", {&stop});
      });
      on_processes(size, rule, [&](distributed::World& world, ShardedRun& run) {
        const auto progress =
            train::load_checkpoint(scratch / "checkpoint", run.model, *run.optimizer);
        EXPECT_EQ(progress.step, 40u);
        run.fit({.epochs = 3, .resume = progress, .shards = 8, .world = &world}, scratch / "ended");
      });
      EXPECT_TRUE(read_bytes(scratch / "ended") == expected) << rule << " on " << size;
    }
  }
}

}  // namespace
}  // namespace xgrad::test
