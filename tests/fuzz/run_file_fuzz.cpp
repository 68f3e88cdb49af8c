// SPDX-License-Identifier: MIT
// Fuzzes the readers of compare_optimizers: a line of a journal is ignored, or writing the run that
// was read gives the same line; a study is rejected with a DataError, or is read.
#include "compare_optimizers/study_file.hpp"

#include <fuzz/fuzz_file.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xgrad;
  const std::string_view text = fuzz::text_of(data, size);
  if (const auto record = compare::parse_record(text)) {
    fuzz::require(compare::to_line(*record) == text);
  }
  fuzz::succeeds([&] { compare::parse_study(text, "fuzz"); });
  return 0;
}
