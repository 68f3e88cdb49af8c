// SPDX-License-Identifier: MIT
// The example program as a person meets it: what it prints, and its exit status.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xgrad/xgrad.hpp>

#include <csignal>
#include <cstdio>
#include <thread>

#include "support/program.hpp"

namespace xgrad {
namespace {

using test::Outcome;

struct TrainMnistTest : test::ProgramTest {
  TrainMnistTest() : ProgramTest(XGRAD_TRAIN_MNIST) {}
};

TEST_F(TrainMnistTest, WithoutMnistSaysSoInOneLineAndTrainsOnTheDigits) {
  const Outcome outcome = run("--epochs 12");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out.rfind("xgrad " + version() + " | ", 0), 0u) << outcome.out;
  EXPECT_NE(outcome.out.find("No MNIST in data/mnist (to get it: scripts/download_mnist.sh); "
                             "training on the bundled 8x8 digits instead.\n"),
            std::string::npos);
  EXPECT_NE(outcome.out.find("64-128-10, adam (learning rate 0.001), batch size 64, seed 0\n"),
            std::string::npos);
  const std::size_t last = outcome.out.find("epoch 12/12  train loss ");
  ASSERT_NE(last, std::string::npos);
  const std::size_t accuracy = outcome.out.find("test accuracy ", last);
  ASSERT_NE(accuracy, std::string::npos);
  EXPECT_GE(std::stod(outcome.out.substr(accuracy + 14)), 93.0);
  EXPECT_EQ(outcome.out.find('\r'), std::string::npos) << "no bar outside a terminal";
}

TEST_F(TrainMnistTest, AWrongOptionIsOneLineAndStatus2) {
  expect_one_line("--optimizer adamw", 2, "train_mnist: --optimizer: adamw not in ");
  expect_one_line("--lr 0", 2, "--lr");
  expect_one_line("--lr -1", 2, "--lr");
  expect_one_line("--lr nan", 2, "[train_mnist] --lr must be a positive finite number, got nan");
  expect_one_line("--lr fast", 2, "--lr");
  expect_one_line("--batch-size 0", 2, "--batch-size: a number above 0 or \"full\", got \"0\"");
  expect_one_line("--batch-size half", 2, "got \"half\"");
  expect_one_line("--hidden 0", 2, "--hidden");
  expect_one_line("--hidden 12,x", 2, "--hidden");
  expect_one_line("--epochs 0", 2, "--epochs");
  expect_one_line("--threads 0", 2, "--threads");
  expect_one_line("--sed 3", 2, "--sed");
  expect_one_line("--seed -1", 2, "--seed");
  expect_one_line("--save nowhere/net", 2, "--save: the folder of nowhere/net cannot be written");
}

TEST_F(TrainMnistTest, AMissingFolderIsOneLineWithItsPathAndStatus1) {
  expect_one_line("--data nowhere", 1, (scratch / "nowhere").string());
}

TEST_F(TrainMnistTest, ALossThatIsNotFiniteStopsWithStepAndLearningRate) {
  expect_one_line("--optimizer sgd --lr 1e30", 1,
                  "(learning rate 1e+30); try a lower learning rate");
}

TEST_F(TrainMnistTest, HelpExplainsEachOptionWithItsDefault) {
  const Outcome outcome = run("--help");
  EXPECT_EQ(outcome.status, 0);
  for (const char* text : {"--data", "$XGRAD_DATA_DIR/mnist, then data/mnist", "--hidden", "128",
                           "--optimizer", "sgd, momentum, nag, adagrad, rmsprop, adam", "--lr",
                           "the optimizer's own", "--batch-size", "64", "full", "--epochs",
                           "--seed", "--threads", "--save", "--checkpoint-every", "--resume"}) {
    EXPECT_NE(outcome.out.find(text), std::string::npos) << text << "\n" << outcome.out;
  }
}

TEST_F(TrainMnistTest, TheSameSeedPrintsTheSameNumbers) {
  const auto losses = [&](const std::string& arguments) {
    std::string text = run(arguments + " --epochs 2 --hidden 16,8").out;
    return text.substr(text.find("epoch 1"), text.find("  test accuracy") - text.find("epoch 1"));
  };
  EXPECT_EQ(losses("--seed 5"), losses("--seed 5"));
  EXPECT_NE(losses("--seed 5"), losses("--seed 6"));
}

TEST_F(TrainMnistTest, SavesWhatAModelOfTheSameShapeLoads) {
  const Outcome outcome = run("--epochs 5 --hidden 32 --optimizer nag --lr 0.05 --save net");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  Rng rng(9);
  nn::Sequential model(nn::Linear(64, 32, rng), nn::ReLU(), nn::Linear(32, 10, rng));
  train::load_parameters(scratch / "net", model);
  const double accuracy =
      100 * train::evaluate(model, datasets::digits(datasets::Split::test)).accuracy;
  char text[32];
  std::snprintf(text, sizeof text, "test accuracy %.2f ", accuracy);
  EXPECT_NE(outcome.out.find(text, outcome.out.find("epoch 5/5")), std::string::npos)
      << text << outcome.out;
}

TEST_F(TrainMnistTest, CtrlCFinishesTheStepPrintsTheStateAndExitsWith130) {
  const std::string out = (scratch / "out").string();
  const pid_t child = fork();
  if (child == 0) {
    if (chdir(scratch.path().c_str()) != 0 || std::freopen(out.c_str(), "w", stdout) == nullptr) {
      _exit(99);
    }
    unsetenv("XGRAD_DATA_DIR");
    execl(XGRAD_TRAIN_MNIST, "train_mnist", "--epochs", "1000000", nullptr);
    _exit(99);
  }
  while (read_bytes(out).find("epoch 1/") == std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_NE(read_bytes(out).find("stopped in epoch "), std::string::npos);
}

}  // namespace
}  // namespace xgrad
