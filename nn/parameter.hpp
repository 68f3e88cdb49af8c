// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <utility>

namespace xgrad::inline XGRAD_ABI {

class Parameter;

namespace nn {
class Module;
void tie(const Parameter& a, Parameter& b);
}  // namespace nn

/// A tensor that a module saves, and trains unless it is a buffer. It is a handle that converts to
/// `const Tensor&` for the ops. Module::register_parameter() and register_buffer() create it.
///
/// An assignment writes the values in place, so that the optimizer and the files of the module use
/// the new values: `layer.weight = values` or `decoder.weight = encoder.weight`. Only nn::tie()
/// lets a parameter refer to another tensor.
class Parameter {
 public:
  /// Returns a constant that takes the place of a parameter, for example of the bias of a layer
  /// without bias. A module does not train or save it. assign() and assignments throw Error.
  static Parameter constant(Array value) { return {Tensor(std::move(value)), true}; }
  /// Creates another handle of the same tensor.
  Parameter(const Parameter&) = default;

  /// Copies the values of the array; see assign().
  Parameter& operator=(const Array& value) {
    assign(value);
    return *this;
  }
  /// Copies the values of the tensor; see assign(). Does not record a graph.
  Parameter& operator=(const Tensor& value) { return *this = value.value(); }
  /// Copies the values of the other parameter; see assign().
  Parameter& operator=(const Parameter& other) {
    if (this != &other) assign(other.value());
    return *this;
  }
  Parameter& operator=(Parameter&&) = delete;
  ~Parameter() = default;

  /// Returns the tensor that this parameter refers to.
  operator const Tensor&() const { return *tensor_; }

  /// Copies `value` into the tensor. backward() then throws for every graph that used the old
  /// value. Throws ShapeError if the shapes differ, and Error if this is a constant.
  void assign(const Array& value);

  /// Calls the member of Tensor that has the same name.
  ///@{
  const Array& value() const& { return tensor_->value(); }
  Array value() const&& { return tensor_->value(); }
  const Shape& shape() const& { return tensor_->shape(); }
  Shape shape() const&& { return tensor_->shape(); }
  std::size_t ndim() const { return tensor_->ndim(); }
  std::size_t size() const { return tensor_->size(); }
  Scalar item() const { return tensor_->item(); }
  template <std::integral... I>
  Scalar at(I... indices) const {
    return tensor_->at(indices...);
  }
  Tensor operator[](std::ptrdiff_t i) const { return (*tensor_)[i]; }
  bool is_leaf() const { return tensor_->is_leaf(); }
  bool is_same(const Tensor& other) const { return tensor_->is_same(other); }
  bool requires_grad() const { return tensor_->requires_grad(); }
  void set_requires_grad(bool requires_grad) { tensor_->set_requires_grad(requires_grad); }
  bool has_grad() const { return tensor_->has_grad(); }
  const Array& grad() const& { return tensor_->grad(); }
  Array grad() const&& { return tensor_->grad(); }
  void zero_grad() { tensor_->zero_grad(); }
  Tensor detach() const { return tensor_->detach(); }
  ///@}

 private:
  friend class nn::Module;
  friend void nn::tie(const Parameter& a, Parameter& b);
  Parameter(Tensor tensor, bool is_constant)
      : tensor_(std::make_shared<Tensor>(std::move(tensor))), is_constant_(is_constant) {}
  std::shared_ptr<Tensor> tensor_;  ///< shared with the list of the module, for tie()
  bool is_constant_;
};

namespace nn {
using XGRAD_ABI::Parameter;

/// Lets `b` refer to the tensor of `a`, so that two layers share one parameter:
/// `nn::tie(encoder.weight, decoder.weight)`. A model that contains both lists and saves the tensor
/// once, under the name that was registered first. Call it before you create the optimizer, which
/// keeps the tensors that it was given. Throws ShapeError if the shapes differ, and Error if one of
/// them is a constant.
void tie(const Parameter& a, Parameter& b);
}  // namespace nn

}  // namespace xgrad::inline XGRAD_ABI
