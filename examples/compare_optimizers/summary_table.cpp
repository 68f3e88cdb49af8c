// SPDX-License-Identifier: MIT
#include "compare_optimizers/summary_file.hpp"
#include "compare_optimizers/words.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace compare {
namespace {

using Row = std::vector<std::string>;

std::string mean_of(const Entry& entry, Metric metric) {
  return std::isnan(entry.mean) ? "-" : spread_text(metric, entry.mean, entry.stddev);
}

std::string default_of(const Entry& entry, Metric metric) {
  const double value = entry.default_mean.value_or(NAN);
  return std::isnan(value) ? "-" : value_text(metric, value);
}

std::string difference_of(const std::optional<Interval>& d, Metric metric) {
  if (!d) return "";
  if (metric == Metric::loss)
    return fmt::format("{:+.3g} [{:+.3g}, {:+.3g}]", d->mean, d->low, d->high);
  return fmt::format("{:+.2f} [{:+.2f}, {:+.2f}]", 100 * d->mean, 100 * d->low, 100 * d->high);
}

std::string time_of(const Entry& entry) {
  if (!entry.steps_to_target || !entry.seconds_to_target) return "never";
  return fmt::format("{:.0f} steps, {:.3g} s", *entry.steps_to_target, *entry.seconds_to_target);
}

Row row_of(std::size_t rank, const Entry& entry, Metric metric) {
  return {std::to_string(rank) + (entry.tied ? "=" : ""),
          entry.optimizer,
          options_text(entry.tuned, " ", "=") + (entry.at_edge ? " !" : ""),
          mean_of(entry, metric),
          difference_of(entry.to_best, metric),
          default_of(entry, metric),
          time_of(entry),
          std::to_string(entry.failed) + " of " + std::to_string(entry.finals.size())};
}

// Returns the number of characters: continuation bytes of UTF-8 are not counted.
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

}  // namespace

std::string to_table(const Group& group) {
  const bool accuracy = group.metric == Metric::accuracy;
  std::vector<Row> rows{{"", "optimizer", "tuned", accuracy ? "test accuracy" : "loss",
                         "difference to the best", "defaults",
                         value_text(group.metric, group.target) + " after", "failed"}};
  std::size_t seeds = 0;
  bool tied = false, at_edge = false;
  for (const Entry& entry : group.entries) {
    rows.push_back(row_of(rows.size(), entry, group.metric));
    seeds = std::max(seeds, entry.finals.size());
    tied = tied || entry.tied;
    at_edge = at_edge || entry.at_edge;
  }
  std::string text = group.task + ", " +
                     (group.batch_size == xgrad::datasets::full_batch
                          ? "full batch"
                          : "batch size " + std::to_string(group.batch_size)) +
                     ": mean ± standard deviation over " + std::to_string(seeds) +
                     (seeds == 1 ? " seed" : " seeds") + ", best first" +
                     (accuracy ? "; differences in percentage points\n" : "\n") + aligned(rows);
  if (tied)
    text += "  = tied with the best: the 95 % interval of the paired difference contains 0\n";
  if (at_edge)
    text += "  ! at the edge of the grid of learning rates: a wider grid may do better\n";
  return text;
}

}  // namespace compare
