// SPDX-License-Identifier: MIT
// Trains a network on MNIST.
//
//   train_mnist --hidden 128 --optimizer adam --epochs 5
//   train_mnist --model lenet --epochs 10 --schedule cosine
//   mpirun -n 4 train_mnist --shards 8
//
// The first command trains a multi-layer perceptron. It takes a few seconds and reaches a test
// accuracy near 97.5 %. The second one trains a convolutional network to 99 %. The third one trains
// on four processes, with the same result as on one. Exit status: 0 after training has finished, 1
// if there was an error or the output could not be written, 2 for a wrong option, 130 after Ctrl-C.
#include "support/models.hpp"
#include "support/options.hpp"
#include "support/processes.hpp"
#include "support/program.hpp"

#include <xgrad/xgrad.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>

using namespace xgrad;

namespace {

train::StopRequest stop;
void on_interrupt(int) { stop.request(); }

void resume(const Options& options, nn::Module& model, optim::Optimizer& optimizer,
            train::FitOptions& fit) {
  fit.resume = train::load_checkpoint(options.resume, model, optimizer);
  if (options.lr) optimizer.set_learning_rate(*options.lr);
  std::printf("resumed from %s after %llu steps\n", options.resume.c_str(),
              static_cast<unsigned long long>(optimizer.step_count()));
}

/// If there are several processes, only the first one writes the file.
void save(const Options& options, const nn::Module& model, optim::Optimizer& optimizer,
          bool is_first) {
  if (options.save.empty()) return;
  optimizer.eval();
  if (!is_first) return;
  train::save_parameters(options.save, model);
  std::printf("parameters saved to %s\n", options.save.c_str());
}

void print_run(const Options& options, const Data& data, const nn::Module& model,
               const optim::Optimizer& optimizer) {
  std::printf("%s: %zu training and %zu test images\n%s, %s (learning rate %s%s), %s, seed %llu\n",
              data.name.c_str(), data.train.size(), data.test.size(),
              describe(options.model, model).c_str(), options.optimizer.c_str(),
              format_number(optimizer.learning_rate()).c_str(),
              options.schedule == "cosine" ? ", cosine" : "", describe_batch(options).c_str(),
              static_cast<unsigned long long>(options.seed));
}

int run(const Options& options, train::ProcessGroup* world) {
  const bool is_first = world == nullptr || world->rank() == 0;
  if (!is_first && std::freopen("/dev/null", "w", stdout) == nullptr) {
    throw DataError("/dev/null cannot be opened");
  }
  set_num_threads(options.threads);
  print_machine();
  const Data data = load_data(options);
  Rng rng(options.seed);
  nn::Sequential model =
      make_model(options.model, data.train.row_shape(), data.train.classes(), options.hidden, rng);
  const auto optimizer =
      optim::make(options.optimizer, model.parameters(), options.hyperparameters());
  datasets::DataLoader loader(data.train, {.batch_size = options.batch_size,
                                           .seed = options.seed,
                                           .drop_last = options.drop_last,
                                           .transform = options.transform()});
  print_run(options, data, model, *optimizer);

  // 04_digits.cpp contains the training loop, written by hand. fit() runs the same loop and calls
  // these callbacks.
  train::ProgressReport report(std::cout, can_redraw(STDOUT_FILENO), "test",
                               [] { return terminal_columns(STDOUT_FILENO); });
  train::NaNGuard guard;
  train::Log log;  // after the guard, whose error is logged when the program ends
  train::Checkpoint checkpoint(options.checkpoint(),
                               {.steps = options.checkpoint_every.value_or(0)});
  train::FitOptions fit{.epochs = options.epochs, .validation = data.test};
  fit.shards = options.shards;
  fit.world = world;
  if (options.schedule == "cosine") {
    fit.schedule = optim::cosine(optimizer->learning_rate(), options.epochs * loader.batches());
  }
  fit.callbacks = {&report, &guard, &log, &stop};
  if (options.checkpoint_every) fit.callbacks.push_back(&checkpoint);
  std::optional<Explanation> explanation;
  if (options.explain) {
    explanation.emplace(model, *options.explain, options.at_step);
    fit.callbacks.push_back(&*explanation);
  }
  if (!options.resume.empty()) resume(options, model, *optimizer, fit);
  require_output();
  std::size_t epochs = 0;
  try {
    epochs = train::fit(model, *optimizer, loader, fit).size();
  } catch (const DataError&) {
    // A checkpoint could not be written. If it was the last one, the network is trained.
    if (optimizer->step_count() >= options.epochs * loader.batches()) {
      save(options, model, *optimizer, is_first);
    }
    throw;
  }

  if (options.checkpoint_every) {
    std::printf("checkpoint in %s\n", options.checkpoint().c_str());
  }
  if (stop.requested() || epochs < options.epochs) return 130;
  save(options, model, *optimizer, is_first);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGINT, on_interrupt);
  return run_program("train_mnist", [&] {
    const std::optional<Options> options = parse_options(argc, argv);
    if (!options) return 0;
    try {
      const auto world = make_world(argc, argv);
      if (world) std::signal(SIGTERM, on_interrupt);  // mpirun sends it after Ctrl-C
      return run(*options, world.get());
    } catch (const train::OtherProcessError&) {
      return 1;  // the process that has failed prints its error
    }
  });
}
