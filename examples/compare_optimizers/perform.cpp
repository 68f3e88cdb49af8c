// SPDX-License-Identifier: MIT
// Makes the runs of a study, shows the progress, and writes the report.
#include "compare_optimizers/comparison.hpp"
#include "compare_optimizers/page_files.hpp"  // made by CMake from the folder report/
#include "support/program.hpp"
#include "support/text.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <mutex>

namespace compare {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Shows the progress in the terminal and, with Jobs::on_progress, in the report.
struct View {
  const Comparison& comparison;
  const Journal& journal;
  const Jobs& jobs;
  std::pair<std::uint64_t, double> total = comparison.total();  // runs, at least `done`, and work
  bool terminal = can_redraw(STDERR_FILENO);
  Clock::time_point begin = Clock::now(), updated = begin;
  std::string ranks{};
  std::uint64_t done = 0;
  double work = 0, pause = 2;

  ~View() {
    if (terminal && done > 0) std::fprintf(stderr, "\r\033[K");
  }

  void count(const Settings& settings) {
    total.first = std::max(total.first, ++done);
    work += comparison.work_of(settings);
    const double left = since(begin) * std::max(0.0, total.second / work - 1);
    if ((terminal || jobs.on_progress) && since(updated) > pause) update(left);
    if (!terminal) return;
    std::string line =
        fmt::format("{} of {} runs, {:.0f} s left{}", done, total.first, left, ranks);
    // One column less than there are, so that the line does not wrap.
    const std::size_t columns = std::max<std::size_t>(1, terminal_columns(STDERR_FILENO));
    line.resize(std::min(line.size(), columns - 1));
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
  }

  /// Summarises the runs so far. Meanwhile, the other workers go on until they finish a run.
  void update(double left) {
    const Clock::time_point start = Clock::now();
    Study study = comparison.study(journal);
    study.complete = false;
    study.progress = {{"done", done}, {"of", total.first}, {"seconds_left", std::round(left)}};
    ranks.clear();
    for (const Group& group : study.groups) {
      if (!group.conclusion.best.empty()) ranks += "; " + ranking(group);
    }
    if (jobs.on_progress) jobs.on_progress(study);
    updated = Clock::now();
    pause = std::max(2.0, 20 * since(start));
  }
};

const std::filesystem::path kScripts = "/usr/share/javascript";

/// Returns the scripts of Vega, or "" if one of them is missing.
std::string vega() {
  std::string scripts;
  for (const char* const name : page::vega) {
    if (!std::filesystem::exists(kScripts / name)) return "";
    scripts += xgrad::read_file("report", kScripts / name) + "\n";
  }
  return replaced(std::move(scripts), "</script", "<\\/script");
}

}  // namespace

void write_report(const std::filesystem::path& file, const Study& study) {
  std::string html = replaced(page::html, "/*{{vega}}*/", vega());
  html = replaced(std::move(html), "/*{{report.js}}*/", page::script);
  html = replaced(std::move(html), "{{study.json}}", replaced(to_json(study), "</", "<\\/"));
  xgrad::write_file("report", file, html);
}

bool Comparison::perform(Journal& journal, const Jobs& jobs) const {
  View view{*this, journal, jobs};
  const MakeRun make_run = [&](const Settings& settings) { return make(settings, *jobs.stop); };
  std::mutex mutex;  // of the journal and of the view
  const AddRun add = [&](const Record& record) {
    const std::lock_guard lock(mutex);
    journal.add(record);
    view.count(record.settings);
  };
  for (;;) {
    const std::vector<Settings> todo = next(journal);
    if (todo.empty()) return true;
    if (jobs.share) {
      jobs.share(todo, make_run, add);
    } else {
      in_parallel(todo.size(), jobs.workers, [&](std::size_t i) {
        if (const auto run = make_run(todo[i])) add({todo[i], *run});
      });
    }
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
