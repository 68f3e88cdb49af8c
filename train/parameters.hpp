// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/datasets/row_encoder.hpp>
#include <xgrad/nn/module.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI::train {

/// Writes the parameters and the buffers of a model to a safetensors file, which Python's
/// `safetensors` and PyTorch can read. xgrad_parameters.py, which is installed in share/xgrad,
/// reads it with NumPy alone. The names are those of named_state(), and the dtype is F32 (F64 in
/// the double library). With NAG, call the optimizer's eval() first. Throws DataError if the file
/// cannot be written.
///
/// Writes a new file in the same folder and renames it, so that `path` contains either the whole
/// old content or the whole new content. If the process is killed before that, it leaves the file
/// `xgrad.PID.N.tmp`, which nothing reads and which may be removed. Follows links, and refuses to
/// replace a file without write permission. If the system does not allow the renaming (the file is
/// a mount point, or the folder has no write permission), writes the file in place. In that case, a
/// process that is killed may leave an incomplete file.
void save_parameters(const std::filesystem::path& path, const nn::Module& model);
/// Writes the same file with the encoder of the training data in it, so that a program that
/// predicts uses the scaling, the categories and the class names of the training. The encoder is a
/// text in the metadata of the file, "xgrad_encoder", which load_parameters() and other readers
/// ignore: save_parameters("net.safetensors", model, datasets::RowEncoder(training)).
void save_parameters(const std::filesystem::path& path, const nn::Module& model,
                     const datasets::RowEncoder& encoder);

/// Returns the encoder that save_parameters() wrote into a file. Throws DataError if the file
/// contains none, or if it is damaged.
datasets::RowEncoder read_encoder(const std::filesystem::path& path);

/// Returns the names and shapes of the tensors in a safetensors file, so that a program can create
/// a matching model before it calls load_parameters(). Throws DataError for a file that
/// load_parameters() would reject for every model. Never needs more memory than the file is large.
std::map<std::string, Shape> parameter_shapes(const std::filesystem::path& path);

/// Returns the tensors of a safetensors file, converted to Scalar, by their names. With a `prefix`,
/// returns only the tensors whose names begin with it, by the rest of their names:
/// `read_tensors("run.checkpoint", "model.")`. Throws DataError like load_parameters().
std::map<std::string, Array> read_tensors(const std::filesystem::path& path,
                                          const std::string& prefix = "");

/// Options of load_parameters().
struct LoadOptions {
  std::string prefix{};  ///< text before each name in the file; "model." reads from a checkpoint
  bool strict = true;    ///< whether the file must contain exactly the tensors of the model
};

/// Reads the parameters and the buffers of a model from a file that save_parameters() wrote, or
/// from any safetensors file with the same names and shapes and dtype F32 or F64, which are
/// converted to Scalar. With `strict = false`, ignores the tensors that only the model or only the
/// file contains. Returns the names of the model's tensors that are not in the file.
///
/// Throws DataError with what is wrong: a name is missing or additional, a shape differs, a number
/// is too large for Scalar, the file is truncated, or a byte belongs to no tensor or to two;
/// without `strict`, also if the file contains no tensor of the model. If it throws, the model has
/// not changed.
std::vector<std::string> load_parameters(const std::filesystem::path& path, nn::Module& model,
                                         const LoadOptions& options = {});

}  // namespace xgrad::inline XGRAD_ABI::train
