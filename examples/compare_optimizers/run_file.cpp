// SPDX-License-Identifier: MIT
#include "compare_optimizers/run_file.hpp"

#include "compare_optimizers/hash.hpp"
#include "compare_optimizers/summary_file.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>

namespace compare {
namespace {

using nlohmann::json;
using xgrad::train::Evaluation;

constexpr std::array kStages{"tuning", "defaults", "final"};

double number(const json& value) {  // null represents NaN, which JSON lacks
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

// Throws unless the value is an unsigned integer. get<std::uint64_t> would also cast -1 and 1e300.
std::uint64_t whole(const json& value) { return value.get_ref<const json::number_unsigned_t&>(); }

template <class T>
json optional(const std::optional<T>& value) {
  return value ? json(*value) : json();
}

template <class Parse>
auto parse_optional(const json& value, Parse parse) {
  return value.is_null() ? std::nullopt : std::optional(parse(value));
}

json to_json(const std::optional<Evaluation>& e) {
  if (!e) return nullptr;
  return {e->loss, e->accuracy, e->accuracy_stderr, e->count};
}

std::optional<Evaluation> parse_evaluation(const json& j) {
  if (j.is_null()) return std::nullopt;
  return Evaluation{number(j.at(0)), number(j.at(1)), number(j.at(2)), whole(j.at(3))};
}

json settings_json(const RunSettings& s) {
  return {{"stage", kStages[static_cast<std::size_t>(s.stage)]},
          {"task", s.task},
          {"label", s.label},
          {"test_fraction", s.test_fraction},
          {"data", s.data},
          {"xgrad", s.version},
          {"optimizer", s.optimizer},
          {"options", s.options},
          {"batch_size", s.batch_size},
          {"hidden", s.hidden},
          {"seed", s.seed},
          {"epochs", optional(s.budget.epochs)},
          {"budget_steps", optional(s.budget.steps)},
          {"budget_seconds", optional(s.budget.seconds)}};
}

Stage parse_stage(const json& j) {
  const auto found = std::find(kStages.begin(), kStages.end(), j.get<std::string>());
  if (found == kStages.end()) throw xgrad::DataError("[run file] unknown stage");
  return static_cast<Stage>(found - kStages.begin());
}

RunSettings parse_settings(const json& j) {
  RunSettings s;
  s.stage = parse_stage(j.at("stage"));
  s.task = j.at("task");
  s.label = j.at("label");
  s.test_fraction = j.at("test_fraction");
  s.data = j.at("data");
  s.version = j.at("xgrad");
  s.optimizer = j.at("optimizer");
  s.options = j.at("options").get<std::map<std::string, double>>();
  s.batch_size = whole(j.at("batch_size"));
  for (const json& units : j.at("hidden")) s.hidden.push_back(whole(units));
  s.seed = whole(j.at("seed"));
  s.budget = {parse_optional(j.at("epochs"), whole), parse_optional(j.at("budget_steps"), whole),
              parse_optional(j.at("budget_seconds"), number)};
  return s;
}

void parse_line(const json& j, Run& run) {
  if (j.contains("step")) {
    run.steps.push_back({whole(j.at("step")), number(j.at("loss"))});
  } else if (j.contains("x")) {
    run.path.push_back({number(j.at("x")), number(j.at("y"))});
  } else if (j.contains("epoch")) {
    run.epochs.push_back({whole(j.at("epoch")), whole(j.at("steps")), j.at("seconds"),
                          number(j.at("train_loss")), parse_evaluation(j.at("validation")),
                          parse_evaluation(j.at("test"))});
  } else {
    run.diverged = j.at("diverged");
    run.reason = j.at("reason");
    run.seconds = j.at("seconds");
  }
}

Run parse_lines(std::string_view text) {
  Run run;
  for (bool begun = false; !text.empty(); begun = true) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const json line = json::parse(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    begun ? parse_line(line, run) : void(run.settings = parse_settings(line));
  }
  return run;
}

}  // namespace

std::string describe(const RunSettings& settings) { return settings_json(settings).dump(); }

std::string to_json_lines(const Run& run) {
  std::string text = describe(run.settings) + "\n";
  for (const StepPoint& p : run.steps) {
    text += json{{"step", p.step}, {"loss", p.loss}}.dump() + "\n";
  }
  for (const PathPoint& p : run.path) text += json{{"x", p.x}, {"y", p.y}}.dump() + "\n";
  for (const EpochPoint& p : run.epochs) {
    text += json{{"epoch", p.epoch},
                 {"steps", p.step},
                 {"seconds", p.seconds},
                 {"train_loss", p.train_loss},
                 {"validation", to_json(p.validation)},
                 {"test", to_json(p.test)}}
                .dump() +
            "\n";
  }
  return text +
         json{{"diverged", run.diverged}, {"reason", run.reason}, {"seconds", run.seconds}}.dump() +
         "\n";
}

Run parse_run(std::string_view text, const std::string& name) {
  try {
    Run run = parse_lines(text);
    // A run is written in exactly one way, so any other text is damaged: for example a line that
    // occurs twice, or a last line without its end.
    if (to_json_lines(run) == text) return run;
  } catch (const json::exception&) {
    // reported below
  } catch (const xgrad::DataError&) {
  }
  throw xgrad::DataError(
      "[run file] " + name +
      ": the file must contain one complete run, but it does not; delete it to make the run again");
}

std::filesystem::path file_name(const RunSettings& s) {
  std::string task = s.task;
  for (char& c : task) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-') c = '_';
  }
  // A folder's name has at most 255 bytes; that of the file tells the tasks of one folder apart.
  constexpr std::size_t most = 200;
  if (task.size() > most) task = "csv_" + task.substr(task.size() - (most - 4));
  std::string name = kStages[static_cast<std::size_t>(s.stage)];
  name += "-lr" + xgrad::format_number(s.options.at("lr")) + "-seed" + std::to_string(s.seed) +
          "-" + hex(fnv1a(describe(s))) + ".jsonl";
  return std::filesystem::path(task) / ("batch-" + name_of_batch(s.batch_size)) / s.optimizer /
         name;
}

}  // namespace compare
