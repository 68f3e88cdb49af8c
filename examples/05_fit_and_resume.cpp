// SPDX-License-Identifier: MIT
// Lesson 5: train with fit(), stop, and resume from a checkpoint.
//
//   05_fit_and_resume
//
// Trains one model on the digits for 10 epochs. Trains a second model for 4 epochs, and resumes its
// run from the checkpoint until epoch 10. Exits with 1 unless both runs end with the same losses,
// bit for bit, and with an accuracy of at least 90 %.
#include <xgrad/xgrad.hpp>

#include <cstdio>
#include <filesystem>
#include <iostream>

using namespace xgrad;

namespace {

const std::filesystem::path file = "digits.checkpoint";

/// Trains until epoch `epochs`, from the start or from the checkpoint, and returns the history.
train::History train_to(std::size_t epochs, bool resume) {
  Rng rng(0);
  nn::Sequential model{nn::Linear(64, 64, rng), nn::ReLU(), nn::Dropout(0.2, rng),
                       nn::Linear(64, 10, rng)};
  optim::NAG optimizer(model.parameters());
  datasets::DataLoader loader(datasets::digits(datasets::Split::train), {.batch_size = 32});

  train::ProgressReport report(std::cout);
  train::EarlyStopping stopping(train::Metric::validation_loss, 3);
  train::NaNGuard guard;
  train::Checkpoint checkpoint(file);  // saves after each epoch; {.steps = 100}: every 100 steps
  train::FitOptions options{.epochs = epochs,
                            .validation = datasets::digits(datasets::Split::test),
                            .schedule = optim::cosine(0.05, 1000, 0.001),
                            .clip_norm = 5,
                            .callbacks = {&report, &stopping, &guard, &checkpoint}};
  if (resume) options.resume = train::load_checkpoint(file, model, optimizer);
  return train::fit(model, optimizer, loader, options);
}

}  // namespace

int main() {
  const train::EpochRecord whole = train_to(10, false).back();
  train_to(4, false);
  const train::EpochRecord resumed = train_to(10, true).back();
  std::filesystem::remove(file);
  const bool same =
      whole.train_loss == resumed.train_loss && whole.validation->loss == resumed.validation->loss;
  std::printf("%s\n", same ? "the same, bit for bit" : "not the same");
  return same && resumed.validation->accuracy >= 0.9 ? 0 : 1;
}
