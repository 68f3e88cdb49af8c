// SPDX-License-Identifier: MIT
#include "image.hpp"

#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>

#include <png.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <functional>
#include <string_view>

namespace {

using xgrad::DataError;

constexpr std::size_t kMostPixels = std::size_t{4096} * 4096;
constexpr std::string_view kPng = "\x89PNG";

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw DataError("[read_image] " + xgrad::absolute_name(file) + ": " + what);
}

void require_size(const std::filesystem::path& file, std::size_t width, std::size_t height) {
  if (width > 0 && height > 0 && height <= kMostPixels / width) return;
  fail(file, "an image must have 1 to " + std::to_string(kMostPixels) + " pixels, found " +
                 std::to_string(width) + " x " + std::to_string(height));
}

Image read_png(const std::filesystem::path& file, const std::string& bytes) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()) == 0) {
    fail(file, std::string("damaged PNG data: ") + png.message);
  }
  const struct Release {
    png_image& png;
    ~Release() { png_image_free(&png); }
  } release{png};
  require_size(file, png.width, png.height);
  png.format = PNG_FORMAT_GRAY;
  // Without this flag, libpng treats 16-bit samples as linear light if the file has no gamma value.
  png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  Image image{png.width, png.height, {}};
  image.pixels.resize(PNG_IMAGE_SIZE(png));
  const png_color paper{255, 255, 255};
  // After a wrong checksum, libpng only sets a warning, but the pixels are wrong.
  if (png_image_finish_read(&png, &paper, image.pixels.data(), 0, nullptr) == 0 ||
      png.warning_or_error != 0) {
    fail(file, std::string("damaged PNG data: ") + png.message);
  }
  return image;
}

/// Reads the numbers of a PGM file. Blanks separate them, and comments from # to the end of a line.
class PgmReader {
 public:
  PgmReader(const std::filesystem::path& file, std::string_view rest) : file_(file), rest_(rest) {}

  std::size_t number(const char* what) {
    skip_blanks();
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc()) {
      fail(file_, std::string(rest_.empty() ? "cut short: " : "damaged PGM data: ") + "expected " +
                      what + (rest_.empty() ? ", found the end of the file" : ", found no number"));
    }
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  std::string_view& rest() { return rest_; }

 private:
  void skip_blanks() {
    const auto is_blank = [](char c) {
      return std::string_view(" \t\r\n\v\f").find(c) != std::string_view::npos;
    };
    while (!rest_.empty() && (is_blank(rest_[0]) || rest_[0] == '#')) {
      const bool comment = rest_[0] == '#';
      rest_.remove_prefix(comment ? std::min(rest_.find('\n'), rest_.size()) : 1);
    }
  }

  const std::filesystem::path& file_;
  std::string_view rest_;
};

Image read_pgm(const std::filesystem::path& file, const std::string& bytes) {
  PgmReader reader(file, std::string_view(bytes).substr(2));
  Image image;
  image.width = reader.number("the width");
  image.height = reader.number("the height");
  const std::size_t white = reader.number("the value of white");
  require_size(file, image.width, image.height);
  if (white == 0 || white > 65535)
    fail(file, "the value of white must be from 1 to 65535, found " + std::to_string(white));
  const bool text = bytes[1] == '2';
  const std::size_t size = white < 256 ? 1 : 2;  // number of bytes in a pixel, big-endian
  const std::size_t count = image.width * image.height;
  std::string_view& rest = reader.rest();
  if (!text) rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
  // In text, each number has at least one digit and, except for the last one, a blank.
  const std::size_t least = text ? 2 * count - 1 : size * count;
  if (rest.size() < least) {
    fail(file, "cut short: the pixels need " + std::to_string(least) + " bytes, but there are " +
                   std::to_string(rest.size()));
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto byte = [&](std::size_t k) {
      return std::size_t{static_cast<std::uint8_t>(rest[k])};
    };
    const std::size_t value = text        ? reader.number("a pixel")
                              : size == 1 ? byte(i)
                                          : 256 * byte(2 * i) + byte(2 * i + 1);
    if (value > white)
      fail(file, "a pixel must be at most " + std::to_string(white) +
                     ", the value of white, found " + std::to_string(value));
    image.pixels.push_back(static_cast<std::uint8_t>((255 * value + white / 2) / white));
  }
  return image;
}

