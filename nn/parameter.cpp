// SPDX-License-Identifier: MIT
#include <xgrad/nn/parameter.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/shape.hpp>

namespace xgrad::inline XGRAD_ABI {

void Parameter::assign(const Array& value) {
  if (is_constant_) {
    throw Error(
        "[Parameter] a constant must not be assigned to, because its module does not train or save "
        "it; make the layer with this parameter, for example with .bias = true");
  }
  tensor_->assign(value);
}

void nn::tie(const Parameter& a, Parameter& b) {
  if (a.is_constant_ || b.is_constant_) {
    throw Error(
        "[tie] both must be parameters, but one is a constant, which its module does not train or "
        "save; make the layer with this parameter, for example with .bias = true");
  }
  require_same_shape("tie", a.shape(), b.shape());
  *b.tensor_ = *a.tensor_;
}

}  // namespace xgrad::inline XGRAD_ABI
