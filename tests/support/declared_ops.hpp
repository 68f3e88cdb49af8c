// SPDX-License-Identifier: MIT
#pragma once

#include <fstream>
#include <set>
#include <string>

namespace xgrad::test {

/// Returns the names of the ops that ops.hpp declares, for tests whose table must have a row for
/// each op.
inline std::set<std::string> declared_ops() {
  std::set<std::string> names;
  std::ifstream header(XGRAD_SOURCE_DIR "/autograd/ops.hpp");
  for (std::string line; std::getline(header, line);) {
    for (const std::string result : {"Tensor ", "Indices "}) {
      if (line.rfind(result, 0) == 0 && line.find('(') != std::string::npos) {
        names.insert(line.substr(result.size(), line.find('(') - result.size()));
      }
    }
  }
  return names;
}

/// Returns the names of the ops that have a gradient.
inline std::set<std::string> differentiable_ops() {
  std::set<std::string> names = declared_ops();
  names.erase("argmax");
  return names;
}

}  // namespace xgrad::test
