// SPDX-License-Identifier: MIT
// Tests that a model and its optimizer stay as they are if a pass, a new group of parameters or a
// checkpoint runs out of memory.
#include "failing_runs.hpp"

#include <algorithm>
#include <optional>

namespace xgrad::test {
namespace {

class ModelFailureTest : public ::testing::TestWithParam<Shortage> {};

// The gradient of a weight for a single sample is stored as two vectors, and backward() must
// compute their product before it adds another gradient. The product needs more memory than any
// array that was freed before, so that it makes a request of its own.
TEST_P(ModelFailureTest, ABackwardThatFailsLeavesTheOldGradientsOfASingleSample) {
  std::optional<nn::Sequential> model;
  const auto add_gradients = [&] {
    cross_entropy((*model)(Tensor(Rng(5).normal({1, 20}))), Labels{1}).backward();
  };
  const auto start = [&] {
    Rng rng{3};
    model.emplace(nn::Linear(20, 30, rng), nn::Tanh(), nn::Linear(30, 3, rng));
    add_gradients();
  };
  start();
  const std::vector<Array> before = gradients_of(*model);
  const long failures = fail_each_request(GetParam(), start, add_gradients, [&](bool threw) {
    ASSERT_EQ(same_bits(gradients_of(*model), before), threw);
  });
  EXPECT_GT(failures, 10);
}

/// A net with buffers, and an optimizer with two groups.
struct Grouped {
  Grouped() : model(nn::Linear(4, 6, rng), nn::BatchNorm1d(6), nn::Linear(6, 3, rng)) {
    const std::vector<Tensor> all = model.parameters();
    optimizer.emplace(std::vector<optim::ParameterGroup>{{{all.begin(), all.begin() + 4}}},
                      optim::NAGOptions{.lr = 0.1, .weight_decay = 0.01});
    rest = {{all.begin() + 4, all.end()}, 0.5, 0.0};
  }
  void step() {
    optimizer->zero_grad();
    cross_entropy(model(x), y).backward();
    optimizer->step();
  }
  std::vector<Array> state() const {
    std::vector<Array> all = state_of(model, *optimizer);
    for (const Tensor& buffer : model.buffers()) all.push_back(buffer.value());
    return all;
  }

  Rng rng{3};
  nn::Sequential model;
  std::optional<optim::NAG> optimizer;
  optim::ParameterGroup rest;
  Tensor x{Rng(4).normal({8, 4})};
  Labels y{0, 1, 2, 0, 1, 2, 0, 1};
};

TEST_P(ModelFailureTest, AGroupThatCannotBeAddedLeavesTheOptimizerAsItWas) {
  Grouped with, without;
  with.step();
  without.step();
  const std::string before = without.optimizer->description();
  without.step();
  with.optimizer->add_group(with.rest);
  const std::string after = with.optimizer->description();
  with.step();
  std::optional<Grouped> run;
  const long failures = fail_each_request(
      GetParam(),
      [&] {
        run.emplace();
        run->step();
      },
      [&] { run->optimizer->add_group(run->rest); },
      [&](bool threw) {
        ASSERT_EQ(run->optimizer->description(), threw ? before : after);
        run->step();
        ASSERT_TRUE(same_bits(run->state(), threw ? without.state() : with.state()));
      });
  EXPECT_GT(failures, 5);
}

TEST_P(ModelFailureTest, AForwardPassThatFailsMovesNoBufferOrAllOfItsLayer) {
  Grouped after;
  const std::vector<Array> before = after.state();
  after.model(after.x);
  std::optional<Grouped> run;
  const long failures = fail_each_request(
      GetParam(), [&] { run.emplace(); }, [&] { run->model(run->x); },
      [&](bool threw) {
        const std::vector<Array> state = run->state();
        ASSERT_TRUE(same_bits(state, after.state()) || (threw && same_bits(state, before)));
      });
  EXPECT_GT(failures, 10);
}

TEST_P(ModelFailureTest, ALoadOfGroupsAndBuffersThatFailsChangesNothing) {
  const Scratch scratch;
  Grouped saved;
  saved.optimizer->add_group(saved.rest);
  for (int i = 0; i < 3; ++i) saved.step();
  train::save_checkpoint(scratch / "run", saved.model, *saved.optimizer, {});
  std::optional<Grouped> run;
  std::vector<Array> before;
  const long failures = fail_each_request(
      GetParam(),
      [&] {
        run.emplace();
        run->optimizer->add_group(run->rest);
        run->step();
        before = run->state();
      },
      [&] { train::load_checkpoint(scratch / "run", run->model, *run->optimizer); },
      [&](bool threw) { ASSERT_TRUE(same_bits(run->state(), threw ? before : saved.state())); });
  EXPECT_GT(failures, 50);
}

TEST_P(ModelFailureTest, ALargeStepOnTwoThreadsThatFailsChangesNothing) {
  const int threads_before = num_threads();
  set_num_threads(2);
  struct Wide {
    Rng rng{5};
    nn::Sequential model{nn::Linear(300, 300, rng), nn::ReLU(), nn::Linear(300, 10, rng)};
    optim::Adam optimizer{model.parameters()};
    Tensor x{Rng(6).normal({128, 300})};
    Labels y = Labels::from_shape({128});
    Wide() { std::fill(y.begin(), y.end(), 3); }
    void step() {
      optimizer.zero_grad();
      cross_entropy(model(x), y).backward();
      optimizer.step();
    }
  };
  Wide whole;
  for (int i = 0; i < 2; ++i) whole.step();
  std::optional<Wide> run;
  std::vector<Array> before;
  fail_each_request(
      GetParam(),
      [&] {
        run.emplace();
        before = state_of(run->model, run->optimizer);
      },
      [&] { run->step(); },
      [&](bool threw) {
        if (threw) {
          ASSERT_TRUE(same_bits(state_of(run->model, run->optimizer), before));
        }
        for (int i = threw ? 0 : 1; i < 2; ++i) run->step();
        ASSERT_TRUE(same_bits(values_of(run->model), values_of(whole.model)));
      });
  set_num_threads(threads_before);
}

TEST_P(ModelFailureTest, APredictionThatFailsRestoresTheMode) {
  const datasets::Dataset digits = datasets::digits(datasets::Split::test);
  Rng rng(1);
  nn::Sequential model{nn::Linear(64, 10, rng)};
  const Array wanted = train::predict(model, digits).value();
  std::optional<Tensor> found;
  const long failures = fail_each_request(
      GetParam(), [&] { found.reset(); }, [&] { found = train::predict(model, digits); },
      [&](bool threw) {
        ASSERT_EQ(found.has_value(), !threw);
        ASSERT_TRUE(model.is_training());
        ASSERT_TRUE(grad_enabled());
        if (found) {
          ASSERT_TRUE(same_bits(found->value(), wanted));
        }
      });
  EXPECT_GT(failures, 5);
}

INSTANTIATE_TEST_SUITE_P(Shortages, ModelFailureTest,
                         ::testing::Values(Shortage::once, Shortage::lasting), name_of_shortage);

}  // namespace
}  // namespace xgrad::test
