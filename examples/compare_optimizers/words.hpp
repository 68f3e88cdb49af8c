// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/summary.hpp"

#include <string>
#include <vector>

namespace compare {

// Figures and findings in words; all texts are plain, not HTML.

bool is_analytic(const Group& group);
/// "digits, batches of 64".
std::string group_title(const Group& group);
/// What ranks: "Test accuracy", "Test loss" or "Value of the function".
std::string figure_title(const Group& group);
/// "95 % validation accuracy", "a validation loss of 0.1", "a value of 0.001".
std::string target_text(const Group& group);

/// Three significant digits: "0.412", "1.2e+06"; up to a million a whole number: "12000".
std::string short_number(double value);
/// "97.83 %" or "0.0412".
std::string value_text(Metric metric, double value);
/// "97.83 ± 0.21 %".
std::string spread_text(Metric metric, double mean, double stddev);
/// With its sign, in points of percent where it is of accuracies: "−0.42".
std::string difference_text(Metric metric, double difference);
/// "lr 0.01, beta2 0.99", or with other texts between: lr first.
std::string options_text(const std::map<std::string, double>& options, const char* between = ", ",
                         const char* equals = " ");

/// How an entry stands to the best of its group.
enum class Verdict {
  best,
  tied,     ///< the interval of the paired differences holds 0
  real,     ///< it does not
  unknown,  ///< too few seeds to tell
  failed,   ///< every final run diverged
  missing   ///< no final run
};
Verdict verdict(const Group& group, const Entry& entry);
/// The seeds whose final run did not diverge.
std::size_t good_seeds(const Entry& entry);
/// How much better the tuned options are than the defaults, above 0 where they are better.
std::optional<double> gain(const Group& group, const Entry& entry);

/// The group's finding, a few sentences.
std::string answer(const Group& group);

}  // namespace compare
