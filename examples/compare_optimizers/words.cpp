// SPDX-License-Identifier: MIT
#include "compare_optimizers/words.hpp"

#include "compare_optimizers/surface.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace compare {
namespace {

// "a", "a and b", "a, b and c".
std::string listed(const std::vector<std::string>& names) {
  std::string result;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) result += i + 1 == names.size() ? " and " : ", ";
    result += names[i];
  }
  return result;
}

std::string plural(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string points(Metric metric) { return metric == Metric::accuracy ? " points" : ""; }

std::vector<std::string> names_with(const Group& group, Verdict wanted) {
  std::vector<std::string> names;
  for (const Entry& entry : group.entries) {
    if (verdict(group, entry) == wanted) names.push_back(entry.optimizer);
  }
  return names;
}

std::string first_place(const Group& group) {
  const Entry& best = group.entries.front();
  const std::string seeds = " (" + plural(good_seeds(best), "seed") + ").";
  const std::string value = value_text(group.metric, best.mean);
  std::vector<std::string> tied = names_with(group, Verdict::tied);
  std::string what = value_title(group);
  what.front() = what.front() == 'T' ? 't' : 'v';
  if (tied.empty()) {
    return best.optimizer + " ranks first, with a mean " + what + " of " + value + seeds;
  }
  tied.insert(tied.begin(), best.optimizer);
  return listed(tied) + " are tied. " + best.optimizer + " has the best mean " + what + ", " +
         value + seeds;
}

std::string differences(const Group& group) {
  std::vector<std::string> significant;
  for (const Entry& entry : group.entries) {
    if (verdict(group, entry) != Verdict::significant) continue;
    significant.push_back(entry.optimizer + " (" +
                          difference_text(group.metric, entry.to_best->mean) +
                          points(group.metric) + ")");
  }
  std::string result;
  if (!significant.empty()) {
    result += " " + listed(significant) + (significant.size() > 1 ? " differ" : " differs") +
              " significantly from the best.";
  }
  const auto unknown = names_with(group, Verdict::unknown);
  if (!unknown.empty()) {
    result += " There are too few seeds to judge how " + listed(unknown) +
              (unknown.size() > 1 ? " differ" : " differs") + " from the best.";
  }
  return result;
}

std::string failures(const Group& group) {
  std::string result;
  const auto all = names_with(group, Verdict::failed);
  if (!all.empty()) result += " Every run of " + listed(all) + " diverged.";
  for (const Entry& entry : group.entries) {
    if (entry.failed == 0 || verdict(group, entry) == Verdict::failed) continue;
    result += " " + std::to_string(entry.failed) + " of " + plural(entry.finals.size(), "run") +
              " of " + entry.optimizer + " diverged.";
  }
  return result;
}

std::string gain_from_tuning(const Group& group) {
  const Entry* most = nullptr;
  for (const Entry& entry : group.entries) {
    const auto own = gain(group, entry);
    if (own && (most == nullptr || *own > *gain(group, *most))) most = &entry;
  }
  if (most == nullptr) return {};
  const double largest = *gain(group, *most);
  if (largest <= 0) return " Tuning brings no gain: the default options do at least as well.";
  return " Tuning helps " + most->optimizer + " most: " +
         (group.metric == Metric::accuracy
              ? difference_text(group.metric, largest) + " points compared with its defaults."
              : value_text(group.metric, most->mean) + " instead of " +
                    value_text(group.metric, *most->default_mean) + " with its defaults.");
}

std::string fastest(const Group& group) {
  const Entry* first = nullptr;
  for (const Entry& entry : group.entries) {
    if (entry.steps_to_target &&
        (first == nullptr || *entry.steps_to_target < *first->steps_to_target)) {
      first = &entry;
    }
  }
  if (first == nullptr) return " No optimizer reaches " + target_text(group) + ".";
  return " " + first->optimizer + " needs the fewest steps to reach " + target_text(group) + ": " +
         short_number(*first->steps_to_target) + ".";
}

}  // namespace

