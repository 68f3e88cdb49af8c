// SPDX-License-Identifier: MIT
// The content behind a right gzip checksum: a compressed file reads as the plain one does.
#include <xgrad/datasets/idx.hpp>

#include <fuzz/fuzz_file.hpp>

#include <zlib.h>

namespace {

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  xgrad::fuzz::require(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) ==
                       Z_OK);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  xgrad::fuzz::require(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xgrad;
  const std::string_view bytes = fuzz::text_of(data, size);
  if (bytes.starts_with("\x1F\x8B")) return -1;  // packed already: the plain file would be unpacked
  const fuzz::MemoryFile plain(bytes);
  const fuzz::MemoryFile packed(gzip(bytes));
  for (const std::size_t dimensions : {1u, 3u}) {
    datasets::IdxFile a, b;
    const bool first = fuzz::succeeds([&] { a = datasets::read_idx(plain.path(), dimensions); });
    const bool second = fuzz::succeeds([&] { b = datasets::read_idx(packed.path(), dimensions); });
    fuzz::require(first == second && a.extents == b.extents && a.bytes == b.bytes);
  }
  return 0;
}
