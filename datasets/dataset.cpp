// SPDX-License-Identifier: MIT
#include <xgrad/datasets/dataset.hpp>

#include <xgrad/core/internal/kernels.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>
#include <xgrad/core/rng.hpp>
#include <xgrad/core/shape.hpp>
#include <xgrad/datasets/standardizer.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <variant>

namespace xgrad::inline XGRAD_ABI::datasets {

struct Dataset::Contents {
  std::variant<Array, Bytes, Table> x;
  Labels y;
  std::vector<std::string> class_names;
  std::size_t rows;
  std::size_t features;
  std::vector<std::string> feature_names{};
  std::vector<Standardizer> scaling{};
};

namespace {

std::vector<std::string> numbered(std::size_t classes) {
  std::vector<std::string> names(classes);
  for (std::size_t i = 0; i < classes; ++i) names[i] = std::to_string(i);
  return names;
}

void require_matrix(const Array& x) {
  if (x.dimension() == 2) return;
  throw ShapeError("[Dataset] x must have the shape (rows, features), got " + to_string(x.shape()));
}

void require_whole_rows(std::size_t count, const char* of_what, std::size_t features) {
  if (features > 0 && count % features == 0) return;
  throw ShapeError("[Dataset] x must contain whole rows of " + std::to_string(features) +
                   " features, got " + std::to_string(count) + " " + of_what);
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

void require_rows(const char* where, std::span<const std::size_t> rows, std::size_t size) {
  for (const std::size_t row : rows) {
    if (row < size) continue;
    throw OptionError("[" + std::string(where) + "] row numbers must be in [0, " +
                      std::to_string(size) + "), got " + std::to_string(row));
  }
}

}  // namespace

Dataset::Dataset(Contents contents) {
  if (contents.rows == 0 || contents.features == 0) {
    throw ShapeError("[Dataset] at least one row and one feature are needed, got " +
                     to_string({contents.rows, contents.features}));
  }
  require_labels(contents.y, contents.rows, contents.class_names.size());
  contents_ = std::make_shared<const Contents>(std::move(contents));
}

Dataset::Dataset(Array x, Labels y, std::vector<std::string> class_names)
    : Dataset([&] {
        require_matrix(x);
        const std::size_t rows = x.shape(0);
        const std::size_t features = x.shape(1);
        return Contents{std::move(x), std::move(y), std::move(class_names), rows, features};
      }()) {}

Dataset::Dataset(Bytes x, Labels y, std::vector<std::string> class_names)
    : Dataset([&] {
        require_positive("Dataset", "scale", x.scale);
        require_whole_rows(x.values.size(), "bytes", x.features);
        const std::size_t rows = x.values.size() / x.features;
        const std::size_t features = x.features;
        return Contents{std::move(x), std::move(y), std::move(class_names), rows, features};
      }()) {}

Dataset::Dataset(Table x, Labels y, std::vector<std::string> class_names)
    : Dataset([&] {
        require_whole_rows(x.values.size(), "numbers", x.features);
        if (!x.names.empty() && x.names.size() != x.features) {
          throw ShapeError("[Dataset] every column needs one name: " + std::to_string(x.features) +
                           " columns, " + std::to_string(x.names.size()) + " names");
        }
        const std::size_t rows = x.values.size() / x.features;
        const std::size_t features = x.features;
        std::vector<std::string> names = std::move(x.names);
        return Contents{std::move(x), std::move(y), std::move(class_names),
                        rows,         features,     std::move(names)};
      }()) {}

Dataset::Dataset(Array x, Labels y, std::size_t classes)
    : Dataset(std::move(x), std::move(y), numbered(classes)) {}

Dataset::Dataset(Bytes x, Labels y, std::size_t classes)
    : Dataset(std::move(x), std::move(y), numbered(classes)) {}

std::size_t Dataset::size() const { return contents_->rows; }
std::size_t Dataset::features() const { return contents_->features; }
const std::vector<std::string>& Dataset::class_names() const& { return contents_->class_names; }
std::vector<std::string> Dataset::class_names() const&& { return contents_->class_names; }
const Labels& Dataset::labels() const& { return contents_->y; }
Labels Dataset::labels() const&& { return contents_->y; }
const std::vector<std::string>& Dataset::feature_names() const& { return contents_->feature_names; }
std::vector<std::string> Dataset::feature_names() const&& { return contents_->feature_names; }
const std::vector<Standardizer>& Dataset::scaling() const& { return contents_->scaling; }
std::vector<Standardizer> Dataset::scaling() const&& { return contents_->scaling; }

void Dataset::gather(std::span<const std::size_t> rows, Scalar* x, std::int32_t* y) const {
  require_rows("gather", rows, size());
  const std::size_t n = features();
  const Array* const numbers = std::get_if<Array>(&contents_->x);
  const Bytes* const bytes = std::get_if<Bytes>(&contents_->x);
  const Table* const table = std::get_if<Table>(&contents_->x);
  const auto from_bytes = kernels().from_bytes;
  const auto copy = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (numbers != nullptr) {
        std::copy_n(numbers->data() + rows[i] * n, n, x + i * n);
      } else if (table != nullptr) {
        const double* const row = table->values.data() + rows[i] * n;
        std::transform(row, row + n, x + i * n, [](double v) { return static_cast<Scalar>(v); });
      } else {
        const std::uint8_t* const row = bytes->values.data() + rows[i] * n;
        // A shuffled row is not in the cache. It is prefetched while other rows are converted.
        const std::size_t ahead = i + tuning::kPrefetchRows;
        if (ahead < end) prefetch(bytes->values.data() + rows[ahead] * n, n);
        from_bytes(row, static_cast<Scalar>(bytes->scale), x + i * n, n);
      }
      if (y != nullptr) y[i] = contents_->y(rows[i]);
    }
  };
  parallel_for(rows.size(), tuning::kCopyGrain / n + 1, copy, 1);
}

