// SPDX-License-Identifier: MIT
// Checks that `train_mnist` reports each error in one line, with its exit status.
#include "integration/train_mnist_program.hpp"

#include <xgrad/xgrad.hpp>

#include <csignal>
#include <cstdio>

#include "support/sanitizers.hpp"

namespace xgrad {
namespace {

using test::Outcome, test::TrainMnistTest;

TEST_F(TrainMnistTest, AWrongOptionGivesAnErrorOfOneLineAndStatus2) {
  expect_one_line("--optimizer fastest", 2,
                  "train_mnist: --optimizer: must be one of sgd, momentum, ");
  expect_one_line("--dataset letters", 2, "--dataset: must be one of mnist, fashion");
  expect_one_line("--data . --dataset fashion", 2, "--data");
  expect_one_line("--lr -1", 2, "--lr");
  expect_one_line("--lr fast", 2, "--lr");
  expect_one_line("--batch-size 0", 2,
                  "--batch-size: must be a whole number above 0 or \"full\", got \"0\"");
  expect_one_line("--batch-size half", 2, "got \"half\"");
  expect_one_line("--hidden 0", 2, "--hidden");
  for (const char* widths : {"12,x", "2,,3", ",3", "2,", "''"}) {
    expect_one_line(std::string("--hidden ") + widths, 2,
                    "--hidden: must be a whole number from 1 to 1048576, got ");
  }
  expect_one_line("--save ''", 2, "--save: must be a path, got ");
  expect_one_line("--momentum 1", 2,
                  "--momentum: must be a number of at least 0 and below 1, got \"1\"");
  expect_one_line("--momentum 0.5", 2, "train_mnist: [adam] unknown option \"momentum\"; one of ");
  expect_one_line("--schedule linear", 2, "--schedule: must be one of constant, cosine");
  expect_one_line("--shift -1", 2, "--shift");
  expect_one_line("--epochs 0", 2, "--epochs");
  expect_one_line("--threads 0", 2, "--threads");
  expect_one_line("--sed 3", 2, "--sed");
  expect_one_line("--seed -1", 2, "--seed");
}

TEST_F(TrainMnistTest, TheErrorForAFileThatCannotBeWrittenComesBeforeTraining) {
  const std::string here = scratch.path().string() + "/", written = ": cannot be written: ";
  const std::string longest(255, 'n');
  std::filesystem::create_directory(scratch / "folder");
  std::filesystem::create_directory(scratch / "net.checkpoint");
  write_bytes(scratch / "file", "");
  std::filesystem::create_symlink("ring", scratch / "ring");
  const auto expect_refused = [&](const std::string& arguments, const std::string& message) {
    expect_one_line(arguments, 2, "train_mnist: [--" + message + "\n");
    EXPECT_EQ(read_bytes(scratch / "out"), "") << "the error must come before training";
  };
  expect_refused("--save folder", "save] " + here + "folder: is not a regular file");
  expect_refused("--save folder/", "save] " + here + "folder/: is not a regular file");
  expect_refused("--save /dev/null", "save] /dev/null: is not a regular file");
  expect_refused("--save file/x", "save] " + here + "file/x" + written + "Not a directory");
  expect_refused("--save nowhere/net",
                 "save] " + here + "nowhere/net" + written + "No such file or directory");
  expect_refused("--save ring",
                 "save] " + here + "ring" + written + "Too many levels of symbolic links");
  expect_refused("--save n" + longest,
                 "save] " + here + "n" + longest + written + "File name too long");
  expect_refused(
      "--checkpoint-every 9 --save " + longest,
      "checkpoint-every] " + here + longest + ".checkpoint" + written + "File name too long");
  expect_refused("--checkpoint-every 9 --save net",
                 "checkpoint-every] " + here + "net.checkpoint: is not a regular file");
}

// With a file size limit of 8 KiB, the parameters can be written, but a checkpoint of Adam cannot.
TEST_F(TrainMnistTest, ALastCheckpointThatFailsDoesNotLoseTheParameters) {
  const std::string limited = "trap '' XFSZ; ulimit -f 16; " XGRAD_TRAIN_MNIST;
  const std::string common = "--epochs 2 --hidden 16 --save net --checkpoint-every ";
  ASSERT_EQ(run("--epochs 2 --hidden 16 --save whole").status, 0);
  const std::size_t batches =
      datasets::DataLoader(datasets::digits(datasets::Split::train), {.batch_size = 64}).batches();
  // The last checkpoint is due at the last step, or only at the end of the run.
  for (const std::size_t every : {2 * batches, 1000 * batches}) {
    const Outcome outcome = run(limited, common + std::to_string(every));
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.err, "train_mnist: [save_checkpoint] " +
                               (scratch / "net.checkpoint").string() +
                               ": cannot be written: File too large\n");
    EXPECT_EQ(read_bytes(scratch / "net"), read_bytes(scratch / "whole"));
    std::filesystem::remove(scratch / "net");
  }
  EXPECT_EQ(run(limited, common + std::to_string(batches)).status, 1);
  EXPECT_FALSE(std::filesystem::exists(scratch / "net")) << "the run was not finished";
}

TEST_F(TrainMnistTest, AnElementThatCannotBeExplainedGivesAnErrorBeforeTraining) {
  const auto expect_refused = [&](const std::string& arguments, const std::string& message) {
    expect_one_line("--epochs 1 --hidden 16 --explain " + arguments, 2,
                    "train_mnist: " + message + "\n");
    EXPECT_EQ(read_bytes(scratch / "out").find("epoch"), std::string::npos);
  };
  for (const char* text : {"weight", "0.weight[]", "0.weight[3,]", "0.weight[-1,2]", "[3,17]",
                           "0.weight[3,17", "0.weight[3 17]", "''"}) {
    const std::string got = text == std::string("''") ? "" : text;
    expect_refused("\"" + got + "\"",
                   "[--explain] must be an element such as 0.weight[3,17], got \"" + got + "\"");
  }
  expect_refused("'1.weight[3,17]'",
                 "[--explain] the network has no parameter \"1.weight\"; one of 0.weight, 0.bias, "
                 "2.weight, 2.bias");
  for (const std::string element : {"0.weight[3]", "0.weight[16,0]", "0.weight[0,64]"}) {
    expect_refused("'" + element + "'", "[--explain] " + element +
                                            " must be an element of a parameter of shape (16, 64)");
  }
  expect_refused("'0.bias[3]' --at-step 1000",
                 "[--at-step] must be a step of this run, from 1 to 23, got 1000");
  expect_one_line("--at-step 3", 2, "--at-step requires --explain");
  expect_one_line("--explain '0.bias[3]' --at-step 0", 2, "--at-step: must be a whole number");
}

TEST_F(TrainMnistTest, OnlyCompleteDecimalNumbersAreAccepted) {
  for (const char* text :
       {"-1", "nan", "inf", "1e400", "\"\"", "\" 5\"", "5x", "0x10", "+5", "0,1"}) {
    std::string quoted = text;
    if (quoted.front() != '"') quoted = "\"" + quoted + "\"";
    const auto expect_refused = [&](const std::string& option, const std::string& what) {
      expect_one_line(
          option + " " + text, 2,
          "train_mnist: " + option + ": must be " + what + ", got " + quoted + "; see --help\n");
    };
    expect_refused("--lr", "a finite number of at least 0");
    expect_refused("--seed", "a whole number from 0 to 18446744073709551615");
    expect_refused("--batch-size", "a whole number above 0 or \"full\"");
    expect_refused("--epochs", "a whole number from 1 to 1048576");
    expect_refused("--threads", "a whole number from 1 to 1024");
    if (text != std::string("0,1")) {
      expect_refused("--hidden", "a whole number from 1 to 1048576");
    }
  }
  expect_one_line("--seed 18446744073709551616", 2, "got \"18446744073709551616\"");
  expect_one_line("--epochs \"$(printf \"5\\n6\")\"", 2, "got \"5 6\"");
  const Outcome outcome = run("--epochs 1 --hidden 010 --seed 18446744073709551615");
  EXPECT_NE(outcome.out.find("64-10-10, "), std::string::npos) << outcome.out;  // 010 is not octal
  EXPECT_NE(outcome.out.find("seed 18446744073709551615\n"), std::string::npos) << outcome.out;
}

TEST_F(TrainMnistTest, OutputThatCannotBeWrittenGivesAnErrorOfOneLineBeforeTraining) {
  expect_checks_its_output("--help");
  expect_checks_its_output("--epochs 1000000");
}

TEST_F(TrainMnistTest, ClosedStandardStreamsDoNotChangeTheSavedFiles) {
  EXPECT_EQ(run("--epochs 1 --save whole").status, 0);
  EXPECT_EQ(run_in_shell("--epochs 1 --save net --checkpoint-every 1 <&- 2>&-").status, 0);
  EXPECT_EQ(read_bytes(scratch / "net"), read_bytes(scratch / "whole"));
  EXPECT_EQ(run_in_shell("--optimizer sgd --lr 1e30 <&- 2>&-").status, 1);
}

TEST_F(TrainMnistTest, AFileSizeLimitGivesAnErrorOfOneLineAndLeavesNoFile) {
  const Outcome outcome =
      run("bash", "-c 'ulimit -f 8; exec " XGRAD_TRAIN_MNIST " --epochs 1 --save net'");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("net: cannot be written: File too large\n"), std::string::npos)
      << outcome.err;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  for (const auto& file : std::filesystem::directory_iterator(scratch.path())) {
    EXPECT_FALSE(file.path().filename().string().starts_with("net")) << file.path();
  }
}

