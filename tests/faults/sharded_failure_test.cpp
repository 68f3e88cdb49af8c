// SPDX-License-Identifier: MIT
// Makes each request for memory of two processes fail in turn. Either both throw and nothing has
// changed, or none throws. No process waits for the other one forever.
#include "failing_memory.hpp"

#include "distributed/sharded_runs.hpp"
#include "support/scratch.hpp"
#include "support/tensors.hpp"

#include <gtest/gtest.h>

#include <array>
#include <barrier>
#include <exception>
#include <functional>
#include <new>
#include <optional>

namespace xgrad::test {
namespace {

constexpr std::size_t kProcesses = 2;

/// One of the processes.
struct Member {
  Member(distributed::World* group, const std::string& rule) : world(group), run(rule) {}
  void start() {
    step.emplace(run.model, *run.optimizer, run.loader,
                 train::ShardOptions{.shards = 6, .world = world, .clip_norm = 0.5});
  }
  void take_step() {
    for (const auto& batch : run.loader) {
      (*step)(batch);
      break;
    }
  }
  /// Returns everything that a failure must leave unchanged. A state array that does not exist is
  /// equivalent to one of zeros.
  std::vector<Array> state() const {
    std::vector<Array> all;
    for (const auto& [name, tensor] : run.model.named_state()) all.push_back(tensor.value());
    const auto add = [&](auto number) { all.push_back(full({}, static_cast<Scalar>(number))); };
    for (const auto& [name, rng] : run.model.named_rngs()) {
      for (const std::uint64_t word : rng->state()) add(word >> 40);
    }
    const optim::Optimizer& optimizer = *run.optimizer;
    add(optimizer.step_count());
    add(optimizer.is_evaluating());
    for (std::size_t i = 0; i < optimizer.parameters().size(); ++i) {
      add(optimizer.part_of(i).first);
      add(optimizer.part_of(i).second);
    }
    for (const auto& [name, arrays] : optimizer.states()) {
      for (const auto& array : *arrays) {
        const bool is_zero = !array || *array == zeros(array->shape());
        all.push_back(is_zero ? Array() : *array);
      }
    }
    return all;
  }

  distributed::World* world;
  ShardedRun run;
  std::optional<train::ShardedStep> step{};
};

using Action = std::function<void(Member&)>;

/// What happened in each process.
struct Outcome {
  bool has_failed = false;  ///< whether a request has failed
  std::array<std::exception_ptr, kProcesses> errors{};
  std::array<std::vector<Array>, kProcesses> before{}, after{};
};

/// Calls act(member) in all processes after prepare(member). The n-th request of act() fails.
Outcome outcome_of(long n, Shortage shortage, const std::string& rule, const Action& prepare,
                   const Action& act) {
  Outcome outcome;
  std::array<std::optional<Member>, kProcesses> members;
  const auto fail = [&]() noexcept { fail_request(n, shortage); };
  std::barrier begin(kProcesses, fail);
  const auto body = [&](distributed::World& world) {
    const auto rank = static_cast<std::size_t>(world.rank());
    // A new thread that gets no memory from OpenMP's library ends the program.
    matmul(Tensor(full({64, 64}, 1)), Tensor(full({64, 64}, 1)));
    Member& member = members[rank].emplace(&world, rule);
    prepare(member);
    outcome.before[rank] = member.state();
    release_cached_memory();
    begin.arrive_and_wait();
    try {
      act(member);
    } catch (const std::exception& e) {
      outcome.errors[rank] = std::current_exception();
      if (member.step) member.step->leave(e.what());
      throw;
    }
  };
  try {
    distributed::run_as_threads(kProcesses, body);
  } catch (const std::exception&) {  // is in outcome.errors
  }
  outcome.has_failed = release();
  for (std::size_t rank = 0; rank < kProcesses; ++rank) {
    outcome.after[rank] = members[rank]->state();
  }
  return outcome;
}

/// Expects that a process ran out of memory, and that the other one was told so. A process that
/// fails at its very start can tell nothing, but the other one does not wait for it.
void expect_lack_of_memory(const Outcome& outcome, bool is_start) {
  int lacks = 0;
  for (const std::exception_ptr& error : outcome.errors) {
    ASSERT_TRUE(error);
    try {
      std::rethrow_exception(error);
    } catch (const std::bad_alloc&) {
      ++lacks;
    } catch (const Error& e) {
      const std::string text = e.what();
      EXPECT_TRUE(text.find(" has failed: std::bad_alloc") != std::string::npos ||
                  (is_start && text == "[World] another process of the world has failed"))
          << text;
    }
  }
  EXPECT_GT(lacks, 0);
}

class ShardedFailureTest : public ::testing::TestWithParam<Shortage> {
 protected:
  ShardedFailureTest() { set_num_threads(1); }
  ~ShardedFailureTest() override { set_num_threads(threads_before_); }

