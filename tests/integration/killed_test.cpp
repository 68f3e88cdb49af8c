// SPDX-License-Identifier: MIT
// Tests that a process that is killed while it writes a file leaves the complete old or new file.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xgrad/xgrad.hpp>

#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

#include "support/scratch.hpp"
#include "support/table.hpp"
#include "support/without_times.hpp"

namespace xgrad {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;

/// A net whose parameters and moments take about 200 kB, so that some kills happen during a write.
struct Net {
  Rng rng{0};
  nn::Sequential model{nn::Linear(128, 128, rng), nn::Tanh(), nn::Linear(128, 8, rng)};
  optim::Adam adam{model.parameters()};

  void step() {
    adam.zero_grad();
    sum(model(Tensor(full({2, 128}, Scalar(0.1))))).backward();
    adam.step();
  }
  /// Sets all elements to the same value, so that a mixture of two files can be detected.
  void fill(std::uint64_t value) {
    for (Tensor& p : model.parameters()) p.assign(full(p.shape(), static_cast<Scalar>(value)));
  }
  /// Returns the value that all elements have.
  std::uint64_t value() const {
    const auto first = static_cast<std::uint64_t>(model.parameters()[0].value().data()[0]);
    for (const Tensor& p : model.parameters()) {
      EXPECT_EQ(p.value(), full(p.shape(), static_cast<Scalar>(first)));
    }
    return first;
  }
};

/// Repeatedly starts a process that calls write(1), write(2) and so on, and kills it. After each
/// kill, read() must return the number that the file contains.
void kill_while_writing(const Scratch& scratch, int kills,
                        const std::function<void(std::uint64_t)>& write,
                        const std::function<std::uint64_t()>& read) {
  const fs::path path = scratch / "file";
  Rng rng(static_cast<std::uint64_t>(getpid()));
  int temporary_files = 0;
  std::uint64_t most = 0;
  // Continues after `kills` kills until enough of them have happened during a write.
  for (int i = 0; i < kills || (temporary_files <= kills / 10 && i < 20 * kills); ++i) {
    fs::remove(path);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (std::uint64_t number = 1;; ++number) write(number);
    }
    while (!fs::exists(path)) std::this_thread::sleep_for(microseconds(50));
    std::this_thread::sleep_for(microseconds(rng.below(20'000)));
    ASSERT_EQ(kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
    const std::uint64_t number = read();
    ASSERT_GE(number, 1u);
    most = std::max(most, number);
    for (const auto& entry : fs::directory_iterator(scratch.path())) {
      if (entry.path() == path) continue;
      ++temporary_files;
      EXPECT_EQ(entry.path().extension(), ".tmp");
    }
    write(most + 1);  // a temporary file that was left must not prevent the next write
    ASSERT_EQ(read(), most + 1);
    for (const auto& entry : fs::directory_iterator(scratch.path())) fs::remove(entry.path());
  }
  EXPECT_GT(temporary_files, kills / 10) << "too few kills happened during a write";
  EXPECT_GT(most, 1u) << "no process wrote twice, so no file was replaced";
}

TEST(KilledTest, AKillWhileSavingLeavesACompleteCheckpoint) {
  const Scratch scratch;
  Net net;
  net.step();
  kill_while_writing(
      scratch, 100,
      [&](std::uint64_t number) {
        net.fill(number);
        train::save_checkpoint(scratch / "file", net.model, net.adam, {.step = number});
      },
      [&] {
        Net loaded;
        const auto step = train::load_checkpoint(scratch / "file", loaded.model, loaded.adam).step;
        EXPECT_EQ(loaded.value(), step);
        return step;
      });
}

TEST(KilledTest, AKillWhileSavingLeavesACompleteParameterFile) {
  const Scratch scratch;
  Net net;
  kill_while_writing(
      scratch, 40,
      [&](std::uint64_t number) {
        net.fill(number);
        train::save_parameters(scratch / "file", net.model);
      },
      [&] {
        Net loaded;
        train::load_parameters(scratch / "file", loaded.model);
        return loaded.value();
      });
}

TEST(KilledTest, AKillWhileLoggingLeavesACompleteTable) {
  const Scratch scratch;
  Net net;
  datasets::DataLoader loader(datasets::iris(datasets::Split::train));
  train::CsvLog log(scratch / "file");
  kill_while_writing(
      scratch, 40,
      [&](std::uint64_t number) {
        train::Run run{net.model, net.adam, loader};
        run.progress.history.assign(1000 + number, {static_cast<double>(number), 0.1, 1, {}});
        log.on_epoch(run);
      },
      [&] {
        const std::string text = read_bytes(scratch / "file");
        const auto rows = test::rows_of(text);
        EXPECT_TRUE(text.ends_with(",0.1,1,nan,nan,nan,0,nan\n")) << text.substr(text.size() - 50);
        const double loss = rows.back().at(1);
        EXPECT_EQ(static_cast<double>(rows.size()), 1000 + loss);
        return static_cast<std::uint64_t>(loss);
      });
}

/// Trains for some epochs and saves a checkpoint after each step, with two groups of parameters,
/// running statistics, dropout, a random transform and averages. Resumes from the checkpoint, if
/// there is one.
void train_with_checkpoints(const fs::path& path) {
  Rng rng(1);
  nn::Sequential model(nn::Linear(4, 8, rng), nn::BatchNorm1d(8), nn::Dropout(0.2, rng), nn::Tanh(),
                       nn::Linear(8, 3, rng));
  const std::vector<Tensor> all = model.parameters();
  optim::NAG optimizer(
      {{{all.begin(), all.begin() + 2}}, {{all.begin() + 2, all.end()}, 0.5, 0.01}}, {.lr = 0.05});
  const datasets::Transform noise(
      [](const Array& x, Rng& r) { return Array(x + static_cast<Scalar>(r.uniform(-0.1, 0.1))); });
  datasets::DataLoader loader(datasets::iris(datasets::Split::train),
                              {.batch_size = 16, .seed = 7, .transform = noise});
  test::WithoutTimes without_times;
  train::AveragedWeights average(0.9);
  train::Checkpoint checkpoint(path, {.steps = 1});
  std::optional<train::Progress> resume;
  if (fs::exists(path)) resume = train::load_checkpoint(path, model, optimizer);
  train::fit(model, optimizer, loader,
             {.epochs = 10,
              .validation = datasets::iris(datasets::Split::test),
              .clip_norm = 1.0,
              .callbacks = {&without_times, &average, &checkpoint},
              .resume = std::move(resume)});
}

TEST(KilledTest, ARunThatIsKilledAtAHundredRandomMomentsEndsWithTheSameBytes) {
  const Scratch scratch;
  train_with_checkpoints(scratch / "whole");
  const std::string whole = read_bytes(scratch / "whole");
  const fs::path path = scratch / "killed";
  Rng rng(1);
  for (int kills = 0; kills < 100;) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      train_with_checkpoints(path);
      _exit(0);
    }
    std::this_thread::sleep_for(microseconds(rng.below(20'000)));
    ASSERT_EQ(kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
      ++kills;
      continue;
    }
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    ASSERT_TRUE(read_bytes(path) == whole);  // the run ended before the kill
    fs::remove(path);
  }
  train_with_checkpoints(path);
  EXPECT_TRUE(read_bytes(path) == whole);
}

}  // namespace
}  // namespace xgrad
