// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/nn/module.hpp>

#include <filesystem>
#include <map>
#include <string>

namespace xgrad::inline XGRAD_ABI::train {

/// Writes the model's parameters as a safetensors file that Python's `safetensors` and PyTorch
/// read: names as in named_parameters(), dtype F32 (F64 from the double library). With NAG, call
/// the optimizer's eval() first. Throws DataError if the file cannot be written.
///
/// The bytes go to a new file in the same folder, which is renamed, so that `path` holds the old
/// content or the new one, whole. A process that is killed meanwhile leaves this new file,
/// `xgrad.PID.N.tmp`: nothing reads it, and it may be removed. `path` means what it means to other
/// programs: links are followed, and a file without write permission is refused. If the system
/// permits no renaming here (a file that is mounted by itself, a folder without write permission),
/// the file is written in place, and a process that is killed meanwhile leaves a part of it.
void save_parameters(const std::filesystem::path& path, const nn::Module& model);

/// The names and shapes in such a file, to make the model by before load_parameters. Throws
/// DataError where load_parameters would for any model, and never for more memory than the file
/// takes.
std::map<std::string, Shape> parameter_shapes(const std::filesystem::path& path);

/// Reads what save_parameters wrote, or any safetensors file with the same names and shapes and
/// dtype F32 or F64 (converted to Scalar). Throws DataError that names what is wrong: a missing or
/// surplus name, a shape, a number that Scalar cannot hold, a file cut short, bytes that belong to
/// no tensor or to two. The model is as before then.
void load_parameters(const std::filesystem::path& path, nn::Module& model);

}  // namespace xgrad::inline XGRAD_ABI::train
