// SPDX-License-Identifier: MIT
// Fuzzes the IDX reader: the input is read as a file of images and as a file of labels. The reader
// recognises gzip by the content.
#include <xgrad/datasets/idx.hpp>

#include <fuzz/fuzz_file.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xgrad;
  const fuzz::MemoryFile file(fuzz::text_of(data, size));
  for (const std::size_t dimensions : {1u, 3u}) {
    fuzz::succeeds([&] {
      const datasets::IdxFile idx = datasets::read_idx(file.path(), dimensions);
      std::size_t total = 1;
      for (const std::size_t extent : idx.extents) total *= extent;
      fuzz::require(idx.extents.size() == dimensions && idx.bytes.size() == total);
    });
  }
  return 0;
}
