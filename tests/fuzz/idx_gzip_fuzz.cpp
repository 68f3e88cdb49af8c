// SPDX-License-Identifier: MIT
// Fuzzes the IDX reader with files that have a correct gzip checksum: a compressed file must give
// the same result as the plain file.
#include <xgrad/datasets/idx.hpp>

#include <fuzz/fuzz_file.hpp>

#include <datasets/idx_files.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xgrad;
  const std::string_view bytes = fuzz::text_of(data, size);
  if (bytes.starts_with("\x1F\x8B")) return -1;  // gzip: the reader would unpack the plain file
  const fuzz::MemoryFile plain(bytes);
  const fuzz::MemoryFile packed("");
  test::write_gzip(packed.path(), std::string(bytes));
  for (const std::size_t dimensions : {1u, 3u}) {
    datasets::IdxFile a, b;
    const bool first = fuzz::succeeds([&] { a = datasets::read_idx(plain.path(), dimensions); });
    const bool second = fuzz::succeeds([&] { b = datasets::read_idx(packed.path(), dimensions); });
    fuzz::require(first == second && a.extents == b.extents && a.bytes == b.bytes);
  }
  return 0;
}
