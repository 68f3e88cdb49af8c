// SPDX-License-Identifier: MIT
#include "options.hpp"

#include "command_line.hpp"
#include "program.hpp"

#include <xgrad/core/file.hpp>

#include <CLI/CLI.hpp>

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

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv) {
  Options options;
  CLI::App app("Trains a multi-layer perceptron on MNIST, or on the bundled digits without it.");
  app.option_defaults()->always_capture_default();
  app.add_option("--data", options.data,
                 "Folder with the four MNIST files, plain or .gz "
                 "[default: the folder mnist in $XGRAD_DATA_DIR, or in datasets of the sources]");
  app.add_option("--hidden", options.hidden,
                 "Width of a hidden layer; for several layers, repeat it or separate by commas")
      ->delimiter(',')
      ->transform(whole_number(1, 1 << 20));
  app.add_option("--optimizer", options.optimizer, joined(optim::names()))
      ->check(CLI::IsMember(optim::names()));
  app.add_option("--lr", options.lr, "Learning rate [default: the optimizer's own]")
      ->transform(number("a finite number of at least 0", [](double lr) { return lr >= 0; }));
  app.add_option("--batch-size", options.batch_size,
                 "Samples per step, or \"full\" for all of them")
      ->transform(batch_size());
  app.add_option("--epochs", options.epochs, "Passes over the training data")
      ->transform(whole_number(1, 1 << 20));
  app.add_option("--seed", options.seed, "Seed of the initial weights and the sample order")
      ->transform(whole_number(0));
  app.add_option("--threads", options.threads, "Number of threads")
      ->transform(whole_number(1, 1024));
  CLI::Option* const save =
      app.add_option("--save", options.save, "File for the trained parameters (safetensors)");
  app.add_option("--checkpoint-every", options.checkpoint_every,
                 "Number of steps between checkpoints, written to FILE.checkpoint if --save is "
                 "FILE; also written after Ctrl-C and at the end [default: no checkpoints]")
      ->default_str("")
      ->transform(whole_number(1, std::uint64_t{1} << 62))
      ->needs(save);
  app.add_option(
      "--resume", options.resume,
      "Checkpoint to resume, with the same result as without the interruption; give the same "
      "options as before, except that --epochs (in total) and --lr may change");
  std::string explain;
  CLI::Option* const explained =
      app.add_option("--explain", explain,
                     "Element of a parameter, such as 0.weight[3,17]; prints how a step computes "
                     "its new value")
          ->default_str("");
  app.add_option("--at-step", options.at_step, "Number of the step to explain, from 1")
      ->transform(whole_number(1))
      ->needs(explained);
  if (!parse_command_line(app, argc, argv)) return std::nullopt;
  if (explained->count() > 0) options.explain = parse_element(explain);
  if (save->count() > 0) require_output_file("--save", options.save);
  if (options.checkpoint_every > 0) require_output_file("--checkpoint-every", options.checkpoint());
  return options;
}

Data load_data(const Options& options) {
  using datasets::Split;
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

std::string describe_batch(std::size_t batch_size) {
  return batch_size == datasets::full_batch ? "full batch"
                                            : "batch size " + std::to_string(batch_size);
}
