// SPDX-License-Identifier: MIT
// Compares the same training with the kernels of each instruction set. A process cannot change its
// instruction set, so this program starts itself once per level and compares the outputs.
#include "support/scratch.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/xgrad.hpp>

#include <cmath>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

namespace xgrad {
namespace {

namespace fs = std::filesystem;

/// A line of the output: the name of an array and its numbers.
struct Line {
  std::string what;
  std::vector<double> numbers;
};

std::string text_of(const std::string& what, const Array& values) {
  std::string text = what;
  for (std::size_t i = 0; i < values.size(); ++i) {
    text += " " + format_exactly(static_cast<double>(values.data()[i]));
  }
  return text + "\n";
}

std::vector<Line> lines_of(const fs::path& file) {
  std::vector<Line> lines;
  std::istringstream text(read_bytes(file));
  for (std::string line; std::getline(text, line);) {
    std::istringstream fields(line);
    Line parsed;
    fields >> parsed.what;
    for (std::string field; fields >> field;) parsed.numbers.push_back(parse_number(field));
    lines.push_back(std::move(parsed));
  }
  return lines;
}

/// Trains sixty steps on the digits. Returns the losses, the last gradients and the parameters.
std::string trajectory(const std::string& rule) {
  constexpr std::size_t steps = 60;
  Rng rng(0);
  nn::Sequential model{nn::Linear(64, 33, rng), nn::Tanh(), nn::Linear(33, 17, rng), nn::Sigmoid(),
                       nn::Linear(17, 10, rng)};
  const auto optimizer = optim::make(rule, model.parameters());
  datasets::DataLoader loader(datasets::digits(datasets::Split::train), {.batch_size = 20});
  Array losses = empty({steps});
  for (auto& [x, y] : loader) {
    optimizer->zero_grad();
    const Tensor loss = cross_entropy(model(x), y);
    loss.backward();
    losses.data()[optimizer->step_count()] = loss.item();
    optimizer->step();
    if (optimizer->step_count() == steps) break;
  }
  optimizer->eval();
  std::string text = text_of(rule + "-losses", losses);
  for (const auto& [name, p] : model.named_parameters()) {
    text += text_of(rule + "-gradient-" + name, p.grad()) + text_of(rule + "-" + name, p.value());
  }
  return text;
}

/// Returns the results of ops on numbers that cover the different branches of each function.
std::string ops() {
  Rng rng(1);
  const Tensor a(rng.uniform({37, 21}, -4, 4)), b(rng.uniform({37, 21}, 0.5, 4));
  std::string text;
  const auto write = [&](const char* what, const Tensor& y) { text += text_of(what, y.value()); };
  write("exp", exp(a));
  write("log", log(b));
  write("sqrt", sqrt(b));
  write("tanh", tanh(a));
  write("sigmoid", sigmoid(a));
  write("div", a / b);
  write("pow", pow(b, 1.7));
  write("softmax", softmax(a));
  write("log_softmax", log_softmax(a, 0));
  write("sum", sum(b));
  write("sum-rows", sum(b, 0));
  write("sum-columns", sum(b, 1));
  write("matmul", matmul(a, transpose(b)));
  write("mse_loss", mse_loss(a, b));
  return text;
}

const char* const kFile = "XGRAD_TRAJECTORY_FILE";

// This is not a test of its own. The test below starts it in other processes.
TEST(SimdLevelsTest, DISABLED_WriteATrajectory) {
  const char* const file = std::getenv(kFile);
  ASSERT_NE(file, nullptr) << kFile;
  std::string text = ops();
  for (const std::string& rule : optim::names()) text += trajectory(rule);
  write_bytes(file, text);
}

/// The exit status and the printed output of a run of this program.
struct Finished {
  int status;
  std::string output;
};

/// Runs this program with the kernels of an instruction set. The tests are not divided again if
/// this process runs a part of them.
Finished run_at(const std::string& level, const std::string& arguments, const Scratch& scratch) {
  const fs::path log = scratch / "log";
  const std::string command = "env -u GTEST_TOTAL_SHARDS -u GTEST_SHARD_INDEX XGRAD_SIMD=" + level +
                              " " + kFile + "='" + (scratch / level).string() + "' '" +
                              fs::read_symlink("/proc/self/exe").string() + "' " + arguments +
                              " >'" + log.string() + "' 2>&1";
  const int status = std::system(command.c_str());
  return {WEXITSTATUS(status), read_bytes(log)};
}

/// Returns the line that the library logs if it cannot use the kernels of a level.
std::string warning_about(const std::string& level) {
  return "[simd] XGRAD_SIMD must be sse2, avx2 or avx512 and supported by this machine, got \"" +
         level + "\"; using " + simd_name() + "\n";
}

/// Returns the trajectory of a run with an instruction set. Returns nothing if the processor does
/// not support the instruction set.
std::vector<Line> trajectory_at(const std::string& level, const Scratch& scratch) {
  const Finished run = run_at(level,
                              "--gtest_also_run_disabled_tests "
                              "--gtest_filter='*DISABLED_WriteATrajectory'",
                              scratch);
  if (run.status == 77) {
    EXPECT_EQ(run.output, warning_about(level));
    return {};
  }
  EXPECT_EQ(run.status, 0) << run.output;
  return lines_of(scratch / level);
}

/// Returns the largest difference divided by the largest magnitude in `a`.
double difference(const std::vector<double>& a, const std::vector<double>& b) {
  double most = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    size = std::max(size, std::fabs(a[i]));
    const double apart = std::fabs(a[i] - b[i]);
    if (!(apart <= most)) most = apart;  // also true if the difference is NaN
  }
  return most / size;
}

TEST(SimdLevelsTest, AllLevelsAgreeToFiveDigitsInTraining) {
  const Scratch scratch;
  const std::vector<Line> wanted = trajectory_at("sse2", scratch);
  ASSERT_EQ(wanted.size(), 14u + 10 * 13);
  double worst = 0;
  for (const std::string level : {"avx2", "avx512"}) {
    const std::vector<Line> lines = trajectory_at(level, scratch);
    if (lines.empty()) continue;
    ASSERT_EQ(lines.size(), wanted.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      ASSERT_EQ(lines[i].numbers.size(), wanted[i].numbers.size());
      const double found = difference(lines[i].numbers, wanted[i].numbers);
      EXPECT_LE(found, 1e-5) << level << " " << lines[i].what;
      worst = std::max(worst, found);
    }
  }
  RecordProperty("worst_difference", format_number(worst));
}

#if defined(__x86_64__)

TEST(SimdLevelsTest, AMisspelledLevelFailsBeforeAnyTestRuns) {
  const Finished run = run_at("sse3", "--gtest_filter='*DISABLED_WriteATrajectory'", Scratch());
  EXPECT_EQ(run.status, 1);
  EXPECT_EQ(run.output, warning_about("sse3"));
}

#endif

}  // namespace
}  // namespace xgrad
