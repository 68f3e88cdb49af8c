// SPDX-License-Identifier: MIT
// Fuzzes the reader of NumPy's files: the input is read as an array, and as the features and the
// labels or targets of a data set.
#include <xgrad/datasets/npy.hpp>

#include <fuzz/fuzz_file.hpp>

#include <algorithm>
#include <cmath>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xgrad;
  const fuzz::MemoryFile file(fuzz::text_of(data, size));
  const auto is_finite = [](Scalar value) { return std::isfinite(value); };
  fuzz::succeeds([&] {
    const Array x = datasets::read_npy(file.path());
    fuzz::require(std::all_of(x.begin(), x.end(), is_finite));
  });
  fuzz::succeeds([&] {
    const datasets::Dataset table = datasets::npy(file.path(), file.path());
    const Array x = table.gather_all();
    fuzz::require(table.size() > 0 && std::all_of(x.begin(), x.end(), is_finite));
    fuzz::require(table.has_labels() || table.targets().shape(0) == table.size());
  });
  return 0;
}
