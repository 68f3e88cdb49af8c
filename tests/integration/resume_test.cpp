// SPDX-License-Identifier: MIT
// Checkpoints across processes: a killed one, and one that goes on where another was stopped.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xgrad/xgrad.hpp>

#include <chrono>
#include <csignal>
#include <thread>

#include "support/scratch.hpp"

namespace xgrad {
namespace {

using std::chrono::microseconds;

/// A net with moments worth some 200 kB, so that a kill may fall into the middle of a write.
struct Net {
  Rng rng{0};
  nn::Sequential model{nn::Linear(128, 128, rng), nn::Tanh(), nn::Linear(128, 8, rng)};
  optim::Adam adam{model.parameters()};

  void step() {
    adam.zero_grad();
    sum(model(Tensor(filled({2, 128}, Scalar(0.1))))).backward();
    adam.step();
  }
};

/// Saves after each step, and as the step's number the value of every parameter: a file that mixes
/// two steps would show it.
[[noreturn]] void save_for_ever(const std::filesystem::path& path) {
  Net net;
  for (;;) {
    net.step();
    const auto step = static_cast<Scalar>(net.adam.step_count());
    for (Tensor& p : net.model.parameters()) p.assign(filled(p.shape(), step));
    train::save_checkpoint(path, net.model, net.adam, {.step = net.adam.step_count()});
  }
}

TEST(KilledTest, AHundredKillsWhileSavingLeaveAWholeCheckpointEachTime) {
  const Scratch scratch;
  const std::filesystem::path path = scratch / "run";
  Rng rng(static_cast<std::uint64_t>(getpid()));
  std::size_t left_aside = 0;
  std::uint64_t most = 0;
  for (int kill_number = 0; kill_number < 100; ++kill_number) {
    std::filesystem::remove(path);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) save_for_ever(path);
    while (!std::filesystem::exists(path)) std::this_thread::sleep_for(microseconds(50));
    std::this_thread::sleep_for(microseconds(rng.below(20'000)));
    ASSERT_EQ(kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
    Net net;
    const train::Progress progress = train::load_checkpoint(path, net.model, net.adam);
    ASSERT_GE(progress.step, 1u);
    ASSERT_EQ(net.adam.step_count(), progress.step);
    for (const Tensor& p : net.model.parameters()) {
      ASSERT_EQ(p.value(), filled(p.shape(), static_cast<Scalar>(progress.step)));
    }
    most = std::max(most, progress.step);
    for (const auto& entry : std::filesystem::directory_iterator(scratch.path())) {
      if (entry.path() == path) continue;
      ++left_aside;
      std::filesystem::remove(entry.path());
    }
  }
  EXPECT_GT(left_aside, 10u) << "hardly a kill fell into a write: the test proves little";
  EXPECT_GT(most, 1u) << "no second save: no file was ever replaced";
}

#if defined(XGRAD_TRAIN_MNIST)

/// train_mnist in an empty folder, on the bundled digits.
class ResumeMnistTest : public ::testing::Test {
 protected:
  int run(const std::string& arguments) {
    const std::string command = "cd " + scratch.path().string() +
                                " && env -u XGRAD_DATA_DIR " XGRAD_TRAIN_MNIST " " + arguments +
                                " >out 2>err </dev/null";
    return WEXITSTATUS(std::system(command.c_str()));
  }
  /// Starts it, and sends the signal when it has written a checkpoint.
  int interrupted(std::vector<const char*> arguments, const std::string& checkpoint, int signal) {
    const pid_t child = fork();
    if (child == 0) {
      if (chdir(scratch.path().c_str()) != 0 || std::freopen("out", "w", stdout) == nullptr) {
        _exit(99);
      }
      unsetenv("XGRAD_DATA_DIR");
      arguments.insert(arguments.begin(), "train_mnist");
      arguments.push_back(nullptr);
      execv(XGRAD_TRAIN_MNIST, const_cast<char* const*>(arguments.data()));
      _exit(99);
    }
    while (!std::filesystem::exists(scratch / checkpoint)) {
      std::this_thread::sleep_for(microseconds(200));
    }
    kill(child, signal);
    int status = 0;
    waitpid(child, &status, 0);
    return status;
  }
  std::string text(const std::string& name) const { return read_bytes(scratch / name); }

  const Scratch scratch;
};

TEST_F(ResumeMnistTest, ASecondProcessEndsWithTheSameFileForEveryRule) {
  for (const std::string& rule : optim::names()) {
    const std::string common = "--hidden 16 --seed 4 --lr 0.01 --optimizer " + rule;
    ASSERT_EQ(run(common + " --epochs 4 --save whole"), 0) << text("err");
    const std::string out = text("out");
    ASSERT_EQ(run(common + " --epochs 2 --save part --checkpoint-every 1000"), 0) << text("err");
    ASSERT_EQ(run(common + " --epochs 4 --resume part.checkpoint --save resumed"), 0)
        << text("err");
    EXPECT_EQ(text("resumed"), text("whole")) << rule;
    EXPECT_NE(text("part"), text("whole")) << rule;
    const auto last_line = [](const std::string& all) {
      const std::size_t begin = all.find("epoch 4/4");
      return all.substr(begin, all.find(" %", begin) - begin);
    };
    EXPECT_EQ(last_line(text("out")), last_line(out));
    EXPECT_EQ(text("out").find("epoch 2/4"), std::string::npos);
    ASSERT_EQ(run(common + " --epochs 2 --save cold"), 0);
    EXPECT_NE(text("cold"), text("whole"));
  }
}

TEST_F(ResumeMnistTest, KilledInTheMiddleOfAnEpochItGoesOnFromItsLastCheckpoint) {
  const std::string common = "--hidden 16 --optimizer nag --lr 0.02 --epochs 300 ";
  ASSERT_EQ(run(common + "--save whole"), 0) << text("err");
  for (int times = 0; times < 3; ++times) {
    const int status =
        interrupted({"--hidden", "16", "--optimizer", "nag", "--lr", "0.02", "--epochs", "1000000",
                     "--save", "part", "--checkpoint-every", "7"},
                    "part.checkpoint", SIGKILL);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_EQ(run(common + "--resume part.checkpoint --save resumed"), 0) << text("err");
    EXPECT_NE(text("out").find("resumed from part.checkpoint after "), std::string::npos);
    EXPECT_EQ(text("resumed"), text("whole"));
    std::filesystem::remove(scratch / "part.checkpoint");
  }
}

TEST_F(ResumeMnistTest, CtrlCWritesACheckpointOfTheStepItStoppedIn) {
  const int status =
      interrupted({"--epochs", "1000000", "--save", "net", "--checkpoint-every", "1"},
                  "net.checkpoint", SIGINT);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  const std::string out = text("out");
  const std::size_t at = out.find(", step ");
  ASSERT_NE(at, std::string::npos) << out;
  EXPECT_NE(out.find("checkpoint in net.checkpoint\n"), std::string::npos) << out;
  EXPECT_FALSE(std::filesystem::exists(scratch / "net")) << "not trained to the end";
  Rng rng(0);
  nn::Sequential model(nn::Linear(64, 128, rng), nn::ReLU(), nn::Linear(128, 10, rng));
  optim::Adam adam(model.parameters());
  train::load_checkpoint(scratch / "net.checkpoint", model, adam);
  EXPECT_EQ(adam.step_count(), std::stoull(out.substr(at + 7)));
}

TEST_F(ResumeMnistTest, WhatDoesNotFitIsOneLineAndStatus1Or2) {
  ASSERT_EQ(run("--epochs 1 --hidden 8 --save a --checkpoint-every 9"), 0) << text("err");
  const auto expect_error = [&](const std::string& arguments, int status, const char* message) {
    EXPECT_EQ(run(arguments), status) << arguments;
    const std::string error = text("err");
    EXPECT_NE(error.find(message), std::string::npos) << arguments << ": " << error;
    EXPECT_EQ(std::count(error.begin(), error.end(), '\n'), 1) << error;
  };
  expect_error("--resume a.checkpoint", 1, "has shape (8, 64), the model's has (128, 64)");
  expect_error("--hidden 8 --resume a.checkpoint --optimizer sgd", 1, "the optimizer differs");
  expect_error("--hidden 8 --resume a.checkpoint --seed 1", 2, "seed 0");
  expect_error("--hidden 8 --resume a", 1, "holds no checkpoint");
  expect_error("--hidden 8 --resume b", 1, "b: no such file");
  expect_error("--checkpoint-every 5", 2, "--save");
  expect_error("--checkpoint-every 0 --save a", 2, "--checkpoint-every");
}

#endif

}  // namespace
}  // namespace xgrad
