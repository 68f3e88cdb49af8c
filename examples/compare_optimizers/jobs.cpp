// SPDX-License-Identifier: MIT
#include "compare_optimizers/jobs.hpp"

#include "compare_optimizers/run_file.hpp"
#include "support/program.hpp"

#include <xgrad/core/file.hpp>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <exception>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

namespace compare {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

void write_run(const std::filesystem::path& file, const Run& run) {
  std::error_code failed;
  std::filesystem::create_directories(file.parent_path(), failed);
  xgrad::write_file("compare", file, to_json_lines(run));
}

/// Makes the runs of one stage that belong to this process, with several worker threads.
class Workers {
 public:
  Workers(const std::map<std::string, Task>& tasks, std::vector<RunSettings> todo, const Jobs& jobs)
      : tasks_(tasks), todo_(std::move(todo)), jobs_(jobs) {}

  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() {
    if (terminal_ && done_ > 0) std::fprintf(stderr, "\r\033[K");
  }

  void work() {
    in_parallel(todo_.size(), jobs_.workers, [this](std::size_t i) { make(todo_[i]); });
  }

 private:
  void make(const RunSettings& settings) {
    if (jobs_.stop->requested()) return;
    const std::optional<Run> run = execute(tasks_.at(settings.task), settings, *jobs_.stop);
    if (!run) return;
    write_run(jobs_.folder / file_name(settings), *run);
    report(settings);
  }
  void report(const RunSettings& s) {
    const std::lock_guard lock(mutex_);
    ++done_;
    if (!terminal_) return;
    const double left =
        since(begin_) / static_cast<double>(done_) * static_cast<double>(todo_.size() - done_);
    std::string line = std::to_string(done_) + " of " + std::to_string(todo_.size()) + " runs, " +
                       std::to_string(std::lround(left)) + " s left: " + s.task + ", " +
                       s.optimizer;
    // One column less than there are, so that the line does not wrap.
    const std::size_t columns = std::max<std::size_t>(1, terminal_columns(STDERR_FILENO));
    line.resize(std::min(line.size(), columns - 1));
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
  }

  const std::map<std::string, Task>& tasks_;
  const std::vector<RunSettings> todo_;
  const Jobs& jobs_;
  const Clock::time_point begin_ = Clock::now();
  const bool terminal_ = can_redraw(STDERR_FILENO);
  std::mutex mutex_;
  std::size_t done_ = 0;
};

/// Unlike std::filesystem::exists, throws nothing for a path that no file can have.
bool is_there(const std::filesystem::path& file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored);
}

void wait_for(const std::filesystem::path& file, const Jobs& jobs) {
  const auto begin = Clock::now();
  while (!is_there(file) && !jobs.stop->requested()) {
    if (since(begin) > jobs.wait) {
      throw xgrad::DataError("[compare] " + file.string() +
                             ": another shard must write this file within " +
                             xgrad::format_number(jobs.wait) +
                             " s, but it did not; run that shard, or use --resume without --shard");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

}  // namespace

std::vector<Run> perform(const std::map<std::string, Task>& tasks,
                         const std::vector<RunSettings>& settings, const Jobs& jobs) {
  std::vector<RunSettings> todo;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const bool is_ours = i % jobs.of == jobs.shard;
    if (is_ours && !is_there(jobs.folder / file_name(settings[i]))) {
      todo.push_back(settings[i]);
    }
  }
  Workers(tasks, std::move(todo), jobs).work();
  std::vector<Run> runs;
  for (const RunSettings& each : settings) {
    const std::filesystem::path file = jobs.folder / file_name(each);
    wait_for(file, jobs);
    if (jobs.stop->requested()) break;
    runs.push_back(parse_run(xgrad::read_file("compare", file), file.string()));
    if (describe(runs.back().settings) != describe(each)) {
      throw xgrad::DataError(
          "[compare] " + file.string() +
          ": the file must contain the settings of its name, found others; delete it");
    }
  }
  return runs;
}

void in_parallel(std::size_t count, unsigned threads,
                 const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr error;
  const auto take = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) work(i);
    } catch (...) {
      next = count;
      const std::lock_guard lock(mutex);
      if (!error) error = std::current_exception();
    }
  };
  std::vector<std::jthread> others;
  try {
    for (std::size_t i = 1; i < std::min<std::size_t>(threads, count); ++i)
      others.emplace_back(take);
  } catch (const std::system_error&) {  // no more threads: those already started do the work
  }
  take();
  others.clear();  // waits for them
  if (error) std::rethrow_exception(error);
}

}  // namespace compare
