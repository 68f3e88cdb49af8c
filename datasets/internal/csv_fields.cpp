// SPDX-License-Identifier: MIT
#include <xgrad/datasets/internal/csv_fields.hpp>

#include <xgrad/core/error.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

/// Returns whether the absolute value of a number outside the range of double is too small (true)
/// or too large (false).
bool is_tiny(std::string_view text) {
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  std::string_view power = text.substr(std::min(e + 1, text.size()));
  if (power.starts_with('+')) power.remove_prefix(1);
  constexpr long long far = 1'000'000'000'000;  // more than the number of digits in any text
  long long exponent = 0;
  const auto [end, error] = std::from_chars(power.data(), power.data() + power.size(), exponent);
  if (error == std::errc::result_out_of_range) exponent = power.starts_with('-') ? -far : far;
  const std::string_view digits = text.substr(0, e);
  const auto point = static_cast<long long>(std::min(digits.find('.'), digits.size()));
  const auto first = static_cast<long long>(digits.find_first_of("123456789"));
  return point - first + std::clamp(exponent, -far, far) < 0;
}

/// Result of reading a text as a number.
struct Reading {
  bool is_number = false;  ///< whether the text is a number, even if too large for a double
  double value = 0;        ///< NaN if the number is too large
};

Reading read_number(std::string_view text, char decimal) {
  std::string with_point;
  if (decimal != '.') {
    if (text.find('.') != std::string_view::npos) return {};  // may be a thousands separator
    with_point = text;
    std::replace(with_point.begin(), with_point.end(), decimal, '.');
    text = with_point;
  }
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return {};
  if (error == std::errc()) return {true, value};
  return {true, is_tiny(text) ? 0 : std::nan("")};
}

/// What a feature field of the first line looks like. `nothing` is a missing value.
enum class Kind { word, number, nothing };

Kind kind_of(const std::string& field) {
  if (read_number(field, '.').is_number || read_number(field, ',').is_number) return Kind::number;
  std::string letters;  // letters and digits in lower case: "<NA>" gives "na", and "?" gives ""
  for (const char c : field) {
    const bool is_upper = c >= 'A' && c <= 'Z', is_lower = c >= 'a' && c <= 'z';
    if (is_upper || is_lower || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 128) {
      letters += is_upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  const std::set<std::string> missing{"", "na", "nan", "null", "none"};
  return missing.contains(letters) ? Kind::nothing : Kind::word;
}

/// Returns the column number that the option `label` means, or nullopt if it is a column name.
std::optional<std::size_t> label_number(const std::string& label, std::size_t columns) {
  if (label.empty()) return columns - 1;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), number);
  if (error != std::errc() || end != label.data() + label.size() || number >= columns) return {};
  return number;
}

Fields without(Fields fields, std::size_t column) {
  fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(column));
  return fields;
}

bool guess_names(const Lines& lines, const Fields& first, const CsvOptions& options) {
  const std::optional<std::size_t> label = label_number(options.label, first.size());
  if (!label) return true;  // the option gives the class column by its name
  const Fields features = without(first, *label);
  if (options.like && features == options.like->feature_names()) return true;
  const auto find = [&](Kind kind) {
    return std::find_if(features.begin(), features.end(),
                        [&](const std::string& field) { return kind_of(field) == kind; });
  };
  const auto word = find(Kind::word), number = find(Kind::number);
  if (word != features.end() && number != features.end()) {
    lines.fail("a line of column names or a line of numbers",
               "both " + excerpt(*word) + " and " + excerpt(*number), kSetHeader);
  }
  return word != features.end();
}

std::size_t find_label(const Lines& lines, const Fields& names, bool named,
                       const std::string& label) {
  const std::string count = std::to_string(names.size()) + " columns";
  if (!named) {
    if (const auto number = label_number(label, names.size())) return *number;
    lines.fail("a column " + excerpt(label), count + " without names",
               "set label to the number of the class column, from 0");
  }
  if (label.empty()) return names.size() - 1;
  const auto found = std::find(names.begin(), names.end(), label);
  if (found == names.end()) {
    lines.fail("a column " + excerpt(label),
               count + " from " + excerpt(names.front()) + " to " + excerpt(names.back()));
  }
  return static_cast<std::size_t>(found - names.begin());
}

