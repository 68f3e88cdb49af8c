// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI {

/// Step size and tolerance of gradcheck(). The defaults depend on the precision of Scalar.
struct GradcheckOptions {
  double step = sizeof(Scalar) == sizeof(double) ? 1e-6 : 1e-2;       ///< relative to max(1, |x|)
  double tolerance = sizeof(Scalar) == sizeof(double) ? 1e-6 : 2e-2;  ///< largest error that passes
  std::uint64_t seed = 0;  ///< seed of the random numbers c
};

/// Result of gradcheck().
struct GradcheckResult {
  bool passed = true;      ///< whether every error is at most the tolerance
  double worst_error = 0;  ///< infinite if a derivative is not finite or could not be computed
  std::string message;     ///< one line with the worst element and both of its derivatives
};

/// Compares the derivatives that the backward functions of `f` compute with central differences.
/// The function that is differentiated is sum(c f(inputs)) with random numbers c, summed in double.
/// For each element of each input, the error is |a - n| / max(1, |a|, |n|), where a is the
/// derivative from the backward pass and n the central difference. `f` must return the same result
/// for the same inputs and must not have a kink within one step of them. gradcheck() does not
/// change the gradients of tensors that `f` refers to. Throws OptionError if the step or the
/// tolerance is not positive. Exceptions of `f` pass through.
///
///     const auto f = [](const std::vector<Tensor>& x) { return my_op(x[0], x[1]); };
///     EXPECT_TRUE(gradcheck(f, {a, b}).passed);
GradcheckResult gradcheck(const std::function<Tensor(const std::vector<Tensor>&)>& f,
                          const std::vector<Array>& inputs, const GradcheckOptions& options = {});

}  // namespace xgrad::inline XGRAD_ABI
