// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/ops_conv.hpp>
#include <xgrad/nn/module.hpp>

#include <cstddef>
#include <string>

namespace xgrad::inline XGRAD_ABI::nn {

/// Options of BatchNorm1d and BatchNorm2d.
struct BatchNormOptions {
  double eps = 1e-5;      ///< is added to the variance
  double momentum = 0.1;  ///< weight of the current batch in the running statistics, in (0, 1]
};

/// Normalizes each channel: batch_norm(x, weight, bias, eps). In training mode, uses the mean and
/// the variance of the batch, and moves the running statistics towards them:
///
///     running_mean = (1 - momentum) running_mean + momentum mean
///     running_var  = (1 - momentum) running_var  + momentum variance count / (count - 1)
///
/// In evaluation mode, uses the running statistics and changes nothing. (Ioffe and Szegedy 2015)
class BatchNorm : public Module {
 public:
  Tensor forward(const Tensor& x) override;
  std::string description() const override;

  Parameter weight;        ///< shape (features); starts as ones
  Parameter bias;          ///< shape (features); starts as zeros
  Parameter running_mean;  ///< a buffer of shape (features); starts as zeros
  Parameter running_var;   ///< a buffer of shape (features); starts as ones

 protected:
  /// `layer` names the layer in errors. It accepts inputs of `least` to `most` axes.
  BatchNorm(const char* layer, std::size_t least, std::size_t most, std::size_t features,
            const BatchNormOptions& options);

 private:
  void update(const BatchStatistics& batch);

  const char* layer_;
  std::size_t least_, most_;
  BatchNormOptions options_;
};

/// BatchNorm for x of shape (n, features) or (n, features, length).
class BatchNorm1d : public BatchNorm {
 public:
  /// Throws OptionError if `features` is 0 or an option is out of range.
  explicit BatchNorm1d(std::size_t features, const BatchNormOptions& options = {})
      : BatchNorm("BatchNorm1d", 2, 3, features, options) {}
};

/// BatchNorm for images of shape (n, features, height, width).
class BatchNorm2d : public BatchNorm {
 public:
  /// Throws OptionError if `features` is 0 or an option is out of range.
  explicit BatchNorm2d(std::size_t features, const BatchNormOptions& options = {})
      : BatchNorm("BatchNorm2d", 4, 4, features, options) {}
};

}  // namespace xgrad::inline XGRAD_ABI::nn
