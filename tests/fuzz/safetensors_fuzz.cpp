// SPDX-License-Identifier: MIT
// Any bytes as a file of parameters; a file that is refused leaves the model as it was.
#include <xgrad/xgrad.hpp>

#include <fuzz/fuzz_file.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xgrad;
  static Rng rng(1);
  static nn::Linear model(2, 1, rng);
  static const Array before = model.weight.value();
  const fuzz::MemoryFile file(fuzz::text_of(data, size));
  if (fuzz::succeeds([&] { train::load_parameters(file.path(), model); })) {
    model.weight.assign(before);
  } else {
    fuzz::require(model.weight.value() == before);
  }
  return 0;
}
