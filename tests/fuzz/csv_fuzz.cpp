// SPDX-License-Identifier: MIT
// Any text as a table; the first byte chooses the options.
#include <xgrad/datasets/csv.hpp>

#include <fuzz/fuzz_file.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xgrad;
  if (size == 0) return -1;
  datasets::CsvOptions options;
  if (data[0] & 1) options.delimiter = ';';
  if (data[0] & 2) options.delimiter = '\t';
  if (data[0] & 4) options.label = "class";
  options.standardize = (data[0] & 8) != 0;
  fuzz::succeeds([&] {
    const auto table = datasets::parse_csv(fuzz::text_of(data + 1, size - 1), "fuzz", options);
    fuzz::require(table.size() > 0);
  });
  return 0;
}
