// SPDX-License-Identifier: MIT
#pragma once

// Helpers of the training tests: a small net with Dropout, its optimizer and its loader.

#include <support/scratch.hpp>
#include <support/tensors.hpp>
#include <xgrad/xgrad.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace xgrad::test {

inline datasets::Dataset iris_test() { return datasets::iris(datasets::Split::test); }

inline std::vector<Array> values_of(const nn::Module& model) {
  std::vector<Array> result;
  for (const Tensor& p : model.parameters()) result.push_back(p.value());
  return result;
}

/// A model, an optimizer, a loader and a schedule. An epoch is iris in 8 batches of 16 rows; the
/// last batch is shorter.
struct Training {
  explicit Training(const std::string& rule, std::uint64_t seed = 1)
      : initial(seed),
        model(nn::Linear(4, 6, initial), nn::Dropout(0.3, initial), nn::Tanh(),
              nn::Linear(6, 3, initial)),
        rng(*model.named_rngs()[0].second),
        optimizer(optim::make(rule, model.parameters(), 0.05)),
        loader(datasets::iris(datasets::Split::train), {.batch_size = 16, .seed = 7}) {}

  void step(const datasets::Batch& batch) {
    optimizer->set_learning_rate(schedule(optimizer->step_count()));
    optimizer->zero_grad();
    cross_entropy(model(batch.x), batch.y).backward();
    optimizer->step();
  }
  /// Trains with a hand-written loop until the optimizer has made `steps` steps in total.
  void train_to(std::uint64_t steps) {
    loader.set_state(progress.loader);
    while (optimizer->step_count() < steps) {
      for (auto& batch : loader) {
        step(batch);
        if (optimizer->step_count() == steps) break;
      }
    }
    progress.loader = loader.state();
  }
  void save(const std::filesystem::path& path) const {
    train::save_checkpoint(path, model, *optimizer, progress);
  }
  void load(const std::filesystem::path& path) {
    progress = train::load_checkpoint(path, model, *optimizer);
  }

  Rng initial;  ///< draws the initial weights and the seed of Dropout
  nn::Sequential model;
  Rng& rng;  ///< the generator of Dropout
  std::unique_ptr<optim::Optimizer> optimizer;
  datasets::DataLoader loader;
  optim::Schedule schedule = optim::linear_warmup(3, optim::cosine(0.05, 40, 1e-3));
  train::Progress progress{.loader = loader.state()};
};

/// A run whose epochs end with given validation losses, without training.
struct Scripted {
  void end_epoch(double loss) {
    run.end_step(1, 120);
    run.end_epoch(train::Evaluation{loss, 1 - loss, 0.1, 30});
  }
  Training training{"sgd"};
  train::Run run{training.model, *training.optimizer, training.loader};
};

/// A callback that calls a function after every step.
template <class F>
struct AfterStep : train::Callback {
  explicit AfterStep(F f) : function(f) {}
  void on_step(train::Run& run) override { function(run); }
  F function;
};

}  // namespace xgrad::test
