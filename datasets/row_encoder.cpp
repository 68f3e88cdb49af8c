// SPDX-License-Identifier: MIT
#include <xgrad/datasets/row_encoder.hpp>

#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/internal/parse_json.hpp>
#include <xgrad/core/shape.hpp>
#include <xgrad/datasets/internal/csv_classes.hpp>
#include <xgrad/datasets/internal/csv_fields.hpp>
#include <xgrad/datasets/internal/features.hpp>

#include <algorithm>
#include <cmath>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

using nlohmann::json;

constexpr std::uint64_t kVersion = 1;

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

[[noreturn]] void refuse_text(const std::string& what) {
  throw DataError("[RowEncoder] the text is not that of an encoder: " + what);
}

/// Sets a member. Creates the member before its value: if memory for the member runs out, no value
/// with elements is destroyed, which would allocate memory (see JsonTree).
template <class Value>
void set_member(json& object, const char* name, const Value& value) {
  json& member = object[name];
  member = value;
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
  const std::size_t features = element_count(row_shape_);
  const bool is_one_row = x.shape() == row_shape_;
  const std::size_t rows = is_one_row ? 1 : count_rows("RowEncoder", x, features);
  const auto bad = std::find_if_not(x.begin(), x.end(), [](Scalar v) { return std::isfinite(v); });
  if (bad != x.end()) {
    const auto i = static_cast<std::size_t>(bad - x.begin());
    throw DataError("[RowEncoder] row " + std::to_string(i / features) + ", feature " +
                    std::to_string(i % features) + ": expected a finite number, found " +
                    format_number(static_cast<double>(*bad)));
  }
  Array result = x;
  result.reshape({rows, features});
  for (const Standardizer& standardize : scaling_) result = standardize(result);
  result.reshape(x.shape());
  return result;
}

std::string RowEncoder::to_json() const {
  JsonTree tree;
  set_member(tree.root, "version", kVersion);
  set_member(tree.root, "row_shape",
             std::vector<std::size_t>(row_shape_.begin(), row_shape_.end()));
  set_member(tree.root, "class_names", class_names_);
  set_member(tree.root, "target_names", target_names_);
  json& columns = tree.root["columns"] = json::array();
  for (const Column& column : columns_) {
    json& object = columns.emplace_back(json::object());
    set_member(object, "name", column.name);
    set_member(object, "categories", column.categories);
    set_member(object, "missing", column.missing);
  }
  json& scaling = tree.root["scaling"] = json::array();
  for (const Standardizer& each : scaling_) {
    json& object = scaling.emplace_back(json::object());
    set_member(object, "mean", each.mean());
    set_member(object, "stddev", each.stddev());
  }
  try {
    return tree.root.dump();
  } catch (const json::exception&) {
    throw DataError(
        "[RowEncoder] the names of columns and classes and the words must be UTF-8 to be saved; "
        "convert the table to UTF-8");
  }
}

RowEncoder RowEncoder::from_json(std::string_view text) {
  JsonTree tree;
  if (const std::string error = parse_json(text, "it", tree); !error.empty()) refuse_text(error);
  RowEncoder encoder;
  try {
    const json& root = tree.root;
    if (to_unsigned(root.at("version")) != kVersion) refuse_text("its version must be 1");
    const auto extents = to_unsigned_list(root.at("row_shape"));
    encoder.row_shape_ = Shape(extents.begin(), extents.end());
    encoder.class_names_ = root.at("class_names").get<std::vector<std::string>>();
    encoder.target_names_ = root.at("target_names").get<std::vector<std::string>>();
    for (const json& column : root.at("columns").get_ref<const json::array_t&>()) {
      encoder.columns_.push_back({column.at("name").get<std::string>(),
                                  column.at("categories").get<std::vector<std::string>>(),
                                  column.at("missing").get<std::vector<double>>()});
    }
    for (const json& each : root.at("scaling").get_ref<const json::array_t&>()) {
      encoder.scaling_.emplace_back(each.at("mean").get<std::vector<double>>(),
                                    each.at("stddev").get<std::vector<double>>());
    }
    if (!encoder.is_consistent())
      refuse_text("the numbers of columns, features and means must agree");
  } catch (const json::exception& not_as_written) {
    refuse_text(not_as_written.what());
  } catch (const OptionError& not_a_scaling) {
    refuse_text(not_a_scaling.what());
  } catch (const ShapeError& too_large) {
    refuse_text(too_large.what());
  }
  return encoder;
}

bool RowEncoder::is_consistent() const {
  const std::size_t features = element_count(row_shape_);
  std::size_t width = 0;
  for (const Column& column : columns_) {
    if (!column.missing.empty() && column.missing.size() != column.width()) return false;
    width += column.width();
  }
  return width > 0 && width == features &&
         std::all_of(scaling_.begin(), scaling_.end(),
                     [width](const Standardizer& each) { return each.mean().size() == width; });
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
