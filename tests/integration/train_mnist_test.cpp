// SPDX-License-Identifier: MIT
// Checks the output of `train_mnist`, and the files that it saves.
#include "integration/train_mnist_program.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <xgrad/xgrad.hpp>

#include <csignal>
#include <cstdio>
#include <regex>
#include <thread>

namespace xgrad {
namespace {

using test::Outcome, test::TrainMnistTest;

TEST_F(TrainMnistTest, WithoutMnistPrintsANoteAndTrainsOnTheDigits) {
  const Outcome outcome = run("--epochs 12");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out.rfind("xgrad " + version() + " | ", 0), 0u) << outcome.out;
  EXPECT_NE(outcome.out.find("No MNIST in " + (scratch / "mnist").string() +
                             "; "
                             "training on the bundled 8x8 digits instead.\n"),
            std::string::npos);
  EXPECT_NE(outcome.out.find("64-128-10, adam (learning rate 0.001), batch size 64, seed 0\n"),
            std::string::npos);
  const std::size_t last = outcome.out.find("epoch 12/12  train loss ");
  ASSERT_NE(last, std::string::npos);
  const std::size_t accuracy = outcome.out.find("test accuracy ", last);
  ASSERT_NE(accuracy, std::string::npos);
  EXPECT_GE(std::stod(outcome.out.substr(accuracy + 14)), 93.0);
  EXPECT_EQ(outcome.out.find('\r'), std::string::npos) << "a bar is drawn only on a terminal";
}

TEST_F(TrainMnistTest, ExplainPrintsTheArithmeticOfAStepThatEndsWithTheNewParameter) {
  const std::string explain = "--hidden 16 --batch-size full --explain '0.weight[3,17]' ";
  for (const std::string& name : optim::names()) {
    if (name == "nag") continue;  // its step ends with y, but the file contains theta
    const Outcome outcome = run(explain + "--epochs 2 --at-step 2 --save net --optimizer " + name);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    const std::size_t begin = outcome.out.find("\nstep 2, 0.weight[3,17]:\n");
    const std::size_t end = outcome.out.find("\nepoch 2/2", begin);
    ASSERT_NE(begin, std::string::npos) << outcome.out;
    ASSERT_NE(end, std::string::npos) << outcome.out;
    const std::string lines = outcome.out.substr(begin, end - begin);
    const double explained = std::stod(lines.substr(lines.rfind("= ") + 2));
    Rng rng(0);
    nn::Sequential model{nn::Linear(64, 16, rng), nn::ReLU(), nn::Linear(16, 10, rng)};
    train::load_parameters(scratch / "net", model);
    const Array weight = model.parameters()[0].value();
    EXPECT_NEAR(explained, static_cast<double>(weight(3, 17)), 1e-6) << lines;
  }
}

TEST_F(TrainMnistTest, TheBarFitsTheTerminalAndADumbTerminalGetsNone) {
  const std::string arguments = "--epochs 2 --batch-size 1 --hidden 512";
  const Outcome narrow = run_on_terminal("export TERM=xterm; stty cols 40", arguments);
  if (narrow.status == 127)
    GTEST_SKIP() << "script(1), which provides a terminal, is not installed";
  EXPECT_EQ(narrow.status, 0);
  std::size_t redrawn = 0;
  for (std::size_t at = 0; (at = narrow.out.find('\r', at)) != std::string::npos; ++at) {
    const std::size_t end = narrow.out.find("\033[K", at);
    if (narrow.out[at + 1] == '\n' || end == std::string::npos) continue;
    EXPECT_LT(end - at - 1, 40u) << narrow.out;
    ++redrawn;
  }
  EXPECT_GE(redrawn, 2u);  // at least once in each epoch
  // An error message replaces the bar.
  const std::string failed = run_on_terminal("export TERM=xterm", "--optimizer sgd --lr 1e30").out;
  EXPECT_NE(failed.find("\r\033[Ktrain_mnist: [NaNGuard] "), std::string::npos) << failed;
  for (const char* term : {"export TERM=dumb", "export TERM=", "unset TERM"}) {
    const std::string out = run_on_terminal(term, arguments).out;
    EXPECT_NE(out.find("epoch 2/2"), std::string::npos) << out;
    EXPECT_EQ(out.find('\033'), std::string::npos) << out;
  }
}

/// Returns the lines of a log file without their times and their metrics.
std::string without_numbers(const std::string& log) {
  const std::regex time(R"((^|\n)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} )");
  const std::regex rest(R"(: train loss [^\n]*)");
  return std::regex_replace(std::regex_replace(log, time, "$1"), rest, "");
}

TEST_F(TrainMnistTest, ALogFileGetsTheLinesOfTheRunWithTimeAndLevel) {
  const Outcome outcome = run("--epochs 2 --log-file log");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  const std::string lines =
      "[info] [xgrad] [train] run started: adam, learning rate 0.001, 1438 rows in 23 batches, 2 "
      "epochs\n"
      "[info] [xgrad] [train] epoch 1/2\n"
      "[info] [xgrad] [train] epoch 2/2\n"
      "[info] [xgrad] [train] run ended after 2 epochs, 46 steps\n";
  EXPECT_EQ(without_numbers(read_bytes(scratch / "log")), lines);
  run("--epochs 2 --log-file log");  // adds to the file
  EXPECT_EQ(without_numbers(read_bytes(scratch / "log")), lines + lines);
}

TEST_F(TrainMnistTest, TheLogLevelDecidesWhatTheLogFileGets) {
  run("--epochs 1 --log-file debug --log-level debug");
  const std::string debug = read_bytes(scratch / "debug");
  EXPECT_NE(debug.find("[debug] [xgrad] [simd] the kernels use " + simd_name() + "\n"),
            std::string::npos)
      << debug;
  EXPECT_NE(debug.find("[debug] [xgrad] [blas] "), std::string::npos) << debug;
  EXPECT_NE(debug.find("[debug] [xgrad] [threads] "), std::string::npos) << debug;
  run("--epochs 1 --log-file warning --log-level warning");
  EXPECT_EQ(read_bytes(scratch / "warning"), "");
  expect_one_line("--log-level debug", 2, "--log-level requires --log-file");
  expect_one_line("--log-file log --log-level loud", 2,
                  "--log-level: must be one of debug, info, ");
  expect_one_line("--log-file no/folder", 2, "[--log-file] ");
}

TEST_F(TrainMnistTest, AnErrorIsInTheLogFileToo) {
  expect_one_line("--optimizer sgd --lr 1e30 --log-file log --log-level error", 1,
                  "train_mnist: [NaNGuard] the loss is not finite in step ");
  EXPECT_EQ(without_numbers(read_bytes(scratch / "log")),
            "[error] [train_mnist] [NaNGuard] the loss is not finite in step 2 (learning rate "
            "1e+30); try a lower learning rate\n");
}

TEST_F(TrainMnistTest, SlowKernelsOfOpenBlasAreAWarning) {
  const Outcome outcome =
      run("env OPENBLAS_CORETYPE=Prescott " XGRAD_TRAIN_MNIST, "--epochs 1 --log-file log");
  EXPECT_EQ(outcome.status, 0);
  if (outcome.out.find("Prescott | ") == std::string::npos ||
      outcome.out.find("Prescott | SSE2") != std::string::npos) {
    GTEST_SKIP() << "these kernels fit the processor, or this BLAS has no others";
  }
  const std::string warning =
      "[blas] OpenBLAS does not know this processor and uses slow kernels (Prescott); set "
      "OPENBLAS_CORETYPE=";
  EXPECT_EQ(outcome.err.rfind("train_mnist: warning: " + warning, 0), 0u) << outcome.err;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_NE(read_bytes(scratch / "log").find("[warning] [xgrad] " + warning), std::string::npos);
}

TEST_F(TrainMnistTest, HelpExplainsEachOptionWithItsDefault) {
  const Outcome outcome = run("--help");
  EXPECT_EQ(outcome.status, 0);
  for (const char* text : {"--data",       "mnist in $XGRAD_DATA_DIR",
                           "--dataset",    "mnist,fashion",
                           "--model",      "mlp,lenet,2c2d,vgg",
                           "--hidden",     "128",
                           "--optimizer",  "sgd,momentum,nag,adagrad,rmsprop,adam",
                           "--lr",         "the optimizer's own",
                           "--momentum",   "0.9",
                           "--schedule",   "constant,cosine",
                           "--batch-size", "64",
                           "full",         "--epochs",
                           "--seed",       "--threads",
                           "--save",       "--checkpoint-every",
                           "--resume",     "--log-file",
                           "--log-level"}) {
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

TEST_F(TrainMnistTest, SavesParametersThatAModelOfTheSameShapeLoads) {
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

TEST_F(TrainMnistTest, EveryModelIsTrainedAndSavedForPredict) {
  write_mnist(40);
  const std::string images = " mnist/t10k-images-idx3-ubyte --labels mnist/t10k-labels-idx1-ubyte";
  for (const std::string model : {"mlp", "lenet (61706 ", "2c2d (3274634 ", "vgg (141418 "}) {
    const std::string name = model.substr(0, model.find(' '));
    const Outcome trained = run("--batch-size 20 --epochs 1 --save net --model " + name);
    ASSERT_EQ(trained.status, 0) << trained.err;
    EXPECT_NE(trained.out.find(name == "mlp" ? "784-128-10, adam" : model + "parameters), adam"),
              std::string::npos)
        << trained.out;
    const Outcome predicted = run(XGRAD_PREDICT, "net" + images);
    EXPECT_EQ(predicted.err, "");
    ASSERT_EQ(predicted.out.rfind("accuracy ", 0), 0u) << predicted.out;
    const std::string accuracy = predicted.out.substr(0, predicted.out.find(" of"));
    EXPECT_NE(trained.out.find("test " + accuracy + "  "), std::string::npos)
        << name << predicted.out << trained.out;
  }
}

TEST_F(TrainMnistTest, TheOptionsOfTheDataAndTheScheduleAreThoseOfTheLibrary) {
  const Outcome outcome =
      run("--hidden 16 --optimizer momentum --momentum 0.8 --lr 0.05 --schedule cosine "
          "--batch-size 100 --drop-last --shift 1 --flip --epochs 3 --seed 4 --save net");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("64-16-10, momentum (learning rate 0.05, cosine), batch size 100, "
                             "shift(1), flip_horizontal, seed 4\n"),
            std::string::npos)
      << outcome.out;
  Rng rng(4);
  nn::Sequential model{nn::Linear(64, 16, rng), nn::ReLU(), nn::Linear(16, 10, rng)};
  optim::Momentum optimizer(model.parameters(), {.lr = 0.05, .momentum = 0.8});
  datasets::DataLoader loader(datasets::digits(datasets::Split::train),
                              {.batch_size = 100,
                               .seed = 4,
                               .drop_last = true,
                               .transform = {datasets::shift(1), datasets::flip_horizontal()}});
  train::fit(model, optimizer, loader,
             {.epochs = 3, .schedule = optim::cosine(0.05, 3 * loader.batches())});
  const std::map<std::string, Array> saved = train::read_tensors(scratch / "net");
  for (const auto& [name, parameter] : model.named_parameters()) {
    EXPECT_EQ(saved.at(name), parameter.value()) << name;
  }
}

// The checkpoint contains the learning rate of its last step, from which the schedule must not
// start again.
TEST_F(TrainMnistTest, ARunWithAScheduleIsResumedWithTheSameResult) {
  struct Stop : train::Callback {
    void on_step(train::Run& run) override { run.stopped = run.progress.step == 20; }
  } stop;
  Rng rng(0);
  nn::Sequential model{nn::Linear(64, 16, rng), nn::ReLU(), nn::Linear(16, 10, rng)};
  optim::Adam optimizer(model.parameters());
  datasets::DataLoader loader(datasets::digits(datasets::Split::train));
  train::Checkpoint checkpoint(scratch / "checkpoint", {.steps = 1});
  train::fit(model, optimizer, loader,
             {.epochs = 2,
              .schedule = optim::cosine(0.001, 2 * loader.batches()),
              .callbacks = {&stop, &checkpoint}});

  const std::string arguments = "--hidden 16 --schedule cosine --epochs 2 ";
  ASSERT_EQ(run(arguments + "--save whole").status, 0);
  const Outcome outcome = run(arguments + "--save rest --resume checkpoint");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("resumed from checkpoint after 20 steps"), std::string::npos);
  EXPECT_EQ(read_bytes(scratch / "rest"), read_bytes(scratch / "whole"));
}

TEST_F(TrainMnistTest, CtrlCFinishesTheStepPrintsTheStateAndExitsWith130) {
  const std::string out = (scratch / "out").string();
  const pid_t child = fork();
  if (child == 0) {
    if (chdir(scratch.path().c_str()) != 0 || std::freopen(out.c_str(), "w", stdout) == nullptr) {
      _exit(99);
    }
    setenv("XGRAD_DATA_DIR", ".", 1);
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
