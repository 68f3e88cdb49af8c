// SPDX-License-Identifier: MIT
#include <xgrad/core/error.hpp>
#include <xgrad/datasets/idx.hpp>

#include <datasets/idx_files.hpp>
#include <support/scratch.hpp>
#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace xgrad {
namespace {

using test::idx;
using test::write_gzip;

// Returns the error of read_idx for a file with this content, without "[idx]" and the path.
std::string complaint(const Scratch& scratch, const std::string& bytes, std::size_t dimensions) {
  const std::filesystem::path file = scratch / "file";
  write_bytes(file, bytes);
  const std::string message =
      test::message_of<DataError>([&] { datasets::read_idx(file, dimensions); });
  const std::string start = "[idx] " + file.string() + ": ";
  EXPECT_TRUE(message.starts_with(start)) << message;
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 0);
  return message.substr(std::min(start.size(), message.size()));
}

TEST(IdxTest, ReadsPlainAndCompressedFilesAlike) {
  const Scratch scratch;
  const std::string bytes = idx({2, 3}, std::string("\x00\x01\x7F\x80\xFE\xFF", 6));
  write_bytes(scratch / "plain", bytes);
  write_gzip(scratch / "packed", bytes);
  for (const char* name : {"plain", "packed"}) {
    const datasets::IdxFile file = datasets::read_idx(scratch / name, 2);
    EXPECT_EQ(file.extents, (std::vector<std::size_t>{2, 3}));
    EXPECT_EQ(file.bytes, (std::vector<std::uint8_t>{0, 1, 127, 128, 254, 255}));
  }
}

TEST(IdxTest, ReadsFilesLargerThanTheFirstChunk) {
  const Scratch scratch;
  std::string elements(5'000'000, '\0');
  for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = static_cast<char>(i % 251);
  write_bytes(scratch / "plain", idx({5, 1000, 1000}, elements));
  write_gzip(scratch / "packed", idx({5, 1000, 1000}, elements));
  for (const char* name : {"plain", "packed"}) {
    const datasets::IdxFile file = datasets::read_idx(scratch / name, 3);
    EXPECT_EQ(std::string(file.bytes.begin(), file.bytes.end()), elements) << name;
  }
}

TEST(IdxTest, RejectsAMissingFileAndAFolder) {
  const Scratch scratch;
  const auto message = [](const std::filesystem::path& path) {
    return test::message_of<DataError>([&] { datasets::read_idx(path, 1); });
  };
  EXPECT_EQ(message(scratch / "none"), "[idx] " + (scratch / "none").string() + ": no such file");
  EXPECT_EQ(message(scratch.path()),
            "[idx] " + scratch.path().string() + ": is not a regular file");
}

TEST(IdxTest, MakesARelativePathAbsoluteInErrors) {
  const auto message_of = [](const char* path) {
    return test::message_of<DataError>([&] { datasets::read_idx(path, 1); });
  };
  const std::string here = "[idx] " + std::filesystem::current_path().string();
  EXPECT_EQ(message_of("./such-file.idx"), here + "/such-file.idx: no such file");
  EXPECT_EQ(message_of("a/../such-file.idx"), here + "/a/../such-file.idx: no such file");
}

TEST(IdxTest, RejectsAnotherMagicNumber) {
  const Scratch scratch;
  EXPECT_EQ(complaint(scratch, "<!DOCTYPE html>", 3),
            "offset 0: expected 0x00000803 (unsigned bytes, dimensions: 3), found 0x3c21444f");
  std::string floats = idx({1}, "a");
  floats[2] = '\x0D';
  EXPECT_EQ(complaint(scratch, floats, 1),
            "offset 0: expected 0x00000801 (unsigned bytes, dimensions: 1), found 0x00000d01");
}

TEST(IdxTest, RejectsAnotherNumberOfDimensions) {
  const Scratch scratch;
  EXPECT_EQ(complaint(scratch, idx({1}, "a"), 3),
            "offset 0: expected 0x00000803 (unsigned bytes, dimensions: 3), found 0x00000801");
}

TEST(IdxTest, RejectsExtentsOfZero) {
  const Scratch scratch;
  EXPECT_EQ(complaint(scratch, idx({3, 0}, ""), 2),
            "offset 8: expected an extent of at least 1, found 0");
}

