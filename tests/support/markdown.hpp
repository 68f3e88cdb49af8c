// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

/// A parser for the part of Markdown that this project's pages use.
namespace markdown {

/// A fenced code block. The line before it may be a comment that says where its text comes from:
/// `<!-- output: PROGRAM ARGUMENTS -->` or `<!-- output varies: WHY -->`.
struct Block {
  std::string language, text{};
  std::string place{};   ///< line number
  std::string output{};  ///< the command that prints the text
  bool varies = false;
};

inline std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

inline bool is_fence(const std::string& line) { return line.rfind("```", 0) == 0; }

inline std::vector<Block> blocks(const std::string& page) {
  std::vector<Block> found;
  const std::vector<std::string> lines = lines_of(page);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!is_fence(lines[i])) continue;
    Block block{.language = lines[i].substr(3), .text = {}, .place = std::to_string(i + 1)};
    const std::string before = i > 0 ? lines[i - 1] : "", mark = "<!-- output: ";
    if (before.rfind(mark, 0) == 0) {
      block.output = before.substr(mark.size(), before.find(" -->") - mark.size());
    }
    block.varies = before.rfind("<!-- output varies: ", 0) == 0;
    for (++i; i < lines.size() && !is_fence(lines[i]); ++i) block.text += lines[i] + "\n";
    found.push_back(std::move(block));
  }
  return found;
}

/// Returns the page without code blocks and `code`.
inline std::string prose(const std::string& page) {
  std::string text;
  bool in_block = false, in_code = false;
  for (const std::string& line : lines_of(page)) {
    in_block ^= is_fence(line);
    if (in_block || is_fence(line)) continue;
    for (const char c : line) {
      in_code ^= c == '`';
      if (!in_code && c != '`') text += c;
    }
    text += '\n';
  }
  return text;
}

/// Returns the targets of all links `[...](TARGET)`, including links whose text is `code`.
inline std::vector<std::string> links(const std::string& page) {
  std::vector<std::string> targets;
  const std::string text = prose(page);
  for (std::size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at + 1)) {
    targets.push_back(text.substr(at + 2, text.find(')', at) - at - 2));
  }
  return targets;
}

/// Returns the anchors of the headings, as links use them after a #: in lower case, with - between
/// the words and without punctuation.
inline std::set<std::string> anchors(const std::string& page) {
  std::set<std::string> names;
  bool in_block = false;
  for (const std::string& line : lines_of(page)) {
    in_block ^= is_fence(line);
    if (in_block || line.rfind("#", 0) != 0) continue;
    std::string name;
    for (const char c : line.substr(line.find_first_not_of("# "))) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == ' ') name += '-';
      if (std::isalnum(byte) != 0 || byte >= 0x80 || c == '-' || c == '_') {
        name += static_cast<char>(std::tolower(byte));
      }
    }
    names.insert(name);
  }
  return names;
}

/// Returns whether `file` contains the lines of `block`, possibly indented by up to 8 spaces more.
/// `file` must begin with a newline.
inline bool holds_lines(const std::string& file, const std::string& block) {
  for (std::size_t indent = 0; indent <= 8; indent += 2) {
    std::string wanted = "\n";
    for (const std::string& line : lines_of(block)) {
      wanted += (line.empty() ? "" : std::string(indent, ' ') + line) + "\n";
    }
    if (file.find(wanted) != std::string::npos) return true;
  }
  return false;
}

/// Returns whether two lines are equal. Numbers with a decimal point may differ by one in their
/// last digit or in the sixth digit, because processors round differently.
inline bool same_line(const std::string& a, const std::string& b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    const auto number = [](const std::string& text, std::size_t at) {
      const std::size_t end = text.find_first_not_of("0123456789.", at);
      return text.substr(at, end == std::string::npos ? end : end - at);
    };
    const std::string x = number(a, i), y = number(b, j);
    if (x.empty() || y.empty()) {
      if (a[i++] != b[j++]) return false;
      continue;
    }
    const auto decimals = [](const std::string& digits) {
      const std::size_t point = digits.find('.');
      return point == std::string::npos ? 0 : digits.size() - point - 1;
    };
    const std::size_t shown = std::max(decimals(x), decimals(y));
    const double value = std::strtod(x.c_str(), nullptr);
    const double apart = std::abs(value - std::strtod(y.c_str(), nullptr));
    const double last_digit = std::pow(10.0, -static_cast<double>(shown));
    if (shown == 0 ? x != y : apart > std::max(1.5 * last_digit, 1e-5 * value)) return false;
    i += x.size();
    j += y.size();
  }
  return i == a.size() && j == b.size();
}

/// Returns whether the output of a program contains these lines in sequence. A line "..." stands
/// for any number of lines.
inline bool holds_output(const std::string& output, const std::string& block) {
  const std::vector<std::string> printed = lines_of(output), wanted = lines_of(block);
  for (std::size_t begin = 0; begin + 1 <= printed.size(); ++begin) {
    std::size_t at = begin, i = 0;
    for (bool any = false; i < wanted.size(); ++i) {
      if (wanted[i] == "...") {
        any = true;
        continue;
      }
      while (any && at < printed.size() && !same_line(printed[at], wanted[i])) ++at;
      any = false;
      if (at == printed.size() || !same_line(printed[at], wanted[i])) break;
      ++at;
    }
    if (i == wanted.size()) return true;
  }
  return false;
}

}  // namespace markdown
