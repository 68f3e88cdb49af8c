// SPDX-License-Identifier: MIT
// Prints which digit an image shows, as classified by a network that train_mnist saved.
//
//   train_mnist --save net.safetensors
//   predict net.safetensors digit.png
//   predict net.safetensors t10k-images-idx3-ubyte --index 7
//   predict net.safetensors t10k-images-idx3-ubyte --labels t10k-labels-idx1-ubyte
//   predict lenet.safetensors digit.png --features features.png
//
// A blank image, whose pixels are all equal, shows no digit. If it is the only image to classify (a
// PNG, a PGM or the image chosen by --index), this is an error. In a file of several images it is
// classified like the others, and a line on standard error gives the number of blank images.
//
// Exit status: 0 after it has printed the result, 1 if there was an error, 2 for a wrong option.
#include "support/command_line.hpp"
#include "support/features.hpp"
#include "support/image.hpp"
#include "support/models.hpp"
#include "support/program.hpp"

#include <xgrad/datasets/idx.hpp>
#include <xgrad/xgrad.hpp>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

using namespace xgrad;

namespace {

struct Options {
  std::filesystem::path net, file, labels, features;
  std::optional<std::size_t> index;
  bool logits = false;
};

/// The images to classify. The labels are 0 if none are given.
struct Images {
  std::size_t width = 0, height = 0;
  std::vector<std::uint8_t> pixels{};
  Labels labels{};
};

std::optional<Options> parse_options(int argc, char** argv) {
  Options options;
  const bool is_run = parse_command_line(
      argc, argv, "Prints which digit an image shows, with a network from train_mnist --save.",
      {{.name = "net",
        .help = "File of the network (safetensors)",
        .value = value(options.net, path()),
        .required = true},
       {.name = "file",
        .help = "An image (PNG or PGM), or an IDX file of images (or .gz)",
        .value = value(options.file, path()),
        .required = true},
       {"--labels", "IDX file of labels; prints the accuracy over all images",
        value(options.labels, path())},
       {.name = "--index",
        .help = "Classify only this image of an IDX file, from 0",
        .value = value(options.index, whole_number(0)),
        .excludes = "--labels"},
       {.name = "--logits",
        .help = "Print only the outputs of the network, one line per image, in full precision",
        .value = flag(options.logits),
        .excludes = "--labels"},
       {.name = "--features",
        .help =
            "PNG file to which to draw the first kernels of a convolutional network, and what they "
            "make of the image",
        .value = value(options.features, path()),
        .excludes = "--labels"}});
  if (!is_run) return std::nullopt;
  return options;
}

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw DataError("[predict] " + file.string() + ": " + what);
}

Labels unlabelled(std::size_t count) {
  Labels labels = Labels::from_shape({count});
  labels.fill(0);
  return labels;
}

/// Reads the images for a network whose input rows have this shape.
Images read_images(const Options& options, const Shape& shape) {
  const std::size_t features = element_count(shape);
  if (is_image(options.file)) {
    const auto side = static_cast<std::size_t>(std::lround(std::sqrt(features)));
    if (side * side != features) {
      fail(options.net, "the network must have inputs for a square image, but it has " +
                            std::to_string(features));
    }
    const Image image = read_image(options.file);
    Image digit = as_digit(image, side);
    if (is_blank(image.pixels) || is_blank(digit.pixels)) {
      fail(options.file, "the image is blank: all its pixels are equal, so it shows no digit");
    }
    return {side, side, std::move(digit.pixels), unlabelled(1)};
  }
  datasets::IdxFile idx;
  try {
    idx = datasets::read_idx(options.file, 3);
  } catch (const DataError& error) {
    fail(options.file,
         std::string("is not a PNG, a PGM or an IDX file of images: ") + error.what());
  }
  const std::size_t rows = idx.extents[1], columns = idx.extents[2];
  const bool fits =
      shape.size() == 3 ? shape == Shape{1, rows, columns} : rows * columns == features;
  if (!fits) {
    fail(options.file, "the images have " + std::to_string(columns) + " x " + std::to_string(rows) +
                           " pixels, but the network has inputs of shape " + to_string(shape));
  }
  return {columns, rows, std::move(idx.bytes), unlabelled(idx.extents[0])};
}

std::vector<std::uint8_t> pixels_of(const Images& images, std::size_t index) {
  const std::size_t features = images.width * images.height;
  const auto first = images.pixels.begin() + static_cast<std::ptrdiff_t>(index * features);
  return {first, first + static_cast<std::ptrdiff_t>(features)};
}

