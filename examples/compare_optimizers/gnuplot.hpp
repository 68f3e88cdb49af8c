// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace compare {

/// A chart and the texts shown above it. The texts are plain text, not HTML.
struct Chart {
  std::string title{};
  std::string note{};
  std::string script{};  ///< gnuplot commands without `set terminal`, `set output`
  int width = 420, height = 270;
  std::string label{};  ///< text for screen readers
  std::string svg{};    ///< the drawn chart; empty if gnuplot is missing or fails
};

/// Runs gnuplot, one process per chart, and adapts its SVG to a page: text and axes take the colour
/// of the page's text, identifiers are unique, and all charts share one set of point symbols.
class Gnuplot {
 public:
  /// `program` is a path, or a name that is looked up in PATH.
  explicit Gnuplot(std::string program) : program_(std::move(program)) {}

  /// Draws the charts, at most `jobs` at the same time.
  void draw(const std::vector<Chart*>& charts, unsigned jobs);

  /// Returns why the first failed chart could not be drawn, or "" if all charts were drawn.
  const std::string& problem() const { return problem_; }
  /// Returns the point symbols that the charts refer to. A page contains them once, before the
  /// charts.
  std::string symbols() const;

 private:
  std::string program_;
  std::string problem_;
  std::string symbols_;
};

/// Returns the text as a string literal of gnuplot.
std::string quoted(const std::string& text);

}  // namespace compare
