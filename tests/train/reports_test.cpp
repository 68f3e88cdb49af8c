// SPDX-License-Identifier: MIT
// Tests the callbacks that report a run: CsvLog and ProgressReport.
#include "runs.hpp"

#include <support/table.hpp>

#include <sstream>
#include <thread>

namespace xgrad::test {
namespace {

TEST(CsvLogTest, ContainsTheHistoryAfterEachEpoch) {
  const Scratch scratch;
  Training run("adam");
  train::CsvLog log(scratch / "log.csv");
  const train::History history =
      train::fit(run.model, *run.optimizer, run.loader,
                 {.epochs = 3, .validation = iris_test(), .callbacks = {&log}});
  const std::string text = read_bytes(scratch / "log.csv");
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "epoch,train_loss,learning_rate,seconds,validation_loss,validation_accuracy,"
            "validation_accuracy_error,validation_rows,validation_r2");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  EXPECT_EQ(text, train::to_csv(history));
  const std::vector<double> last = rows_of(text)[2];
  ASSERT_EQ(last.size(), 9u);
  EXPECT_EQ(last[0], 3);
  EXPECT_EQ(last[1], history[2].train_loss);
  EXPECT_EQ(last[5], history[2].validation->accuracy);
  EXPECT_EQ(last[7], 30);
}

TEST(ProgressReportTest, WritesALinePerEpochAndNoBarByDefault) {
  Training run("adam");
  std::ostringstream out;
  train::ProgressReport report(out);
  const train::History history =
      train::fit(run.model, *run.optimizer, run.loader,
                 {.epochs = 2, .validation = iris_test(), .callbacks = {&report}});
  char expected[200];
  std::snprintf(expected, sizeof expected,
                "epoch 2/2  train loss %.4f  validation loss %.4f  validation accuracy %.2f ± %.2f "
                "%%  ",
                history[1].train_loss, history[1].validation->loss,
                100 * history[1].validation->accuracy,
                100 * history[1].validation->accuracy_stderr);
  const std::string text = out.str();
  EXPECT_NE(text.find(expected), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_EQ(text.find('\r'), std::string::npos);
}

TEST(ProgressReportTest, DrawsABarWithTheRemainingTimeIfEnabled) {
  Scripted scripted;
  std::ostringstream out;
  train::ProgressReport report(out, true, "test");
  std::this_thread::sleep_for(std::chrono::milliseconds(110));
  scripted.run.end_step(0.25, 60);
  report.on_step(scripted.run);
  EXPECT_EQ(out.str().rfind("\r[===============               ]  50 %  loss 0.2500  ", 0), 0u)
      << out.str();
  EXPECT_NE(out.str().find(" s left"), std::string::npos);
  const std::size_t drawn = out.str().size();
  report.on_step(scripted.run);  // too early for another update of the bar
  EXPECT_EQ(out.str().size(), drawn);
  std::this_thread::sleep_for(std::chrono::milliseconds(110));
  scripted.run.end_step(0.25, 90);  // more rows than the data set has: end_epoch() was not called
  report.on_step(scripted.run);
  EXPECT_NE(out.str().find("=] 100 %"), std::string::npos) << out.str();
  scripted.run.stopped = true;
  report.on_end(scripted.run);
  EXPECT_NE(out.str().find("stopped in epoch 1"), std::string::npos) << out.str();
}

TEST(ProgressReportTest, TheBarNeverFillsTheLastColumnOfTheTerminal) {
  const std::pair<std::size_t, std::string> drawings[] = {
      {200, "[==============================] 100 %  loss 0.2500  0 s left "},
      {63, "[==============================] 100 %  loss 0.2500  0 s left "},
      {40, "[=======] 100 %  loss 0.2500  0 s left "},
      {38, "[=====] 100 %  loss 0.2500  0 s left "},
      {37, "100 %  loss 0.2500  0 s left "},
      {20, "100 %  loss 0.2500 "},
      {2, "1"},
      {1, ""},
      {0, ""}};
  Scripted scripted;
  std::ostringstream out;
  std::size_t columns = 0;  // may change during the run
  train::ProgressReport report(out, true, "test", [&] { return columns; });
  std::string expected;
  for (const auto& [width, drawing] : drawings) {
    columns = width;
    std::this_thread::sleep_for(std::chrono::milliseconds(110));
    scripted.run.end_step(0.25, 120);
    report.on_step(scripted.run);
    expected += "\r" + drawing + "\033[K";
    EXPECT_LT(drawing.size(), std::max<std::size_t>(1, width));
  }
  EXPECT_EQ(out.str(), expected);
}

}  // namespace
}  // namespace xgrad::test
