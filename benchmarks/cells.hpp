// SPDX-License-Identifier: MIT
#pragma once

// Code that the C++ step benchmarks share: the cells to measure, the data, the timing, the output.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace bench {

/// A convolution of 5 x 5 on square images, followed by ReLU and max pooling over 2 x 2.
struct Convolution {
  std::size_t in, out;  ///< channels
  std::size_t extent;   ///< height and width of its images
  std::size_t padding;

  std::size_t result_extent() const { return extent + 2 * padding - 4; }
  std::size_t pooled_extent() const { return result_extent() / 2; }
};

/// One kind of training step to measure: a network, a batch size and an update rule.
struct Cell {
  std::string net, rule;
  std::vector<Convolution> convolutions;  ///< come before the linear layers
  std::vector<std::size_t> widths;        ///< numbers of inputs and outputs of the linear layers
  std::size_t batch = 0;

  /// Returns the number of elements of a row of the input.
  std::size_t inputs() const {
    if (convolutions.empty()) return widths.front();
    return convolutions[0].in * convolutions[0].extent * convolutions[0].extent;
  }
};

/// Sets the layers of the network `cell.net`: LeNet-5, the 2c2d of DeepOBS, or linear layers of the
/// widths in its name.
inline void set_layers(Cell& cell) {
  if (cell.net == "lenet") {
    cell.convolutions = {{1, 6, 28, 2}, {6, 16, 14, 0}};
    cell.widths = {400, 120, 84, 10};
  } else if (cell.net == "2c2d") {
    cell.convolutions = {{1, 32, 28, 2}, {32, 64, 14, 2}};
    cell.widths = {3136, 1024, 10};
  } else {
    std::istringstream widths(cell.net);
    for (std::string width; std::getline(widths, width, '-');) {
      cell.widths.push_back(std::stoul(width));
    }
  }
}

/// The learning rate of all rules. It is small, so that many steps on the same batch stay finite.
inline constexpr double kLearningRate = 1e-4;

/// Reads the cells from a file like cells.txt.
inline std::vector<Cell> read_cells(const char* file) {
  std::ifstream stream(file);
  std::vector<Cell> cells;
  for (std::string line; std::getline(stream, line);) {
    if (line.empty() || line[0] == '#') continue;
    Cell cell;
    std::istringstream fields(line);
    fields >> cell.net >> cell.batch >> cell.rule;
    set_layers(cell);
    cells.push_back(cell);
  }
  return cells;
}

/// A batch of random pixels, about 80 % of them 0 as in MNIST, and random labels.
struct Data {
  std::vector<float> x;
  std::vector<std::int32_t> y;
};

inline Data make_data(const Cell& cell) {
  std::mt19937 engine(1);
  std::uniform_real_distribution<float> uniform(0, 1);
  Data data{std::vector<float>(cell.batch * cell.inputs()), std::vector<std::int32_t>(cell.batch)};
  for (float& v : data.x) v = uniform(engine) < 0.8f ? 0 : uniform(engine);
  for (std::int32_t& label : data.y) label = static_cast<std::int32_t>(engine() % 10);
  return data;
}

/// Returns the time of a step in microseconds: the median of five repetitions, each of which
/// computes the mean over many steps. A repetition takes about 60 ms, and at most a second if other
/// programs slow it down. It is preceded by a warm-up of 200 ms, because the system may need that
/// long to move a second thread to another core.
template <class Step>
double microseconds_per_step(Step step) {
  using Clock = std::chrono::steady_clock;
  const auto run = [&](int steps, double limit) {
    const auto start = Clock::now();
    double spent = 0;
    int done = 0;
    while (done < steps && spent < limit) {
      step();
      ++done;
      spent = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
    }
    return spent / done;
  };
  const double warm = run(std::numeric_limits<int>::max(), 2e5);
  const int steps = static_cast<int>(std::clamp(6e4 / warm, 1.0, 5000.0));
  std::array<double, 5> times;
  for (double& time : times) time = run(steps, 1e6);
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

/// Runs the command line `PROGRAM CELLS_FILE THREADS [FILTER]`. Prints a line
/// "runner,net,batch,rule,threads,microseconds" for each cell whose line contains the filter.
/// `make(cell, data)` returns the step to measure, as a function without arguments.
template <class Make>
int run_cells(const char* runner, int argc, char** argv, Make make) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s CELLS_FILE THREADS [FILTER]\n", argv[0]);
    return 2;
  }
  for (const Cell& cell : read_cells(argv[1])) {
    const std::string line = cell.net + " " + std::to_string(cell.batch) + " " + cell.rule;
    if (argc > 3 && line.find(argv[3]) == std::string::npos) continue;
    const Data data = make_data(cell);
    const double time = microseconds_per_step(make(cell, data));
    std::printf("%s,%s,%zu,%s,%s,%.2f\n", runner, cell.net.c_str(), cell.batch, cell.rule.c_str(),
                argv[2], time);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace bench
