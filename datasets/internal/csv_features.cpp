// SPDX-License-Identifier: MIT
#include <xgrad/datasets/internal/csv_classes.hpp>
#include <xgrad/datasets/internal/csv_features.hpp>
#include <xgrad/datasets/internal/csv_fields.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

constexpr std::size_t kMostCategories = 256;
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

FeatureColumn::FeatureColumn(std::string name, bool is_categorical, const CsvOptions& options,
                             const Column* like)
    : name_(std::move(name)), options_(options), like_(like), is_forced_(is_categorical) {
  if (is_forced_) kind_ = Kind::words;
  if (like_ == nullptr) return;
  kind_ = like_->categories.empty() ? Kind::numbers : Kind::words;
  is_forced_ = kind_ == Kind::words;
  for (std::size_t k = 0; k < like_->categories.size(); ++k) {
    words_[like_->categories[k]] = static_cast<double>(k);
  }
}

void FeatureColumn::add(const Lines& lines, const std::string& field, const std::string& remedy) {
  const std::optional<double> number =
      is_forced_ ? std::nullopt : finite_number(field, options_.decimal);
  if (number) return add_number(lines, field, *number);
  if (is_missing(field)) {
    const bool is_allowed =
        options_.missing == Missing::mean || (like_ != nullptr && !like_->missing.empty());
    if (is_allowed) return values_.push_back(kNothing);
    lines.fail((kind_ == Kind::words ? "a category" : "a finite number") + in_column(),
               excerpt(field),
               remedy.empty() ? "set missing to Missing::mean for the mean of the column" : remedy);
  }
  if (!is_forced_ && (kind_ == Kind::numbers || !is_word(field))) fail_number(lines, field, remedy);
  add_word(lines, field, remedy);
}

void FeatureColumn::add_number(const Lines& lines, const std::string& field, double number) {
  if (kind_ == Kind::words) {
    const auto first = std::find_if(words_.begin(), words_.end(),
                                    [](const auto& word) { return word.second == 0; });
    lines.fail_at(first_word_line_, "a finite number" + in_column(), excerpt(first->first),
                  "line " + std::to_string(lines.line()) + " has the number " + excerpt(field) +
                      "; name the column in categorical if both are categories");
  }
  kind_ = Kind::numbers;
  values_.push_back(number);
}

void FeatureColumn::add_word(const Lines& lines, const std::string& field,
                             const std::string& remedy) {
  if (words_.empty()) first_word_line_ = lines.line();
  kind_ = Kind::words;
  auto found = words_.find(field);
  if (found == words_.end() && like_ != nullptr) {
    lines.fail("a category of the data set given as like (" + listed(like_->categories) + ")" +
                   in_column(),
               excerpt(field), remedy);
  }
  if (found == words_.end()) {
    if (words_.size() == kMostCategories) {
      lines.fail("at most " + std::to_string(kMostCategories) + " different words" + in_column(),
                 excerpt(field), "remove the column, or replace its words by numbers");
    }
    found = words_.emplace(field, static_cast<double>(words_.size())).first;
  }
  values_.push_back(found->second);
}

void FeatureColumn::fail_number(const Lines& lines, const std::string& field,
                                const std::string& remedy) const {
  const char other = options_.decimal == '.' ? ',' : '.';
  lines.fail("a finite number" + in_column(), excerpt(field),
             finite_number(field, other)
                 ? "set decimal to '" + std::string(1, other) + "' if it is the decimal point"
                 : remedy);
}

Column FeatureColumn::column(const Lines& lines) const {
  if (like_ != nullptr) return *like_;
  Column column{name_};
  for (const auto& [word, index] : words_) column.categories.push_back(word);
  if (options_.missing == Missing::refuse) return column;
  const auto present = static_cast<std::size_t>(
      std::count_if(values_.begin(), values_.end(), [](double v) { return !std::isnan(v); }));
  if (present == 0) lines.fail("a value" + in_column(), "missing values in all rows");
  column.missing.assign(column.width(), 0);
  std::vector<double> x(column.width());
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (std::isnan(values_[i])) continue;
    encode(column, i, x.data());
    for (std::size_t k = 0; k < x.size(); ++k) {
      column.missing[k] += x[k] / static_cast<double>(present);
    }
  }
  return column;
}

void FeatureColumn::encode(const Column& column, std::size_t i, double* x) const {
  if (std::isnan(values_[i])) {
    std::copy(column.missing.begin(), column.missing.end(), x);
  } else if (column.categories.empty()) {
    x[0] = values_[i];
  } else {
    std::size_t k = 0;  // words_ and categories have the same order
    for (const auto& [word, index] : words_) x[k++] = index == values_[i] ? 1 : 0;
  }
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
