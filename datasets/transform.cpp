// SPDX-License-Identifier: MIT
#include <xgrad/datasets/transform.hpp>

#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/tuning.hpp>
#include <xgrad/core/shape.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

std::function<void(const Shape&)> require_axes(const char* where, std::size_t axes) {
  return [where, axes](const Shape& shape) {
    if (shape.size() >= axes) return;
    throw ShapeError("[" + std::string(where) + "] each row must have " + std::to_string(axes) +
                     (axes == 1 ? " axis" : " axes") + " or more, got " + to_string(shape) +
                     "; Dataset::reshaped turns vectors into images");
  };
}

/// Moves images of shape (..., height, width) by `down` and `right`. The pixels that are left
/// become 0.
void shift_images(std::span<Scalar> x, const Shape& shape, std::ptrdiff_t down,
                  std::ptrdiff_t right) {
  const auto width = static_cast<std::ptrdiff_t>(shape[shape.size() - 1]);
  const auto height = static_cast<std::ptrdiff_t>(shape[shape.size() - 2]), size = height * width;
  const auto lines = std::clamp(down, -height, height), columns = std::clamp(right, -width, width);
  const auto offset = std::clamp(lines * width + columns, -size, size);
  for (Scalar* image = x.data(); image != x.data() + x.size(); image += size) {
    // All pixels move at once. Those that leave a line on one side enter another one, where they
    // are overwritten.
    std::memmove(image + std::max<std::ptrdiff_t>(offset, 0),
                 image - std::min<std::ptrdiff_t>(offset, 0),
                 static_cast<std::size_t>(size - std::abs(offset)) * sizeof(Scalar));
    std::fill_n(image + (lines < 0 ? size + lines * width : 0), std::abs(lines) * width, Scalar{0});
    Scalar* const first = image + (columns < 0 ? width + columns : 0);
    for (std::ptrdiff_t i = 0; i < size; i += width) {
      std::fill_n(first + i, std::abs(columns), Scalar{0});
    }
  }
}

std::ptrdiff_t draw_offset(Rng& rng, std::size_t pixels) {
  return static_cast<std::ptrdiff_t>(rng.below(2 * pixels + 1)) -
         static_cast<std::ptrdiff_t>(pixels);
}

}  // namespace

Transform::Transform(std::initializer_list<Transform> steps) {
  for (const Transform& each : steps) {
    steps_.insert(steps_.end(), each.steps_.begin(), each.steps_.end());
  }
}

Transform::Transform(RandomFunction row)
    : Transform(Step{"function", true, [](const Shape&) {},
                     [row = std::move(row)](std::span<Scalar> x, const Shape& shape, Rng& rng) {
                       Array old = Array::from_shape(shape);
                       std::copy(x.begin(), x.end(), old.data());
                       const Array changed = row(old, rng);
                       if (changed.shape() != shape) {
                         throw ShapeError(
                             "[DataLoader] a transform must keep the shape of a row, " +
                             to_string(shape) + ", but it returned " + to_string(changed.shape()));
                       }
                       std::copy_n(changed.data(), changed.size(), x.data());
                     },
                     true}) {}

Transform::Transform(Function row)
    : Transform(RandomFunction([row = std::move(row)](const Array& x, Rng&) { return row(x); })) {
  steps_[0].is_random = false;
}

Transform Transform::without_random_steps() const {
  Transform rest;
  std::copy_if(steps_.begin(), steps_.end(), std::back_inserter(rest.steps_),
               [](const Step& step) { return !step.is_random; });
  return rest;
}

std::string Transform::name() const {
  std::string text;
  for (const Step& step : steps_) text += (text.empty() ? "" : ", ") + step.name;
  return text;
}

void Transform::apply(std::span<Scalar> x, const Shape& shape, std::span<const std::size_t> rows,
                      std::uint64_t key) const {
  if (empty()) return;
  for (const Step& step : steps_) step.check(shape);
  const std::size_t features = x.size() / rows.size();
  const auto change = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      Rng rng(key + rows[i]);
      for (const Step& step : steps_) step.change(x.subspan(i * features, features), shape, rng);
    }
  };
  const bool has_function =
      std::any_of(steps_.begin(), steps_.end(), [](const Step& step) { return step.is_function; });
  if (has_function) return change(0, rows.size());
  parallel_for(rows.size(), tuning::kElementGrain / features + 1, change, 1);
}

Transform shift(std::size_t pixels) {
  return Transform(Transform::Step{"shift(" + std::to_string(pixels) + ")", true,
                                   require_axes("shift", 2),
                                   [pixels](std::span<Scalar> x, const Shape& shape, Rng& rng) {
                                     const std::ptrdiff_t down = draw_offset(rng, pixels);
                                     shift_images(x, shape, down, draw_offset(rng, pixels));
                                   }});
}

Transform flip_horizontal() {
  return Transform(Transform::Step{"flip_horizontal", true, require_axes("flip_horizontal", 2),
                                   [](std::span<Scalar> x, const Shape& shape, Rng& rng) {
                                     if (rng.below(2) == 0) return;
                                     const std::size_t width = shape[shape.size() - 1];
                                     for (std::size_t i = 0; i < x.size(); i += width) {
                                       std::reverse(
                                           x.begin() + static_cast<std::ptrdiff_t>(i),
                                           x.begin() + static_cast<std::ptrdiff_t>(i + width));
                                     }
                                   }});
}

Transform normalize(double mean, double stddev) {
  return normalize(std::vector<double>{mean}, std::vector<double>{stddev});
}

Transform normalize(std::vector<double> mean, std::vector<double> stddev) {
  if (mean.empty() || mean.size() != stddev.size()) {
    throw OptionError("[normalize] a mean and a stddev for each channel are needed, got " +
                      std::to_string(mean.size()) + " and " + std::to_string(stddev.size()));
  }
  std::string name = "normalize(";
  for (std::size_t c = 0; c < mean.size(); ++c) {
    require_positive("normalize", "stddev", stddev[c]);
    if (!std::isfinite(mean[c])) {
      throw OptionError("[normalize] mean must be finite, got " + format_number(mean[c]));
    }
    name += (c > 0 ? ", " : "") + format_exactly(mean[c]) + " " + format_exactly(stddev[c]);
  }
  const std::size_t channels = mean.size();
  const auto check = [channels](const Shape& shape) {
    if (channels == 1 || (!shape.empty() && shape[0] == channels)) return;
    throw ShapeError("[normalize] each row must have " + std::to_string(channels) +
                     " channels, got the shape " + to_string(shape));
  };
  const auto change = [mean, stddev](std::span<Scalar> x, const Shape&, Rng&) {
    const std::size_t size = x.size() / mean.size();
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t c = i / size;
      x[i] = static_cast<Scalar>((static_cast<double>(x[i]) - mean[c]) / stddev[c]);
    }
  };
  return Transform(Transform::Step{name + ")", false, check, change});
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
