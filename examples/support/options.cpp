// SPDX-License-Identifier: MIT
#include "options.hpp"

#include "command_line.hpp"
#include "models.hpp"
#include "program.hpp"

#include <xgrad/core/file.hpp>

#include <cstdio>

namespace {

using namespace xgrad;

// Throws before the training, and not after it, if the file of an option cannot be written.
void require_output_file(const char* option, const std::filesystem::path& file) {
  try {
    require_writable(option, file);
  } catch (const DataError& error) {
    throw OptionError(error.what());
  }
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv) {
  Options options;
  std::optional<std::string> explain;
  const bool is_run = parse_command_line(
      argc, argv, "Trains a network on MNIST, or on the bundled digits without it.",
      {{"--data",
        "Folder with the four MNIST files, plain or .gz "
        "[default: the folder mnist in $XGRAD_DATA_DIR, or in datasets of the sources]",
        value(options.data, path())},
       {.name = "--dataset",
        .help = "MNIST, or Fashion-MNIST from the Debian package dataset-fashion-mnist",
        .value = value(options.dataset, one_of({"mnist", "fashion"})),
        .excludes = "--data"},
       {"--model", "Network", value(options.model, one_of(model_names()))},
       {"--hidden",
        "Width of a hidden layer of mlp; for several layers, repeat it or separate by commas",
        value(options.hidden, whole_number(1, 1 << 20))},
       {"--optimizer", "Update rule", value(options.optimizer, one_of(optim::names()))},
       {"--lr", "Learning rate [default: the optimizer's own]",
        value(options.lr,
              number("a finite number of at least 0", [](double lr) { return lr >= 0; }))},
       {"--momentum", "Factor of the velocity of momentum and nag [default: 0.9]",
        value(options.momentum, number("a number of at least 0 and below 1",
                                       [](double m) { return m >= 0 && m < 1; }))},
       {"--schedule",
        "Learning rate over the run: constant, or cosine, with which it falls to 0 at the end",
        value(options.schedule, one_of({"constant", "cosine"}))},
       {"--batch-size", "Samples per step, or \"full\" for all of them",
        value(options.batch_size, batch_size())},
       {"--drop-last", "Leave out the last batch of an epoch if it is not full",
        flag(options.drop_last)},
       {"--shift",
        "Move each image by a random number of pixels, up to this one, in each direction",
        value(options.shift, whole_number(0, 1 << 20))},
       {"--flip", "Mirror half of the images, chosen at random; for Fashion-MNIST",
        flag(options.flip)},
       {"--epochs", "Passes over the training data",
        value(options.epochs, whole_number(1, 1 << 20))},
       {"--seed", "Seed of the initial weights and the sample order",
        value(options.seed, whole_number(0))},
       {"--threads", "Number of threads", value(options.threads, whole_number(1, 1024))},
       {"--shards",
        "Number of parts of a batch, which the processes that mpirun has started share; the result "
        "does not depend on their number [default: the batch is not split]",
        value(options.shards, whole_number(1, 1 << 20))},
       {"--save", "File for the trained parameters (safetensors)", value(options.save, path())},
       {.name = "--checkpoint-every",
        .help = "Number of steps between checkpoints, written to FILE.checkpoint if --save is "
                "FILE; also written after Ctrl-C and at the end [default: no checkpoints]",
        .value = value(options.checkpoint_every, whole_number(1, std::uint64_t{1} << 62)),
        .needs = "--save"},
       {"--resume",
        "Checkpoint to resume, with the same result as without the interruption; give the same "
        "options as before, except that --epochs (in total) and --lr may change",
        value(options.resume, path())},
       {"--explain",
        "Element of a parameter, such as 0.weight[3,17]; prints how a step computes its new value",
        value(explain, text())},
       {.name = "--at-step",
        .help = "Number of the step to explain, from 1",
        .value = value(options.at_step, whole_number(1)),
        .needs = "--explain"}});
  if (!is_run) return std::nullopt;
  if (explain) options.explain = parse_element(*explain);
  if (!options.save.empty()) require_output_file("--save", options.save);
  if (options.checkpoint_every) require_output_file("--checkpoint-every", options.checkpoint());
  return options;
}

Data load_data(const Options& options) {
  using datasets::Split;
  if (options.dataset == "fashion") {
    return {datasets::fashion_mnist(Split::train), datasets::fashion_mnist(Split::test),
            "Fashion-MNIST"};
  }
  const std::filesystem::path folder =
      options.data.empty() ? data_folder() / "mnist" : std::filesystem::path(options.data);
  if (options.data.empty() && !datasets::has_mnist(folder)) {
    std::printf("No MNIST in %s; training on the bundled 8x8 digits instead.\n", folder.c_str());
    return {datasets::digits(Split::train), datasets::digits(Split::test), "bundled digits"};
  }
  return {datasets::mnist(folder, Split::train), datasets::mnist(folder, Split::test),
          "MNIST in " + folder.string()};
}

void print_machine() {
  std::printf("xgrad %s | %s | %s | %d thread%s\n", version().c_str(), blas_name().c_str(),
              simd_name().c_str(), num_threads(), num_threads() == 1 ? "" : "s");
}

optim::OptionMap Options::hyperparameters() const {
  optim::OptionMap map;
  if (lr) map["lr"] = *lr;
  if (momentum) map["momentum"] = *momentum;
  return map;
}

datasets::Transform Options::transform() const {
  if (shift > 0 && flip) return {datasets::shift(shift), datasets::flip_horizontal()};
  if (shift > 0) return datasets::shift(shift);
  return flip ? datasets::flip_horizontal() : datasets::Transform();
}

std::string describe_batch(const Options& options) {
  std::string text = options.batch_size == datasets::full_batch
                         ? "full batch"
                         : "batch size " + std::to_string(options.batch_size);
  const std::string changes = options.transform().name();
  return changes.empty() ? text : text + ", " + changes;
}
