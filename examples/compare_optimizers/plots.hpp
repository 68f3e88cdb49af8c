// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/gnuplot.hpp"
#include "compare_optimizers/summary.hpp"

#include <string>
#include <vector>

namespace compare {

// Pictures still to be drawn.

/// Learning curves, sensitivity to the learning rate, time and steps to the target, box plots.
/// What there are no figures for is left out.
std::vector<Picture> group_pictures(const Group& group);

/// The optimizers' paths on the contour lines of an analytic task: all on one, then each on its
/// own. None for other tasks.
std::vector<Picture> path_pictures(const Group& group);

// What both are put together from.

/// A script of gnuplot: data, settings, then one plot command.
class Script {
 public:
  /// Adds a line of settings.
  void set(const std::string& line) { text_ += line + "\n"; }
  /// Adds a table of numbers; gives back the name that plots call it by.
  std::string data(const std::vector<std::vector<double>>& rows);
  /// Adds a part of the plot command: `$data0 using 1:2 with lines`.
  void plot(const std::string& part) { plots_.push_back(part); }
  bool empty() const { return plots_.empty(); }
  /// The whole script.
  std::string text() const;

 private:
  std::string text_;
  std::vector<std::string> plots_;
  int tables_ = 0;
};

/// How an optimizer's line is drawn: "with linespoints dt (16,4) ... lc rgb '#0072B2' title
/// 'adam'".
std::string line_style(const std::string& optimizer);
/// Another style in its colour, under its name: "with points pt 6 lc rgb '#0072B2' title 'adam'".
std::string in_colour(const std::string& style, const std::string& optimizer);

}  // namespace compare
