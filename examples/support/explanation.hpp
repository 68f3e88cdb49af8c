// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/xgrad.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// An element of a parameter of a model.
struct Element {
  std::string parameter;           ///< name in named_parameters()
  std::vector<std::size_t> index;  ///< one number per axis
};

/// Reads an element such as "0.weight[3,17]". Throws OptionError if the text is malformed.
Element parse_element(const std::string& text);

/// Prints the arithmetic of one step for one element of a parameter.
class Explanation : public xgrad::train::Callback {
 public:
  /// Explains step number `step`, from 1. Throws OptionError if the model has no such element.
  Explanation(const xgrad::nn::Module& model, Element element, std::uint64_t step);
  /// Throws OptionError if the run does not take the step.
  void on_begin(xgrad::train::Run& run) override;
  void on_gradient(xgrad::train::Run& run) override;

 private:
  Element element_;
  xgrad::Tensor parameter_;
  std::uint64_t step_;
};
