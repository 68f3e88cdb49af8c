// SPDX-License-Identifier: MIT
// Fuzzes the CSV reader. The first byte chooses the options; if it is at least 128, the second byte
// chooses more. The rest is the table. Reading it from memory and from a file must give the same
// result, unless the file is compressed.
#include <xgrad/datasets/csv.hpp>
#include <xgrad/datasets/row_encoder.hpp>

#include <fuzz/fuzz_file.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace {

using namespace xgrad;

/// Returns the targets of a table, or its labels as numbers.
Array outputs_of(const datasets::Dataset& table) {
  return table.has_labels() ? Array(table.labels()) : table.targets();
}

/// Returns whether the table has rows, finite values and valid labels or targets.
bool is_valid(const datasets::Dataset& table) {
  const Array x = table.gather_all(), y = outputs_of(table);
  const auto finite = [](Scalar value) { return std::isfinite(value); };
  const auto known = [&](std::int32_t label) {
    return label >= 0 && static_cast<std::size_t>(label) < table.classes();
  };
  return table.size() > 0 && std::all_of(x.begin(), x.end(), finite) &&
         std::all_of(y.begin(), y.end(), finite) &&
         (!table.has_labels() || std::all_of(table.labels().begin(), table.labels().end(), known));
}

/// Requires that the encoder of a table can be saved and read, unless a name is not UTF-8.
void save_encoder(const datasets::Dataset& table) {
  using datasets::RowEncoder;
  std::string text;
  if (!fuzz::succeeds([&] { text = RowEncoder(table).to_json(); })) return;
  fuzz::require(
      fuzz::succeeds([&] { fuzz::require(RowEncoder::from_json(text).to_json() == text); }));
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
  std::size_t used = 1;
  if (data[0] >= 128 && size > 1) {
    used = 2;
    if (data[1] & 1) options.targets = {"y"};
    if (data[1] & 2) options.targets.push_back("0");
    if (data[1] & 4) options.missing = datasets::Missing::mean;
    if (data[1] & 8) options.categorical = {"a"};
  }
  const std::string_view text = fuzz::text_of(data + used, size - used);
  const fuzz::MemoryFile file(text);
  std::optional<datasets::Dataset> parsed, read;
  fuzz::succeeds([&] { parsed = datasets::parse_csv(text, "fuzz", options); });
  fuzz::succeeds([&] { read = datasets::csv(file.path(), options); });
  if (read) {
    fuzz::require(is_valid(*read));
    save_encoder(*read);
  }
  if (text.starts_with("\x1f\x8b")) return 0;  // gzip
  fuzz::require(parsed.has_value() == read.has_value());
  if (parsed) {
    fuzz::require(parsed->gather_all() == read->gather_all() &&
                  outputs_of(*parsed) == outputs_of(*read) &&
                  parsed->class_names() == read->class_names());
    // Every table can be read like itself.
    options.like = parsed;
    options.categorical.clear();
    fuzz::require(datasets::parse_csv(text, "fuzz", options).gather_all() == parsed->gather_all());
  }
  return 0;
}
