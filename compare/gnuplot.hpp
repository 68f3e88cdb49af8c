// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace compare {

/// Runs gnuplot, one process for a picture, and makes its SVG fit into a page: text and axes take
/// the page's colour, no identifier stands twice, and the symbols of points stand apart.
class Gnuplot {
 public:
  /// A program's name, looked for in PATH, or its path.
  explicit Gnuplot(std::string program) : program_(std::move(program)) {}

  /// The picture of a script that draws to the output it finds, `width` by `height`; `label` is
  /// said in its place to people who cannot see it. Empty where gnuplot is missing or fails.
  std::string draw(const std::string& script, int width, int height, const std::string& label);

  /// Why the first picture that is missing could not be drawn, in words; empty where none is.
  const std::string& problem() const { return problem_; }
  /// What the pictures refer to: to stand in the page once, before them.
  std::string symbols() const;

 private:
  std::string program_;
  std::string problem_;
  std::string symbols_;
};

/// Text as a string of a gnuplot script.
std::string quoted(const std::string& text);

}  // namespace compare