bool has_light_border(const Image& image) {
  double sum = 0, count = 0;
  for (std::size_t y = 0; y < image.height; ++y) {
    for (std::size_t x = 0; x < image.width; ++x) {
      const bool inside = x > 0 && y > 0 && x + 1 < image.width && y + 1 < image.height;
      if (inside) continue;
      sum += image.pixels[y * image.width + x];
      ++count;
    }
  }
  return sum > 127.5 * count;
}

// Returns the length of the part of [from, from + 1) that is in [low, high).
double overlap(std::size_t from, double low, double high) {
  const auto start = static_cast<double>(from);
  return std::max(0.0, std::min(start + 1, high) - std::max(start, low));
}

}  // namespace

bool is_image(const std::filesystem::path& file) {
  std::ifstream stream(xgrad::require_file("read_image", file), std::ios::binary);
  std::string start(kPng.size(), '\0');
  stream.read(start.data(), static_cast<std::streamsize>(start.size()));
  return start == kPng || start.starts_with("P2") || start.starts_with("P5");
}

Image read_image(const std::filesystem::path& file) {
  const std::string bytes = xgrad::read_file("read_image", file);
  if (bytes.starts_with(kPng)) return read_png(file, bytes);
  if (bytes.starts_with("P2") || bytes.starts_with("P5")) return read_pgm(file, bytes);
  fail(file, "is not a PNG or a PGM (P2 or P5)");
}

void write_png(const std::filesystem::path& file, const Image& image) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = PNG_FORMAT_GRAY;
  if (png_image_write_to_file(&png, file.c_str(), 0, image.pixels.data(), 0, nullptr) == 0) {
    throw DataError("[write_png] " + xgrad::absolute_name(file) +
                    ": cannot be written: " + png.message);
  }
}

Image as_digit(Image image, std::size_t side) {
  if (has_light_border(image)) {
    for (std::uint8_t& pixel : image.pixels) pixel = static_cast<std::uint8_t>(255 - pixel);
  }
  const std::size_t square = std::max(image.width, image.height);
  const std::size_t left = (square - image.width) / 2, top = (square - image.height) / 2;
  const double step = static_cast<double>(square) / static_cast<double>(side);
  Image result{side, side, std::vector<std::uint8_t>(side * side)};
  for (std::size_t i = 0; i < side * side; ++i) {
    const std::size_t row = i / side, column = i % side;
    const double y0 = step * static_cast<double>(row) - static_cast<double>(top);
    const double x0 = step * static_cast<double>(column) - static_cast<double>(left);
    double sum = 0;
    const auto first = [](double start) { return static_cast<std::size_t>(std::max(0.0, start)); };
    for (std::size_t y = first(y0); y < image.height && static_cast<double>(y) < y0 + step; ++y) {
      for (std::size_t x = first(x0); x < image.width && static_cast<double>(x) < x0 + step; ++x) {
        sum += overlap(y, y0, y0 + step) * overlap(x, x0, x0 + step) *
               image.pixels[y * image.width + x];
      }
    }
    result.pixels[i] = static_cast<std::uint8_t>(std::lround(sum / (step * step)));
  }
  return result;
}

bool is_blank(const std::vector<std::uint8_t>& pixels) {
  return std::adjacent_find(pixels.begin(), pixels.end(), std::not_equal_to<>()) == pixels.end();
}

std::string draw(const Image& image) {
  constexpr std::string_view kShades = " .:-=+*#%@";
  std::string text;
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    text += std::string(2, kShades[image.pixels[i] * kShades.size() / 256]);
    if ((i + 1) % image.width == 0) text += '\n';
  }
  return text;
}