/// Throws unless the table has the same feature columns as `like`, in the same order.
void require_features_of(const Lines& lines, const Columns& columns, const Dataset& like) {
  const Fields names = without(columns.names, columns.label);
  const std::string where = " as in the data set given as like";
  if (names.size() != like.features()) {
    lines.fail(std::to_string(like.features()) + " feature columns" + where,
               std::to_string(names.size()));
  }
  if (!columns.named || like.feature_names().empty()) return;
  for (std::size_t j = 0; j < names.size(); ++j) {
    if (names[j] == like.feature_names()[j]) continue;
    lines.fail("feature column " + std::to_string(j) + " to be " +
                   excerpt(like.feature_names()[j]) + where,
               excerpt(names[j]));
  }
}

bool is_integer(const std::string& text) {
  return text.find_first_not_of("0123456789") == std::string::npos;
}

/// Orders integers by value, and equal values by their length: "7", "07", "10".
bool integer_before(const std::string& a, const std::string& b) {
  const auto digits = [](const std::string& text) {
    return std::string_view(text).substr(std::min(text.find_first_not_of('0'), text.size()));
  };
  const std::string_view x = digits(a), y = digits(b);
  if (x.size() != y.size()) return x.size() < y.size();
  return x != y ? x < y : a.size() < b.size();
}

std::map<std::string, std::int32_t> numbers_of(const std::vector<std::string>& names) {
  std::map<std::string, std::int32_t> numbers;
  for (std::size_t i = 0; i < names.size(); ++i) numbers[names[i]] = static_cast<std::int32_t>(i);
  return numbers;
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
    text += (i > 0 ? ", " : "") + excerpt(names[i]);
  }
  return text + (names.size() > most ? ", ..." : "");
}

}  // namespace

std::optional<double> finite_number(std::string_view text, char decimal) {
  const Reading reading = read_number(text, decimal);
  if (!reading.is_number || !std::isfinite(static_cast<Scalar>(reading.value))) return {};
  return reading.value;
}

Columns find_columns(const Lines& lines, const Fields& first, const CsvOptions& options) {
  if (first.size() < 2) {
    lines.fail("at least one feature column and a class column", "one column, " + excerpt(first[0]),
               "set delimiter if another character separates the fields");
  }
  Columns columns{first, 0, options.header == Header::yes};
  if (options.header == Header::guess) columns.named = guess_names(lines, first, options);
  if (!columns.named) {
    for (std::size_t j = 0; j < first.size(); ++j) columns.names[j] = std::to_string(j);
  }
  columns.label = find_label(lines, columns.names, columns.named, options.label);
  if (options.like) require_features_of(lines, columns, *options.like);
  return columns;
}

ClassColumn::ClassColumn(const CsvOptions& options)
    : given_(options.like ? options.like->class_names() : options.classes),
      known_(numbers_of(given_)),
      origin_(options.like ? "of the data set given as like" : "of the option classes") {}

void ClassColumn::add(const Lines& lines, const std::string& column, std::string name,
                      const std::string& remedy) {
  const std::string in_column = " in column " + excerpt(column);
  if (name.empty()) lines.fail("a class" + in_column, "nothing", remedy);
  if (!given_.empty() && !known_.contains(name)) {
    lines.fail("a class " + std::string(origin_) + " (" + listed(given_) + ")" + in_column,
               excerpt(name), remedy);
  }
  for (const char decimal : {'.', ','}) {
    const std::optional<double> number = finite_number(name, decimal);
    if (!given_.empty() || !number || *number == std::floor(*number)) continue;
    lines.fail("a class" + in_column, "the number " + excerpt(name),
               "classes must be words or whole numbers: set label if they are in another column, "
               "or give all of them in classes");
  }
  rows_.push_back(std::move(name));
}

bool ClassColumn::confirms_first_row() const {
  return !given_.empty() || std::find(rows_.begin() + 1, rows_.end(), rows_.front()) != rows_.end();
}

std::vector<std::string> ClassColumn::names() const {
  if (!given_.empty()) return given_;
  const std::set<std::string> names(rows_.begin(), rows_.end());
  std::vector<std::string> sorted(names.begin(), names.end());
  if (std::all_of(sorted.begin(), sorted.end(), is_integer)) {
    std::sort(sorted.begin(), sorted.end(), integer_before);
  }
  return sorted;
}

Labels ClassColumn::labels() const {
  const std::map<std::string, std::int32_t> numbers = numbers_of(names());
  Labels y = Labels::from_shape({rows_.size()});
  for (std::size_t i = 0; i < rows_.size(); ++i) y(i) = numbers.at(rows_[i]);
  return y;
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
