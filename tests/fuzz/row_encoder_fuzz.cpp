// SPDX-License-Identifier: MIT
// Fuzzes RowEncoder::from_json. An encoder that was read must convert a row of text, or throw, and
// must be written and read again without a change.
#include <xgrad/datasets/row_encoder.hpp>

#include <fuzz/fuzz_file.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xgrad;
  fuzz::succeeds([&] {
    const auto encode = datasets::RowEncoder::from_json(fuzz::text_of(data, size));
    const std::string text = encode.to_json();
    fuzz::require(datasets::RowEncoder::from_json(text).to_json() == text);
    fuzz::succeeds([&] {
      const Array x = encode(std::vector<std::string>(encode.columns().size(), "1"));
      fuzz::require(x.shape(0) == 1);
    });
  });
  return 0;
}
