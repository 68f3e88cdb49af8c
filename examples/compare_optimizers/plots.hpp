// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/gnuplot.hpp"
#include "compare_optimizers/summary.hpp"

#include <string>
#include <vector>

namespace compare {

/// Returns the charts of a group, still to be drawn: learning curves, sensitivity to the learning
/// rate, box plots, and steps and seconds to the target. A chart without data is left out.
std::vector<Chart> group_charts(const Group& group);

/// Returns charts, still to be drawn, of the paths of the optimizers on the contour lines of an
/// analytic task: first all paths in one chart, then one chart for each optimizer. Returns no chart
/// for other tasks.
std::vector<Chart> path_charts(const Group& group);

// Helpers of these two functions.

/// Builds a gnuplot script: data, settings, then one plot command.
class Script {
 public:
  /// Adds a line of settings.
  void set(const std::string& line) { text_ += line + "\n"; }
  /// Adds a table of numbers and returns its name for plot().
  std::string data(const std::vector<std::vector<double>>& rows);
  /// Adds a part of the plot command, for example `$data0 using 1:2 with lines`.
  void plot(const std::string& part) { plots_.push_back(part); }
  /// Returns whether nothing is plotted.
  bool empty() const { return plots_.empty(); }
  /// Returns the whole script.
  std::string text() const;

 private:
  std::string text_;
  std::vector<std::string> plots_;
  int tables_ = 0;
};

/// Returns the line style of an optimizer: "with linespoints dt (16,4) ... lc rgb '#0072B2' title
/// 'adam'".
std::string line_style(const std::string& optimizer);
/// Adds the colour and the name of an optimizer to a style: "with points pt 6 lc rgb '#0072B2'
/// title 'adam'".
std::string in_colour(const std::string& style, const std::string& optimizer);

}  // namespace compare
