// SPDX-License-Identifier: MIT
// The words of a summary, for the report and for the terminal.
#include "compare_optimizers/summary.hpp"

#include <xgrad/core/error.hpp>

#include <fmt/core.h>

#include <cmath>

namespace compare {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  }
  return text;
}

/// Returns the names of the optimizers for which `holds` returns true.
template <class Holds>
std::vector<std::string> names_if(const Group& group, Holds holds) {
  std::vector<std::string> names;
  for (const Optimizer& optimizer : group.optimizers) {
    if (holds(optimizer)) names.push_back(optimizer.name);
  }
  return names;
}

std::string interval_text(const Metric& metric, const Pair& interval) {
  if (!std::isfinite(interval[0])) return "";
  return " [" + value_text(metric, interval[0]) + ", " + value_text(metric, interval[1]) + "]";
}

/// Returns a difference with its sign; in percentage points if the metric is in percent.
std::string difference_text(const Metric& metric, const Versus& versus) {
  const auto text = [&](double x) {
    return metric.percent ? fmt::format("{:+.2f}", 100 * x) : fmt::format("{:+.3g}", x);
  };
  const Pair ends = versus.interval;
  if (!std::isfinite(ends[0])) return text(versus.difference);
  return fmt::format("{} [{}, {}]", text(versus.difference), text(ends[0]), text(ends[1]));
}

std::string line_of(const Optimizer& optimizer, const Metric& metric) {
  const Summary& s = optimizer.summary;
  const auto mean_text = [&](const std::optional<Estimate>& e) {
    return e && e->n > 0 ? value_text(metric, e->mean) : std::string("-");
  };
  const double steps = s.steps_to_target.median;
  std::string flags =
      s.tuned && s.tuned->diverged > 0 ? fmt::format(" {} diverged", s.tuned->diverged) : "";
  if (optimizer.tuned && optimizer.tuned->at_edge) flags += " !";
  if (s.still_improving) flags += " ^";
  if (s.tuned_worse_than_defaults) flags += " v";
  const auto& versus = s.versus_best;
  return fmt::format(
      "{:>3}  {:<9} {:<14} {:<28} {:<24} {:>8}{:1} {:>9} {:>7} {}\n",
      s.rank ? std::to_string(*s.rank) : "", optimizer.name,
      optimizer.tuned ? options_text(optimizer.tuned->options) : "",
      mean_text(s.tuned) + (s.tuned ? interval_text(metric, s.tuned->interval) : ""),
      versus ? difference_text(metric, *versus) : "",
      versus && std::isfinite(versus->p_holm) ? fmt::format("{:.2g}", versus->p_holm.value) : "",
      versus && versus->significant ? "*" : "", mean_text(s.defaults),
      std::isfinite(steps) ? fmt::format("{:.0f}", steps) : "never", flags);
}

std::vector<std::string> advice(const Group& group, const std::vector<std::string>& same) {
  std::vector<std::string> list;
  const auto add = [&](const std::vector<std::string>& names, const std::string& text) {
    if (!names.empty()) list.push_back(joined(names) + text);
  };
  add(same, ": more seeds would narrow the intervals; four times as many halve them.");
  add(names_if(group, [](const Optimizer& o) { return o.tuned && o.tuned->at_edge; }),
      ": the best setting is at the edge of the grid, so a wider --grid may do better.");
  add(names_if(group, [](const Optimizer& o) { return o.summary.still_improving; }),
      ": still improving at the end, so more --epochs may change the order.");
  add(names_if(group, [](const Optimizer& o) { return o.summary.tuned_worse_than_defaults; }),
      ": the tuned setting tested below the default one, so its tuning is not trustworthy; more "
      "--tuning-seeds would help.");
  return list;
}

std::string sentence(const Group& group, const std::vector<std::string>& same) {
  const Optimizer& best = group.optimizers.front();
  if (!best.summary.rank) return "No optimizer finished a run without diverging.";
  const Estimate& e = *best.summary.tuned;
  std::string text =
      best.name + " has the best mean " +
      (group.task.kind == "analytic" ? std::string("value") : "test " + group.metric.name) + ", " +
      value_text(group.metric, e.mean) + interval_text(group.metric, e.interval) + ", with " +
      (best.tuned ? options_text(best.tuned->options) : "") + ".";
  const auto worse = names_if(group, [](const Optimizer& o) {
    return o.summary.versus_best && o.summary.versus_best->significant;
  });
  if (!worse.empty()) {
    text += " It is significantly better than " + joined(worse) +
            fmt::format(" at 5 %, corrected for {} comparison{}.", group.comparisons,
                        group.comparisons == 1 ? "" : "s");
  }
  if (!same.empty()) {
    text += fmt::format(" With {} seeds, {} cannot be told apart from it.", e.n, joined(same));
  }
  return text;
}

}  // namespace

Conclusion conclude(const Group& group) {
  Conclusion result;
  if (group.optimizers.front().summary.rank) result.best = group.optimizers.front().name;
  result.indistinguishable = names_if(group, [](const Optimizer& o) {
    return o.summary.rank && o.summary.rank != 1u &&
           !(o.summary.versus_best && o.summary.versus_best->significant);
  });
  result.sentence = sentence(group, result.indistinguishable);
  result.advice = advice(group, result.indistinguishable);
  return result;
}

std::string value_text(const Metric& metric, double value) {
  return metric.percent ? fmt::format("{:.2f} %", 100 * value) : fmt::format("{:.4g}", value);
}

std::string options_text(const Options& options) {
  std::string text;
  for (const auto& [name, value] : options) {
    text += (text.empty() ? "" : " ") + name + "=" + xgrad::format_number(value);
  }
  return text;
}

std::string to_table(const Group& group) {
  const auto& first = group.optimizers.front().summary.tuned;
  std::string text = fmt::format(
      "{}, {}: mean over {} seeds, best first{}\n", group.task.name,
      group.batch_size ? "batch size " + std::to_string(*group.batch_size) : "full batch",
      first ? first->n + first->diverged : 0,
      group.metric.percent ? "; differences in percentage points" : "");
  text += fmt::format("{:>3}  {:<9} {:<14} {:<28} {:<24} {:>8}  {:>9} {:>7}\n", "", "optimizer",
                      "tuned", group.metric.name + " [95 % interval]", "difference to the best",
                      "p", "defaults", "steps");
  for (const Optimizer& optimizer : group.optimizers) text += line_of(optimizer, group.metric);
  text += fmt::format(
      "  * significant at 5 %, corrected for comparisons: {}; steps to the validation {} {}\n"
      "  ! at the edge of the grid; ^ still improving at the end; v tested below its defaults\n  "
      "{}\n",
      group.comparisons, group.metric.name, value_text(group.metric, group.target.value),
      group.conclusion.sentence);
  // No line ends with blanks.
  for (std::size_t at = 0; (at = text.find(" \n", at)) != std::string::npos; at -= at > 0 ? 1 : 0) {
    text.erase(at, 1);
  }
  return text;
}

std::string ranking(const Group& group) {
  std::string text = group.task.name + ":";
  for (const Optimizer& o : group.optimizers) {
    if (!o.summary.rank) continue;
    text += (text.back() == ':' ? " " : ", ") + o.name + " " +
            value_text(group.metric, o.summary.tuned->mean);
  }
  return text;
}

}  // namespace compare
