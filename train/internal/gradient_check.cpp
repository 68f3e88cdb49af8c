// SPDX-License-Identifier: MIT
#include <xgrad/train/internal/gradient_check.hpp>

#include <xgrad/autograd/graph.hpp>
#include <xgrad/core/error.hpp>
#include <xgrad/core/shape.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

bool contains(const std::vector<Tensor>& tensors, const Tensor& tensor) {
  return std::any_of(tensors.begin(), tensors.end(),
                     [&](const Tensor& each) { return each.is_same(tensor); });
}

void require_known_leaves(const Tensor& output, const nn::Module& model,
                          const optim::Optimizer& optimizer) {
  const std::vector<Tensor> of_model = model.parameters();
  for (const Tensor& tensor : graph_of(output)) {
    if (!tensor.is_leaf() || !tensor.requires_grad()) continue;
    if (contains(of_model, tensor) || contains(optimizer.parameters(), tensor)) continue;
    throw Error(
        "[fit] each tensor that forward() uses and that requires a gradient must be a parameter of "
        "the model or of the optimizer, but one of shape " +
        to_string(tensor.shape()) +
        " is not, so that it would not be trained; register its layer with register_module() or "
        "create it with register_parameter(), or detach() it");
  }
}

}  // namespace

GradientCheck::GradientCheck(const Run& run) {
  const bool is_whole_epoch = run.progress.epoch == 0 && run.loader.next_loop().batch == 0;
  if (is_whole_epoch) waiting_ = run.optimizer.parameters();
}

void GradientCheck::look() {
  std::erase_if(waiting_, [](const Tensor& p) { return p.has_grad() || !p.requires_grad(); });
}

void GradientCheck::require_all(const Run& run) const {
  if (waiting_.empty()) return;
  std::string name = "a parameter outside the model";
  for (const auto& [each, p] : run.model.named_parameters()) {
    if (p.is_same(waiting_.front())) name = "the parameter \"" + each + "\"";
  }
  throw Error("[fit] each parameter of the optimizer must receive a gradient, but " + name +
              " received none in the first epoch; use it in the loss, or freeze it with "
              "set_requires_grad(false)");
}

Criterion with_output_check(Criterion criterion, const nn::Module& model,
                            const optim::Optimizer& optimizer) {
  return [criterion = std::move(criterion), &model, &optimizer, is_first = true](
             const Tensor& output, const Target& y) mutable {
    if (std::exchange(is_first, false)) require_known_leaves(output, model, optimizer);
    return criterion(output, y);
  };
}

}  // namespace xgrad::inline XGRAD_ABI::train
