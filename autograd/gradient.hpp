// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/array.hpp>
#include <xgrad/core/operand.hpp>
#include <xgrad/core/shape.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <mutex>
#include <optional>
#include <vector>

namespace xgrad::inline XGRAD_ABI {

/// The gradient of the loss with respect to one tensor. The backward pass adds its terms here, one
/// for each op that used the tensor. A leaf keeps the sum after the backward pass.
///
/// The weight gradient of a single sample is an outer product a b^T. If it is the only term, this
/// class stores the two vectors, and array() computes the matrix on demand. An optimizer that reads
/// the gradient with for_each_span() never writes the matrix to memory.
///
/// Several threads may call const members at once.
class Gradient {
 public:
  /// Creates an empty gradient for a tensor of shape `shape`.
  // NOLINTNEXTLINE(modernize-pass-by-value): moving a shape is not faster than copying it
  explicit Gradient(const Shape& shape) : shape_(shape) {}

  /// Allocates from memory that is reused; see allocate().
  static void* operator new(std::size_t bytes) { return allocate(bytes); }
  /// Returns the memory for reuse; see deallocate().
  static void operator delete(void* block, std::size_t bytes) { deallocate(block, bytes); }

  /// Returns the shape of the tensor.
  const Shape& shape() const { return shape_; }
  /// Returns whether no term has been added since the construction or the last clear().
  bool empty() const { return content_ == Content::nothing; }
  /// Returns whether the gradient is stored as the two vectors of an outer product.
  bool is_outer_product() const { return content_ == Content::factors; }
  /// Makes the gradient empty and keeps its memory for the next term.
  void clear() { content_ = Content::nothing; }

  /// Adds a term. The first term is moved in. If shape() broadcasts to the shape of the term, the
  /// term is summed over the broadcast axes. Throws ShapeError if it does not.
  void add(Array term);

  /// Adds op(A) op(B), a product as in gemm(). m * n must be the number of elements of the tensor.
  void add_product(Transpose transpose_a, Transpose transpose_b, std::size_t m, std::size_t n,
                   std::size_t k, const Scalar* a, const Scalar* b);

  /// Lets a backward function write directly into the memory of this gradient. Calls
  /// write(destination, beta), which must compute destination = term + beta * destination. As in
  /// BLAS, beta is 0 for the first term (the destination is uninitialised) and 1 for later terms.
  template <std::invocable<Array&, Scalar> Write>
  void accumulate(Write write) {
    if (empty()) {
      write(memory(), Scalar{0});
    } else {
      write(array(), Scalar{1});
    }
    content_ = Content::array;
  }

  /// Returns the sum of the terms as an array of shape shape(); zeros if the gradient is empty.
  Array& array();
  /// Returns the sum of the terms for reading. The gradient must not be empty.
  const Array& array() const;

  /// Splits the element range [begin, end) into spans and calls f(g, first, n) for each, where g
  /// gives the n elements of the gradient that start at `first`. The gradient must not be empty.
  template <std::invocable<ScaledSpan, std::size_t, std::size_t> F>
  void for_each_span(std::size_t begin, std::size_t end, F f) const {
    if (content_ == Content::array) return f({array_->data() + begin}, begin, end - begin);
    const Scalar* const a = factors_.data();
    const Scalar* const b = a + (factors_.size() - cols_);
    for (std::size_t n; begin < end; begin += n) {
      const std::size_t row = begin / cols_, col = begin % cols_;
      n = std::min(cols_ - col, end - begin);
      f({b + col, a[row]}, begin, n);
    }
  }

 private:
  enum class Content { nothing, array, factors };

  /// Returns an array of shape shape(), whose elements may be uninitialised.
  Array& memory() const;

  Shape shape_;
  Content content_ = Content::nothing;
  mutable std::optional<Array> array_;
  std::vector<Scalar, Allocator<Scalar>> factors_;  ///< vector a followed by vector b
  std::size_t cols_ = 0;                            ///< length of b
  mutable std::atomic<bool> multiplied_{false};     ///< whether array_ contains a b^T
  mutable std::mutex mutex_;                        ///< locked while a b^T is computed
};

}  // namespace xgrad::inline XGRAD_ABI
