// SPDX-License-Identifier: MIT
// A process killed while it writes leaves a whole file each time, the old one or the new one.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xgrad/xgrad.hpp>

#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

#include "support/scratch.hpp"

namespace xgrad {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;

/// A net with moments worth some 200 kB, so that a kill may fall into the middle of a write.
struct Net {
  Rng rng{0};
  nn::Sequential model{nn::Linear(128, 128, rng), nn::Tanh(), nn::Linear(128, 8, rng)};
  optim::Adam adam{model.parameters()};

  void step() {
    adam.zero_grad();
    sum(model(Tensor(full({2, 128}, Scalar(0.1))))).backward();
    adam.step();
  }
  /// The value of every parameter: a file that mixes two would show it.
  void fill(std::uint64_t value) {
    for (Tensor& p : model.parameters()) p.assign(full(p.shape(), static_cast<Scalar>(value)));
  }
  /// The value that all parameters have.
  std::uint64_t value() const {
    const auto first = static_cast<std::uint64_t>(model.parameters()[0].value().data()[0]);
    for (const Tensor& p : model.parameters()) {
      EXPECT_EQ(p.value(), full(p.shape(), static_cast<Scalar>(first)));
    }
    return first;
  }
};

/// Kills, again and again, a process that calls write(1), write(2) and so on. After each kill
/// read() looks at the file and gives back which of them it holds.
void kill_while_writing(const Scratch& scratch, int kills,
                        const std::function<void(std::uint64_t)>& write,
                        const std::function<std::uint64_t()>& read) {
  const fs::path path = scratch / "file";
  Rng rng(static_cast<std::uint64_t>(getpid()));
  int left_aside = 0;
  std::uint64_t most = 0;
  // More than asked for, until enough of them have fallen into a write.
  for (int i = 0; i < kills || (left_aside <= kills / 10 && i < 20 * kills); ++i) {
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
      ++left_aside;
      EXPECT_EQ(entry.path().extension(), ".tmp");
    }
    write(most + 1);  // what was left aside is in nobody's way
    ASSERT_EQ(read(), most + 1);
    for (const auto& entry : fs::directory_iterator(scratch.path())) fs::remove(entry.path());
  }
  EXPECT_GT(left_aside, kills / 10) << "hardly a kill fell into a write: the test proves little";
  EXPECT_GT(most, 1u) << "no second write: no file was ever replaced";
}

TEST(KilledTest, AHundredKillsWhileSavingLeaveAWholeCheckpointEachTime) {
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

TEST(KilledTest, KillsWhileSavingLeaveWholeParametersEachTime) {
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

TEST(KilledTest, KillsWhileALogIsWrittenLeaveAWholeTableEachTime) {
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
        const train::History history = train::from_csv(read_bytes(scratch / "file"));
        EXPECT_EQ(static_cast<double>(history.size()), 1000 + history.back().train_loss);
        return static_cast<std::uint64_t>(history.back().train_loss);
      });
}

}  // namespace
}  // namespace xgrad
