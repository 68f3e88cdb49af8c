// SPDX-License-Identifier: MIT
// Trains on all processes that mpirun has started: `mpirun -n 4 app`.
#include <xgrad/distributed.hpp>
#include <xgrad/xgrad.hpp>

#include <exception>
#include <iostream>

using namespace xgrad;

/// A loop of one's own: the step replaces zero_grad(), backward() and the step of the optimizer.
void train_one_epoch(nn::Module& model, optim::Optimizer& optimizer, datasets::DataLoader& loader,
                     distributed::World& world) {
  const nn::SoftmaxCrossEntropy criterion;
  train::ShardedStep step(model, optimizer, loader, {.shards = 8, .world = &world});
  for (auto& batch : loader) step(batch, criterion);
  step.finish();
}

void train_digits(distributed::World& world) {
  Rng rng(1);
  nn::Sequential model(nn::Linear(64, 32, rng), nn::ReLU(), nn::Linear(32, 10, rng));
  optim::Adam optimizer(model.parameters(), {.lr = 0.01});
  const datasets::Dataset data = datasets::digits(datasets::Split::train);
  datasets::DataLoader loader(data, {.batch_size = 64});
  train::ProgressReport report(std::cout);
  train::fit(model, optimizer, loader,
             {.epochs = 3,
              .validation = datasets::digits(datasets::Split::test),
              .callbacks = {&report},
              .shards = 8,
              .world = &world});
  train_one_epoch(model, optimizer, loader, world);
  if (world.rank() == 0) train::save_parameters("digits.safetensors", model);
}

int main(int argc, char** argv) {
  try {
    auto world = distributed::World::mpi(argc, argv);
    train_digits(world);
    return 0;
  } catch (const train::OtherProcessError&) {
    return 1;  // the process that has failed prints its error
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
