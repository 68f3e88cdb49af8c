// SPDX-License-Identifier: MIT
#include <xgrad/datasets/internal/csv_classes.hpp>
#include <xgrad/datasets/internal/csv_fields.hpp>
#include <xgrad/datasets/internal/features.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

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

}  // namespace

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
    text += (i > 0 ? ", " : "") + excerpt(names[i]);
  }
  return text + (names.size() > most ? ", ..." : "");
}

ClassColumn::ClassColumn(const CsvOptions& options)
    : given_(options.like ? options.like->class_names() : options.classes),
      known_(numbers_of(given_)),
      origin_(options.like ? "of the data set given as like" : "of the option classes") {}

void ClassColumn::add(const Lines& lines, const std::string& column, std::string name,
                      const std::string& remedy) {
  const std::string in_column = " in column " + excerpt(column);
  if (name.empty()) lines.fail("a class" + in_column, "nothing", remedy);
  if (given_.empty() && is_missing(name)) {
    lines.fail("a class" + in_column, "the missing value " + excerpt(name),
               remedy.empty() ? "list all classes in the option classes if this is the name of one"
                              : remedy);
  }
  if (!given_.empty() && !known_.contains(name)) {
    lines.fail("a class " + std::string(origin_) + " (" + listed(given_) + ")" + in_column,
               excerpt(name), remedy);
  }
  for (const char decimal : {'.', ','}) {
    const std::optional<double> number = finite_number(name, decimal);
    if (!given_.empty() || !number || *number == std::floor(*number)) continue;
    lines.fail("a class" + in_column, "the number " + excerpt(name),
               "classes must be words or whole numbers: set label if they are in another column, "
               "targets = {" +
                   excerpt(column) +
                   "} if the numbers are to be predicted, or give all classes in classes");
  }
  rows_.push_back(std::move(name));
}

bool ClassColumn::confirms_first_row() const {
  return !given_.empty() || std::find(rows_.begin() + 1, rows_.end(), rows_.front()) != rows_.end();
}

void ClassColumn::require_classes(const Lines& lines, const std::string& column) const {
  const std::vector<std::string> classes = names();
  const auto is_number = [](const std::string& name) {
    return finite_number(name, '.').has_value();
  };
  if (!given_.empty() || !are_numbers_to_predict(classes.size(), rows_.size()) ||
      !std::all_of(classes.begin(), classes.end(), is_number)) {
    return;
  }
  lines.fail("classes in column " + excerpt(column),
             std::to_string(classes.size()) + " different numbers in " +
                 std::to_string(rows_.size()) + " rows",
             "set targets = {" + excerpt(column) +
                 "} if they are to be predicted, or give all classes in classes");
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
