// SPDX-License-Identifier: MIT
#include <xgrad/autograd/gradient.hpp>
#include <xgrad/core/internal/blas.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/internal/arithmetic.hpp>

#include <utility>

namespace xgrad::inline XGRAD_ABI {

Array& Gradient::memory() const {
  if (!array_) array_ = xgrad::empty(shape_);
  return *array_;
}

void Gradient::add(Array term) {
  if (term.shape() != shape_) {
    if (!broadcasts_to(shape_, term.shape())) {
      throw ShapeError("[backward] a backward function added a gradient of shape " +
                       to_string(term.shape()) + " to an input of shape " + to_string(shape_));
    }
    term = sum_to(term, shape_);
  }
  if (empty()) {
    array_ = std::move(term);
    content_ = Content::array;
  } else {
    add_to(array(), term);
  }
}

void Gradient::add_product(Transpose transpose_a, Transpose transpose_b, std::size_t m,
                           std::size_t n, std::size_t k, const Scalar* a, const Scalar* b) {
  if (empty() && k == 1 && m + n < m * n) {
    factors_.reserve(m + n);
    factors_.assign(a, a + m);
    factors_.insert(factors_.end(), b, b + n);
    cols_ = n;
    multiplied_ = false;
    content_ = Content::factors;
    return;
  }
  accumulate([&](Array& to, Scalar beta) {
    gemm(transpose_a, transpose_b, m, n, k, a, b, beta, to.data());
  });
}

Array& Gradient::array() {
  if (empty()) {
    memory().fill(0);
  } else {
    static_cast<void>(std::as_const(*this).array());
  }
  content_ = Content::array;
  return *array_;
}

const Array& Gradient::array() const {
  if (content_ == Content::factors && !multiplied_.load(std::memory_order_acquire)) {
    const std::scoped_lock lock(mutex_);
    if (!multiplied_.load(std::memory_order_relaxed)) {
      const Scalar* const a = factors_.data();
      const std::size_t rows = factors_.size() - cols_;
      kernels().outer(a, a + rows, memory().data(), rows, cols_);
      multiplied_.store(true, std::memory_order_release);
    }
  }
  return *array_;
}

}  // namespace xgrad::inline XGRAD_ABI
