// SPDX-License-Identifier: MIT
// Fuzzes the CSV reader. The first byte chooses the options, and the rest is the table. Reading it
// from memory and from a file must give the same result.
#include <xgrad/datasets/csv.hpp>

#include <fuzz/fuzz_file.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace {

using namespace xgrad;

/// Returns whether the table has rows, finite values and valid labels.
bool is_valid(const datasets::Dataset& table) {
  const Array x = table.gather_all();
  const auto finite = [](Scalar value) { return std::isfinite(value); };
  const auto known = [&](std::int32_t label) {
    return label >= 0 && static_cast<std::size_t>(label) < table.classes();
  };
  return table.size() > 0 && std::all_of(x.begin(), x.end(), finite) &&
         std::all_of(table.labels().begin(), table.labels().end(), known);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return -1;
  datasets::CsvOptions options;
  if (data[0] & 1) options.delimiter = ';';
  if (data[0] & 2) options.delimiter = '\t';
  if (data[0] & 4) options.label = "class";
  options.standardize = (data[0] & 8) != 0;
  if ((data[0] & 16) != 0) options.header = datasets::Header::no;
  if ((data[0] & 32) != 0) options.delimiter = ' ';
  if ((data[0] & 64) != 0 && options.delimiter != ',') options.decimal = ',';
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  const fuzz::MemoryFile file(text);
  std::optional<datasets::Dataset> parsed, read;
  fuzz::succeeds([&] { parsed = datasets::parse_csv(text, "fuzz", options); });
  fuzz::succeeds([&] { read = datasets::csv(file.path(), options); });
  fuzz::require(parsed.has_value() == read.has_value());
  if (parsed) {
    fuzz::require(is_valid(*parsed));
    fuzz::require(parsed->gather_all() == read->gather_all() &&
                  parsed->labels() == read->labels() &&
                  parsed->class_names() == read->class_names());
    // Every table can be read like itself.
    options.like = parsed;
    fuzz::require(datasets::parse_csv(text, "fuzz", options).gather_all() == parsed->gather_all());
  }
  return 0;
}
