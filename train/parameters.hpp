// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/nn/module.hpp>

#include <filesystem>
#include <map>
#include <string>

namespace xgrad::inline XGRAD_ABI::train {

/// Writes the parameters of a model to a safetensors file, which Python's `safetensors` and PyTorch
/// can read. The names are those of named_parameters(), and the dtype is F32 (F64 in the double
/// library). With NAG, call the optimizer's eval() first. Throws DataError if the file cannot be
/// written.
///
/// Writes a new file in the same folder and renames it, so that `path` contains either the whole
/// old content or the whole new content. If the process is killed before that, it leaves the file
/// `xgrad.PID.N.tmp`, which nothing reads and which may be removed. Follows links, and refuses to
/// replace a file without write permission. If the system does not allow the renaming (the file is
/// a mount point, or the folder has no write permission), writes the file in place. In that case, a
/// process that is killed may leave an incomplete file.
void save_parameters(const std::filesystem::path& path, const nn::Module& model);

/// Returns the names and shapes of the tensors in a safetensors file, so that a program can create
/// a matching model before it calls load_parameters(). Throws DataError for a file that
/// load_parameters() would reject for every model. Never needs more memory than the file is large.
std::map<std::string, Shape> parameter_shapes(const std::filesystem::path& path);

/// Reads the parameters of a model from a file that save_parameters() wrote, or from any
/// safetensors file with the same names and shapes and dtype F32 or F64, which are converted to
/// Scalar. Throws DataError with what is wrong: a name is missing or additional, a shape differs, a
/// number is too large for Scalar, the file is truncated, or a byte belongs to no tensor or to two.
/// If it throws, the model has not changed.
void load_parameters(const std::filesystem::path& path, nn::Module& model);

}  // namespace xgrad::inline XGRAD_ABI::train
