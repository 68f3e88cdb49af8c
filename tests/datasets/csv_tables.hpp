// SPDX-License-Identifier: MIT
#pragma once

// Helpers that read CSV tables from strings.

#include <xgrad/core/error.hpp>
#include <xgrad/datasets/csv.hpp>

#include <string>
#include <vector>

#include "support/tensors.hpp"

namespace xgrad::test {

inline datasets::Dataset parse(const std::string& text, const datasets::CsvOptions& options = {}) {
  return datasets::parse_csv(text, "table", options);
}

/// Returns the message of the DataError that parse() throws.
inline std::string complaint(const std::string& text, const datasets::CsvOptions& options = {}) {
  return message_of<DataError>([&] { parse(text, options); });
}

/// Returns the message of the OptionError that these options give.
inline std::string refusal(const datasets::CsvOptions& options) {
  return message_of<OptionError>([&] { parse("a,class\n1,x\n", options); });
}

/// Returns the features of all rows, one row after the other.
inline std::vector<double> features(const datasets::Dataset& data) {
  return numbers(data.gather_all());
}

inline std::vector<int> labels(const datasets::Dataset& data) {
  const Labels y = data.labels();
  return std::vector<int>(y.begin(), y.end());
}

}  // namespace xgrad::test
