// SPDX-License-Identifier: MIT
#pragma once

#include "explanation.hpp"

#include <xgrad/xgrad.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// The command line options of train_mnist.
struct Options {
  std::string dataset = "mnist";  ///< or "fashion"
  std::filesystem::path data;     ///< if empty, the default folder; see load_data()
  std::string model = "mlp";      ///< one of model_names()
  std::vector<std::size_t> hidden{128};
  std::string optimizer = "adam";
  std::optional<double> lr;           ///< if nullopt, the default of the optimizer
  std::optional<double> momentum;     ///< if nullopt, the default of the optimizer
  std::string schedule = "constant";  ///< or "cosine"
  std::size_t batch_size = 64;
  bool drop_last = false;
  std::size_t shift = 0;  ///< number of pixels by which images are moved at most
  bool flip = false;      ///< whether half of the images are mirrored
  std::size_t epochs = 5;
  std::uint64_t seed = 0;
  int threads = xgrad::num_threads();
  std::size_t shards = 0;      ///< number of parts of a batch; 0: a batch is not split
  std::filesystem::path save;  ///< if empty, the parameters are not saved
  std::optional<std::uint64_t> checkpoint_every;  ///< number of steps; nullopt: no checkpoints
  std::filesystem::path resume;                   ///< if empty, a new run starts
  std::optional<Element> explain;                 ///< the element whose step is explained
  std::uint64_t at_step = 1;                      ///< number of the step that is explained, from 1

  /// Returns the path of the checkpoint: that of the parameters with ".checkpoint" appended.
  std::filesystem::path checkpoint() const { return save.string() + ".checkpoint"; }
  /// Returns the hyperparameters that the command line gives.
  xgrad::optim::OptionMap hyperparameters() const;
  /// Returns what the loader does to the images.
  xgrad::datasets::Transform transform() const;
};

/// Reads the command line. Returns nullopt after --help. Throws OptionError for a wrong option.
std::optional<Options> parse_options(int argc, char** argv);

/// The training part and the test part of a data set, and its name for messages.
struct Data {
  xgrad::datasets::Dataset train, test;
  std::string name;
};

/// Loads MNIST from the folder --data, or from the folder `mnist` in data_folder(). If the latter
/// does not contain MNIST, prints a line that says so and loads the bundled digits. Throws
/// DataError if --data is given and does not contain MNIST.
Data load_data(const Options& options);

/// Prints the version of xgrad, the BLAS, the instruction set and the number of threads in one
/// line.
void print_machine();

/// Returns for example "batch size 64" or "full batch, shift(2)".
std::string describe_batch(const Options& options);
