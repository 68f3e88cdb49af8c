// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/autograd/tensor.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI {

/// How finely gradcheck() differences and how closely it compares; the defaults suit Scalar.
struct GradcheckOptions {
  double step = sizeof(Scalar) == sizeof(double) ? 1e-6 : 1e-2;       ///< relative to max(1, |x|)
  double tolerance = sizeof(Scalar) == sizeof(double) ? 1e-6 : 2e-2;  ///< largest error that passes
  std::uint64_t seed = 0;                                             ///< of the random cotangent
};

/// What gradcheck() found.
struct GradcheckResult {
  bool passed = true;      ///< whether no error is above the tolerance
  double worst_error = 0;  ///< infinite where a derivative is not finite or could not be had
  std::string message;     ///< one line: the worst element, with both numbers
};

/// Compares the derivatives that the rules of `f` give with central differences, for each element
/// of each input: those of sum(c f(inputs)) with random c, summed in double. The error is
/// |a - n| / max(1, |a|, |n|) for an analytic a and a numeric n. `f` must give the same result for
/// the same inputs and have no kink within a step of them. No gradient of a tensor that `f` holds
/// changes. Throws OptionError for a step or tolerance that is not positive, and what `f` throws.
///
///     const auto f = [](const std::vector<Tensor>& x) { return my_op(x[0], x[1]); };
///     EXPECT_TRUE(gradcheck(f, {a, b}).passed);
GradcheckResult gradcheck(const std::function<Tensor(const std::vector<Tensor>&)>& f,
                          const std::vector<Array>& inputs, const GradcheckOptions& options = {});

}  // namespace xgrad::inline XGRAD_ABI
