// SPDX-License-Identifier: MIT
// Fuzzes the reader of the run files of compare_optimizers: a text is rejected, or writing the run
// that was read gives the same text.
#include "compare_optimizers/run_file.hpp"

#include <fuzz/fuzz_file.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xgrad;
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::succeeds([&] {
    const compare::Run run = compare::parse_run(text, "fuzz");
    fuzz::require(compare::to_json_lines(run) == text);
  });
  return 0;
}
