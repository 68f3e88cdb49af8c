// SPDX-License-Identifier: MIT
#include <xgrad/datasets/csv.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>
#include <xgrad/core/internal/file_log.hpp>
#include <xgrad/core/log.hpp>
#include <xgrad/datasets/internal/csv_classes.hpp>
#include <xgrad/datasets/internal/csv_columns.hpp>
#include <xgrad/datasets/internal/csv_features.hpp>
#include <xgrad/datasets/internal/csv_fields.hpp>
#include <xgrad/datasets/internal/gzip_file.hpp>
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
  const std::set<std::string> targets(options.targets.begin(), options.targets.end());
  if (targets.size() < options.targets.size()) refuse("targets must contain each column once");
  if (targets.contains("")) refuse("targets must contain names or numbers of columns, got \"\"");
  if (!targets.empty() && !(options.label.empty() && options.classes.empty())) {
    refuse("targets must not be given together with label or classes; give one");
  }
  if (!options.like) return;
  if (!targets.empty() && options.like->has_labels()) {
    refuse("targets must be empty, because the data set given as like has classes");
  }
  if (!options.like->has_labels() && !options.label.empty()) {
    refuse("label must be empty, because the data set given as like has targets");
  }
  if (!options.like->has_labels() && targets.empty() && options.like->target_names().empty()) {
    refuse("targets must be given, because those of the data set given as like have no names");
  }
  if (!options.classes.empty()) refuse("like and classes must not be given together; give one");
  if (options.standardize && options.like->scaling().empty()) {
    refuse("standardize must be false, because the data set given as like is not standardised");
  }
}

/// Reads rows: features, and a column of classes or columns of targets.
class Rows {
 public:
  Rows(Lines& lines, const Columns& columns, const CsvOptions& options)
      : lines_(lines), columns_(columns), options_(options), classes_(options) {
    const bool has_like = options.like && !options.like->columns().empty();
    for (std::size_t k = 0; k < columns.features.size(); ++k) {
      const std::size_t j = columns.features[k];
      features_.emplace_back(columns.names[j], columns.categorical.contains(j), options,
                             has_like ? &options.like->columns()[k] : nullptr);
    }
  }

  /// Adds a row. Errors end with `remedy`, unless a more precise one is known.
  void add(Fields fields, const std::string& remedy) {
    if (fields.size() != columns_.names.size()) {
      lines_.fail(std::to_string(columns_.names.size()) + " fields", std::to_string(fields.size()));
    }
    for (std::size_t k = 0; k < features_.size(); ++k) {
      features_[k].add(lines_, fields[columns_.features[k]], remedy);
    }
    for (const std::size_t j : columns_.outputs) {
      const std::string& name = columns_.names[j];
      if (!columns_.has_targets) {
        classes_.add(lines_, name, std::move(fields[j]), remedy);
        continue;
      }
      const std::optional<double> number = finite_number(fields[j], options_.decimal);
      if (!number) {
        lines_.fail("a finite number in target column " + excerpt(name), excerpt(fields[j]),
                    remedy);
      }
      targets_.push_back(static_cast<Scalar>(*number));
    }
    ++count_;
  }

  std::size_t count() const { return count_; }
  const ClassColumn& classes() const { return classes_; }

  /// Returns whether a column of numbers confirms that a first line of words contains names.
  bool has_numbers() const {
    return std::any_of(features_.begin(), features_.end(),
                       [](const FeatureColumn& column) { return !column.is_categorical(); });
  }

  Table take_table() {
    Table table{{}, 0};
    for (const FeatureColumn& feature : features_) {
      const Column& column = table.columns.emplace_back(feature.column(lines_));
      table.features += column.width();
      if (!columns_.named) continue;
      if (column.categories.empty()) table.names.push_back(column.name);
      for (const std::string& word : column.categories) {
        table.names.push_back(column.name + "=" + word);
      }
    }
    table.values.resize(count_ * table.features);
    double* x = table.values.data();
    for (std::size_t i = 0; i < count_; ++i) {
      for (std::size_t k = 0; k < features_.size(); ++k) {
        features_[k].encode(table.columns[k], i, x);
        x += table.columns[k].width();
      }
    }
    return table;
  }

  Dataset take_data(Table table) {
    if (!columns_.has_targets) {
      classes_.require_classes(lines_, columns_.names[columns_.outputs[0]]);
      return Dataset(std::move(table), classes_.labels(), classes_.names());
    }
    Array y = empty({count_, columns_.outputs.size()});
    std::copy(targets_.begin(), targets_.end(), y.data());
    std::vector<std::string> names;
    for (const std::size_t j : columns_.outputs) names.push_back(columns_.names[j]);
    return Dataset(std::move(table), std::move(y), std::move(names));
  }

 private:
  Lines& lines_;
  const Columns& columns_;
  const CsvOptions& options_;
  std::vector<FeatureColumn> features_{};
  ClassColumn classes_;
  std::vector<Scalar> targets_{};
  std::size_t count_ = 0;
};

/// Throws if the guess whether the first line contains names may be wrong.
void require_clear_header(const Lines& lines, std::size_t first_line, const Columns& columns,
                          const Rows& rows, const CsvOptions& options) {
  if (!columns.named && !columns.has_targets && !rows.classes().confirms_first_row()) {
    lines.fail_at(first_line, "column names, or data with a class that occurs again",
                  "numbers with the class " + excerpt(rows.classes().first()), kSetHeader);
  }
  // A column that the options give by its name, or a known list of names, confirms the first line.
  const bool is_confirmed = options.like || !options.targets.empty() || !options.label.empty() ||
                            !options.categorical.empty();
  if (columns.named && !rows.has_numbers() && !is_confirmed) {
    lines.fail_at(first_line, "column names above at least one column of numbers",
                  "words in all lines", kSetHeader);
  }
}

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
  const bool is_guess = options.header == Header::guess;
  Rows rows(lines, columns, options);
  if (!columns.named) rows.add(std::move(fields), is_guess ? kSetHeader : "");
  while (lines.next(fields)) rows.add(std::move(fields), "");
  if (rows.count() == 0) lines.fail("at least one row after the column names", "none");
  if (is_guess) require_clear_header(lines, first_line, columns, rows, options);
  Table table = rows.take_table();
  const bool is_scaled = options.standardize || (options.like && !options.like->scaling().empty());
  if (options.warn && !is_scaled) warn_of_lost_digits(table, name);
  Dataset data = rows.take_data(std::move(table));
  if (options.like) {
    for (const Standardizer& standardize : options.like->scaling()) data = standardize(data);
    return data;
  }
  return options.standardize ? Standardizer(data)(data) : data;
}

Dataset csv(const std::filesystem::path& file, const CsvOptions& options) {
  const FileLog log("csv", file);
  Dataset data = parse_csv(GzipFile("csv", file).read_rest(), absolute_name(file), options);
  log.read_rows(data.size());
  return data;
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