  /// Makes each request of act() fail.
  static void expect_all_or_none(const std::string& rule, const Action& prepare, const Action& act,
                                 bool is_start = false) {
    const Outcome whole = outcome_of(0, GetParam(), rule, prepare, act);
    long failures = 0;
    for (long n = 1;; n += 1 + n / 20) {
      const Outcome outcome = outcome_of(n, GetParam(), rule, prepare, act);
      if (outcome.errors[0] || outcome.errors[1]) expect_lack_of_memory(outcome, is_start);
      for (std::size_t rank = 0; rank < kProcesses; ++rank) {
        const auto& expected = outcome.errors[rank] ? outcome.before : whole.after;
        ASSERT_TRUE(same_bits(outcome.after[rank], expected[rank])) << n << ", rank " << rank;
      }
      if (!outcome.has_failed) break;
      ++failures;
    }
    EXPECT_GT(failures, 20);
  }

 private:
  int threads_before_ = num_threads();
};

void take_steps(Member& member, unsigned steps) {
  member.start();
  for (unsigned i = 0; i < steps; ++i) member.take_step();
}

TEST_P(ShardedFailureTest, AStartThatFailsLeavesTheOptimizersWhole) {
  const auto train_alone = [](Member& member) {
    cross_entropy(member.run.model(Tensor(Rng(1).normal({4, 64}))), Labels{1, 2, 3, 4}).backward();
    member.run.optimizer->step();
  };
  expect_all_or_none(
      "adam", train_alone, [](Member& member) { member.start(); }, true);
}

TEST_P(ShardedFailureTest, AFirstStepThatFailsIsTakenByNoProcess) {
  expect_all_or_none(
      "adam", [](Member& member) { take_steps(member, 0); },
      [](Member& member) { member.take_step(); });
}

TEST_P(ShardedFailureTest, ALaterStepThatFailsIsTakenByNoProcess) {
  expect_all_or_none(
      "nag", [](Member& member) { take_steps(member, 2); },
      [](Member& member) { member.take_step(); });
}

TEST_P(ShardedFailureTest, AnEvaluationThatFailsChangesNothing) {
  const datasets::Dataset data = datasets::digits(datasets::Split::test);
  const auto evaluate = [&](Member& member) {
    const optim::EvalParametersGuard guard(*member.run.optimizer);
    train::evaluate(member.run.model, data, {}, {}, &member.step->group());
    member.step->agree(false);
  };
  expect_all_or_none(
      "nag", [](Member& member) { take_steps(member, 1); }, evaluate);
}

TEST_P(ShardedFailureTest, AnEndThatFailsDividesNoState) {
  const Scratch scratch;
  const auto finish = [&](Member& member) {
    member.step->save_checkpoint(scratch / "run", {});
    member.step->finish();
  };
  expect_all_or_none(
      "adam", [](Member& member) { take_steps(member, 1); }, finish);
}

TEST_P(ShardedFailureTest, AStepOfOneProcessThatFailsCanBeRepeated) {
  for (const unsigned steps : {0u, 2u}) {
    Member whole(nullptr, "nag");
    take_steps(whole, steps + 1);
    std::optional<Member> member;
    std::vector<Array> before;
    const long failures = fail_each_request(
        GetParam(),
        [&] {
          member.emplace(nullptr, "nag");
          take_steps(*member, steps);
          before = member->state();
        },
        [&] { member->take_step(); },
        [&](bool threw) {
          if (threw) {
            ASSERT_TRUE(same_bits(member->state(), before));
            member->run.loader.set_epoch(steps);  // repeats the batch
            member->take_step();
          }
          ASSERT_TRUE(same_bits(member->state(), whole.state()));
        });
    EXPECT_GT(failures, 50);
  }
}

TEST_P(ShardedFailureTest, ThreadsThatCannotBeStartedAreAnError) {
  const long failures = fail_each_request(
      GetParam(), [] {},
      [] {
        distributed::run_as_threads(3, [](distributed::World& world) {
          std::array<std::byte, 3> bytes{};
          world.all_gather(bytes, {1, 1, 1});  // waits for all threads
        });
      },
      [](bool) {});
  EXPECT_GT(failures, 10);
}

INSTANTIATE_TEST_SUITE_P(Shortages, ShardedFailureTest,
                         ::testing::Values(Shortage::once, Shortage::lasting), name_of_shortage);

}  // namespace
}  // namespace xgrad::test
