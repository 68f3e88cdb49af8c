// SPDX-License-Identifier: MIT
// The SIMD reading of the update rules: each in one pass over memory. Compiled without fused
// multiply-adds, so that a gradient given as an outer product (ScaledSpan) gives exactly the same
// parameters as the stored product.
#include <xgrad/optim/internal/update_kernels.hpp>

#include <xgrad/core/internal/kernels/stream.ipp>

namespace xgrad::inline XGRAD_ABI::optim {
namespace {

template <class Rule, class Arch>
void update(const UpdateSpan& span, const Coefficients<Rule, Coefficient>& c) {
  update_span<simd::Batch<Arch>>(span, c, [n = span.n](auto body) { simd::stream<Arch>(n, body); });
}

template <class Arch, class... Rule>
UpdateKernels make_kernels(RuleList<Rule...>) {
  return {update<Rule, Arch>...};
}

}  // namespace

template <class Arch>
UpdateKernels update_kernels() {
  return make_kernels<Arch>(Rules{});
}

template UpdateKernels update_kernels<XGRAD_KERNEL_ARCH>();

}  // namespace xgrad::inline XGRAD_ABI::optim
