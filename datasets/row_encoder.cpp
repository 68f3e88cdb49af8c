// SPDX-License-Identifier: MIT
#include <xgrad/datasets/row_encoder.hpp>

#include <xgrad/core/file.hpp>
#include <xgrad/core/shape.hpp>
#include <xgrad/datasets/internal/csv_classes.hpp>
#include <xgrad/datasets/internal/csv_fields.hpp>
#include <xgrad/datasets/internal/features.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;

[[noreturn]] void fail(const Column& column, const std::string& expected,
                       const std::string& found) {
  throw DataError("[RowEncoder] column " + excerpt(column.name) + ": expected " + expected +
                  ", found " + excerpt(found));
}

/// Computes the features of one field.
void encode(const Column& column, const std::string& field, double* x) {
  if (is_missing(field)) {
    if (column.missing.empty()) fail(column, "a value", field);
    std::copy(column.missing.begin(), column.missing.end(), x);
  } else if (column.categories.empty()) {
    const std::optional<double> number = finite_number(field, '.');
    if (!number) fail(column, "a finite number", field);
    *x = *number;
  } else {
    const auto& words = column.categories;
    const auto found = std::find(words.begin(), words.end(), field);
    if (found == words.end()) fail(column, "one of " + listed(words), field);
    std::fill_n(x, words.size(), 0.0);
    x[found - words.begin()] = 1;
  }
}

std::size_t width_of(const std::vector<Column>& columns) {
  std::size_t width = 0;
  for (const Column& column : columns) width += column.width();
  return width;
}

}  // namespace

RowEncoder::RowEncoder(const Dataset& training)
    : row_shape_(training.row_shape()),
      columns_(training.columns()),
      scaling_(training.scaling()),
      class_names_(training.class_names()),
      target_names_(training.target_names()) {
  if (!columns_.empty()) return;
  for (std::size_t j = 0; j < training.features(); ++j) {
    const auto& names = training.feature_names();
    columns_.push_back({names.empty() ? std::to_string(j) : names[j]});
  }
}

Array RowEncoder::operator()(const std::vector<std::string>& fields) const {
  if (fields.size() != columns_.size()) {
    throw ShapeError("[RowEncoder] a row must have " + std::to_string(columns_.size()) +
                     " fields, got " + std::to_string(fields.size()));
  }
  std::vector<double> row(element_count(row_shape_));
  double* x = row.data();
  for (std::size_t j = 0; j < fields.size(); ++j) {
    encode(columns_[j], fields[j], x);
    x += columns_[j].width();
  }
  Array result = empty(batch_shape(1, row_shape_));
  std::transform(row.begin(), row.end(), result.data(),
                 [](double v) { return static_cast<Scalar>(v); });
  // The first Standardizer computes with the doubles, as for the training data.
  for (const Standardizer& standardize : scaling_) {
    standardize(row, {result.data(), result.size()});
    std::copy(result.begin(), result.end(), row.begin());
  }
  return result;
}

Array RowEncoder::operator()(const Array& x) const {
  Array result = x;
  for (const Standardizer& standardize : scaling_) result = standardize(result);
  return result;
}

void RowEncoder::save(const std::filesystem::path& file) const {
  json root{{"version", kVersion},
            {"row_shape", std::vector<std::size_t>(row_shape_.begin(), row_shape_.end())},
            {"columns", json::array()},
            {"scaling", json::array()},
            {"class_names", class_names_},
            {"target_names", target_names_}};
  for (const Column& column : columns_) {
    root["columns"].push_back(
        {{"name", column.name}, {"categories", column.categories}, {"missing", column.missing}});
  }
  for (const Standardizer& each : scaling_) {
    root["scaling"].push_back({{"mean", each.mean()}, {"stddev", each.stddev()}});
  }
  // Replaces what is not UTF-8.
  write_file("RowEncoder", file, root.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

RowEncoder RowEncoder::load(const std::filesystem::path& file) {
  const std::string text = read_file("RowEncoder", file);
  const auto fail_file = [&](const std::string& what) {
    throw DataError("[RowEncoder] " + absolute_name(file) + ": " + what);
  };
  RowEncoder encoder;
  try {
    const json root = json::parse(text);
    if (root.at("version") != kVersion) fail_file("the version must be 1");
    const auto extents = root.at("row_shape").get<std::vector<std::size_t>>();
    encoder.row_shape_ = Shape(extents.begin(), extents.end());
    for (const json& column : root.at("columns")) {
      encoder.columns_.push_back(
          {column.at("name"), column.at("categories"), column.at("missing")});
    }
    for (const json& each : root.at("scaling")) {
      encoder.scaling_.emplace_back(each.at("mean").get<std::vector<double>>(),
                                    each.at("stddev").get<std::vector<double>>());
    }
    encoder.class_names_ = root.at("class_names").get<std::vector<std::string>>();
    encoder.target_names_ = root.at("target_names").get<std::vector<std::string>>();
  } catch (const json::exception& not_as_written) {
    fail_file(std::string("is not a file of RowEncoder::save: ") + not_as_written.what());
  } catch (const OptionError& not_valid) {
    fail_file(std::string("is not valid: ") + not_valid.what());
  }
  const std::size_t width = width_of(encoder.columns_);
  bool fits = width > 0 && width == element_count(encoder.row_shape_);
  for (const Column& column : encoder.columns_) {
    fits = fits && (column.missing.empty() || column.missing.size() == column.width());
  }
  for (const Standardizer& each : encoder.scaling_) fits = fits && each.mean().size() == width;
  if (!fits) fail_file("the numbers of columns, features and means must agree");
  return encoder;
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
