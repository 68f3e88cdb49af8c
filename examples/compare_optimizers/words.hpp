// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/summary.hpp"

#include <string>
#include <vector>

namespace compare {

// Values and findings in words. All functions return plain text, not HTML.

/// Returns whether the task is a function to minimise instead of a data set.
bool is_analytic(const Group& group);
/// Returns the task and the batch size, for example "digits, batches of 64".
std::string group_title(const Group& group);
/// Returns the name of the value that ranks the optimizers: "Test accuracy", "Test loss" or "Value
/// of the function".
std::string value_title(const Group& group);
/// Returns the target, for example "95 % validation accuracy", "a validation loss of 0.1" or "a
/// value of 0.001".
std::string target_text(const Group& group);

/// Returns a number with three significant digits, for example "0.412" or "1.2e+06". From 1000 to a
/// million, it is rounded to a whole number: "12000".
std::string short_number(double value);
/// Returns a value of the metric, for example "97.83 %" or "0.0412".
std::string value_text(Metric metric, double value);
/// Returns a mean and a standard deviation, for example "97.83 ± 0.21 %".
std::string spread_text(Metric metric, double mean, double stddev);
/// Returns a difference with its sign, for example "−0.42". Differences of accuracies are in
/// percentage points.
std::string difference_text(Metric metric, double difference);
/// Returns the options, lr first, for example "lr 0.01, beta2 0.99". `between` separates the
/// options, and `equals` separates a name from its value.
std::string options_text(const std::map<std::string, double>& options, const char* between = ", ",
                         const char* equals = " ");

/// The result of comparing an entry with the best of its group.
enum class Verdict {
  best,
  tied,         ///< the interval of the paired difference contains 0
  significant,  ///< the interval of the paired difference does not contain 0
  unknown,      ///< too few seeds to judge
  failed,       ///< every final run diverged
  missing       ///< no final run
};
/// Returns the verdict on an entry of the group.
Verdict verdict(const Group& group, const Entry& entry);
/// Returns the number of final runs that did not diverge.
std::size_t good_seeds(const Entry& entry);
/// Returns how much better the tuned options are than the defaults: positive if they are better.
/// Returns nullopt if all runs of either diverged.
std::optional<double> gain(const Group& group, const Entry& entry);

/// Returns the findings of a group in a few sentences.
std::string answer(const Group& group);

}  // namespace compare
