// SPDX-License-Identifier: MIT
// Fuzzes load_parameters, read_tensors and read_encoder. If the first byte is "f", the rest is the
// whole file. Otherwise the rest is a header, to which the target adds the correct length and as
// many bytes of data as the first byte says. A file that is rejected must leave the model
// unchanged.
#include <xgrad/xgrad.hpp>

#include <fuzz/fuzz_file.hpp>

#include <support/safetensors.hpp>

#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xgrad;
  static Rng rng(1);
  static nn::Linear model(2, 1, rng);
  static const Array weight = model.weight.value(), bias = model.bias.value();
  if (size == 0) return -1;
  const std::string_view rest = fuzz::text_of(data + 1, size - 1);
  const fuzz::MemoryFile file(
      data[0] == 'f' ? std::string(rest) : test::safetensors(rest, std::string(data[0], '\x01')));
  const bool has_shapes = fuzz::succeeds([&] { train::parameter_shapes(file.path()); });
  fuzz::require(fuzz::succeeds([&] { train::read_tensors(file.path()); }) == has_shapes);
  fuzz::succeeds([&] { train::read_encoder(file.path()); });
  if (fuzz::succeeds([&] { train::load_parameters(file.path(), model); })) {
    fuzz::require(has_shapes);
    model.weight.assign(weight);
    model.bias.assign(bias);
  } else {
    fuzz::require(model.weight.value() == weight && model.bias.value() == bias);
  }
  return 0;
}
