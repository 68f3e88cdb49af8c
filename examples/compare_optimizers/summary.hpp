// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/study.hpp"

#include <span>

namespace compare {

/// Returns the p-quantile with linear interpolation between neighbours (type 7 of Hyndman and Fan
/// 1996, NumPy's default); the median for p = 0.5. Values may be infinite. Throws OptionError if
/// there are none, like the functions below.
double quantile(std::vector<double> values, double p);

/// A mean, its standard error, its 95 % interval, and the p-value of the hypothesis that the true
/// mean is 0. All but the mean are NaN if they are unknown.
struct TTest {
  Real mean{}, standard_error{};
  Pair interval{};
  Real p{};
};

/// Computes Student's t test. The standard error is s sqrt(1 / n + overlap), where s is the
/// standard deviation. `overlap` is 0 if the values are independent. If each comes from another
/// random split of the same rows, it is (test rows) / (training rows): the training sets overlap,
/// so the values vary less than they would with new data (Nadeau and Bengio 2003). For fewer than
/// two values, and for equal values other than 0, only the mean is known: the others are NaN.
TTest t_test(std::span<const double> values, double overlap);

/// Returns p-values of the comparisons of the best of k = p.size() + 1 with the others, corrected
/// for the number of pairs: the smallest p is multiplied by k (k - 1) / 2, the next by
/// k (k - 2) / 2, and so on, and each is at least the one before (Holm 1979). The factor k / 2
/// accounts for the best being chosen from the same values.
std::vector<double> holm_with_best(const std::vector<double>& p);

/// Returns the ranks of the values from 1, the smallest first. Equal values share their mean rank.
std::vector<double> ranks(const std::vector<double>& values);
/// Returns the p-value of Friedman's test that columns of ranks are alike. A column has one rank
/// for each task.
double friedman_p(const std::vector<std::vector<double>>& columns);
/// Returns the difference between average ranks over n tasks that is significant at 5 % for k
/// optimizers: q sqrt(k (k + 1) / (6 n)) (Nemenyi 1963; Demsar 2006). Throws OptionError unless
/// 2 <= k <= 20.
double critical_difference(std::size_t k, std::size_t n);

/// Ranks the optimizers of a group and computes everything that follows from their runs: the
/// target, the summaries and the conclusion. `overlap` is that of t_test(). Fewer diverged runs
/// rank first, then the better mean. The target is `target`, or is chosen so that three quarters of
/// the optimizers reach it. Steps and seconds to the target are counted to the first point of a
/// curve that reached it.
void summarise(Group& group, double overlap, std::optional<double> target);

/// Summarises several groups. Returns null for fewer than two groups or two optimizers.
nlohmann::json summarise_across(const std::vector<Group>& groups);

/// Writes the conclusion of a group.
Conclusion conclude(const Group& group);
/// Returns a table of the results for the terminal.
std::string to_table(const Group& group);
/// Returns the order of the optimizers as one line: "iris: adam 97.3 %, sgd 96.0 %".
std::string ranking(const Group& group);

}  // namespace compare