void Dataset::read_row(std::size_t row, std::span<double> x) const {
  require_rows("read_row", {&row, 1}, size());
  if (x.size() != features()) {
    throw ShapeError("[read_row] x must have " + std::to_string(features()) + " elements, got " +
                     std::to_string(x.size()));
  }
  if (const Table* const table = std::get_if<Table>(&contents_->x)) {
    std::copy_n(table->values.data() + row * x.size(), x.size(), x.begin());
    return;
  }
  std::vector<Scalar> rounded(x.size());
  gather({&row, 1}, rounded.data(), nullptr);
  std::copy(rounded.begin(), rounded.end(), x.begin());
}

Array Dataset::gather_all() const {
  std::vector<std::size_t> rows(size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  Array x = empty({size(), features()});
  gather(rows, x.data(), nullptr);
  return x;
}

Dataset Dataset::subset(std::span<const std::size_t> rows) const {
  require_rows("subset", rows, size());
  const std::size_t n = features();
  Contents part{
      Array(),  Labels::from_shape({rows.size()}), class_names(), rows.size(), n, feature_names(),
      scaling()};
  for (std::size_t i = 0; i < rows.size(); ++i) part.y(i) = labels()(rows[i]);
  if (const Bytes* const bytes = std::get_if<Bytes>(&contents_->x)) {
    part.x = Bytes{choose_rows(bytes->values, n, rows), n, bytes->scale};
  } else if (const Table* const table = std::get_if<Table>(&contents_->x)) {
    part.x = Table{choose_rows(table->values, n, rows), n};
  } else {
    Array x = empty({rows.size(), n});
    gather(rows, x.data(), nullptr);
    part.x = std::move(x);
  }
  return Dataset(std::move(part));
}

Dataset Dataset::scaled(Array x, const Standardizer& by) const {
  Contents contents{std::move(x), labels(),        class_names(), size(),
                    features(),   feature_names(), scaling()};
  contents.scaling.push_back(by);
  return Dataset(std::move(contents));
}

std::pair<Dataset, Dataset> stratified_split(const Dataset& dataset, double test_fraction,
                                             std::uint64_t seed) {
  if (!(test_fraction > 0 && test_fraction < 1)) {
    throw OptionError("[stratified_split] test_fraction must be in (0, 1), got " +
                      format_number(test_fraction));
  }
  std::vector<std::vector<std::size_t>> by_class(dataset.classes());
  for (std::size_t row = 0; row < dataset.size(); ++row) {
    by_class[static_cast<std::size_t>(dataset.labels()(row))].push_back(row);
  }
  Rng rng(seed);
  std::vector<std::size_t> rest;
  std::vector<std::size_t> test;
  for (const std::vector<std::size_t>& rows : by_class) {
    const std::size_t n = rows.size();
    const auto wanted =
        static_cast<std::size_t>(std::llround(test_fraction * static_cast<double>(n)));
    const std::size_t share = n > 1 ? std::clamp<std::size_t>(wanted, 1, n - 1) : 0;
    const std::vector<std::size_t> order = rng.permutation(n);
    for (std::size_t i = 0; i < n; ++i) (i < share ? test : rest).push_back(rows[order[i]]);
  }
  if (test.empty()) {
    throw DataError("[stratified_split] one class must have two rows, but each class has only one");
  }
  std::sort(rest.begin(), rest.end());
  std::sort(test.begin(), test.end());
  return {dataset.subset(rest), dataset.subset(test)};
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
