// SPDX-License-Identifier: MIT
#include <xgrad/autograd/gradient.hpp>

#include <xgrad/core/arithmetic.hpp>
#include <xgrad/core/error.hpp>

namespace xgrad::inline XGRAD_ABI {

Array& Gradient::memory(const Shape& shape) {
  if (!buffer_ || buffer_->shape() != shape) buffer_ = uninitialized(shape);
  return *buffer_;
}

void Gradient::add(Array term) {
  if (term.shape() != shape_) {
    if (!broadcasts_to(shape_, term.shape())) {
      throw ShapeError("[backward] a rule gave a cotangent of shape " + to_string(term.shape()) +
                       " for an input of shape " + to_string(shape_));
    }
    term = sum_to(term, shape_);
  }
  if (empty()) {
    buffer_ = std::move(term);
    content_ = Content::array;
  } else {
    add_to(array(), term);
  }
}

void Gradient::add_product(Op op_a, Op op_b, std::size_t m, std::size_t n, std::size_t k,
                           const Scalar* a, const Scalar* b) {
  if (empty() && k == 1 && m + n < m * n) {
    Array& factors = memory({m + n});
    std::copy_n(a, m, factors.data());
    std::copy_n(b, n, factors.data() + m);
    cols_ = n;
    content_ = Content::factors;
    return;
  }
  accumulate([&](Array& to, Scalar beta) { gemm(op_a, op_b, m, n, k, a, b, beta, to.data()); });
}

Array& Gradient::array() {
  if (content_ == Content::factors) {
    Array product = uninitialized(shape_);
    const std::size_t rows = buffer_->size() - cols_;
    kernels().outer(buffer_->data(), buffer_->data() + rows, product.data(), rows, cols_);
    buffer_ = std::move(product);
  } else if (empty()) {
    memory(shape_).fill(0);
  }
  content_ = Content::array;
  return *buffer_;
}

}  // namespace xgrad::inline XGRAD_ABI
