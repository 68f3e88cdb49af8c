// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/train/run.hpp>

#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// Finds parameters that receive no gradient in the first epoch. They are not part of the loss,
/// which is almost always a mistake: a layer that is not called, or a tensor that was replaced.
class GradientCheck {
 public:
  /// Waits for the gradients of all parameters of the optimizer, if the run is at its beginning.
  explicit GradientCheck(const Run& run);
  /// Stops waiting for the parameters that have a gradient now, and for frozen ones.
  void look();
  /// Throws Error, with the name of a parameter, if one has had no gradient.
  void require_all(const Run& run) const;

 private:
  std::vector<Tensor> waiting_;
};

/// Returns the criterion with a check of the first output of the model. It throws Error if the
/// output depends on a tensor that requires a gradient, and neither the model nor the optimizer
/// knows it: a layer that was not registered, or a Tensor in the place of a Parameter. Nothing
/// would train or save it. The model and the optimizer must outlive the result.
Criterion with_output_check(Criterion criterion, const nn::Module& model,
                            const optim::Optimizer& optimizer);

}  // namespace xgrad::inline XGRAD_ABI::train
