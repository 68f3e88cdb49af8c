// SPDX-License-Identifier: MIT
#include <xgrad/core/error.hpp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/rng.hpp>
#include <xgrad/datasets/internal/features.hpp>

#include <algorithm>
#include <cmath>

namespace xgrad::inline XGRAD_ABI::datasets {

std::pair<Dataset, Dataset> stratified_split(const Dataset& dataset, double test_fraction,
                                             std::uint64_t seed) {
  if (!(test_fraction > 0 && test_fraction < 1)) {
    throw OptionError("[stratified_split] test_fraction must be in (0, 1), got " +
                      format_number(test_fraction));
  }
  Rng rng(seed);
  std::vector<std::size_t> rest, test;
  for (const std::vector<std::size_t>& rows : rows_by_class(dataset)) {
    const std::size_t n = rows.size();
    const auto wanted =
        static_cast<std::size_t>(std::llround(test_fraction * static_cast<double>(n)));
    const std::size_t share = n > 1 ? std::clamp<std::size_t>(wanted, 1, n - 1) : 0;
    const std::vector<std::size_t> order = rng.permutation(n);
    for (std::size_t i = 0; i < n; ++i) (i < share ? test : rest).push_back(rows[order[i]]);
  }
  if (test.empty()) {
    throw DataError("[stratified_split] one class must have two rows, but each class has only one");
  }
  std::sort(rest.begin(), rest.end());
  std::sort(test.begin(), test.end());
  return {dataset.subset(rest), dataset.subset(test)};
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
