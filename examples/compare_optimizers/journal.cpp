// SPDX-License-Identifier: MIT
#include "compare_optimizers/runs.hpp"

#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <exception>
#include <system_error>
#include <thread>

namespace compare {

Journal::Journal(const std::filesystem::path& file) : name_(xgrad::absolute_name(file)) {
  std::string text;
  if (std::filesystem::exists(file)) text = xgrad::read_file("compare", file);
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (auto record = parse_record(rest.substr(0, end))) {
      runs_.emplace(describe(record->settings), std::move(record->run));
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  file_.reset(std::fopen(file.c_str(), "a"), [](std::FILE* f) {
    if (f != nullptr) std::fclose(f);
  });
  if (!file_) {
    throw xgrad::DataError("[compare] " + name_ + ": cannot be written: " + std::strerror(errno));
  }
  std::setvbuf(file_.get(), nullptr, _IONBF, 0);
}

const Run* Journal::find(const Settings& settings) const {
  const std::string key = describe(settings);
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(key);
  return found == runs_.end() ? nullptr : &found->second;
}

void Journal::add(const Record& record) {
  const std::string line = to_line(record);
  const std::lock_guard lock(mutex_);
  // Rounded as in the file, so that a resumed study is equal to one that was not interrupted.
  runs_.emplace(describe(record.settings), parse_record({line.data(), line.size() - 1})->run);
  if (!file_) return;
  // A line break first, because a killed process may have left a part of a line. One write appends
  // the line as a whole, even if another process writes at the same time.
  const std::string bytes = "\n" + line;
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) {
    throw xgrad::DataError("[compare] " + name_ + ": cannot be written: " + std::strerror(errno));
  }
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
