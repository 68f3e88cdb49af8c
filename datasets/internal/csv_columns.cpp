// SPDX-License-Identifier: MIT
#include <xgrad/datasets/internal/csv_columns.hpp>
#include <xgrad/datasets/internal/csv_fields.hpp>

#include <algorithm>
#include <charconv>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

/// Returns the column number that an option means, or nullopt if it is a column name. "" means the
/// last column.
std::optional<std::size_t> column_number(const std::string& column, std::size_t columns) {
  if (column.empty()) return columns - 1;
  std::size_t number = 0;
  const char* const end = column.data() + column.size();
  const auto [stop, error] = std::from_chars(column.data(), end, number);
  if (error != std::errc() || stop != end || number >= columns) return {};
  return number;
}

std::size_t find_column(const Lines& lines, const Columns& columns, const std::string& column,
                        const char* option) {
  const Fields& names = columns.names;
  const std::string count = std::to_string(names.size()) + " columns";
  if (!columns.named) {
    if (const auto number = column_number(column, names.size())) return *number;
    lines.fail("a column " + excerpt(column), count + " without names",
               "set " + std::string(option) + " to the number of the " +
                   (option == std::string("label") ? "class column" : "column") + ", from 0");
  }
  if (column.empty()) return names.size() - 1;
  const auto found = std::find(names.begin(), names.end(), column);
  if (found == names.end()) {
    lines.fail("a column " + excerpt(column),
               count + " from " + excerpt(names.front()) + " to " + excerpt(names.back()));
  }
  return static_cast<std::size_t>(found - names.begin());
}

/// Returns what the options say about the class column or the target columns.
std::vector<std::string> wanted_outputs(const CsvOptions& options) {
  if (!options.targets.empty()) return options.targets;
  if (options.like && !options.like->has_labels()) return options.like->target_names();
  return {options.label};
}

/// Returns the names of the feature columns of `like`; empty if they have no names.
std::vector<std::string> column_names(const Dataset& like) {
  if (like.feature_names().empty() || like.columns().empty()) return like.feature_names();
  std::vector<std::string> names;
  for (const Column& column : like.columns()) names.push_back(column.name);
  return names;
}

bool guess_names(const Lines& lines, const Fields& first, const CsvOptions& options) {
  std::set<std::size_t> outputs;
  for (const std::string& wanted : wanted_outputs(options)) {
    const std::optional<std::size_t> number = column_number(wanted, first.size());
    if (!number) return true;  // the option gives the column by its name
    outputs.insert(*number);
  }
  Fields features;
  for (std::size_t j = 0; j < first.size(); ++j) {
    if (!outputs.contains(j)) features.push_back(first[j]);
  }
  if (options.like && features == column_names(*options.like)) return true;
  const auto find = [&](FieldKind kind) {
    return std::find_if(features.begin(), features.end(),
                        [&](const std::string& field) { return kind_of(field) == kind; });
  };
  const auto word = find(FieldKind::word), number = find(FieldKind::number);
  if (word != features.end() && number != features.end()) {
    lines.fail("a line of column names or a line of numbers",
               "both " + excerpt(*word) + " and " + excerpt(*number), kSetHeader);
  }
  return word != features.end();
}

/// Throws unless the table has the same feature columns as `like`, in the same order.
void require_features_of(const Lines& lines, const Columns& columns, const Dataset& like) {
  const std::string where = " as in the data set given as like";
  const std::size_t expected = like.columns().empty() ? like.features() : like.columns().size();
  if (columns.features.size() != expected) {
    lines.fail(std::to_string(expected) + " feature columns" + where,
               std::to_string(columns.features.size()),
               "to convert rows without a class or targets, use a RowEncoder");
  }
  const std::vector<std::string> names = column_names(like);
  if (!columns.named || names.empty()) return;
  for (std::size_t j = 0; j < expected; ++j) {
    const std::string& name = columns.names[columns.features[j]];
    if (name == names[j]) continue;
    lines.fail("feature column " + std::to_string(j) + " to be " + excerpt(names[j]) + where,
               excerpt(name));
  }
}

}  // namespace

Columns find_columns(const Lines& lines, const Fields& first, const CsvOptions& options) {
  if (first.size() < 2) {
    lines.fail("at least one feature column and a class column", "one column, " + excerpt(first[0]),
               "set delimiter if another character separates the fields");
  }
  Columns columns{first, options.header == Header::yes};
  if (options.header == Header::guess) columns.named = guess_names(lines, first, options);
  if (!columns.named) {
    for (std::size_t j = 0; j < first.size(); ++j) columns.names[j] = std::to_string(j);
  }
  columns.has_targets = !options.targets.empty() || (options.like && !options.like->has_labels());
  const char* const option = columns.has_targets ? "targets" : "label";
  for (const std::string& wanted : wanted_outputs(options)) {
    columns.outputs.push_back(find_column(lines, columns, wanted, option));
  }
  for (const std::string& wanted : options.categorical) {
    columns.categorical.insert(find_column(lines, columns, wanted, "categorical"));
  }
  for (std::size_t j = 0; j < first.size(); ++j) {
    const auto& outputs = columns.outputs;
    if (std::find(outputs.begin(), outputs.end(), j) == outputs.end()) {
      columns.features.push_back(j);
    }
  }
  if (columns.features.empty()) {
    lines.fail("at least one feature column", "only columns of the option targets");
  }
  if (options.like) require_features_of(lines, columns, *options.like);
  return columns;
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
