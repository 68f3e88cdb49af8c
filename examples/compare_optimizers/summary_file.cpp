// SPDX-License-Identifier: MIT
#include "compare_optimizers/summary_file.hpp"

#include "compare_optimizers/words.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>

namespace compare {
namespace {

using Json = nlohmann::ordered_json;

std::string field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string field(std::optional<double> value) {
  char text[32];
  if (!value || std::isnan(*value)) return "";
  return {text, std::to_chars(text, text + sizeof text, *value).ptr};
}

std::optional<double> part(const std::optional<Interval>& interval, double Interval::*member) {
  return interval ? std::optional((*interval).*member) : std::nullopt;
}

std::string csv_line(const Group& group, std::size_t rank, const Entry& entry) {
  std::string line;
  for (const std::string& text :
       {field(group.task), name_of_batch(group.batch_size), std::to_string(rank), entry.optimizer,
        options_text(entry.tuned, " ", "="), std::string(entry.at_edge ? "yes" : "no"),
        std::to_string(entry.finals.size()), std::to_string(entry.failed), name_of(group.metric),
        field(entry.mean), field(entry.stddev), field(entry.default_mean),
        field(part(entry.to_best, &Interval::mean)), field(part(entry.to_best, &Interval::low)),
        field(part(entry.to_best, &Interval::high)), std::string(entry.tied ? "yes" : "no"),
        field(group.target), field(entry.steps_to_target), field(entry.seconds_to_target)}) {
    line += (line.empty() ? "" : ",") + text;
  }
  return line + "\n";
}

Json to_value(std::optional<double> value) { return value ? Json(*value) : Json(); }

Json to_value(const std::vector<Run>& runs, Metric metric) {
  Json list = Json::array();
  for (const Run& run : runs) {
    Json one = {{"options", run.settings.options},
                {"seed", run.settings.seed},
                {name_of(metric), score(run, metric)},
                {"diverged", run.diverged}};
    if (run.diverged) one["reason"] = run.reason;
    list.push_back(std::move(one));
  }
  return list;
}

Json to_value(const Entry& entry, Metric metric) {
  Json value = {{"optimizer", entry.optimizer},
                {"tuned", entry.tuned},
                {"at_edge", entry.at_edge},
                {"failed", entry.failed},
                {"mean", entry.mean},
                {"stddev", entry.stddev},
                {"default_mean", to_value(entry.default_mean)},
                {"to_best", nullptr},
                {"tied", entry.tied},
                {"steps_to_target", to_value(entry.steps_to_target)},
                {"seconds_to_target", to_value(entry.seconds_to_target)}};
  if (entry.to_best) {
    value["to_best"] = {
        {"mean", entry.to_best->mean}, {"low", entry.to_best->low}, {"high", entry.to_best->high}};
  }
  value["tuning"] = to_value(entry.tuning, metric);
  value["defaults"] = to_value(entry.defaults, metric);
  value["finals"] = to_value(entry.finals, metric);
  return value;
}

Json to_value(const Group& group) {
  Json value = {{"task", group.task},
                {"batch_size", name_of_batch(group.batch_size)},
                {"metric", name_of(group.metric)},
                {"target", group.target},
                {"entries", Json::array()}};
  if (group.batch_size != xgrad::datasets::full_batch) value["batch_size"] = group.batch_size;
  for (const Entry& entry : group.entries) {
    value["entries"].push_back(to_value(entry, group.metric));
  }
  return value;
}

}  // namespace

std::string name_of(Metric metric) { return metric == Metric::accuracy ? "accuracy" : "loss"; }

std::string name_of_batch(std::size_t batch_size) {
  return batch_size == xgrad::datasets::full_batch ? "full" : std::to_string(batch_size);
}

std::string to_csv(const Comparison& comparison) {
  std::string text =
      "task,batch_size,rank,optimizer,tuned,at_edge,seeds,failed,metric,mean,stddev,"
      "default_mean,to_best,to_best_low,to_best_high,tied,target,steps_to_target,"
      "seconds_to_target\n";
  for (const Group& group : comparison.groups) {
    for (std::size_t i = 0; i < group.entries.size(); ++i) {
      text += csv_line(group, i + 1, group.entries[i]);
    }
  }
  return text;
}

std::string to_json(const Comparison& comparison) {
  Json machine = Json::object();
  for (const auto& [name, text] : comparison.machine) machine[name] = text;
  Json value = {{"title", comparison.title}};
  value["invocation"] = {{"command", comparison.command}, {"machine", machine}};
  value["protocol"] = comparison.protocol;
  value["groups"] = Json::array();
  for (const Group& group : comparison.groups) value["groups"].push_back(to_value(group));
  return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace compare
