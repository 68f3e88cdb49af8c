// SPDX-License-Identifier: MIT
// The words of a summary, for the report and for the terminal.
#include "compare_optimizers/summary.hpp"
#include "support/text.hpp"

#include <xgrad/core/error.hpp>

#include <fmt/core.h>

namespace compare {
namespace {

/// Returns "a", "a and b" or "a, b and c".
std::string listed(std::vector<std::string> words) {
  if (words.size() < 2) return joined(words);
  const std::string last = words.back();
  words.pop_back();
  return joined(words) + " and " + last;
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

/// Returns a value of the metric as text: "97.31 %", "0.0123".
std::string value_text(const Metric& metric, double value) {
  return metric.percent ? fmt::format("{:.2f} %", 100 * value) : fmt::format("{:.4g}", value);
}

/// Returns the options as text: "lr=0.01 beta2=0.99".
std::string options_text(const Options& options) {
  std::vector<std::string> texts;
  for (const auto& [name, value] : options) {
    texts.push_back(name + "=" + xgrad::format_number(value));
  }
  return joined(texts, " ");
}

/// Returns a value and its interval as texts that `text` creates.
template <class Text>
std::string with_interval(double value, const Pair& interval, Text text) {
  if (!std::isfinite(interval[0])) return text(value);
  return fmt::format("{} [{}, {}]", text(value), text(interval[0]), text(interval[1]));
}

std::string estimate_text(const Metric& metric, const std::optional<Estimate>& estimate) {
  if (!estimate || estimate->n == 0) return "-";
  return with_interval(estimate->mean, estimate->interval,
                       [&](double x) { return value_text(metric, x); });
}

/// Returns a difference with its sign; in percentage points if the metric is in percent.
std::string difference_text(const Metric& metric, const Versus& versus) {
  return with_interval(versus.difference, versus.interval, [&](double x) {
    return metric.percent ? fmt::format("{:+.2f}", 100 * x) : fmt::format("{:+.3g}", x);
  });
}

/// The format of a row: eight columns, a star after p, and the flags at the end.
constexpr char kRow[] = "{:>3}  {:<9} {:<14} {:<28} {:<24} {:>8}{:1} {:>9} {:>7}{}\n";

std::string line_of(const Optimizer& optimizer, const Metric& metric) {
  const Summary& s = optimizer.summary;
  const auto& versus = s.versus_best;
  std::string p, flags;
  if (versus && std::isfinite(versus->p_holm)) p = fmt::format("{:.2g}", versus->p_holm.value);
  if (s.tuned && s.tuned->diverged > 0) flags += fmt::format(" {} diverged", s.tuned->diverged);
  if (optimizer.tuned && optimizer.tuned->at_edge) flags += " !";
  if (s.still_improving) flags += " ^";
  if (s.tuned_worse_than_defaults) flags += " v";
  const double steps = s.steps_to_target.median;
  return fmt::format(kRow, s.rank ? std::to_string(*s.rank) : "", optimizer.name,
                     optimizer.tuned ? options_text(optimizer.tuned->options) : "",
                     estimate_text(metric, s.tuned), versus ? difference_text(metric, *versus) : "",
                     p, versus && versus->significant ? "*" : "",
                     s.defaults && s.defaults->n > 0 ? value_text(metric, s.defaults->mean) : "-",
                     std::isfinite(steps) ? fmt::format("{:.0f}", steps) : "never",
                     flags.empty() ? "" : " " + flags);
}

std::vector<std::string> advice(const Group& group, const std::vector<std::string>& same) {
  std::vector<std::string> list;
  const auto add = [&](const std::vector<std::string>& names, const std::string& text) {
    if (!names.empty()) list.push_back(listed(names) + text);
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
  std::string text =
      fmt::format("{} has the best mean {}, {}, with {}.", best.name,
                  group.task.kind == "analytic" ? "value" : "test " + group.metric.name,
                  estimate_text(group.metric, best.summary.tuned),
                  best.tuned ? options_text(best.tuned->options) : "");
  const auto worse = names_if(group, [](const Optimizer& o) {
    return o.summary.versus_best && o.summary.versus_best->significant;
  });
  if (!worse.empty()) {
    text +=
        fmt::format(" It is significantly better than {} at 5 %, corrected for {} comparison{}.",
                    listed(worse), group.comparisons, group.comparisons == 1 ? "" : "s");
  }
  if (!same.empty()) {
    text += fmt::format(" With {} seeds, {} cannot be told apart from it.", best.summary.tuned->n,
                        listed(same));
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

std::string to_table(const Group& group) {
  const auto& first = group.optimizers.front().summary.tuned;
  std::string text = fmt::format(
      "{}, {}: mean over {} seeds, best first{}\n", group.task.name,
      group.batch_size ? "batch size " + std::to_string(*group.batch_size) : "full batch",
      first ? first->n + first->diverged : 0,
      group.metric.percent ? "; differences in percentage points" : "");
  text += fmt::format(kRow, "", "optimizer", "tuned", group.metric.name + " [95 % interval]",
                      "difference to the best", "p", "", "defaults", "steps", "");
  for (const Optimizer& optimizer : group.optimizers) text += line_of(optimizer, group.metric);
  text += fmt::format(
      "  * significant at 5 %, corrected for comparisons: {}; steps to the validation {} {}\n"
      "  ! at the edge of the grid; ^ still improving at the end; v tested below its defaults\n"
      "  {}\n",
      group.comparisons, group.metric.name, value_text(group.metric, group.target.value),
      group.conclusion.sentence);
  return text;
}

std::string ranking(const Group& group) {
  std::vector<std::string> texts;
  for (const Optimizer& o : group.optimizers) {
    if (!o.summary.rank) continue;
    texts.push_back(o.name + " " + value_text(group.metric, o.summary.tuned->mean));
  }
  return group.task.name + ": " + joined(texts);
}

}  // namespace compare
