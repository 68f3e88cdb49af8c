// SPDX-License-Identifier: MIT
#include <xgrad/datasets/dataset.hpp>

#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/shape.hpp>
#include <xgrad/datasets/internal/features.hpp>
#include <xgrad/datasets/standardizer.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <variant>

namespace xgrad::inline XGRAD_ABI::datasets {

/// Features with the shape of a row.
struct ShapedFeatures {
  std::shared_ptr<const Features> x;
  Shape row_shape;
  std::vector<std::string> feature_names{};
  std::vector<Column> columns{};
};

namespace {

const std::vector<std::string> kNoNames;

std::vector<std::string> numbered(std::size_t classes) {
  constexpr std::size_t most = std::numeric_limits<std::int32_t>::max();  // labels are 32 bits wide
  if (classes > most) {
    throw OptionError("[Dataset] classes must be at most " + std::to_string(most) + ", got " +
                      std::to_string(classes));
  }
  std::vector<std::string> names(classes);
  for (std::size_t i = 0; i < classes; ++i) names[i] = std::to_string(i);
  return names;
}

ShapedFeatures shaped(Features::Storage x, std::size_t rows, const Shape& shape) {
  return {std::make_shared<Features>(std::move(x), rows, element_count(shape)), shape};
}

/// Creates rows from `count` numbers. Throws ShapeError unless they are whole rows.
ShapedFeatures shaped_whole(Features::Storage x, std::size_t count, const char* of_what,
                            const Shape& shape) {
  const std::size_t features = element_count(shape);
  if (features == 0 || count % features != 0) {
    throw ShapeError("[Dataset] x must contain whole rows of " + std::to_string(features) +
                     " features, got " + std::to_string(count) + " " + of_what);
  }
  return shaped(std::move(x), count / features, shape);
}

ShapedFeatures shaped(Array x) {
  if (x.dimension() < 2) {
    throw ShapeError("[Dataset] x must have the shape (rows, features) or more dimensions, got " +
                     to_string(x.shape()));
  }
  const std::size_t rows = x.shape(0);
  const Shape shape(x.shape().begin() + 1, x.shape().end());
  return shaped(std::move(x), rows, shape);
}

ShapedFeatures shaped(Bytes x) {
  require_positive("Dataset", "scale", x.scale);
  const Shape shape = x.shape;
  const std::size_t count = x.values.size();
  return shaped_whole(std::move(x), count, "bytes", shape);
}

ShapedFeatures shaped(Table x) {
  const std::size_t count = x.values.size(), features = x.features;
  if (!x.names.empty() && x.names.size() != features) {
    throw ShapeError("[Dataset] every column needs one name: " + std::to_string(features) +
                     " columns, " + std::to_string(x.names.size()) + " names");
  }
  auto names = std::exchange(x.names, {});
  auto columns = std::exchange(x.columns, {});
  ShapedFeatures rows = shaped_whole(std::move(x), count, "numbers", {features});
  rows.feature_names = std::move(names);
  rows.columns = std::move(columns);
  return rows;
}

ShapedFeatures shaped(std::span<const Scalar> x, const Shape& shape) {
  return shaped_whole(Borrowed{x}, x.size(), "numbers", shape);
}

void require_labels(const Labels& y, std::size_t rows, std::size_t classes) {
  if (y.size() != rows) {
    throw DataError("[Dataset] every row needs one label: " + std::to_string(rows) + " rows, " +
                    std::to_string(y.size()) + " labels");
  }
  for (std::size_t i = 0; i < rows; ++i) {
    if (y(i) >= 0 && static_cast<std::size_t>(y(i)) < classes) continue;
    throw DataError("[Dataset] the label of row " + std::to_string(i) + " must be in [0, " +
                    std::to_string(classes) + "), got " + std::to_string(y(i)));
  }
}

/// Returns targets with the shape (rows, targets). Throws unless all are finite.
Array as_targets(Array y, std::size_t rows, const std::vector<std::string>& names) {
  if (y.dimension() == 1) y.reshape({y.size(), 1});
  if (y.dimension() != 2 || y.shape(0) != rows || y.shape(1) == 0) {
    throw ShapeError("[Dataset] targets must have the shape (rows) or (rows, targets), here with " +
                     std::to_string(rows) + " rows, got " + to_string(y.shape()));
  }
  if (!names.empty() && names.size() != y.shape(1)) {
    throw ShapeError("[Dataset] every target needs one name: " + std::to_string(y.shape(1)) +
                     " targets, " + std::to_string(names.size()) + " names");
  }
  const auto bad = std::find_if_not(y.storage().begin(), y.storage().end(),
                                    [](Scalar v) { return std::isfinite(v); });
  if (bad == y.storage().end()) return y;
  const auto row = static_cast<std::size_t>(bad - y.storage().begin()) / y.shape(1);
  throw DataError("[Dataset] the targets of row " + std::to_string(row) + " must be finite, got " +
                  format_number(static_cast<double>(*bad)));
}

void require_rows(const char* where, std::span<const std::size_t> rows, std::size_t size) {
  for (const std::size_t row : rows) {
    if (row < size) continue;
    throw OptionError("[" + std::string(where) + "] row numbers must be in [0, " +
                      std::to_string(size) + "), got " + std::to_string(row));
  }
}

}  // namespace

struct Dataset::Contents : ShapedFeatures {
  std::variant<Labels, Array> y;     ///< labels, or targets of shape (rows, targets)
  std::vector<std::string> y_names;  ///< names of the classes or of the targets
  std::vector<Standardizer> scaling{};

