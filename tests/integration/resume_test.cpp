// SPDX-License-Identifier: MIT
// Checkpoints across processes: a process resumes the run of one that was stopped or killed.
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

#if defined(XGRAD_TRAIN_MNIST)

/// Runs train_mnist in an empty folder on the bundled digits.
class ResumeMnistTest : public ::testing::Test {
 protected:
  int run(const std::string& arguments) {
    const std::string command = "cd " + scratch.path().string() +
                                " && XGRAD_DATA_DIR=. " XGRAD_TRAIN_MNIST " " + arguments +
                                " >out 2>err </dev/null";
    return WEXITSTATUS(std::system(command.c_str()));
  }
  /// Starts the program and sends it the signal as soon as it has written a checkpoint.
  int interrupted(std::vector<const char*> arguments, const std::string& checkpoint, int signal) {
    const pid_t child = fork();
    if (child == 0) {
      if (chdir(scratch.path().c_str()) != 0 || std::freopen("out", "w", stdout) == nullptr) {
        _exit(99);
      }
      setenv("XGRAD_DATA_DIR", ".", 1);
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

TEST_F(ResumeMnistTest, AResumedProcessSavesTheSameFileForEveryUpdateRule) {
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

TEST_F(ResumeMnistTest, AfterAKillDuringAnEpochTheRunResumesFromTheLastCheckpoint) {
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

TEST_F(ResumeMnistTest, CtrlCWritesACheckpointOfTheLastStep) {
  const int status =
      interrupted({"--epochs", "1000000", "--save", "net", "--checkpoint-every", "1"},
                  "net.checkpoint", SIGINT);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  const std::string out = text("out");
  const std::size_t at = out.find(", step ");
  ASSERT_NE(at, std::string::npos) << out;
  EXPECT_NE(out.find("checkpoint in net.checkpoint\n"), std::string::npos) << out;
  EXPECT_FALSE(std::filesystem::exists(scratch / "net")) << "the run was not finished";
  Rng rng(0);
  nn::Sequential model(nn::Linear(64, 128, rng), nn::ReLU(), nn::Linear(128, 10, rng));
  optim::Adam adam(model.parameters());
  train::load_checkpoint(scratch / "net.checkpoint", model, adam);
  EXPECT_EQ(adam.step_count(), std::stoull(out.substr(at + 7)));
}

TEST_F(ResumeMnistTest, ACheckpointOrOptionThatDoesNotFitGivesAnErrorOfOneLine) {
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
