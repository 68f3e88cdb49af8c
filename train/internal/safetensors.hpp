// SPDX-License-Identifier: MIT
#pragma once

// Reads and writes the safetensors format: 8 bytes with the length of the header, a JSON header
// with the dtype, the shape and the position of each tensor, then the numbers. All of it is
// little-endian. Each byte after the header belongs to exactly one tensor. This header is private
// to the library and not installed.

#include <xgrad/core/array.hpp>
#include <xgrad/nn/module.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// The dtype of Scalar.
inline constexpr const char* kDtype = sizeof(Scalar) == 4 ? "F32" : "F64";

/// Whether a file ends with a tensor "crc32" of four bytes: the CRC-32, as zlib computes it, of
/// everything before them.
enum class Checksum { none, crc32 };

/// The tensors of a file, with their names.
using NamedArrays = std::vector<std::pair<std::string, const Array*>>;
/// Returns the parameters and the buffers of the model, with the prefix before their names.
NamedArrays tensors_of(const nn::Module& model, const std::string& prefix);

/// Tensors of a model with the values that a file has for them.
using NewValues = std::vector<std::pair<Tensor, Array>>;

/// Writes a file. An old file is replaced completely or not at all. Throws DataError `[where] ...`.
void write_safetensors(const char* where, const std::filesystem::path& path,
                       const NamedArrays& tensors, std::map<std::string, std::string> metadata,
                       Checksum checksum);

/// The content of a file. The constructor reads it into memory and checks the header. The errors of
/// all members are DataError `[where] path: ...`.
class SafetensorsFile {
 public:
  SafetensorsFile(const char* where, const std::filesystem::path& path);
  SafetensorsFile(const SafetensorsFile&) = delete;
  SafetensorsFile& operator=(const SafetensorsFile&) = delete;

  /// Throws the DataError for this file.
  [[noreturn]] void fail(const std::string& what) const;
  /// Throws unless the last four bytes are the CRC-32 of all bytes before them.
  void require_checksum() const;

  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  bool contains(const std::string& name) const { return tensors_.contains(name); }
  /// Returns the shape of each tensor. Throws unless read() can read all of them.
  std::map<std::string, Shape> shapes() const;
  /// Returns a tensor, converted to Scalar. Throws if it is missing or has another shape.
  Array read(const std::string& name, const Shape& shape) const;
  /// Returns the tensors whose names begin with `prefix`, by the rest of their names.
  std::map<std::string, Array> read_all(const std::string& prefix) const;
  /// Returns the values of the model's parameters and buffers, whose names in the file begin with
  /// `prefix`. Throws if one has another shape; if `strict`, also if one is missing or the file
  /// contains an additional tensor with this prefix; if not, also if all are missing.
  NewValues read_model(const nn::Module& model, const std::string& prefix, bool strict) const;

 private:
  struct Stored {
    std::string dtype;
    Shape shape;
    std::size_t begin = 0;  ///< offset of its first byte in the data after the header
    std::string_view bytes;
  };
  void parse_header(std::string_view text, std::string_view data);
  /// Throws unless the tensor has the number of bytes that its shape and its dtype need.
  void require_size(const std::string& name, const Stored& stored) const;
  /// Throws unless each byte of the data belongs to exactly one tensor.
  void require_no_gaps(std::size_t data_size) const;
  /// Throws unless the dtype is F32 or F64 and no number is too large for Scalar.
  void require_numbers(const std::string& name, const Stored& stored) const;
  [[noreturn]] void fail_for_dtype(const std::string& name, const Stored& stored) const;

  const char* where_;
  std::filesystem::path path_;
  std::string bytes_;
  std::map<std::string, std::string> metadata_;
  std::map<std::string, Stored> tensors_;
};

}  // namespace xgrad::inline XGRAD_ABI::train