  static Contents with_labels(ShapedFeatures rows, Labels y, std::vector<std::string> class_names) {
    require_labels(y, rows.x->rows(), class_names.size());
    return {std::move(rows), std::move(y), std::move(class_names)};
  }
  static Contents with_targets(ShapedFeatures rows, Array y, std::vector<std::string> names = {}) {
    y = as_targets(std::move(y), rows.x->rows(), names);
    return {std::move(rows), std::move(y), std::move(names)};
  }
};

Dataset::Dataset(Contents contents)
    : contents_(std::make_shared<const Contents>(std::move(contents))) {}

Dataset::Dataset(Array x, Labels y, std::vector<std::string> class_names)
    : Dataset(Contents::with_labels(shaped(std::move(x)), std::move(y), std::move(class_names))) {}

Dataset::Dataset(Bytes x, Labels y, std::vector<std::string> class_names)
    : Dataset(Contents::with_labels(shaped(std::move(x)), std::move(y), std::move(class_names))) {}

Dataset::Dataset(Table x, Labels y, std::vector<std::string> class_names)
    : Dataset(Contents::with_labels(shaped(std::move(x)), std::move(y), std::move(class_names))) {}

Dataset::Dataset(Array x, Labels y, std::size_t classes)
    : Dataset(std::move(x), std::move(y), numbered(classes)) {}

Dataset::Dataset(Bytes x, Labels y, std::size_t classes)
    : Dataset(std::move(x), std::move(y), numbered(classes)) {}

Dataset::Dataset(Array x, Array targets)
    : Dataset(Contents::with_targets(shaped(std::move(x)), std::move(targets))) {}

Dataset::Dataset(Bytes x, Array targets)
    : Dataset(Contents::with_targets(shaped(std::move(x)), std::move(targets))) {}

Dataset::Dataset(Table x, Array targets, std::vector<std::string> target_names)
    : Dataset(Contents::with_targets(shaped(std::move(x)), std::move(targets),
                                     std::move(target_names))) {}

Dataset Dataset::view(std::span<const Scalar> x, const RowShape& row, Labels y,
                      std::size_t classes) {
  return Dataset(Contents::with_labels(shaped(x, row), std::move(y), numbered(classes)));
}

Dataset Dataset::view(std::span<const Scalar> x, const RowShape& row, Array targets) {
  return Dataset(Contents::with_targets(shaped(x, row), std::move(targets)));
}

std::size_t Dataset::size() const { return contents_->x->rows(); }
std::size_t Dataset::features() const { return contents_->x->features(); }
const Shape& Dataset::row_shape() const& { return contents_->row_shape; }
Shape Dataset::row_shape() const&& { return contents_->row_shape; }
bool Dataset::has_labels() const { return std::holds_alternative<Labels>(contents_->y); }
const std::vector<std::string>& Dataset::feature_names() const& { return contents_->feature_names; }
std::vector<std::string> Dataset::feature_names() const&& { return contents_->feature_names; }
const std::vector<Column>& Dataset::columns() const& { return contents_->columns; }
std::vector<Column> Dataset::columns() const&& { return contents_->columns; }
const std::vector<Standardizer>& Dataset::scaling() const& { return contents_->scaling; }
std::vector<Standardizer> Dataset::scaling() const&& { return contents_->scaling; }
std::vector<std::string> Dataset::class_names() const&& { return class_names(); }
std::vector<std::string> Dataset::target_names() const&& { return target_names(); }
Labels Dataset::labels() const&& { return labels(); }
Array Dataset::targets() const&& { return targets(); }

const std::vector<std::string>& Dataset::class_names() const& {
  return has_labels() ? contents_->y_names : kNoNames;
}

const std::vector<std::string>& Dataset::target_names() const& {
  return has_labels() ? kNoNames : contents_->y_names;
}

const Labels& Dataset::labels() const& {
  if (const Labels* const y = std::get_if<Labels>(&contents_->y)) return *y;
  throw DataError("[labels] the data set holds targets, not class labels; use targets()");
}

const Array& Dataset::targets() const& {
  if (const Array* const y = std::get_if<Array>(&contents_->y)) return *y;
  throw DataError("[targets] the data set holds class labels, not targets; use labels()");
}

void Dataset::gather(std::span<const std::size_t> rows, Scalar* x, std::int32_t* y) const {
  require_rows("gather", rows, size());
  if (y != nullptr) {
    const Labels& all = labels();
    for (std::size_t i = 0; i < rows.size(); ++i) y[i] = all(rows[i]);
  }
  contents_->x->gather(rows, x);
}

void Dataset::gather_targets(std::span<const std::size_t> rows, Scalar* y) const {
  require_rows("gather_targets", rows, size());
  const std::size_t n = targets().shape(1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(targets().data() + rows[i] * n, n, y + i * n);
  }
}

void Dataset::read_row(std::size_t row, std::span<double> x) const {
  require_rows("read_row", {&row, 1}, size());
  if (x.size() != features()) {
    throw ShapeError("[read_row] x must have " + std::to_string(features()) + " elements, got " +
                     std::to_string(x.size()));
  }
  contents_->x->read_row(row, x);
}

Array Dataset::gather_all() const {
  std::vector<std::size_t> rows(size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  Array x = empty(batch_shape(size(), row_shape()));
  gather(rows, x.data(), nullptr);
  return x;
}

Dataset Dataset::subset(std::span<const std::size_t> rows) const {
  require_rows("subset", rows, size());
  Contents part = *contents_;
  part.x = std::make_shared<Features>(contents_->x->subset(rows));
  if (has_labels()) {
    Labels y = Labels::from_shape({rows.size()});
    for (std::size_t i = 0; i < rows.size(); ++i) y(i) = labels()(rows[i]);
    part.y = std::move(y);
  } else {
    Array y = empty({rows.size(), targets().shape(1)});
    gather_targets(rows, y.data());
    part.y = std::move(y);
  }
  return Dataset(std::move(part));
}

Dataset Dataset::reshaped(const RowShape& row) const {
  if (element_count(row) != features()) {
    throw ShapeError("[reshaped] the shape of a row must have " + std::to_string(features()) +
                     " elements, got " + to_string(row));
  }
  Contents contents = *contents_;
  contents.row_shape = row;
  return Dataset(std::move(contents));
}

Dataset Dataset::scaled(Array x, const Standardizer& by) const {
  Contents contents = *contents_;
  contents.x = std::make_shared<Features>(std::move(x), size(), features());
  contents.scaling.push_back(by);
  return Dataset(std::move(contents));
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
