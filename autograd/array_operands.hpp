// SPDX-License-Identifier: MIT
#pragma once

// Arithmetic between a tensor and an array. xtensor defines templates for `x * array` with any type
// of x. Without the overloads below, the compiler would choose those templates instead of
// converting the array to a Tensor.

#include <xgrad/autograd/ops.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace xgrad::inline XGRAD_ABI {
namespace detail {

/// An array, or an expression of arrays such as `2 * array`.
template <class T>
concept ArrayOperand = xt::is_xexpression<std::remove_cvref_t<T>>::value;

/// A tensor, or a type that converts to one, such as Parameter; not an array and not a number.
template <class T>
concept TensorOperand = !ArrayOperand<T> && !std::is_arithmetic_v<std::remove_cvref_t<T>> &&
                        std::convertible_to<T, const Tensor&>;

/// One tensor and one array, in either order.
template <class A, class B>
concept TensorAndArray = (TensorOperand<A> && ArrayOperand<B>) ||
                         (ArrayOperand<A> && TensorOperand<B>);

/// Converts an operand to a tensor.
template <class T>
Tensor to_tensor(T&& operand) {
  if constexpr (ArrayOperand<T>) {
    return Tensor(Array(std::forward<T>(operand)));
  } else {
    return std::forward<T>(operand);
  }
}

}  // namespace detail

// Each op of a tensor and an array, or an expression of arrays, converts the array to a tensor that
// does not require a gradient.

/// Returns a + b.
template <class A, class B>
requires detail::TensorAndArray<A, B> Tensor operator+(A&& a, B&& b) {
  return detail::to_tensor(std::forward<A>(a)) + detail::to_tensor(std::forward<B>(b));
}
/// Returns a - b.
template <class A, class B>
requires detail::TensorAndArray<A, B> Tensor operator-(A&& a, B&& b) {
  return detail::to_tensor(std::forward<A>(a)) - detail::to_tensor(std::forward<B>(b));
}
/// Returns a * b, element by element.
template <class A, class B>
requires detail::TensorAndArray<A, B> Tensor operator*(A&& a, B&& b) {
  return detail::to_tensor(std::forward<A>(a)) * detail::to_tensor(std::forward<B>(b));
}
/// Returns a / b, element by element.
template <class A, class B>
requires detail::TensorAndArray<A, B> Tensor operator/(A&& a, B&& b) {
  return detail::to_tensor(std::forward<A>(a)) / detail::to_tensor(std::forward<B>(b));
}
/// Returns the larger of a and b, element by element; NaN if either is NaN.
template <class A, class B>
requires detail::TensorAndArray<A, B> Tensor maximum(A&& a, B&& b) {
  return maximum(detail::to_tensor(std::forward<A>(a)), detail::to_tensor(std::forward<B>(b)));
}
/// Returns the smaller of a and b, element by element; NaN if either is NaN.
template <class A, class B>
requires detail::TensorAndArray<A, B> Tensor minimum(A&& a, B&& b) {
  return minimum(detail::to_tensor(std::forward<A>(a)), detail::to_tensor(std::forward<B>(b)));
}

/// Returns mask != 0 ? a : b, element by element, where `mask` is an array or an expression such as
/// `x.value() > 0`, and a or b is a tensor. The other one may be a tensor, an array or a number.
template <class Mask, class A, class B>
requires(detail::ArrayOperand<Mask> &&
         (detail::TensorOperand<A> || detail::TensorOperand<B>)) Tensor
    where(Mask&& mask, A&& a, B&& b) {
  const Array m(std::forward<Mask>(mask));
  const Tensor x = detail::to_tensor(std::forward<A>(a)), y = detail::to_tensor(std::forward<B>(b));
  return where(m, x, y);  // the op, because for const arguments a template is not a better match
}

// Tensors do not have the following operators. They are deleted, because the result of xtensor's
// templates would have no meaning. Use the arrays that value() returns.

/// Is deleted, because tensors do not have this operator.
template <class A, class B>
requires detail::TensorAndArray<A, B>
void operator<(A&& a, B&& b) = delete;
/// Is deleted, because tensors do not have this operator.
template <class A, class B>
requires detail::TensorAndArray<A, B>
void operator<=(A&& a, B&& b) = delete;
/// Is deleted, because tensors do not have this operator.
template <class A, class B>
requires detail::TensorAndArray<A, B>
void operator>(A&& a, B&& b) = delete;
/// Is deleted, because tensors do not have this operator.
template <class A, class B>
requires detail::TensorAndArray<A, B>
void operator>=(A&& a, B&& b) = delete;
/// Is deleted, because tensors do not have this operator.
template <class A, class B>
requires detail::TensorAndArray<A, B>
void operator%(A&& a, B&& b) = delete;
/// Is deleted, because the exponent of pow() is a number.
template <class A, class B>
requires detail::TensorAndArray<A, B>
void pow(A&& a, B&& b) = delete;

}  // namespace xgrad::inline XGRAD_ABI
