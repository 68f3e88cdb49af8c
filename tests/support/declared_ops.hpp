// SPDX-License-Identifier: MIT
#pragma once

#include <fstream>
#include <regex>
#include <set>
#include <string>

namespace xgrad::test {

/// The names of the ops that ops.hpp declares, for tables that must have a row for each.
inline std::set<std::string> declared_ops() {
  std::set<std::string> names;
  std::ifstream header(XGRAD_SOURCE_DIR "/xgrad/autograd/ops.hpp");
  const std::regex declaration(R"(^(?:Tensor|Indices) (operator.|\w+)\()");
  for (std::string line; std::getline(header, line);) {
    std::smatch match;
    if (std::regex_search(line, match, declaration)) names.insert(match[1]);
  }
  return names;
}

/// Those that a gradient flows through.
inline std::set<std::string> differentiable_ops() {
  std::set<std::string> names = declared_ops();
  names.erase("argmax");
  return names;
}

}  // namespace xgrad::test
