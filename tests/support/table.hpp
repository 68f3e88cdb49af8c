// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

namespace xgrad::test {

/// Returns the numbers in each row of a CSV table, without the first line. Reads them with strtod,
/// which knows "nan" and "inf".
inline std::vector<std::vector<double>> rows_of(const std::string& table) {
  std::istringstream lines(table);
  std::string line;
  std::getline(lines, line);
  std::vector<std::vector<double>> rows;
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::vector<double>& row = rows.emplace_back();
    for (std::string field; std::getline(fields, field, ',');) {
      row.push_back(std::strtod(field.c_str(), nullptr));
    }
  }
  return rows;
}

}  // namespace xgrad::test
