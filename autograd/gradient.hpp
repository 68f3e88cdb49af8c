// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/array.hpp>
#include <xgrad/core/blas.hpp>
#include <xgrad/core/kernels.hpp>
#include <xgrad/core/shape.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <mutex>
#include <optional>
#include <vector>

namespace xgrad::inline XGRAD_ABI {

/// The cotangent of one tensor: gathered during a backward walk, and kept by a leaf.
///
/// The weight gradient of a single sample is an outer product a b^T. If one arrives alone, this
/// keeps the two vectors; the matrix is computed when array() asks for it. An optimizer that reads
/// the gradient with for_each_span() never writes the matrix to memory.
///
/// Several threads may call const members at once.
class Gradient {
 public:
  /// Of a tensor of this shape; nothing has arrived.
  // NOLINTNEXTLINE(modernize-pass-by-value): a shape moves no faster than it is copied
  explicit Gradient(const Shape& shape) : shape_(shape) {}

  /// In memory that is reused, see allocate().
  static void* operator new(std::size_t bytes) { return allocate(bytes); }
  /// Likewise.
  static void operator delete(void* block, std::size_t bytes) { deallocate(block, bytes); }

  /// That of the tensor.
  const Shape& shape() const { return shape_; }
  /// Whether nothing has arrived.
  bool empty() const { return content_ == Content::nothing; }
  /// Whether it is kept as the two factors of an outer product.
  bool is_outer_product() const { return content_ == Content::factors; }
  /// Forgets what has arrived; its memory stays for the next.
  void clear() { content_ = Content::nothing; }

  /// Adds a term: the first is moved in, later ones are added to it. A term of a shape that this
  /// one broadcasts to is summed to it. Throws ShapeError for any other shape.
  void add(Array term);

  /// Adds op(A) op(B), as gemm does; m x n elements are what this tensor has.
  void add_product(Transpose transpose_a, Transpose transpose_b, std::size_t m, std::size_t n,
                   std::size_t k, const Scalar* a, const Scalar* b);

  /// For rules that can write where the cotangent lives: calls write(destination, beta), which must
  /// compute destination = term + beta destination. beta is 0 the first time (the destination holds
  /// nothing yet) and 1 later, exactly BLAS's meaning.
  template <std::invocable<Array&, Scalar> Write>
  void accumulate(Write write) {
    if (empty()) {
      write(memory(), Scalar{0});
    } else {
      write(array(), Scalar{1});
    }
    content_ = Content::array;
  }

  /// Returns what has arrived, as an array of this tensor's shape: zeros if nothing has.
  Array& array();
  /// Returns the same for reading. Something must have arrived.
  const Array& array() const;

  /// Calls f(g, begin, n) for the runs that make up [begin, end), with g the n elements of the
  /// gradient that start at `begin`. Something must have arrived.
  template <std::invocable<Kernels::Scaled, std::size_t, std::size_t> F>
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

  /// Returns memory for an array of this tensor's shape, with any content.
  Array& memory() const;

  Shape shape_;
  Content content_ = Content::nothing;
  mutable std::optional<Array> array_;
  std::vector<Scalar, Allocator<Scalar>> factors_;  ///< a and b, one after the other
  std::size_t cols_ = 0;                            ///< the length of b
  mutable std::atomic<bool> multiplied_{false};     ///< whether array_ holds a b^T
  mutable std::mutex mutex_;                        ///< held while array_ becomes a b^T
};

}  // namespace xgrad::inline XGRAD_ABI
