// SPDX-License-Identifier: MIT
#pragma once

// The safetensors format: 8 bytes with the header's length, a JSON header that gives each tensor's
// dtype, shape and place, then the numbers; everything little-endian. The tensors cover the data
// without gaps and overlaps, and nothing follows them. Private to the library, not installed.

#include <xgrad/core/array.hpp>
#include <xgrad/nn/module.hpp>
#include <xgrad/train/internal/json.hpp>

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

/// What a file is to hold.
using NamedArrays = std::vector<std::pair<std::string, const Array*>>;
NamedArrays parameters_of(const nn::Module& model, const std::string& prefix);

/// Replaces the file, whole or not at all. Throws DataError `[where] ...`.
void write_safetensors(const char* where, const std::filesystem::path& path,
                       const NamedArrays& tensors, std::map<std::string, std::string> metadata,
                       Checksum checksum);

/// A file read into memory, its header checked. Everything throws DataError `[where] path: ...`.
class SafetensorsFile {
 public:
  SafetensorsFile(const char* where, const std::filesystem::path& path);
  SafetensorsFile(const SafetensorsFile&) = delete;
  SafetensorsFile& operator=(const SafetensorsFile&) = delete;

  [[noreturn]] void fail(const std::string& what) const;
  /// Throws unless the last four bytes are the CRC-32 of all before.
  void require_checksum() const;

  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  bool contains(const std::string& name) const { return tensors_.contains(name); }
  /// Of each tensor its shape; throws unless all are numbers that can be read, in full.
  std::map<std::string, Shape> shapes() const;
  /// A tensor of the model, of this shape, converted to Scalar.
  Array read(const std::string& name, const Shape& shape) const;
  /// The values of all parameters of the model; throws where the file has another one with this
  /// prefix.
  std::vector<Array> read_parameters(const std::string& prefix, const nn::Module& model) const;

 private:
  struct Stored {
    std::string dtype;
    Shape shape;
    std::size_t begin = 0;  ///< in the data
    std::string_view bytes;
  };
  void parse_header(std::string_view text, std::string_view data);
  void parse_metadata(const JsonValue& entry);
  /// Throws if a JSON object has two members of one name.
  void require_distinct(const std::string& what, const JsonValue& object) const;
  /// Throws unless the shape and the dtype need as many bytes as the tensor has.
  void require_size(const std::string& name, const Stored& stored) const;
  /// Throws unless each byte of the data belongs to exactly one tensor.
  void require_no_gaps(std::size_t data_size) const;
  /// Throws unless the tensor is of numbers that Scalar can hold.
  void require_numbers(const std::string& name, const Stored& stored) const;
  [[noreturn]] void fail_for_dtype(const std::string& name, const Stored& stored) const;

  const char* where_;
  std::filesystem::path path_;
  std::string bytes_;
  std::map<std::string, std::string> metadata_;
  std::map<std::string, Stored> tensors_;
};

}  // namespace xgrad::inline XGRAD_ABI::train
