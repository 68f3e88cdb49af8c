// SPDX-License-Identifier: MIT
#include <xgrad/datasets/mnist.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>
#include <xgrad/core/internal/file_log.hpp>
#include <xgrad/datasets/idx.hpp>

#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

constexpr const char* kFashionFolder = "/usr/share/datasets/fashion-mnist";
constexpr std::size_t kLabelHeader = 8;  // number of bytes before the first label

// Returns the path of a file, or "" if it does not exist. `stem` is for example "train-images", and
// `kind` is "idx3-ubyte" or "idx1-ubyte".
std::string find_file(const std::filesystem::path& directory, const std::string& stem,
                      const std::string& kind) {
  for (const char* separator : {"-", "."}) {
    for (const char* ending : {"", ".gz"}) {
      const std::filesystem::path file = directory / (stem + separator + kind + ending);
      std::error_code ignored;
      if (std::filesystem::is_regular_file(file, ignored)) return file.string();
    }
  }
  return "";
}

/// The names of a reader and of its classes, and how to get its files.
struct Source {
  const char* where;
  const char* advice;
  std::vector<std::string> class_names;
};

std::string require_mnist_file(const Source& source, const std::string& directory,
                               const std::string& stem, const std::string& kind) {
  const std::string start = "[" + std::string(source.where) + "] " + directory;
  std::error_code ignored;
  if (!std::filesystem::is_directory(directory, ignored)) {
    throw DataError(start + " is not a directory; " + source.advice);
  }
  std::string file = find_file(directory, stem, kind);
  if (!file.empty()) return file;
  throw DataError(start + " has no " + stem + "-" + kind + " or " + stem + "." + kind +
                  ", with .gz or without; " + source.advice);
}

Dataset read_images(const Source& source, const std::filesystem::path& directory, Split split) {
  const FileLog log(source.where, directory);
  const std::string start = "[" + std::string(source.where) + "] ";
  const std::string folder = absolute_name(directory);
  const std::string part = split == Split::train ? "train" : "t10k";
  const std::string image_file = require_mnist_file(source, folder, part + "-images", "idx3-ubyte");
  const std::string label_file = require_mnist_file(source, folder, part + "-labels", "idx1-ubyte");
  const IdxFile labels = read_idx(label_file, 1);
  IdxFile images = read_idx(image_file, 3);
  if (images.extents[0] != labels.extents[0]) {
    throw DataError(start + "every image needs one label: " + image_file + " holds " +
                    std::to_string(images.extents[0]) + " images, " + label_file + " holds " +
                    std::to_string(labels.extents[0]) + " labels");
  }
  Labels y = Labels::from_shape({labels.bytes.size()});
  for (std::size_t i = 0; i < labels.bytes.size(); ++i) {
    if (labels.bytes[i] >= source.class_names.size()) {
      throw DataError(start + label_file + ": offset " + std::to_string(kLabelHeader + i) +
                      ": expected a label from 0 to 9, found " + std::to_string(labels.bytes[i]));
    }
    y(i) = labels.bytes[i];
  }
  Dataset data(Bytes{std::move(images.bytes), {1, images.extents[1], images.extents[2]}},
               std::move(y), source.class_names);
  log.read_rows(data.size());
  return data;
}

}  // namespace

bool has_mnist(const std::filesystem::path& directory) {
  const auto has = [&](const char* part) {
    return !find_file(directory, part + std::string("-images"), "idx3-ubyte").empty() &&
           !find_file(directory, part + std::string("-labels"), "idx1-ubyte").empty();
  };
  return has("train") && has("t10k");
}

Dataset mnist(const std::filesystem::path& directory, Split split) {
  const Source source{"mnist",
                      "the folder datasets/mnist of xgrad's sources has all four files",
                      {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}};
  return read_images(source, directory, split);
}

Dataset fashion_mnist(Split split) {
  const Source source{"fashion_mnist",
                      "install the files with: sudo apt-get install dataset-fashion-mnist",
                      {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt",
                       "Sneaker", "Bag", "Ankle boot"}};
  return read_images(source, kFashionFolder, split);
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
