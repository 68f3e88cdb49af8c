// SPDX-License-Identifier: MIT
#pragma once

// Arithmetic between a tensor and an array. xtensor has templates for `x * array` with any x, which
// fit better than a conversion to Tensor; these fit better still.

#include <xgrad/autograd/ops.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace xgrad::inline XGRAD_ABI {
namespace detail {

/// An array, or an expression of arrays such as `2 * array`.
template <class T>
concept ArrayOperand = xt::is_xexpression<std::remove_cvref_t<T>>::value;

/// A tensor, or what converts to one, such as Parameter; not an array and not a number.
template <class T>
concept TensorOperand = !ArrayOperand<T> && !std::is_arithmetic_v<std::remove_cvref_t<T>> &&
                        std::convertible_to<T, const Tensor&>;

/// A tensor and an array, in any order.
template <class A, class B>
concept TensorAndArray = (TensorOperand<A> && ArrayOperand<B>) ||
                         (ArrayOperand<A> && TensorOperand<B>);

/// Makes the operand a tensor.
template <class T>
Tensor to_tensor(T&& operand) {
  if constexpr (ArrayOperand<T>) {
    return Tensor(Array(std::forward<T>(operand)));
  } else {
    return std::forward<T>(operand);
  }
}

}  // namespace detail

/// Each op of a tensor and an array, or an expression of arrays, is the op of two tensors.
///@{
template <class A, class B>
requires detail::TensorAndArray<A, B> Tensor operator+(A&& a, B&& b) {
  return detail::to_tensor(std::forward<A>(a)) + detail::to_tensor(std::forward<B>(b));
}
template <class A, class B>
requires detail::TensorAndArray<A, B> Tensor operator-(A&& a, B&& b) {
  return detail::to_tensor(std::forward<A>(a)) - detail::to_tensor(std::forward<B>(b));
}
template <class A, class B>
requires detail::TensorAndArray<A, B> Tensor operator*(A&& a, B&& b) {
  return detail::to_tensor(std::forward<A>(a)) * detail::to_tensor(std::forward<B>(b));
}
template <class A, class B>
requires detail::TensorAndArray<A, B> Tensor operator/(A&& a, B&& b) {
  return detail::to_tensor(std::forward<A>(a)) / detail::to_tensor(std::forward<B>(b));
}
template <class A, class B>
requires detail::TensorAndArray<A, B> Tensor maximum(A&& a, B&& b) {
  return maximum(detail::to_tensor(std::forward<A>(a)), detail::to_tensor(std::forward<B>(b)));
}
template <class A, class B>
requires detail::TensorAndArray<A, B> Tensor minimum(A&& a, B&& b) {
  return minimum(detail::to_tensor(std::forward<A>(a)), detail::to_tensor(std::forward<B>(b)));
}
///@}

/// What xtensor would make of these has no meaning: there are no such ops on tensors. Use the
/// arrays that `value()` returns.
///@{
template <class A, class B>
requires detail::TensorAndArray<A, B>
void operator<(A&& a, B&& b) = delete;
template <class A, class B>
requires detail::TensorAndArray<A, B>
void operator<=(A&& a, B&& b) = delete;
template <class A, class B>
requires detail::TensorAndArray<A, B>
void operator>(A&& a, B&& b) = delete;
template <class A, class B>
requires detail::TensorAndArray<A, B>
void operator>=(A&& a, B&& b) = delete;
template <class A, class B>
requires detail::TensorAndArray<A, B>
void operator%(A&& a, B&& b) = delete;
template <class A, class B>
requires detail::TensorAndArray<A, B>
void pow(A&& a, B&& b) = delete;
///@}

}  // namespace xgrad::inline XGRAD_ABI
