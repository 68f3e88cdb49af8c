// SPDX-License-Identifier: MIT
// Makes the runs of a study and shows the progress.
#include "compare_optimizers/comparison.hpp"
#include "compare_optimizers/summary.hpp"
#include "support/program.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace compare {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Shows the progress in the terminal and, with Jobs::on_progress, in the report.
class View {
 public:
  View(const Comparison& comparison, const Journal& journal, const Jobs& jobs)
      : comparison_(comparison), journal_(journal), jobs_(jobs), total_(comparison.total()) {}
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  ~View() {
    if (terminal_ && done_ > 0) std::fprintf(stderr, "\r\033[K");
  }

  void count(const Settings& settings) {
    const std::lock_guard lock(mutex_);
    total_.first = std::max(total_.first, ++done_);
    work_ += comparison_.work_of(settings);
    const double left = since(begin_) * std::max(0.0, total_.second / work_ - 1);
    if ((terminal_ || jobs_.on_progress) && since(updated_) > pause_) update(left);
    if (terminal_) draw(left);
  }

 private:
  /// Summarises the runs so far. Meanwhile, the other workers go on until they finish a run.
  void update(double left) {
    const Clock::time_point start = Clock::now();
    Study study = comparison_.study(journal_);
    study.complete = false;
    study.progress = {{"done", done_}, {"of", total_.first}, {"seconds_left", std::round(left)}};
    ranking_.clear();
    for (const Group& group : study.groups) {
      if (!group.conclusion.best.empty()) ranking_ += "; " + ranking(group);
    }
    if (jobs_.on_progress) jobs_.on_progress(study);
    updated_ = Clock::now();
    pause_ = std::max(2.0, 20 * since(start));
  }

  void draw(double left) const {
    std::string line =
        fmt::format("{} of {} runs, {:.0f} s left{}", done_, total_.first, left, ranking_);
    // One column less than there are, so that the line does not wrap.
    const std::size_t columns = std::max<std::size_t>(1, terminal_columns(STDERR_FILENO));
    line.resize(std::min(line.size(), columns - 1));
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
  }

  const Comparison& comparison_;
  const Journal& journal_;
  const Jobs& jobs_;
  std::pair<std::uint64_t, double> total_;  // runs, at least done_, and their work
  const bool terminal_ = can_redraw(STDERR_FILENO);
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point updated_ = begin_;
  std::mutex mutex_{};
  std::string ranking_{};
  std::uint64_t done_ = 0;
  double work_ = 0, pause_ = 2;
};

}  // namespace

bool Comparison::perform(Journal& journal, const Jobs& jobs) const {
  View view(*this, journal, jobs);
  for (;;) {
    std::vector<Settings> todo = next(journal);
    if (todo.empty()) return true;
    // A process first makes its own part of the runs, and then those that are left, beginning with
    // the last one of another process.
    const auto begin = [&](int rank) { return std::ssize(todo) * rank / jobs.processes; };
    std::rotate(todo.begin(), todo.begin() + begin(jobs.rank), todo.end());
    std::reverse(todo.begin() + begin(jobs.rank + 1) - begin(jobs.rank), todo.end());
    in_parallel(todo.size(), jobs.workers, [&](std::size_t i) {
      if (jobs.processes > 1) journal.refresh();
      if (journal.find(todo[i]) == nullptr) {
        const std::optional<Run> run = make(todo[i], *jobs.stop);
        if (!run) return;
        journal.add({todo[i], *run});
      }
      view.count(todo[i]);
    });
    if (jobs.stop->requested()) return false;
  }
}

double Comparison::estimate(const xgrad::train::StopRequest& stop) const {
  double seconds = 0, work = 0;
  std::map<std::string, int> known;
  for (Settings settings : next({})) {
    if (seconds > 2 || known[settings.task + settings.optimizer]++ > 0) continue;
    settings.epochs = std::min<std::uint64_t>(settings.epochs, 2);
    const std::optional<Run> run = make(settings, stop);
    if (!run) break;
    seconds += run->seconds;
    work += work_of(settings);
  }
  return seconds / work * total().second;
}

}  // namespace compare
