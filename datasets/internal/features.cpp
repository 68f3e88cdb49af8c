// SPDX-License-Identifier: MIT
#include <xgrad/datasets/internal/features.hpp>

#include <xgrad/core/internal/kernels.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>
#include <xgrad/core/shape.hpp>

#include <algorithm>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

void prefetch(const std::uint8_t* row, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; i += kAlignment) __builtin_prefetch(row + i);
}

template <class T>
std::vector<T> choose_rows(const std::vector<T>& all, std::size_t features,
                           std::span<const std::size_t> rows) {
  std::vector<T> chosen(rows.size() * features);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(all.data() + rows[i] * features, features, chosen.data() + i * features);
  }
  return chosen;
}

// Each function copies `rows` to x, where n is the number of features.

void copy_rows(const Scalar* all, std::size_t n, std::span<const std::size_t> rows, Scalar* x) {
  for (std::size_t i = 0; i < rows.size(); ++i) std::copy_n(all + rows[i] * n, n, x + i * n);
}

void copy_rows(const Array& all, std::size_t n, std::span<const std::size_t> rows, Scalar* x) {
  copy_rows(all.data(), n, rows, x);
}

void copy_rows(const Borrowed& all, std::size_t n, std::span<const std::size_t> rows, Scalar* x) {
  copy_rows(all.values.data(), n, rows, x);
}

void copy_rows(const Table& all, std::size_t n, std::span<const std::size_t> rows, Scalar* x) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double* const row = all.values.data() + rows[i] * n;
    std::transform(row, row + n, x + i * n, [](double v) { return static_cast<Scalar>(v); });
  }
}

void copy_rows(const Bytes& all, std::size_t n, std::span<const std::size_t> rows, Scalar* x) {
  const auto from_bytes = kernels().from_bytes;
  const auto scale = static_cast<Scalar>(all.scale);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    // A shuffled row is not in the cache. It is prefetched while other rows are converted.
    const std::size_t ahead = i + tuning::kPrefetchRows;
    if (ahead < rows.size()) prefetch(all.values.data() + rows[ahead] * n, n);
    from_bytes(all.values.data() + rows[i] * n, scale, x + i * n, n);
  }
}

}  // namespace

Shape batch_shape(std::size_t rows, const Shape& row) {
  Shape shape(row.size() + 1);
  shape[0] = rows;
  std::copy(row.begin(), row.end(), shape.begin() + 1);
  return shape;
}

std::size_t count_rows(const char* where, const Array& x, std::size_t features) {
  const std::size_t rows = x.dimension() > 1 ? x.shape(0) : 1;
  if (x.size() == rows * features) return rows;
  throw ShapeError("[" + std::string(where) + "] each row must have " + std::to_string(features) +
                   " features, got the shape " + to_string(x.shape()));
}

bool are_numbers_to_predict(std::size_t classes, std::size_t rows) {
  return classes > 100 && classes > rows / 5;
}

std::vector<std::vector<std::size_t>> rows_by_class(const Dataset& dataset) {
  std::vector<std::vector<std::size_t>> rows(std::max<std::size_t>(dataset.classes(), 1));
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    rows[dataset.has_labels() ? static_cast<std::size_t>(dataset.labels()(i)) : 0].push_back(i);
  }
  return rows;
}

Features::Features(Storage storage, std::size_t rows, std::size_t features)
    : storage_(std::move(storage)), rows_(rows), features_(features) {
  if (rows > 0 && features > 0) return;
  throw ShapeError("[Dataset] at least one row and one feature are needed, got " +
                   to_string(Shape{rows, features}));
}

void Features::gather(std::span<const std::size_t> rows, Scalar* x) const {
  const std::size_t n = features_;
  const auto copy = [&](std::size_t begin, std::size_t end) {
    std::visit(
        [&](const auto& all) {
          copy_rows(all, n, rows.subspan(begin, end - begin), x + begin * n);
        },
        storage_);
  };
  parallel_for(rows.size(), tuning::kCopyGrain / n + 1, copy, 1);
}

void Features::read_row(std::size_t row, std::span<double> x) const {
  if (const Table* const table = std::get_if<Table>(&storage_)) {
    std::copy_n(table->values.data() + row * x.size(), x.size(), x.begin());
    return;
  }
  std::vector<Scalar> rounded(x.size());
  gather({&row, 1}, rounded.data());
  std::copy(rounded.begin(), rounded.end(), x.begin());
}

Features Features::subset(std::span<const std::size_t> rows) const {
  const std::size_t n = features_;
  if (const Bytes* const bytes = std::get_if<Bytes>(&storage_)) {
    return Features(Bytes{choose_rows(bytes->values, n, rows), bytes->shape, bytes->scale},
                    rows.size(), n);
  }
  if (const Table* const table = std::get_if<Table>(&storage_)) {
    return Features(Table{choose_rows(table->values, n, rows), n}, rows.size(), n);
  }
  Array x = empty({rows.size(), n});
  gather(rows, x.data());
  return Features(std::move(x), rows.size(), n);
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
