// SPDX-License-Identifier: MIT
// The lines that train::Log writes, and those that the library writes by itself.
#include "runs.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <regex>
#include <thread>

namespace xgrad::test {
namespace {

using Texts = std::vector<std::string>;

struct Line {
  LogLevel level;
  std::string text;
  std::thread::id thread;
};

/// Collects the messages of the library.
class LogLines : public ::testing::Test {
 protected:
  LogLines() {
    set_log_handler([this](LogLevel level, std::string_view text) {
      lines_.push_back({level, std::string(text), std::this_thread::get_id()});
    });
  }
  ~LogLines() override { set_log_handler(nullptr); }

  Texts texts(LogLevel level) const {
    Texts result;
    for (const Line& line : lines_) {
      if (line.level == level) result.push_back(line.text);
    }
    return result;
  }
  /// Returns the texts of level info with T for each time and N for each metric.
  Texts normalized() const {
    Texts result;
    for (const std::string& text : texts(LogLevel::info)) {
      const std::string timed = std::regex_replace(text, std::regex("[0-9.e-]+ (m?s)$"), "T $1");
      result.push_back(std::regex_replace(timed, std::regex("(loss|accuracy) [0-9.e-]+"), "$1 N"));
    }
    return result;
  }
  std::vector<Line> lines_;
};

using TrainLogTest = LogLines;
using FileLogTest = LogLines;

TEST_F(TrainLogTest, ARunIsLoggedFromItsStartToItsEnd) {
  Training run("adam");
  train::Log log;
  train::fit(
      run.model, *run.optimizer, run.loader,
      {.epochs = 2, .validation = datasets::iris(datasets::Split::test), .callbacks = {&log}});
  const std::string metrics =
      ": train loss N, validation loss N, validation accuracy N, learning rate 0.05, T s";
  EXPECT_EQ(normalized(),
            (Texts{"[train] run started: adam, learning rate 0.05, 120 rows in 8 batches, 2 epochs",
                   "[train] epoch 1/2" + metrics, "[train] epoch 2/2" + metrics,
                   "[train] run ended after 2 epochs, 16 steps"}));
  EXPECT_EQ(texts(LogLevel::error), Texts{});
}

TEST_F(TrainLogTest, AnEpochIsLoggedWithItsMetrics) {
  Training training("sgd");
  train::Run run{training.model, *training.optimizer, training.loader};
  train::Log log;
  run.end_step(0.5, 100);
  run.progress.seconds = 2;
  run.end_epoch(train::Evaluation{0.25, 0.75, 0.1, 30});
  log.on_epoch(run);
  run.end_step(0.125, 100);
  run.progress.seconds = 3;
  run.end_epoch();
  log.on_epoch(run);
  EXPECT_EQ(texts(LogLevel::info),
            (Texts{"[train] epoch 1: train loss 0.5, validation loss 0.25, validation "
                   "accuracy 0.75, learning rate 0.05, 2 s",
                   "[train] epoch 2: train loss 0.125, learning rate 0.05, 3 s"}));
}

TEST_F(TrainLogTest, AStoppedRunSaysSoAndSoDoesAResumedOne) {
  Training run("sgd");
  train::Log log;
  AfterStep stop([](train::Run& r) { r.stopped = r.progress.step == 3; });
  train::fit(run.model, *run.optimizer, run.loader, {.callbacks = {&log, &stop}});
  EXPECT_EQ(lines_.back().text, "[train] run stopped after 0 epochs, 3 steps");
  lines_.clear();
  train::Progress progress{.step = 3, .loader = run.loader.state()};
  train::fit(run.model, *run.optimizer, run.loader, {.callbacks = {&log}, .resume = progress});
  EXPECT_EQ(texts(LogLevel::info).front(),
            "[train] run resumed after 3 steps: sgd, learning rate 0.05, 120 rows in 8 batches, "
            "1 epoch");
}

TEST_F(TrainLogTest, ALossThatIsNotFiniteIsAnErrorWithStepTensorAndLearningRate) {
  Training run("sgd");
  train::Log log;
  Tensor weight = run.model.named_parameters()[2].second;
  AfterStep spoil([&](train::Run& r) {
    if (r.progress.step != 3) return;
    Array values = weight.value();
    values.data()[0] = std::numeric_limits<Scalar>::quiet_NaN();
    weight.assign(values);
  });
  EXPECT_THROW(train::fit(run.model, *run.optimizer, run.loader, {.callbacks = {&log, &spoil}}),
               Error);  // of the backward pass
  EXPECT_EQ(texts(LogLevel::error),
            (Texts{"[train] the loss of step 4 is nan (learning rate 0.05); the first "
                   "tensor that is not finite is " +
                   run.model.named_parameters()[2].first}));
}

TEST_F(TrainLogTest, AnInfiniteLossOfFiniteParametersIsNamedItself) {
  Training training("sgd");
  train::Run run{training.model, *training.optimizer, training.loader};
  train::Log log;
  for (const double loss : {1.0, std::numeric_limits<double>::infinity()}) {
    run.loss = loss;
    log.on_loss(run);
  }
  EXPECT_EQ(texts(LogLevel::error),
            (Texts{"[train] the loss of step 1 is inf (learning rate 0.05); the first "
                   "tensor that is not finite is the loss itself"}));
}

TEST_F(TrainLogTest, RunsInSeveralThreadsLogEveryLineInTheirOwnOrder) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      Training run("sgd");
      train::Log log;
      train::fit(run.model, *run.optimizer, run.loader, {.epochs = 20, .callbacks = {&log}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::map<std::thread::id, std::vector<std::string>> of_thread;
  for (const Line& line : lines_) {
    if (line.level == LogLevel::info) of_thread[line.thread].push_back(line.text);
  }
  EXPECT_EQ(of_thread.size(), 4u);
  for (const auto& [thread, texts] : of_thread) {
    ASSERT_EQ(texts.size(), 22u);
    EXPECT_TRUE(texts[0].starts_with("[train] run started"));
    for (std::size_t epoch = 1; epoch <= 20; ++epoch) {
      EXPECT_TRUE(texts[epoch].starts_with("[train] epoch " + std::to_string(epoch) + "/20: "));
    }
    EXPECT_EQ(texts[21], "[train] run ended after 20 epochs, 160 steps");
  }
}

TEST_F(FileLogTest, FilesOfParametersAndCheckpointsAreLoggedWithBytesAndMilliseconds) {
  const Scratch scratch;
  Training run("adam");
  train::save_parameters(scratch / "net", run.model);
  train::load_parameters(scratch / "net", run.model);
  run.save(scratch / "run");
  run.load(scratch / "run");
  const auto about = [&](const char* start, const char* name) {
    const std::filesystem::path file = scratch / name;
    return start + file.string() + ": " + std::to_string(std::filesystem::file_size(file)) +
           " bytes in T ms";
  };
  EXPECT_EQ(
      normalized(),
      (Texts{about("[save_parameters] saved ", "net"), about("[load_parameters] loaded ", "net"),
             about("[save_checkpoint] saved ", "run"), about("[load_checkpoint] loaded ", "run")}));
}

TEST_F(FileLogTest, ADataSetThatWasReadIsLoggedWithPathRowsAndSeconds) {
  const Scratch scratch;
  const std::string file = (scratch / "table.csv").string();
  write_bytes(file, "1,2,a\n3,4,b\n5,6,a\n");
  datasets::csv(file);
  datasets::iris(datasets::Split::train);  // a bundled table is not read from a file
  EXPECT_THROW(datasets::csv(scratch / "none.csv"), DataError);
  const std::string folder = XGRAD_SOURCE_DIR "/datasets/mnist";
  datasets::mnist(folder, datasets::Split::test);
  EXPECT_EQ(normalized(), (Texts{"[csv] read " + file + ": 3 rows in T s",
                                 "[mnist] read " + folder + ": 10000 rows in T s"}));
}

TEST_F(FileLogTest, AFileThatCannotBeReadOrWrittenLogsNothing) {
  const Scratch scratch;
  Training run("adam");
  EXPECT_THROW(train::load_parameters(scratch / "none", run.model), DataError);
  EXPECT_THROW(train::save_parameters(scratch / "no/folder", run.model), DataError);
  EXPECT_EQ(lines_.size(), 0u);
}

TEST(QuietTest, WithoutALoggerAndAHandlerNothingIsPrinted) {
  const Scratch scratch;
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Training run("adam");
  train::Log log;
  train::fit(run.model, *run.optimizer, run.loader, {.epochs = 2, .callbacks = {&log}});
  train::save_parameters(scratch / "net", run.model);
  log_message(LogLevel::error, "nobody reads this");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace xgrad::test