TEST_F(TrainMnistTest, AClosedPipeEndsTheProgramWithSigpipe) {
  const std::string program = "env --default-signal=PIPE " XGRAD_TRAIN_MNIST " --epochs 200";
  const Outcome outcome =
      run("bash", "-c '" + program + " | head -1 >/dev/null; exit ${PIPESTATUS[0]}'");
  EXPECT_EQ(outcome.status, 128 + SIGPIPE);
  EXPECT_EQ(outcome.err, "");
}

TEST_F(TrainMnistTest, ANetLargerThanTheMemoryGivesAnErrorOfOneLineAndStatus1) {
#if defined(XGRAD_TEST_ASAN) || defined(XGRAD_TEST_TSAN)
  GTEST_SKIP() << "the sanitizer ends the program";
#endif
  expect_one_line("--hidden 1048576,1048576", 1, "train_mnist: there is not enough memory\n");
}

TEST_F(TrainMnistTest, AMissingFolderGivesAnErrorWithItsPathAndStatus1) {
  expect_one_line("--data nowhere", 1, (scratch / "nowhere").string());
}

TEST_F(TrainMnistTest, ALossThatIsNotFiniteStopsWithStepAndLearningRate) {
  expect_one_line("--optimizer sgd --lr 1e30", 1,
                  "(learning rate 1e+30); try a lower learning rate");
}

TEST_F(TrainMnistTest, AModelOfLargerImagesThanTheDataGivesAnErrorOfOneLine) {
  expect_one_line("--model lenet", 2,
                  "train_mnist: [lenet] the rows must be images of shape (channels, height, width) "
                  "with at least 12 x 12 pixels, got rows of shape (1, 8, 8)\n");
  expect_one_line("--model resnet", 2, "--model: must be one of mlp, lenet, 2c2d, vgg");
}

}  // namespace
}  // namespace xgrad
