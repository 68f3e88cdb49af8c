// SPDX-License-Identifier: MIT
#include <xgrad/core/shape.hpp>

#include <algorithm>
#include <limits>

namespace xgrad::inline XGRAD_ABI {

std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

std::size_t element_count(const Shape& shape) {
  constexpr std::size_t limit = std::numeric_limits<std::ptrdiff_t>::max() / sizeof(double);
  std::size_t count = 1;
  for (const std::size_t extent : shape) {
    if (extent != 0 && count > limit / extent) {
      throw ShapeError("[shape] " + to_string(shape) + " has more elements than memory can hold");
    }
    count *= extent;
  }
  return count;
}

Shape broadcast_shape(const char* op, const Shape& a, const Shape& b) {
  const std::size_t ndim = std::max(a.size(), b.size());
  Shape result(ndim, 1);
  for (std::size_t i = 1; i <= ndim; ++i) {
    const std::size_t ea = i <= a.size() ? a[a.size() - i] : 1;
    const std::size_t eb = i <= b.size() ? b[b.size() - i] : 1;
    if (ea != eb && ea != 1 && eb != 1) {
      throw ShapeError("[" + std::string(op) + "] shapes do not broadcast: " + to_string(a) +
                       " and " + to_string(b) + "; extents must be equal or 1, from the last axis");
    }
    result[ndim - i] = ea == 1 ? eb : ea;
  }
  return result;
}

bool broadcasts_to(const Shape& from, const Shape& to) {
  if (from.size() > to.size()) return false;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    const std::size_t extent = from[from.size() - i];
    if (extent != 1 && extent != to[to.size() - i]) return false;
  }
  return true;
}

std::size_t normalize_axis(const char* op, std::ptrdiff_t axis, std::size_t ndim) {
  const auto n = static_cast<std::ptrdiff_t>(ndim);
  if (axis < -n || axis >= n) {
    throw ShapeError("[" + std::string(op) + "] axis " + std::to_string(axis) +
                     " is outside a tensor of " + std::to_string(ndim) + " dimensions");
  }
  return static_cast<std::size_t>(axis < 0 ? axis + n : axis);
}

std::size_t normalize_index(const char* op, std::ptrdiff_t index, std::size_t extent,
                            std::size_t axis) {
  const auto n = static_cast<std::ptrdiff_t>(extent);
  if (index < -n || index >= n) {
    throw ShapeError("[" + std::string(op) + "] index " + std::to_string(index) +
                     " is outside axis " + std::to_string(axis) + " of extent " +
                     std::to_string(extent));
  }
  return static_cast<std::size_t>(index < 0 ? index + n : index);
}

Shape Axes::positions(const char* op, std::size_t ndim) const {
  if (axes_.empty()) throw ShapeError("[" + std::string(op) + "] at least one axis is needed");
  Shape result;
  for (const std::ptrdiff_t axis : axes_) {
    const std::size_t position = normalize_axis(op, axis, ndim);
    if (std::find(result.begin(), result.end(), position) != result.end()) {
      throw ShapeError("[" + std::string(op) + "] axis " + std::to_string(position) +
                       " is given twice");
    }
    result.push_back(position);
  }
  return result;
}

Shape reduced_shape(const Shape& shape, std::size_t axis, bool keepdims) {
  return reduced_shape(shape, Shape{axis}, keepdims);
}

Shape reduced_shape(const Shape& shape, const Shape& axes, bool keepdims) {
  Shape result;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) {
      result.push_back(shape[i]);
    } else if (keepdims) {
      result.push_back(1);
    }
  }
  return result;
}

void require_same_shape(const char* op, const Shape& a, const Shape& b) {
  if (a == b) return;
  throw ShapeError("[" + std::string(op) + "] shapes differ: " + to_string(a) + " and " +
                   to_string(b));
}

}  // namespace xgrad::inline XGRAD_ABI