bool is_analytic(const Group& group) { return find_surface(group.task) != nullptr; }

std::string group_title(const Group& group) {
  if (is_analytic(group)) return group.task;
  if (group.batch_size == xgrad::datasets::full_batch) return group.task + ", full batch";
  if (group.batch_size == 1) return group.task + ", one row at a time";
  return group.task + ", batches of " + std::to_string(group.batch_size);
}

std::string value_title(const Group& group) {
  if (is_analytic(group)) return "Value of the function";
  return group.metric == Metric::accuracy ? "Test accuracy" : "Test loss";
}

std::string target_text(const Group& group) {
  if (is_analytic(group)) return "a value of " + short_number(group.target);
  if (group.metric == Metric::loss) return "a validation loss of " + short_number(group.target);
  return fmt::format("{:.4g} % validation accuracy", 100 * group.target);
}

std::string short_number(double value) {
  return std::abs(value) >= 1000 && std::abs(value) < 1e6 ? fmt::format("{:.0f}", value)
                                                          : fmt::format("{:.3g}", value);
}

std::string value_text(Metric metric, double value) {
  return metric == Metric::accuracy ? fmt::format("{:.2f} %", 100 * value)
                                    : fmt::format("{:.4g}", value);
}

std::string spread_text(Metric metric, double mean, double stddev) {
  if (metric == Metric::loss) return value_text(metric, mean) + fmt::format(" ± {:.2g}", stddev);
  return fmt::format("{:.2f} ± {:.2f} %", 100 * mean, 100 * stddev);
}

std::string difference_text(Metric metric, double difference) {
  std::string size = metric == Metric::accuracy ? fmt::format("{:.2f}", 100 * std::abs(difference))
                                                : fmt::format("{:.3g}", std::abs(difference));
  if (size.find_first_of("123456789") == std::string::npos) return size;  // 0 has no sign
  return (difference < 0 ? "−" : "+") + size;
}

std::string options_text(const std::map<std::string, double>& options, const char* between,
                         const char* equals) {
  std::string text;
  const auto add = [&](const std::string& name, double value) {
    text += (text.empty() ? "" : between) + name + equals + xgrad::format_number(value);
  };
  if (const auto lr = options.find("lr"); lr != options.end()) add(lr->first, lr->second);
  for (const auto& [name, value] : options) {
    if (name != "lr") add(name, value);
  }
  return text;
}

std::size_t good_seeds(const Entry& entry) {
  return entry.finals.size() - std::min(entry.failed, entry.finals.size());
}

Verdict verdict(const Group& group, const Entry& entry) {
  if (entry.finals.empty()) return Verdict::missing;
  if (good_seeds(entry) == 0) return Verdict::failed;
  if (entry.optimizer == group.entries.front().optimizer) return Verdict::best;
  if (!entry.to_best || good_seeds(entry) < 2 || good_seeds(group.entries.front()) < 2) {
    return Verdict::unknown;
  }
  return entry.tied ? Verdict::tied : Verdict::significant;
}

std::optional<double> gain(const Group& group, const Entry& entry) {
  if (!entry.default_mean || good_seeds(entry) == 0) return std::nullopt;
  const double difference = entry.mean - *entry.default_mean;
  return group.metric == Metric::accuracy ? difference : -difference;
}

std::string answer(const Group& group) {
  if (std::all_of(group.entries.begin(), group.entries.end(),
                  [](const Entry& entry) { return entry.finals.empty(); })) {
    return "No run with the tuned options has finished yet.";
  }
  if (good_seeds(group.entries.front()) == 0) {
    return "Every run with the tuned options diverged: the learning rates are too large.";
  }
  return first_place(group) + differences(group) + failures(group) + gain_from_tuning(group) +
         fastest(group);
}

}  // namespace compare
