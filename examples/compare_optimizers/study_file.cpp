// SPDX-License-Identifier: MIT
#include "compare_optimizers/study_file.hpp"

#include "compare_optimizers/hash.hpp"

#include <xgrad/core/error.hpp>

#include <nlohmann/json.hpp>

#include <cmath>

namespace nlohmann {

template <class T>
struct adl_serializer<std::optional<T>> {
  static void to_json(json& j, const std::optional<T>& value) { j = value ? json(*value) : json(); }
  static void from_json(const json& j, std::optional<T>& value) {
    value = j.is_null() ? std::nullopt : std::optional<T>(j.get<T>());
  }
};

}  // namespace nlohmann

namespace compare {

using nlohmann::json;

/// Writes six significant digits: few digits make a small file.
static void to_json(json& j, const Real& x) {
  const double scale = std::pow(10, 5 - std::floor(std::log10(std::abs(x.value))));
  const bool rounds = std::isfinite(scale) && scale >= 1;
  j = rounds ? json(std::round(x.value * scale) / scale) : json(x.value);
}
static void from_json(const json& j, Real& x) {
  x.value = j.is_null() ? Real().value : j.get<double>();
}

// Each line lists the members that are in the file.
#define JSON NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE
JSON(Curve, epoch, seconds, train_loss, validation_loss, validation, test_loss, test)
JSON(Run, stage, seed, split_seed, epochs, steps, diverged, reason, value, seconds, steps_to_target,
     seconds_to_target, bits, hash, curve, path)
JSON(Table, label, header, delimiter, decimal_comma, test_fraction, predict)
JSON(Plan, tasks, optimizers, batch_sizes, model, hidden, epochs, steps, search, by, tuning_seeds,
     seeds, grid, extend, target, table)
JSON(Program, version, scalar, command, seconds)
JSON(Machine, processor, system, instruction_set, blas, fingerprint, cores, threads_per_run)
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

std::string hash_of(Run run) {
  run.hash.clear();
  return hex(fnv1a(text_of(run)));
}

/// Calls f(group, optimizer, run) for every run.
template <class F>
void each_run(const Study& study, F f) {
  for (const Group& group : study.groups) {
    for (const Optimizer& optimizer : group.optimizers) {
      for (const Run& run : optimizer.runs) f(group, optimizer, run);
      for (const TuningPoint& point : optimizer.tuning) {
        for (const Run& run : point.runs) f(group, optimizer, run);
      }
    }
  }
}

std::string hash_of(Study study) {
  study.hash.clear();
  return hex(fnv1a(text_of(study)));
}

void check(const Study& study, const std::string& where) {
  each_run(study, [&](const Group& group, const Optimizer& optimizer, const Run& run) {
    if (run.hash == hash_of(run)) return;
    throw xgrad::DataError(where + "the run of " + optimizer.name + " on " + group.task.name +
                           ", stage " + run.stage + ", with seed " + std::to_string(run.seed) +
                           " was altered: its hash must be " + hash_of(run) + ", found " +
                           run.hash);
  });
  if (study.hash != hash_of(study)) {
    throw xgrad::DataError(where +
                           "a run is missing, or something else was altered: the hash "
                           "must be " +
                           hash_of(study) + ", found " + study.hash);
  }
}

}  // namespace

std::string describe(const Settings& settings) { return text_of(settings); }

std::string to_line(const Record& record) { return text_of(record) + "\n"; }

std::optional<Record> parse_record(std::string_view line) {
  try {
    Record record = json::parse(line).get<Record>();
    // A record is written in exactly one way, so any other text is damaged.
    if (to_line(record) == std::string(line) + "\n" && record.run.hash == hash_of(record.run)) {
      return record;
    }
  } catch (const json::exception&) {
    // returns nullopt
  }
  return std::nullopt;
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
    const Study newest;
    const json &format = value.at("format"), &version = value.at("version");
    if (format != newest.format || version != newest.version) {
      throw xgrad::DataError(where + "must have the format " + newest.format + ", version " +
                             std::to_string(newest.version) + ", found " + text_of(format) +
                             ", version " + text_of(version));
    }
    study = value.get<Study>();
  } catch (const json::exception& error) {
    throw xgrad::DataError(where + "is not a study: " + error.what());
  }
  check(study, where);
  return study;
}

}  // namespace compare
