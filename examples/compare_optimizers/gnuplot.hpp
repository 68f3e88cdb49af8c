// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace compare {

/// A picture with what stands above it. The texts are plain.
struct Picture {
  std::string title{};
  std::string note{};
  std::string script{};  ///< of gnuplot; it draws to the output that it finds
  int width = 420, height = 270;
  std::string label{};  ///< said in its place to people who cannot see it
  std::string svg{};    ///< once drawn; empty where gnuplot is missing or fails
};

/// Runs gnuplot, one process for a picture, and makes its SVG fit into a page: text and axes take
/// the page's colour, no identifier stands twice, and the symbols of points stand apart.
class Gnuplot {
 public:
  /// A program's name, looked for in PATH, or its path.
  explicit Gnuplot(std::string program) : program_(std::move(program)) {}

  /// Draws them, `jobs` at once.
  void draw(const std::vector<Picture*>& pictures, unsigned jobs);

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
