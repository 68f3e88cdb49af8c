// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/xgrad.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// What the command line of train_mnist asks for.
struct Options {
  std::filesystem::path data;  ///< empty: look in the usual places
  std::vector<std::size_t> hidden{128};
  std::string optimizer = "adam";
  std::optional<double> lr;  ///< none: the rule's own default
  std::size_t batch_size = 64;
  std::size_t epochs = 5;
  std::uint64_t seed = 0;
  int threads = xgrad::num_threads();
  std::filesystem::path save;          ///< empty: do not save
  std::uint64_t checkpoint_every = 0;  ///< steps; 0: write no checkpoint
  std::filesystem::path resume;        ///< empty: start anew

  /// Where checkpoints go: beside the parameters.
  std::filesystem::path checkpoint() const { return save.string() + ".checkpoint"; }
};

/// Reads the command line. Returns nothing after --help. Throws OptionError for a wrong option.
std::optional<Options> parse_options(int argc, char** argv);

/// The training and the test part of one data set, and what to call it.
struct Data {
  xgrad::datasets::Dataset train, test;
  std::string name;
};

/// Loads MNIST from the folder --data, or from the folder `mnist` in data_folder(). If the latter
/// does not contain MNIST, prints a line that says so and loads the bundled digits. Throws
/// DataError if --data is given and does not contain MNIST.
Data load_data(const Options& options);

/// The library's version, the BLAS, the instruction set and the threads in one line; and a second
/// one where OpenBLAS does not know the processor.
void print_machine();

/// "batch size 64" or "full batch"
std::string describe_batch(std::size_t batch_size);
