// SPDX-License-Identifier: MIT
// Makes each request for memory fail in turn. Every failure must throw, must lose nothing, and must
// leave a state from which the results equal those without a failure.
#include "failing_memory.hpp"

#include "train/runs.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <sstream>
#include <thread>

namespace xgrad::test {
namespace {

/// A network without Dropout, because a failed step does not undo the random numbers that it drew.
struct Dry {
  explicit Dry(const std::string& rule)
      : model(nn::Linear(4, 6, rng), nn::Tanh(), nn::Linear(6, 3, rng)),
        optimizer(optim::make(rule, model.parameters(), 0.05)) {}
  void step() {
    optimizer->zero_grad();
    cross_entropy(model(x), y).backward();
    optimizer->step();
  }
  void steps(int count) {
    for (int i = 0; i < count; ++i) step();
  }

  Rng rng{3};
  nn::Sequential model;
  std::unique_ptr<optim::Optimizer> optimizer;
  Tensor x{Rng(4).normal({8, 4})};
  Labels y{0, 1, 2, 0, 1, 2, 0, 1};
};

/// Returns everything that a failed step must leave unchanged. A state array that does not exist is
/// equivalent to one of zeros.
std::vector<Array> state_of(const nn::Module& model, const optim::Optimizer& optimizer) {
  std::vector<Array> all = values_of(model);
  all.push_back(full({}, static_cast<Scalar>(optimizer.step_count())));
  all.push_back(full({}, static_cast<Scalar>(optimizer.is_evaluating())));
  for (const auto& [name, state] : optimizer.states()) {
    for (std::size_t i = 0; i < state->size(); ++i) {
      const auto& array = (*state)[i];
      all.push_back(array ? *array : full(optimizer.parameters()[i].shape(), 0));
    }
  }
  return all;
}

/// Returns the gradients of all parameters, with an empty array for a missing one.
std::vector<Array> gradients_of(const nn::Module& model) {
  std::vector<Array> result;
  for (const Tensor& p : model.parameters()) {
    result.push_back(p.has_grad() ? p.grad() : Array());
  }
  return result;
}

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

// ---- Tests that do not depend on the optimizer

class DataFailureTest : public ::testing::TestWithParam<Shortage> {};

// The gradient of a weight for a single sample is stored as two vectors, and backward() must
// compute their product before it adds another gradient.
TEST_P(DataFailureTest, ABackwardThatFailsLeavesTheOldGradientsOfASingleSample) {
  std::optional<Dry> run;
  const auto add_gradients = [&] {
    cross_entropy(run->model(Tensor(Rng(5).normal({1, 4}))), Labels{1}).backward();
  };
  run.emplace("sgd");
  add_gradients();
  const std::vector<Array> before = gradients_of(run->model);
  const long failures = fail_each_request(
      GetParam(),
      [&] {
        run.emplace("sgd");
        add_gradients();
      },
      add_gradients,
      [&](bool threw) { ASSERT_EQ(same_bits(gradients_of(run->model), before), threw); });
  EXPECT_GT(failures, 10);
}

TEST_P(DataFailureTest, ATableIsReadCompletelyOrNotAtAll) {
  const std::string text = "a,b,kind\n1,2,\"x\"\n3,4,a long name of a class with many letters\n";
  const Scratch scratch;
  write_bytes(scratch / "table.csv", text);
  std::optional<datasets::Dataset> table;
  const long failures = fail_each_request(
      GetParam(), [&] { table.reset(); },
      [&] { table = datasets::csv(scratch / "table.csv", {.standardize = true}); },
      [&](bool threw) {
        ASSERT_EQ(table.has_value(), !threw);
        if (table) {
          ASSERT_EQ(table->size(), 2u);
        }
      });
  EXPECT_GT(failures, 20);
}

TEST_P(DataFailureTest, AnEncoderIsWrittenAndReadCompletelyOrNotAtAll) {
  const std::string table = "size,colour,kind\n1,red,a long name of a class\n2,blue,b\n";
  const datasets::RowEncoder encode(datasets::parse_csv(table, "table", {.standardize = true}));
  const std::string whole = encode.to_json();
  std::string text;
  const long failures = fail_each_request(
      GetParam(), [&] { text.clear(); },
      [&] { text = datasets::RowEncoder::from_json(encode.to_json()).to_json(); },
      [&](bool threw) { ASSERT_EQ(text, threw ? "" : whole); });
  EXPECT_GT(failures, 50);
}

void expect_a_loader_repeats_the_batch_that_failed(Shortage shortage, const datasets::Dataset& data,
                                                   const datasets::DataLoaderOptions& options) {
  using Seen = std::vector<Scalar>;
  const auto read = [](datasets::DataLoader& loader, Seen& seen) {
    for (auto& [x, y] : loader) seen.push_back(x.value().data()[0] + x.value().data()[5]);
  };
  datasets::DataLoader reference(data, options);
  Seen whole;
  for (int epoch = 0; epoch < 2; ++epoch) read(reference, whole);
  std::optional<datasets::DataLoader> loader;
  Seen seen;
  const long failures = fail_each_request(
      shortage,
      [&] {
        loader.emplace(data, options);
        seen.clear();
        seen.reserve(whole.size());
      },
      [&] {
        for (int epoch = 0; epoch < 2; ++epoch) read(*loader, seen);
      },
      [&](bool threw) {
        if (threw) loader->set_state(loader->state());
        while (seen.size() < whole.size()) read(*loader, seen);
        ASSERT_EQ(seen, whole);
      });
  EXPECT_GT(failures, 5);
}

TEST_P(DataFailureTest, ALoaderRepeatsTheBatchThatFailed) {
  expect_a_loader_repeats_the_batch_that_failed(GetParam(), datasets::iris(datasets::Split::train),
                                                {.batch_size = 16, .seed = 7});
}

TEST_P(DataFailureTest, ALoaderRepeatsTheTransformsOfTheBatchThatFailed) {
  const datasets::Transform augment{
      datasets::shift(2), datasets::flip_horizontal(), datasets::normalize(3, 2),
      [](const Array& x, Rng& rng) { return Array(x + static_cast<Scalar>(rng.uniform())); }};
  expect_a_loader_repeats_the_batch_that_failed(
      GetParam(), datasets::digits(datasets::Split::test).reshaped({1, 8, 8}),
      {.batch_size = 100, .seed = 7, .transform = augment});
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

TEST_P(DataFailureTest, AGroupThatCannotBeAddedLeavesTheOptimizerAsItWas) {
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

TEST_P(DataFailureTest, AForwardPassThatFailsMovesNoBufferOrAllOfItsLayer) {
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

TEST_P(DataFailureTest, ALoadOfGroupsAndBuffersThatFailsChangesNothing) {
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

/// Trains for two epochs with every callback. Resumes from the checkpoint in the folder, if there
/// is one.
void fit_with_everything(Training& run, const std::filesystem::path& folder) {
  std::ostringstream lines;
  train::ProgressReport report(lines);
  train::NaNGuard guard;
  train::BestWeights best;
  train::AveragedWeights average(0.9);
  train::EarlyStopping stop;
  train::CsvLog log(folder / "log.csv");
  train::Checkpoint checkpoint(folder / "run", {.steps = 3});
  std::optional<train::Progress> resume;
  if (std::filesystem::exists(folder / "run")) {
    resume = train::load_checkpoint(folder / "run", run.model, *run.optimizer);
  }
  train::fit(run.model, *run.optimizer, run.loader,
             {.epochs = 2,
              .validation = datasets::iris(datasets::Split::test),
              .schedule = run.schedule,
              .clip_norm = 1.0,
              .accumulate = 2,
              .callbacks = {&guard, &report, &best, &average, &stop, &log, &checkpoint},
              .resume = std::move(resume)});
}

TEST_P(DataFailureTest, AFitThatFailsResumesFromItsCheckpoint) {
  const Scratch reference;
  Training whole("nag");
  fit_with_everything(whole, reference.path());
  std::optional<Scratch> scratch;
  std::optional<Training> run;
  const long failures = fail_each_request(
      GetParam(),
      [&] {
        scratch.emplace();
        run.emplace("nag");
      },
      [&] { fit_with_everything(*run, scratch->path()); },
      [&](bool threw) {
        ASSERT_FALSE(run->optimizer->is_evaluating());
        ASSERT_TRUE(run->model.is_training());
        if (threw) {
          run.emplace("nag");
          fit_with_everything(*run, scratch->path());
        }
        ASSERT_TRUE(same_bits(values_of(run->model), values_of(whole.model)));
      });
  EXPECT_GT(failures, 100);
}

TEST_P(DataFailureTest, ALargeStepOnTwoThreadsThatFailsChangesNothing) {
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

/// A run of NAG after two epochs. The second epoch is the better one, but BestWeights has not seen
/// it yet and keeps the weights of the first.
struct Watched {
  Training run{"nag"};
  train::Run state{run.model, *run.optimizer, run.loader};
  train::BestWeights best;
  std::vector<Array> first;
  Watched() {
    run.train_to(3);
    run.optimizer->eval();
    first = values_of(run.model);
    run.optimizer->train();
    state.end_epoch(train::Evaluation{.loss = 2});
    best.on_epoch(state);
    run.train_to(5);
    state.end_epoch(train::Evaluation{.loss = 1});
  }
};

TEST_P(DataFailureTest, BestWeightsThatFailToCopyKeepTheOldWeightsAndTheMode) {
  std::optional<Watched> watched;
  const long failures = fail_each_request(
      GetParam(), [&] { watched.emplace(); }, [&] { watched->best.on_epoch(watched->state); },
      [&](bool threw) {
        ASSERT_FALSE(watched->run.optimizer->is_evaluating());
        watched->best.restore(watched->run.model, *watched->run.optimizer);
        ASSERT_EQ(same_bits(values_of(watched->run.model), watched->first), threw);
      });
  EXPECT_GT(failures, 10);
}

TEST_P(DataFailureTest, AveragesThatFailToStartLeaveTheRunWithoutThem) {
  std::optional<Training> run;
  std::optional<train::Run> state;
  train::AveragedWeights average(0.9);
  const long failures = fail_each_request(
      GetParam(),
      [&] {
        run.emplace("nag");
        run->train_to(3);
        state.emplace(train::Run{run->model, *run->optimizer, run->loader});
      },
      [&] { average.on_begin(*state); },
      [&](bool threw) {
        ASSERT_EQ(state->average == nullptr, threw);
        ASSERT_FALSE(run->optimizer->is_evaluating());
      });
  EXPECT_GT(failures, 5);
}

TEST_P(DataFailureTest, APredictionThatFailsRestoresTheMode) {
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

INSTANTIATE_TEST_SUITE_P(Shortages, DataFailureTest,
                         ::testing::Values(Shortage::once, Shortage::lasting),
                         [](const auto& each) {
                           return each.param == Shortage::once ? "Once" : "Lasting";
                         });

}  // namespace
}  // namespace xgrad::test
