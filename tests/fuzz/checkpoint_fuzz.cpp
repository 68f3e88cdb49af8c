// SPDX-License-Identifier: MIT
// A checkpoint behind a right checksum. After a first byte "f" the rest is a file; after any other
// it is the JSON that a checkpoint keeps in its header, put into a file that is right otherwise. A
// file that is refused leaves the model as it was.
#include <xgrad/xgrad.hpp>

#include <fuzz/fuzz_file.hpp>

#include <zlib.h>
#include <nlohmann/json.hpp>

#include <cstring>
#include <fstream>
#include <iterator>

namespace {

using namespace xgrad;

struct Training {
  Rng rng{1};
  nn::Linear model{2, 1, rng};
  optim::Adam optimizer{model.parameters(), {}};
};

std::string saved_checkpoint(Training& training) {
  const std::string path = "/tmp/xgrad_fuzz_" + std::to_string(::getpid());
  train::save_checkpoint(path, training.model, training.optimizer, {});
  std::ifstream stream(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(stream), {});
  std::filesystem::remove(path);
  return bytes;
}

std::string with_json(const std::string& saved, std::string_view json) {
  std::uint64_t length = 0;
  std::memcpy(&length, saved.data(), sizeof length);
  auto header = nlohmann::ordered_json::parse(saved.substr(sizeof length, length));
  header["__metadata__"]["xgrad_checkpoint"] = json;
  const std::string text =
      header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  const std::uint64_t size = text.size();
  return std::string(reinterpret_cast<const char*>(&size), sizeof size) + text +
         saved.substr(sizeof length + length);
}

void mend_checksum(std::string& bytes) {
  if (bytes.size() < 4) return;
  const std::size_t end = bytes.size() - 4;
  const auto sum =
      static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), end));
  std::memcpy(bytes.data() + end, &sum, sizeof sum);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Training training;
  static const Array before = training.model.weight.value();
  static const std::string saved = saved_checkpoint(training);
  if (size == 0) return -1;
  const std::string_view rest = fuzz::text_of(data + 1, size - 1);
  std::string bytes = data[0] == 'f' ? std::string(rest) : with_json(saved, rest);
  mend_checksum(bytes);
  const fuzz::MemoryFile file(bytes);
  if (fuzz::succeeds(
          [&] { train::load_checkpoint(file.path(), training.model, training.optimizer); })) {
    training.model.weight.assign(before);
  } else {
    fuzz::require(training.model.weight.value() == before);
  }
  return 0;
}