void keep_one(Images& images, const std::filesystem::path& file, std::size_t index) {
  if (index >= images.labels.size()) {
    throw OptionError("[predict] --index must be below " + std::to_string(images.labels.size()) +
                      ", the number of images, got " + std::to_string(index));
  }
  images.pixels = pixels_of(images, index);
  images.labels = unlabelled(1);
  if (is_blank(images.pixels)) {
    fail(file, "image " + std::to_string(index) +
                   " is blank: all its pixels are equal, so it shows no digit");
  }
}

void tell_blank_images(const Images& images, const std::filesystem::path& file) {
  std::size_t blank = 0, first = 0;
  for (std::size_t i = images.labels.size(); i-- > 0;) {
    if (!is_blank(pixels_of(images, i))) continue;
    ++blank;
    first = i;
  }
  if (blank == 0) return;
  warn(file.string() + ": " + std::to_string(blank) + " of " +
       std::to_string(images.labels.size()) + " images are blank, the first is image " +
       std::to_string(first) + "; their classes have no meaning");
}

void read_labels(Images& images, const std::filesystem::path& file, std::size_t classes) {
  const datasets::IdxFile idx = datasets::read_idx(file, 1);
  if (idx.bytes.size() != images.labels.size()) {
    fail(file, "every image must have one label, but there are " +
                   std::to_string(idx.bytes.size()) + " labels and " +
                   std::to_string(images.labels.size()) + " images");
  }
  for (std::size_t i = 0; i < idx.bytes.size(); ++i) {
    if (idx.bytes[i] >= classes) {
      fail(file, "every label must be below " + std::to_string(classes) +
                     ", the number of classes of the network, got " + std::to_string(idx.bytes[i]));
    }
    images.labels(i) = idx.bytes[i];
  }
}

void print_row(const Array& values, std::size_t row, bool exactly) {
  const std::size_t classes = values.shape()[1];
  const Scalar* const p = values.data() + row * classes;
  const auto best = static_cast<std::size_t>(std::max_element(p, p + classes) - p);
  if (!exactly) std::printf("class %zu  probabilities", best);
  for (std::size_t i = 0; i < classes; ++i) {
    if (exactly) {
      std::printf("%s%.9g", i > 0 ? " " : "", static_cast<double>(p[i]));
    } else {
      std::printf(" %.4f", static_cast<double>(p[i]));
    }
  }
  std::printf("\n");
}

void draw_to(const std::filesystem::path& file, nn::Sequential& model,
             const datasets::Dataset& data) {
  if (data.size() != 1) {
    throw OptionError("[predict] --features needs one image, got " + std::to_string(data.size()) +
                      "; choose one with --index");
  }
  write_png(file, draw_features(model, Tensor(data.gather_all())));
}

int run(const Options& options) {
  auto [model, shape, classes] = load_model(options.net);
  Images images = read_images(options, shape);
  if (options.index) keep_one(images, options.file, *options.index);
  tell_blank_images(images, options.file);
  if (!options.labels.empty()) read_labels(images, options.labels, classes);
  const bool has_room = terminal_columns(STDOUT_FILENO) >= 2 * images.width;
  if (images.labels.size() == 1 && has_room && !options.logits) {
    std::printf("%s", draw({images.width, images.height, images.pixels}).c_str());
  }
  const datasets::Dataset data(datasets::Bytes{std::move(images.pixels), shape}, images.labels,
                               classes);
  if (!options.labels.empty()) {
    const train::Evaluation result = train::evaluate(model, data);
    std::printf("accuracy %.2f ± %.2f %% of %zu images\n", 100 * result.accuracy,
                100 * result.accuracy_stderr, result.count);
    return 0;
  }
  if (!options.features.empty()) draw_to(options.features, model, data);
  model.eval();
  const NoGradGuard no_graph;
  datasets::DataLoader loader(data, {.batch_size = 512, .shuffle = false});
  for (const auto& [x, y] : loader) {
    const Tensor logits = model(x);
    const Array values = options.logits ? logits.value() : softmax(logits).value();
    for (std::size_t row = 0; row < values.shape()[0]; ++row) {
      print_row(values, row, options.logits);
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program("predict", [&] {
    const std::optional<Options> options = parse_options(argc, argv);
    return options ? run(*options) : 0;
  });
}
