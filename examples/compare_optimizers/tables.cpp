// SPDX-License-Identifier: MIT
#include "compare_optimizers/tables.hpp"

#include "compare_optimizers/html.hpp"
#include "compare_optimizers/rules.hpp"
#include "compare_optimizers/words.hpp"

#include <algorithm>

namespace compare {
namespace {

using html::element, html::escape;
using Rows = std::vector<std::vector<std::string>>;

const std::string kNothing = "–";

std::string mark(const std::string& text, const std::string& kind = "") {
  return element("span class=\"mark " + kind + "\"", escape(text));
}

std::string interval_text(const Group& group, const Interval& interval) {
  return difference_text(group.metric, interval.mean) + " <small>[" +
         difference_text(group.metric, interval.low) + ", " +
         difference_text(group.metric, interval.high) + "]</small>";
}

std::string verdict_mark(const Group& group, const Entry& entry) {
  switch (verdict(group, entry)) {
    case Verdict::best:
      return mark("best", "good");
    case Verdict::tied:
      return mark("tied with the best", "good");
    case Verdict::significant:
      return mark("significant difference");
    case Verdict::unknown:
      return mark("too few seeds");
    case Verdict::failed:
      return mark("diverged", "warn");
    default:
      return mark("not run");
  }
}

std::string failed_text(const Entry& entry) {
  const std::string count =
      std::to_string(entry.failed) + " of " + std::to_string(entry.finals.size());
  return entry.failed > 0 ? mark(count, "warn") : count;
}

std::string defaults_text(const Group& group, const Entry& entry) {
  if (entry.default_mean) return value_text(group.metric, *entry.default_mean);
  return entry.defaults.empty() ? kNothing : mark("diverged", "warn");
}

std::string gain_text(const Group& group, const Entry& entry) {
  const auto difference = gain(group, entry);
  if (!difference) return kNothing;
  // A lower loss is a gain, and is shown as a negative difference.
  return difference_text(group.metric,
                         group.metric == Metric::accuracy ? *difference : -*difference);
}

const char* stage_name(Stage stage) {
  switch (stage) {
    case Stage::tuning:
      return "tuning";
    case Stage::defaults:
      return "defaults";
    default:
      return "tuned";
  }
}

}  // namespace

std::string name_with_swatch(const std::string& optimizer) {
  const Rule rule = find_rule(optimizer);
  const std::string symbol =
      "#gpPt" + std::to_string(rule.point - 1);  // the identifier in gnuplot's SVG
  return element(
      "span class=\"name\"",
      element("svg class=\"swatch\" viewBox=\"0 0 34 12\" aria-hidden=\"true\"",
              "<path d=\"M0,6H34\" fill=\"none\" stroke-width=\"2.5\" stroke=\"" + rule.colour +
                  "\" stroke-dasharray=\"" + rule.dashes + "\"/><use href=\"" + symbol +
                  "\" transform=\"translate(17,6) scale(4)\" color=\"" + rule.colour + "\"/>") +
          escape(optimizer));
}

std::string result_text(const Group& group, const Entry& entry) {
  switch (good_seeds(entry)) {
    case 0:
      return kNothing;
    case 1:
      return value_text(group.metric, entry.mean);  // one seed has no standard deviation
    default:
      return spread_text(group.metric, entry.mean, entry.stddev);
  }
}

std::string ranking_table(const Group& group) {
  Rows rows;
  for (const Entry& entry : group.entries) {
    const std::string place =
        good_seeds(entry) > 0 ? std::to_string(rows.size() + 1) + ". " : std::string();
    rows.push_back({place + name_with_swatch(entry.optimizer), result_text(group, entry),
                    entry.to_best ? interval_text(group, *entry.to_best) : kNothing,
                    verdict_mark(group, entry), failed_text(entry)});
  }
  const bool percent = group.metric == Metric::accuracy;
  return html::table(
      {"Optimizer", value_title(group) + "<br>mean ± standard deviation",
       std::string("Difference to the best<br>") + (percent ? "points, " : "") + "[95 % interval]",
       "Verdict", "Failed runs"},
      rows);
}

std::string settings_table(const Group& group) {
  Rows rows;
  for (const Entry& entry : group.entries) {
    std::string tuned = entry.tuned.empty() ? kNothing : escape(options_text(entry.tuned));
    if (entry.at_edge) tuned += " " + mark("edge of the grid", "warn");
    rows.push_back({name_with_swatch(entry.optimizer), tuned, defaults_text(group, entry),
                    gain_text(group, entry),
                    entry.steps_to_target ? short_number(*entry.steps_to_target) : kNothing,
                    entry.seconds_to_target ? short_number(*entry.seconds_to_target) : kNothing});
  }
  return html::table(
      {"Optimizer", "Tuned options", "With default options",
       std::string("Gain from tuning") + (group.metric == Metric::accuracy ? "<br>points" : ""),
       "Steps to target", "Seconds to target"},
      rows);
}

std::string diverged_runs(const Group& group) {
  Rows rows;
  for (const Entry& entry : group.entries) {
    for (const auto* runs : {&entry.finals, &entry.defaults, &entry.tuning}) {
      for (const Run& run : *runs) {
        if (!run.diverged) continue;
        rows.push_back({escape(entry.optimizer), stage_name(run.settings.stage),
                        escape(options_text(run.settings.options)),
                        std::to_string(run.settings.seed), escape(run.reason)});
      }
    }
  }
  if (rows.empty()) return {};
  return element(
             "details",
             element("summary", std::to_string(rows.size()) + " diverged run" +
                                    (rows.size() == 1 ? "" : "s") + ", tuning included") +
                 html::table({"Optimizer", "Stage", "Options", "Seed", "Why it diverged"}, rows)) +
         "\n";
}

}  // namespace compare
