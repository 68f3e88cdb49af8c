// SPDX-License-Identifier: MIT
#include <xgrad/datasets/npy.hpp>

#include <xgrad/core/internal/file_log.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/shape.hpp>
#include <xgrad/datasets/internal/features.hpp>
#include <xgrad/datasets/internal/npy_file.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

Array to_array(const NpyFile& npy) {
  Array x = empty(npy.shape);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t position = npy.position(i);
    const double number = npy.number(position);
    x.data()[i] = static_cast<Scalar>(number);
    if (!std::isfinite(x.data()[i])) {
      npy.fail(position, "a finite number", format_number(number));
    }
  }
  return x;
}

/// Reads class labels. If `classes` is 0, sets it to the largest label + 1.
Labels to_labels(const NpyFile& npy, std::size_t& classes) {
  if (npy.shape.size() != 1) {
    throw DataError("[npy] " + npy.name + ": class labels must have the shape (rows), got " +
                    to_string(npy.shape) + "; save floats for targets");
  }
  Labels y = Labels::from_shape({npy.size()});
  const bool is_given = classes > 0;
  constexpr std::size_t largest = std::numeric_limits<std::int32_t>::max();
  const auto most = static_cast<double>(is_given ? std::min(classes - 1, largest) : largest);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double label = npy.number(i);
    if (label < 0 || label > most) {
      npy.fail(i,
               is_given ? "a class label in [0, " + std::to_string(classes) + ")"
                        : "a class label of at least 0",
               format_number(label));
    }
    y(i) = static_cast<std::int32_t>(label);
    if (!is_given) classes = std::max(classes, static_cast<std::size_t>(label) + 1);
  }
  if (!is_given && are_numbers_to_predict(classes, y.size())) {
    throw DataError("[npy] " + npy.name + ": class labels must be 0 to classes - 1, but " +
                    std::to_string(y.size()) + " labels up to " + std::to_string(classes - 1) +
                    " were found; save floats if they are numbers to predict");
  }
  return y;
}

}  // namespace

Array read_npy(const std::filesystem::path& file) { return to_array(read_npy_file(file)); }

Dataset npy(const std::filesystem::path& x_file, const std::filesystem::path& y_file,
            std::size_t classes) {
  const FileLog log("npy", x_file);
  const NpyFile y = read_npy_file(y_file);
  NpyFile x = read_npy_file(x_file);
  if (x.shape.empty() || y.shape.empty() || x.shape[0] != y.shape[0]) {
    throw DataError("[npy] both files must have the same number of rows: " + x.name +
                    " has the shape " + to_string(x.shape) + ", " + y.name + " has the shape " +
                    to_string(y.shape));
  }
  if (y.kind == 'f' && classes > 0) {
    throw DataError("[npy] " + y.name +
                    ": class labels must be integers, got floats; leave out the number of classes "
                    "to read targets");
  }
  const auto with = [&](auto features) {
    if (y.kind == 'f') return Dataset(std::move(features), to_array(y));
    Labels labels = to_labels(y, classes);
    return Dataset(std::move(features), std::move(labels), classes);
  };
  const bool is_bytes = x.kind == 'u' && x.item == 1 && !x.is_fortran && x.shape.size() > 1;
  Dataset data = is_bytes
                     ? with(Bytes{std::move(x.bytes), Shape(x.shape.begin() + 1, x.shape.end()), 1})
                     : with(to_array(x));
  log.read_rows(data.size());
  return data;
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
