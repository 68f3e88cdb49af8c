// SPDX-License-Identifier: MIT
// Fuzzes the reader of PNG and PGM images, and the conversion of an image to an MNIST digit.
#include "support/image.hpp"

#include <fuzz/fuzz_file.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xgrad;
  const fuzz::MemoryFile file(fuzz::text_of(data, size));
  fuzz::succeeds([&] {
    const Image image = read_image(file.path());
    fuzz::require(is_image(file.path()));
    fuzz::require(image.pixels.size() == image.width * image.height);
    fuzz::require(as_digit(image, 28).pixels.size() == 28 * 28);
  });
  return 0;
}
