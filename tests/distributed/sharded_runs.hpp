// SPDX-License-Identifier: MIT
#pragma once

// A training run whose batches are split into shards, for the tests with threads and with MPI.

#include <xgrad/distributed.hpp>
#include <xgrad/xgrad.hpp>

#include <support/without_times.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::test {

/// Adds layers to a Sequential; the digits have 64 pixels and 10 classes.
inline nn::Sequential make_digits_net(const std::string& name, Rng& rng) {
  if (name == "lenet") {
    return nn::Sequential(nn::Conv2d(1, 6, 3, rng, {.padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
                          nn::Conv2d(6, 16, 3, rng), nn::ReLU(), nn::Flatten(),
                          nn::Linear(64, 84, rng), nn::ReLU(), nn::Dropout(0.2, rng),
                          nn::Linear(84, 10, rng));
  }
  return nn::Sequential(nn::Linear(64, 48, rng), nn::Tanh(), nn::Dropout(0.3, rng),
                        nn::BatchNorm1d(48), nn::Linear(48, 10, rng));
}

/// Returns the digits, which are read once.
inline const datasets::Dataset& training_digits() {
  static const datasets::Dataset data = datasets::digits(datasets::Split::train);
  return data;
}

/// One process of a run on the digits: an epoch has 30 batches of 48 rows, and the last one has
/// fewer. With 8 shards, some shards of it are empty.
struct ShardedRun {
  explicit ShardedRun(const std::string& rule, const std::string& net = "mlp",
                      std::uint64_t seed = 1)
      : initial(seed),
        model(make_digits_net(net, initial)),
        optimizer(optim::make(rule, model.parameters(), rule == "adadelta" ? 1.0 : 0.01)),
        data(training_digits()),
        loader(net == "lenet" ? data.reshaped({1, 8, 8}) : data,
               {.batch_size = 48, .seed = 3, .transform = datasets::Transform(add_noise)}) {}

  /// Trains with dropout, clipping, and a random transform. A checkpoint is in `path`.
  train::History fit(train::FitOptions options, const std::filesystem::path& path,
                     std::vector<train::Callback*> callbacks = {}, std::uint64_t every = 0) {
    WithoutTimes without_times;
    train::Checkpoint checkpoint(path, {.steps = every, .epochs = 1});
    callbacks.insert(callbacks.begin(), &without_times);
    callbacks.push_back(&checkpoint);
    options.callbacks = callbacks;
    if (!options.clip_norm) options.clip_norm = 0.5;
    return train::fit(model, *optimizer, loader, options);
  }

  static Array add_noise(const Array& x, Rng& rng) {
    Array y = x;
    y.data()[rng.below(y.size())] += Scalar(0.5);
    return y;
  }

  Rng initial;
  nn::Sequential model;
  std::unique_ptr<optim::Optimizer> optimizer;
  datasets::Dataset data;
  datasets::DataLoader loader;
};

}  // namespace xgrad::test