TEST(IdxTest, RejectsAProductOfExtentsThatOverflows) {
  const Scratch scratch;
  const std::uint32_t most = 0xFFFFFFFF;
  EXPECT_EQ(complaint(scratch, idx({most, most, most}, "a"), 3),
            "offset 8: expected an array that fits in memory, found extent 4294967295");
}

TEST(IdxTest, AHeaderThatClaimsTerabytesTakesMemoryOnlyForItsData) {
  const Scratch scratch;
  EXPECT_EQ(complaint(scratch, idx({65535, 65535, 4095}, "few bytes"), 3),
            "offset 25: expected 1048567 more bytes, found the end of the file");
}

TEST(IdxTest, RejectsTruncatedFiles) {
  const Scratch scratch;
  EXPECT_EQ(complaint(scratch, "", 1),
            "offset 0: expected 4 more bytes, found the end of the file");
  EXPECT_EQ(complaint(scratch, idx({2, 2}, "").substr(0, 10), 2),
            "offset 10: expected 2 more bytes, found the end of the file");
  EXPECT_EQ(complaint(scratch, idx({2, 2}, "abc"), 2),
            "offset 15: expected 1 more bytes, found the end of the file");
}

TEST(IdxTest, RejectsBytesAfterTheLastElement) {
  const Scratch scratch;
  const std::string expected = "offset 10: expected the end of the file, found more bytes";
  EXPECT_EQ(complaint(scratch, idx({2}, "abc"), 1), expected);
  write_gzip(scratch / "packed", idx({2}, "abc"));
  EXPECT_EQ(complaint(scratch, read_bytes(scratch / "packed"), 1), expected);
}

TEST(IdxTest, UnpacksACompressedFileOnlyToTheSizeInItsHeader) {
  const Scratch scratch;
  write_gzip(scratch / "packed", idx({2}, std::string(50'000'000, '\0')));
  ASSERT_LT(std::filesystem::file_size(scratch / "packed"), 100'000u);
  EXPECT_EQ(complaint(scratch, read_bytes(scratch / "packed"), 1),
            "offset 10: expected the end of the file, found more bytes");
}

TEST(IdxTest, RejectsCompressedFilesTruncatedAtAnyByte) {
  const Scratch scratch;
  write_gzip(scratch / "packed", idx({10}, "0123456789"));
  const std::string packed = read_bytes(scratch / "packed");
  for (std::size_t size = 2; size < packed.size(); ++size) {
    const std::string message = complaint(scratch, packed.substr(0, size), 1);
    EXPECT_TRUE(message.ends_with("found damaged gzip data: unexpected end of file"))
        << "cut to " << size << " bytes: " << message;
  }
  EXPECT_EQ(complaint(scratch, packed.substr(0, packed.size() - 1), 1),
            "offset 18: expected the end of the file, found damaged gzip data: unexpected end of "
            "file");
}

TEST(IdxTest, ADamagedCompressedFileIsRejectedOrGivesTheOriginalData) {
  const Scratch scratch;
  const std::string elements = "0123456789";
  write_gzip(scratch / "packed", idx({10}, elements));
  const std::string packed = read_bytes(scratch / "packed");
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < 8 * packed.size(); ++bit) {
    std::string damaged = packed;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    write_bytes(scratch / "damaged", damaged);
    try {  // some bits do not matter: the time in the header, the padding after the last code
      const datasets::IdxFile file = datasets::read_idx(scratch / "damaged", 1);
      EXPECT_EQ(std::string(file.bytes.begin(), file.bytes.end()), elements) << "bit " << bit;
    } catch (const DataError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 4 * packed.size());
}

TEST(IdxTest, ComparesTheChecksumOfCompressedFiles) {
  const Scratch scratch;
  write_gzip(scratch / "packed", idx({10}, "0123456789"));
  std::string packed = read_bytes(scratch / "packed");
  char& checksum = packed[packed.size() - 8];
  checksum = static_cast<char>(checksum ^ 1);
  EXPECT_TRUE(
      complaint(scratch, packed, 1).ends_with("found damaged gzip data: incorrect data check"));
}

}  // namespace
}  // namespace xgrad
