// SPDX-License-Identifier: MIT
#include "compare_optimizers/study_file.hpp"

#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>

#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <sstream>

namespace compare {

using nlohmann::json;
using xgrad::DataError;

// Each line lists the members that are in the file.
#define JSON NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE
JSON(Curve, epoch, seconds, train_loss, validation_loss, validation, test_loss, test)
JSON(Run, stage, seed, split_seed, epochs, steps, diverged, reason, value, seconds, steps_to_target,
     seconds_to_target, bits, hash, curve, path)
JSON(Table, label, header, delimiter, decimal_comma, test_fraction, predict)
JSON(Plan, tasks, optimizers, batch_sizes, model, hidden, epochs, steps, search, by, tuning_seeds,
     seeds, grid, extend, target, table)
JSON(TaskInfo, name, title, kind, split, data, classes, features, train_rows, validation_rows,
     test_rows)
JSON(ModelInfo, name, description, parameters)
JSON(Metric, name, higher_is_better, percent)
JSON(Target, value, reason)
JSON(TuningPoint, options, values, mean, steps, extended, kept, runs)
JSON(Tuned, options, code, at_edge)
JSON(Estimate, mean, standard_error, interval, n, diverged)
JSON(Versus, difference, interval, p, p_holm, significant)
JSON(ToTarget, median, reached, of)
JSON(Summary, tuned, defaults, rank, versus_best, gain, steps_to_target, seconds_to_target,
     still_improving, tuned_worse_than_defaults, seconds_per_step)
JSON(Optimizer, name, tuning, tuned, runs, summary)
JSON(Conclusion, best, indistinguishable, sentence, advice)
JSON(Group, task, batch_size, model, epochs, steps_per_epoch, comparisons, metric, target, analytic,
     optimizers, conclusion)
JSON(Study, format, version, complete, progress, program, machine, plan, rules, groups, across,
     hash)
JSON(Settings, stage, task, data, optimizer, model, version, options, batch_size, steps, hidden,
     seed, epochs, test_fraction)
JSON(Record, settings, run)
#undef JSON

namespace {

std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Returns the hash of a run or of a study without its own hash.
template <class T>
std::string hash_of(T object) {
  object.hash.clear();
  return hex(fnv1a(text_of(object)));
}

/// Throws DataError unless the hash of the object is right. `what` is the
/// beginning of the message, up to the word "hash".
template <class T>
void check(const T& object, const std::string& what) {
  const std::string hash = hash_of(object);
  if (object.hash == hash) return;
  throw DataError(fmt::format("{} hash must be {}, found {}", what, hash, object.hash));
}

void check_all(const Study& study, const std::string& where) {
  for (const Group& group : study.groups) {
    for (const Optimizer& optimizer : group.optimizers) {
      std::vector<Run> runs = optimizer.runs;
      for (const TuningPoint& point : optimizer.tuning) {
        runs.insert(runs.end(), point.runs.begin(), point.runs.end());
      }
      for (const Run& run : runs) {
        check(run, fmt::format("{}the run of {} on {}, stage {}, with seed {} was altered: its",
                               where, optimizer.name, group.task.name, run.stage, run.seed));
      }
    }
  }
  check(study, where + "a run is missing, or something else was altered: the");
}

}  // namespace

std::uint64_t fnv1a(std::string_view bytes, std::uint64_t hash) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

std::string hex(std::uint64_t hash) { return fmt::format("{:016x}", hash); }

std::string describe(const Settings& settings) { return text_of(settings); }

std::string to_line(const Record& record) { return text_of(record); }

std::optional<Record> parse_record(std::string_view line) {
  try {
    Record record = json::parse(line).get<Record>();
    // A record is written in exactly one way, so any other text is damaged.
    if (to_line(record) == line && record.run.hash == hash_of(record.run)) return record;
  } catch (const json::exception&) {
    // returns nullopt
  }
  return std::nullopt;
}

Journal::Journal(const std::filesystem::path& file) : name_(xgrad::absolute_name(file)) {
  std::istringstream lines;
  if (std::filesystem::exists(file)) lines.str(xgrad::read_file("compare", file));
  for (std::string line; std::getline(lines, line);) {
    if (const auto record = parse_record(line)) {
      runs_.emplace(describe(record->settings), record->run);
    }
  }
  file_.rdbuf()->pubsetbuf(nullptr, 0);  // so that each write is one write of the system
  file_.open(file, std::ios::app | std::ios::binary);
  require_written();
}

void Journal::require_written() const {
  if (file_) return;
  throw DataError("[compare] " + name_ + ": cannot be written: " + std::strerror(errno));
}

const Run* Journal::find(const Settings& settings) const {
  const auto found = runs_.find(describe(settings));
  return found == runs_.end() ? nullptr : &found->second;
}

void Journal::add(const Record& record) {
  const std::string line = to_line(record);
  // Rounded as in the file, so that a resumed study is equal to one that was not interrupted.
  runs_.emplace(describe(record.settings), parse_record(line)->run);
  if (!file_.is_open()) return;
  // A line break first, because a killed process may have left a part of a line. One write appends
  // the line as a whole, even if another process writes at the same time.
  file_.clear();  // so that each run is written, or gives the reason, also after an error
  file_ << "\n" + line + "\n";
  require_written();
}

void seal(Run& run) { run.hash = hash_of(run); }
void seal(Study& study) { study.hash = hash_of(study); }

std::string to_json(const Study& study) { return text_of(study) + "\n"; }

Study parse_study(std::string_view text, const std::string& name) {
  const std::string where = "[study] " + name + ": ";
  Study study;
  try {
    // What is nested deeper than a study is discarded, so that no function recurses deeply.
    const json value = json::parse(text, [](int depth, auto, auto&) { return depth < 20; });
    const json &format = value.at("format"), &version = value.at("version");
    if (format != study.format || version != study.version) {
      throw DataError(fmt::format("{}must have the format {}, version {}, found {}, version {}",
                                  where, study.format, study.version, text_of(format),
                                  text_of(version)));
    }
    study = value.get<Study>();
  } catch (const json::exception& error) {
    throw DataError(where + "is not a study: " + error.what());
  }
  check_all(study, where);
  return study;
}

}  // namespace compare
