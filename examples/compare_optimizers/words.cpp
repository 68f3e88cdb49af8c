// SPDX-License-Identifier: MIT
// The words of a summary, for the report and for the terminal.
#include "compare_optimizers/summary.hpp"

#include <xgrad/core/error.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace compare {
namespace {

using Row = std::vector<std::string>;

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

/// Returns a difference: percentage points without their sign.
std::string difference_text(const Metric& metric, const Versus& versus) {
  const double factor = metric.percent ? 100 : 1;
  const auto text = [&](double x) {
    return metric.percent ? fmt::format("{:+.2f}", factor * x) : fmt::format("{:+.3g}", x);
  };
  std::string result = text(versus.difference);
  if (std::isfinite(versus.interval[0])) {
    result += " [" + text(versus.interval[0]) + ", " + text(versus.interval[1]) + "]";
  }
  return result;
}

std::string verdict(const Optimizer& optimizer) {
  const auto& versus = optimizer.summary.versus_best;
  if (!versus) return "";
  if (!std::isfinite(versus->p_holm)) return "too few runs";
  return fmt::format("{:.2g}{}", versus->p_holm.value, versus->significant ? " *" : "");
}

std::string flags(const Optimizer& optimizer) {
  std::string text;
  if (optimizer.tuned && optimizer.tuned->at_edge) text += "!";
  if (optimizer.summary.still_improving) text += "^";
  if (optimizer.summary.tuned_worse_than_defaults) text += "v";
  return text;
}

Row row_of(const Optimizer& optimizer, const Metric& metric) {
  const Summary& s = optimizer.summary;
  const auto mean_text = [&](const std::optional<Estimate>& e) {
    return e && e->n > 0 ? value_text(metric, e->mean) : std::string("-");
  };
  std::string steps = "never";
  if (std::isfinite(s.steps_to_target.median)) {
    steps = fmt::format("{:.0f}", s.steps_to_target.median.value);
  }
  return {s.rank ? std::to_string(*s.rank) : "",
          optimizer.name,
          optimizer.tuned ? options_text(optimizer.tuned->options) : "",
          mean_text(s.tuned) + (s.tuned ? interval_text(metric, s.tuned->interval) : ""),
          s.versus_best ? difference_text(metric, *s.versus_best) : "",
          verdict(optimizer),
          mean_text(s.defaults),
          steps,
          s.tuned && s.tuned->diverged > 0
              ? fmt::format("{} of {}", s.tuned->diverged, s.tuned->diverged + s.tuned->n)
              : "",
          flags(optimizer)};
}

/// Returns the number of characters: continuation bytes of UTF-8 are not counted.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += "  " + row[i] + std::string(widths[i] - width_of(row[i]), ' ');
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string batch_text(const Group& group) {
  if (!group.batch_size) return "full batch";
  return "batch size " + std::to_string(*group.batch_size);
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
            fmt::format(" at 5 %, corrected for {} comparisons.", group.comparisons);
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
  std::vector<Row> rows{
      {"", "optimizer", "tuned",
       (group.task.kind == "analytic" ? "" : "test ") + group.metric.name + " [95 % interval]",
       "difference to the best", "p", "defaults", "steps to target", "diverged", ""}};
  std::string all_flags;
  for (const Optimizer& optimizer : group.optimizers) {
    rows.push_back(row_of(optimizer, group.metric));
    all_flags += rows.back().back();
  }
  const auto& first = group.optimizers.front().summary.tuned;
  std::string text = fmt::format("{}, {}: mean over {} seeds, best first{}\n", group.task.name,
                                 batch_text(group), first ? first->n + first->diverged : 0,
                                 group.metric.percent ? "; differences in percentage points" : "");
  text += aligned(rows);
  text += fmt::format(
      "  p: * means a significant difference to the best at 5 %, corrected for {} comparisons\n",
      group.comparisons);
  if (std::isfinite(group.target.value)) {
    text += "  target: validation " + group.metric.name + " " +
            value_text(group.metric, group.target.value) + "\n";
  }
  const auto explain = [&](char flag, const char* meaning) {
    if (all_flags.find(flag) != std::string::npos) text += fmt::format("  {} {}\n", flag, meaning);
  };
  explain('!', "at the edge of the grid: a wider grid may do better");
  explain('^', "still improving at the end: more epochs may change the order");
  explain('v', "tested below its default setting");
  return text + "  " + group.conclusion.sentence + "\n";
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
