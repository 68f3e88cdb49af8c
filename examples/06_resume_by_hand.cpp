// SPDX-License-Identifier: MIT
// Lesson 6: checkpoints in an explicit training loop.
//
//   06_resume_by_hand
//
// Trains on iris, stops in the middle of an epoch, and resumes with a new model. Exits with 1
// unless the resumed run ends with the same parameters as a run that never stopped, bit for bit.
#include <xgrad/xgrad.hpp>

#include <cstdio>
#include <filesystem>

using namespace xgrad;

namespace {

const std::filesystem::path path = "iris.checkpoint";

/// Trains for 5 epochs of 8 steps and saves a checkpoint after step 21. If `stop` is true, stops
/// there. If `resume` is true, starts from the checkpoint. Returns the weight of the first layer.
Array run(bool stop, bool resume) {
  Rng rng(resume ? 1 : 0);  // another seed: the weights must come from the checkpoint
  nn::Sequential model{nn::Linear(4, 16, rng), nn::Tanh(), nn::Linear(16, 3, rng)};
  optim::Adam optimizer(model.parameters(), {.lr = 0.01});
  datasets::DataLoader loader(datasets::iris(datasets::Split::train), {.batch_size = 16});

  if (resume) loader.set_state(train::load_checkpoint(path, model, optimizer).loader);
  while (loader.epoch() < 5) {
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      const Tensor loss = cross_entropy(model(x), y);
      loss.backward();
      optimizer.step();
      if (optimizer.step_count() == 21) {
        train::save_checkpoint(path, model, optimizer, {.loader = loader.state()});
        if (stop) return {};
      }
    }
  }
  return model.parameters()[0].value();
}

}  // namespace

int main() {
  const Array whole = run(false, false);
  run(true, false);
  const bool same = run(false, true) == whole;
  std::filesystem::remove(path);
  std::printf("%s\n", same ? "the same, bit for bit" : "not the same");
  return same ? 0 : 1;
}
