// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/optim/rules.hpp>

#include <tuple>

namespace xgrad::inline XGRAD_ABI::optim {

template <class... Rule>
std::tuple<UpdateKernel<Rule>...> kernels_of(RuleList<Rule...>);
/// The kernels of all rules in the library, for one instruction set.
using UpdateKernels = decltype(kernels_of(Rules{}));

/// Returns the kernels for an instruction set. update_kernels.cpp is compiled once for each.
template <class Arch>
UpdateKernels update_kernels();

}  // namespace xgrad::inline XGRAD_ABI::optim
