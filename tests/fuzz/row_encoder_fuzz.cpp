// SPDX-License-Identifier: MIT
// Fuzzes the reader of the files of RowEncoder. An encoder that was read must convert a row of
// text, or throw.
#include <xgrad/datasets/row_encoder.hpp>

#include <fuzz/fuzz_file.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xgrad;
  const fuzz::MemoryFile file(fuzz::text_of(data, size));
  fuzz::succeeds([&] {
    const datasets::RowEncoder encode = datasets::RowEncoder::load(file.path());
    fuzz::succeeds([&] {
      const Array x = encode(std::vector<std::string>(encode.columns().size(), "1"));
      fuzz::require(x.shape(0) == 1);
    });
  });
  return 0;
}
