// SPDX-License-Identifier: MIT
#include <xgrad/datasets/csv.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>
#include <xgrad/core/internal/file_log.hpp>
#include <xgrad/core/log.hpp>
#include <xgrad/datasets/internal/csv_fields.hpp>
#include <xgrad/datasets/internal/csv_lines.hpp>
#include <xgrad/datasets/standardizer.hpp>

#include <algorithm>
#include <set>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

[[noreturn]] void refuse(const std::string& text) { throw OptionError("[csv] " + text); }

void require_options(const CsvOptions& options) {
  if (options.delimiter == '"' || options.delimiter == '\n' || options.delimiter == '\r') {
    refuse("delimiter must not be a quote or a line end");
  }
  if (options.decimal != '.' && options.decimal != ',') {
    refuse("decimal must be '.' or ',', got '" + std::string(1, options.decimal) + "'");
  }
  if (options.decimal == options.delimiter) {
    refuse("decimal and delimiter must differ, got '" + std::string(1, options.decimal) +
           "' for both; tables with decimal commas usually have the delimiter ';'");
  }
  const std::set<std::string> different(options.classes.begin(), options.classes.end());
  if (different.size() < options.classes.size()) refuse("classes must contain each class once");
  if (!options.like) return;
  if (!options.classes.empty()) refuse("like and classes must not be given together; give one");
  if (options.standardize && options.like->scaling().empty()) {
    refuse("standardize must be false, because the data set given as like is not standardised");
  }
}

/// Reads rows into a table and a column of classes.
class Rows {
 public:
  Rows(Lines& lines, const Columns& columns, const CsvOptions& options)
      : lines_(lines), columns_(columns), options_(options), classes_(options) {}

  /// Adds a row. Errors end with `remedy`, unless a more precise one is known.
  void add(Fields fields, const std::string& remedy) {
    if (fields.size() != columns_.names.size()) {
      lines_.fail(std::to_string(columns_.names.size()) + " fields", std::to_string(fields.size()));
    }
    for (std::size_t j = 0; j < fields.size(); ++j) {
      if (j == columns_.label) continue;
      const std::optional<double> number = finite_number(fields[j], options_.decimal);
      if (!number) fail_number(columns_.names[j], fields[j], remedy);
      numbers_.push_back(*number);
    }
    classes_.add(lines_, columns_.names[columns_.label], std::move(fields[columns_.label]), remedy);
  }

  const ClassColumn& classes() const { return classes_; }

  Table take_table() {
    Table table{std::move(numbers_), columns_.names.size() - 1};
    if (!columns_.named) return table;
    table.names = columns_.names;
    table.names.erase(table.names.begin() + static_cast<std::ptrdiff_t>(columns_.label));
    return table;
  }

 private:
  [[noreturn]] void fail_number(const std::string& column, const std::string& field,
                                const std::string& remedy) const {
    const char other = options_.decimal == '.' ? ',' : '.';
    lines_.fail("a finite number in column " + excerpt(column), excerpt(field),
                finite_number(field, other)
                    ? "set decimal to '" + std::string(1, other) + "' if it is the decimal point"
                    : remedy);
  }

  Lines& lines_;
  const Columns& columns_;
  const CsvOptions& options_;
  ClassColumn classes_;
  std::vector<double> numbers_{};
};

std::size_t count_different(std::vector<double> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return static_cast<std::size_t>(std::unique(numbers.begin(), numbers.end()) - numbers.begin());
}

/// Logs a warning with the columns in which different numbers become the same Scalar. In a large
/// column of numbers with 17 digits, a few always do. So the limit is one number in twenty.
void warn_of_lost_digits(const Table& table, const std::string& name) {
  std::string lost;
  for (std::size_t j = 0; j < table.features; ++j) {
    std::vector<double> exact, rounded;
    for (std::size_t i = j; i < table.values.size(); i += table.features) {
      exact.push_back(table.values[i]);
      rounded.push_back(static_cast<double>(static_cast<Scalar>(table.values[i])));
    }
    if (exact == rounded) continue;
    const std::size_t before = count_different(exact), after = count_different(rounded);
    if (before == after || 20 * (before - after) < before) continue;
    lost += std::string(lost.empty() ? "" : ", ") + "column " +
            excerpt(table.names.empty() ? std::to_string(j) : table.names[j]) + " has " +
            std::to_string(before) + " different numbers, of which " + std::to_string(after) +
            " remain";
  }
  if (lost.empty()) return;
  log_message(LogLevel::warning, "[csv] " + name + ": numbers are too close together for float: " +
                                     lost + "; set standardize, or use a Standardizer");
}

}  // namespace

Dataset parse_csv(std::string_view text, const std::string& name, const CsvOptions& options) {
  require_options(options);
  Lines lines(text, name, options.delimiter);
  Fields fields;
  if (!lines.next(fields)) lines.fail("a line of column names or data", "the end of the text");
  const std::size_t first_line = lines.line();
  const Columns columns = find_columns(lines, fields, options);
  const bool is_guess = options.header == Header::guess && !columns.named;
  Rows rows(lines, columns, options);
  if (!columns.named) rows.add(std::move(fields), is_guess ? kSetHeader : "");
  while (lines.next(fields)) rows.add(std::move(fields), "");
  const ClassColumn& classes = rows.classes();
  if (classes.rows() == 0) lines.fail("at least one row after the column names", "none");
  if (is_guess && !classes.confirms_first_row()) {
    lines.fail_at(first_line, "column names, or data with a class that occurs again",
                  "numbers with the class " + excerpt(classes.first()), kSetHeader);
  }
  Table table = rows.take_table();
  const bool is_scaled = options.standardize || (options.like && !options.like->scaling().empty());
  if (options.warn && !is_scaled) warn_of_lost_digits(table, name);
  Dataset data(std::move(table), classes.labels(), classes.names());
  if (options.like) {
    for (const Standardizer& standardize : options.like->scaling()) data = standardize(data);
    return data;
  }
  return options.standardize ? Standardizer(data)(data) : data;
}

Dataset csv(const std::filesystem::path& file, const CsvOptions& options) {
  const FileLog log("csv", file);
  Dataset data = parse_csv(read_file("csv", file), absolute_name(file), options);
  log.read_rows(data.size());
  return data;
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
