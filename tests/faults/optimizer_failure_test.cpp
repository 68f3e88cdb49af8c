// SPDX-License-Identifier: MIT
// Tests that a step, a pass or a file of each optimizer that runs out of memory changes nothing.
#include "failing_runs.hpp"

#include <cmath>
#include <optional>

namespace xgrad::test {
namespace {

std::string case_name(const ::testing::TestParamInfo<std::tuple<std::string, Shortage>>& info) {
  return std::get<0>(info.param) + (std::get<1>(info.param) == Shortage::once ? "Once" : "Lasting");
}

class MemoryFailureTest : public ::testing::TestWithParam<std::tuple<std::string, Shortage>> {
 protected:
  MemoryFailureTest() { set_num_threads(1); }
  ~MemoryFailureTest() override { set_num_threads(threads_before_); }
  static const std::string& rule() { return std::get<0>(GetParam()); }
  static Shortage shortage() { return std::get<1>(GetParam()); }

  /// Makes a training step fail after `steps_before` steps, then trains on until there are four
  /// more steps. The result must equal that without a failure.
  static void expect_a_step_can_fail(int steps_before) {
    Dry whole(rule());
    whole.steps(steps_before + 4);
    std::optional<Dry> run;
    std::vector<Array> before;
    const long failures = fail_each_request(
        shortage(),
        [&] {
          run.emplace(rule());
          run->steps(steps_before);
          before = state_of(run->model, *run->optimizer);
        },
        [&] { run->step(); },
        [&](bool threw) {
          if (threw) {
            ASSERT_TRUE(same_bits(state_of(run->model, *run->optimizer), before));
          }
          run->steps(threw ? 4 : 3);
          ASSERT_TRUE(same_bits(values_of(run->model), values_of(whole.model)));
        });
    EXPECT_GT(failures, 30);
  }

 private:
  int threads_before_ = num_threads();
};

TEST_P(MemoryFailureTest, AFirstStepThatFailsChangesNothing) { expect_a_step_can_fail(0); }

TEST_P(MemoryFailureTest, ALaterStepThatFailsChangesNothing) { expect_a_step_can_fail(3); }

TEST_P(MemoryFailureTest, ABackwardThatFailsLeavesTheOldGradients) {
  std::optional<Dry> run;
  std::vector<Array> before;
  fail_each_request(
      shortage(),
      [&] {
        run.emplace(rule());
        run->steps(1);
        before = gradients_of(run->model);
      },
      [&] { cross_entropy(run->model(run->x), run->y).backward(); },
      [&](bool threw) { ASSERT_EQ(same_bits(gradients_of(run->model), before), threw); });
}

TEST_P(MemoryFailureTest, AnEvalThatFailsChangesNothing) {
  std::optional<Dry> run;
  std::vector<Array> before;
  fail_each_request(
      shortage(),
      [&] {
        run.emplace(rule());
        run->steps(2);
        before = state_of(run->model, *run->optimizer);
      },
      [&] { run->optimizer->eval(); },
      [&](bool threw) {
        if (!threw) run->optimizer->train();
        ASSERT_TRUE(same_bits(state_of(run->model, *run->optimizer), before));
      });
}

TEST_P(MemoryFailureTest, ASaveThatFailsLeavesOnlyTheOldFile) {
  const Scratch scratch;
  const std::filesystem::path path = scratch / "run";
  Training run(rule());
  run.train_to(5);
  run.progress.history = {{0.5, 0.1, 2, train::Evaluation{0.5, NAN, 0.1, 30}},
                          {INFINITY, 1, 2, {}}};
  run.progress.average = {0.9, 5, values_of(run.model)};
  run.save(path);
  const std::string old = read_bytes(path);
  run.train_to(6);
  run.save(path);
  const std::string whole = read_bytes(path);
  const long failures = fail_each_request(
      shortage(), [&] { write_bytes(path, old); }, [&] { run.save(path); },
      [&](bool threw) {
        ASSERT_EQ(read_bytes(path), threw ? old : whole);
        const std::filesystem::directory_iterator files(scratch.path());
        ASSERT_EQ(std::distance(begin(files), end(files)), 1);
      });
  EXPECT_GT(failures, 80);
}

TEST_P(MemoryFailureTest, ALoadThatFailsChangesNothing) {
  const Scratch scratch;
  Training saved(rule());
  saved.train_to(5);
  saved.progress.history = {{0.5, 0.1, 2, train::Evaluation{0.5, NAN, 0.1, 30}},
                            {INFINITY, 1, 2, {}}};
  saved.progress.average = {0.9, 5, values_of(saved.model)};
  saved.save(scratch / "run");
  train::save_parameters(scratch / "parameters", saved.model);
  saved.train_to(9);
  std::optional<Training> run;
  std::vector<Array> before;
  Rng::State rng_before{};
  const auto start_other = [&] {
    run.emplace(rule(), 2);
    run->train_to(2);
    before = state_of(run->model, *run->optimizer);
    rng_before = run->rng.state();
  };
  const auto expect_unchanged = [&] {
    ASSERT_TRUE(same_bits(state_of(run->model, *run->optimizer), before));
    ASSERT_EQ(run->rng.state(), rng_before);
  };
  const long failures = fail_each_request(
      shortage(), start_other, [&] { run->load(scratch / "run"); },
      [&](bool threw) {
        if (threw) {
          expect_unchanged();
          run->load(scratch / "run");
        }
        run->train_to(9);
        ASSERT_TRUE(same_bits(values_of(run->model), values_of(saved.model)));
      });
  EXPECT_GT(failures, 100);
  fail_each_request(
      shortage(), start_other, [&] { train::load_parameters(scratch / "parameters", run->model); },
      [&](bool threw) {
        if (threw) expect_unchanged();
      });
}

INSTANTIATE_TEST_SUITE_P(Rules, MemoryFailureTest,
                         ::testing::Combine(::testing::ValuesIn(optim::names()),
                                            ::testing::Values(Shortage::once, Shortage::lasting)),
                         case_name);

}  // namespace
}  // namespace xgrad::test
