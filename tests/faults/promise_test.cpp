// SPDX-License-Identifier: MIT
// A file whose header claims a large size must not make a reader allocate that size before the data
// are read.
#include "failing_memory.hpp"

#include "datasets/idx_files.hpp"
#include "support/safetensors.hpp"
#include "train/runs.hpp"

#include <xgrad/datasets/idx.hpp>

namespace xgrad::test {
namespace {

constexpr std::uint32_t kMost = 0xFFFFFFFF;  // 4 GiB - 1
constexpr std::size_t kSmall = std::size_t{2} << 20;

/// Calls a reader that must reject its file. Returns its largest request for memory, in bytes.
template <class Read>
std::size_t largest_request_of_rejected(Read read) {
  largest_request();
  EXPECT_THROW(read(), DataError);
  return largest_request();
}

std::string bytes_of(std::uint64_t length) {
  return {reinterpret_cast<const char*>(&length), sizeof length};
}

/// Returns safetensors files for a Linear(2, 1) that claim 4 GiB: in the length of the header, in
/// the data offsets and the shape of a tensor, in the shape only, and in the data offsets only.
std::vector<std::string> files_that_claim_too_much(const std::string& name) {
  const std::string begin = R"({"__metadata__":{"xgrad_checkpoint":"{}"},")" + name + R"(":)";
  return {bytes_of(std::uint64_t{1} << 32) + "{}",
          safetensors(
              begin + R"({"dtype":"F32","shape":[1,1073741824],"data_offsets":[0,4294967296]}})",
              "data"),
          safetensors(begin + R"({"dtype":"F32","shape":[1,1073741824],"data_offsets":[0,4]}})",
                      "data"),
          safetensors(begin + R"({"dtype":"F32","shape":[1,2],"data_offsets":[0,4294967296]}})",
                      "data")};
}

TEST(PromiseTest, AnIdxFileThatClaims4GiBTakesMemoryOnlyForItsData) {
  const Scratch scratch;
  write_bytes(scratch / "plain", idx({kMost}, "few"));
  write_gzip(scratch / "packed", idx({kMost}, "few"));
  for (const char* name : {"plain", "packed"}) {
    const std::size_t request =
        largest_request_of_rejected([&] { datasets::read_idx(scratch / name, 1); });
    EXPECT_GT(request, 1000u);  // requests are counted
    EXPECT_LE(request, kSmall) << name;
  }
}

TEST(PromiseTest, MemoryForAnIdxFileGrowsWithTheDataRead) {
  const Scratch scratch;
  const std::size_t arrived = std::size_t{16} << 20;
  write_gzip(scratch / "packed", idx({kMost}, std::string(arrived, '\0')));
  EXPECT_LE(largest_request_of_rejected([&] { datasets::read_idx(scratch / "packed", 1); }),
            2 * arrived);
}

TEST(PromiseTest, AGzipBombIsUnpackedOnlyToTheSizeInItsHeader) {
  const Scratch scratch;
  write_gzip(scratch / "packed", idx({1000}, std::string(20'000'000, '\0')));
  EXPECT_LE(largest_request_of_rejected([&] { datasets::read_idx(scratch / "packed", 1); }),
            kSmall);
}

TEST(PromiseTest, ParametersThatClaim4GiBTakeMemoryOnlyForTheirData) {
  const Scratch scratch;
  Rng rng(0);
  nn::Linear model(2, 1, rng);
  for (const std::string& bytes : files_that_claim_too_much("weight")) {
    write_bytes(scratch / "file", bytes);
    const auto load = [&] { train::load_parameters(scratch / "file", model); };
    const auto shapes = [&] { train::parameter_shapes(scratch / "file"); };
    EXPECT_LE(largest_request_of_rejected(load), kSmall);
    EXPECT_LE(largest_request_of_rejected(shapes), kSmall);
  }
}

TEST(PromiseTest, ACheckpointThatClaims4GiBTakesMemoryOnlyForItsData) {
  const Scratch scratch;
  Rng rng(0);
  nn::Linear model(2, 1, rng);
  optim::Adam optimizer(model.parameters());
  for (const std::string& bytes : files_that_claim_too_much("model.weight")) {
    write_bytes(scratch / "file", with_checksum(bytes));
    const auto load = [&] { train::load_checkpoint(scratch / "file", model, optimizer); };
    EXPECT_LE(largest_request_of_rejected(load), kSmall);
  }
  // A checkpoint that is valid except for the shape of a weight.
  train::save_checkpoint(scratch / "file", model, optimizer, {});
  const std::string bytes = read_bytes(scratch / "file"), shape = "\"shape\":[1,2]";
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  std::string header = bytes.substr(sizeof length, length);
  header.replace(header.find(shape), shape.size(), "\"shape\":[1,1073741824]");
  write_bytes(scratch / "file",
              with_checksum(safetensors(header, bytes.substr(sizeof length + length))));
  EXPECT_LE(largest_request_of_rejected(
                [&] { train::load_checkpoint(scratch / "file", model, optimizer); }),
            kSmall);
}

TEST(PromiseTest, JsonNested100000DeepIsRejected) {
  const Scratch scratch;
  Rng rng(0);
  nn::Linear model(2, 1, rng);
  const std::string open(100'000, '['), close(100'000, ']');
  for (const std::string& header : {open, open + close, R"({"__metadata__":)" + open + close + "}",
                                    R"({"weight":{"shape":)" + open + close + "}}"}) {
    write_bytes(scratch / "file", safetensors(header, "data"));
    EXPECT_THROW(train::load_parameters(scratch / "file", model), DataError);
    EXPECT_THROW(train::parameter_shapes(scratch / "file"), DataError);
  }
}

}  // namespace
}  // namespace xgrad::test
