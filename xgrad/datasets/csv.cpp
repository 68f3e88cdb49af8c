// SPDX-License-Identifier: MIT
#include <xgrad/datasets/csv.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>
#include <xgrad/datasets/standardizer.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

using Fields = std::vector<std::string>;

// A piece of the text as an error shows it: in quotes, at most 40 characters.
std::string excerpt(std::string_view text) {
  constexpr std::size_t most = 40;
  return '"' + std::string(text.substr(0, most)) + (text.size() > most ? "...\"" : "\"");
}

/// The lines of a text, each split into fields as RFC 4180 says.
class Lines {
 public:
  Lines(std::string_view text, const std::string& name, char delimiter)
      : text_(text), name_(name), delimiter_(delimiter) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);  // UTF-8's byte-order mark
  }

  /// The fields of the next line that is not blank; false at the end of the text.
  bool next(Fields& fields) {
    fields.clear();
    while (fields.empty() && !text_.empty()) {
      line_ = line_ends_ + 1;
      do {
        fields.push_back(take_field());
      } while (take(delimiter_));
      if (take('\n')) ++line_ends_;
      if (fields.size() == 1 && fields[0].empty()) fields.clear();
    }
    return !fields.empty();
  }

  [[noreturn]] void fail(const std::string& expected, const std::string& found) const {
    throw DataError("[csv] " + name_ + ": line " + std::to_string(line_) + ": expected " +
                    expected + ", found " + found);
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  void skip_blanks() {
    while (!text_.empty() && is_blank(text_.front()) && text_.front() != delimiter_) {
      text_.remove_prefix(1);
    }
  }

  std::string take_field() {
    skip_blanks();
    if (take('"')) return take_quoted();
    const auto end = std::find_if(text_.begin(), text_.end(),
                                  [this](char c) { return c == delimiter_ || c == '\n'; });
    std::string field(text_.begin(), end);
    text_.remove_prefix(field.size());
    while (!field.empty() && is_blank(field.back())) field.pop_back();
    return field;
  }

  // What follows an opening quote; two quotes stand for one.
  std::string take_quoted() {
    std::string field;
    for (;;) {
      const std::string_view part = text_.substr(0, text_.find('"'));
      if (part.size() == text_.size()) fail("a closing quote", "the end of the text");
      field += part;
      line_ends_ += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
      text_.remove_prefix(part.size() + 1);
      if (!take('"')) break;
      field += '"';
    }
    skip_blanks();
    if (!text_.empty() && text_.front() != delimiter_ && text_.front() != '\n') {
      fail("a delimiter after the closing quote", excerpt(text_.substr(0, 1)));
    }
    return field;
  }

  std::string_view text_;  ///< what is still to be read
  const std::string& name_;
  char delimiter_;
  std::size_t line_ = 1;       ///< where the fields in hand began
  std::size_t line_ends_ = 0;  ///< that have been read
};

std::optional<Scalar> finite_number(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto number = static_cast<Scalar>(value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return {};
  return number;
}

Fields read_header(Lines& lines) {
  Fields header;
  if (!lines.next(header)) lines.fail("a line of column names", "the end of the text");
  if (header.size() < 2) {
    lines.fail("a feature and a class column at least", "one column, " + excerpt(header[0]));
  }
  // Numbers are the first row of a file without names, unless they count the columns.
  bool names = false;
  bool counts = true;
  for (std::size_t j = 0; j + 1 < header.size(); ++j) {
    names = names || !finite_number(header[j]);
    counts = counts && header[j] == std::to_string(j);
  }
  if (!names && !counts) lines.fail("a line of column names", "the number " + header[0]);
  return header;
}

std::size_t label_column(const Lines& lines, const Fields& header, const std::string& label) {
  if (label.empty()) return header.size() - 1;
  const auto found = std::find(header.begin(), header.end(), label);
  if (found == header.end()) {
    lines.fail("a column " + excerpt(label), std::to_string(header.size()) + " columns from " +
                                                 excerpt(header.front()) + " to " +
                                                 excerpt(header.back()));
  }
  return static_cast<std::size_t>(found - header.begin());
}

bool is_integer(const std::string& text) {
  return text.find_first_not_of("0123456789") == std::string::npos;
}

/// The classes in sorted order.
struct Classes {
  std::vector<std::string> names;
  Labels y;
};

Classes number_classes(Fields labels) {
  const bool integers = std::all_of(labels.begin(), labels.end(), is_integer);
  if (integers) {  // "07" and "7" are one class
    for (std::string& label : labels) {
      label.erase(0, std::min(label.find_first_not_of('0'), label.size() - 1));
    }
  }
  const auto before = [integers](const std::string& a, const std::string& b) {
    if (integers && a.size() != b.size()) return a.size() < b.size();
    return a < b;
  };
  std::map<std::string, std::int32_t, decltype(before)> numbers(before);
  for (const std::string& label : labels) numbers.emplace(label, 0);
  Classes classes{{}, Labels::from_shape({labels.size()})};
  for (auto& [name, number] : numbers) {
    number = static_cast<std::int32_t>(classes.names.size());
    classes.names.push_back(name);
  }
  for (std::size_t i = 0; i < labels.size(); ++i) classes.y(i) = numbers.at(labels[i]);
  return classes;
}

}  // namespace

Dataset parse_csv(std::string_view text, const std::string& name, const CsvOptions& options) {
  if (options.delimiter == '"' || options.delimiter == '\n' || options.delimiter == '\r') {
    throw OptionError("[csv] delimiter must not be a quote or a line end");
  }
  Lines lines(text, name, options.delimiter);
  const Fields header = read_header(lines);
  const std::size_t label = label_column(lines, header, options.label);
  std::vector<Scalar> numbers;
  Fields labels;
  for (Fields fields; lines.next(fields);) {
    if (fields.size() != header.size()) {
      lines.fail(std::to_string(header.size()) + " fields", std::to_string(fields.size()));
    }
    for (std::size_t j = 0; j < fields.size(); ++j) {
      if (j == label) continue;
      const std::optional<Scalar> number = finite_number(fields[j]);
      if (!number)
        lines.fail("a finite number in column " + excerpt(header[j]), excerpt(fields[j]));
      numbers.push_back(*number);
    }
    if (fields[label].empty()) lines.fail("a class in column " + excerpt(header[label]), "nothing");
    labels.push_back(std::move(fields[label]));
  }
  if (labels.empty()) lines.fail("at least one row after the column names", "none");
  Array x = uninitialized({labels.size(), header.size() - 1});
  std::copy(numbers.begin(), numbers.end(), x.data());
  Classes classes = number_classes(std::move(labels));
  const Dataset table(std::move(x), std::move(classes.y), std::move(classes.names));
  return options.standardize ? Standardizer(table)(table) : table;
}

Dataset csv(const std::filesystem::path& file, const CsvOptions& options) {
  return parse_csv(read_file("csv", file), absolute_name(file), options);
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
