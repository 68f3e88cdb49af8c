// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// A greyscale image: the pixels row by row, from 0 (black) to 255 (white).
struct Image {
  std::size_t width = 0, height = 0;
  std::vector<std::uint8_t> pixels{};
};

/// Returns whether a file begins like a PNG or PGM image.
bool is_image(const std::filesystem::path& file);

/// Reads a PNG image of any colour type, or a PGM image in text (P2) or binary (P5) form. Shows
/// transparent pixels on white. Treats a PNG without a gamma value as sRGB, for any bit depth.
/// Throws DataError for any other file, for a truncated or damaged one, and for an image of more
/// than 4096 x 4096 pixels, before it allocates memory for the pixels.
Image read_image(const std::filesystem::path& file);

/// Writes an image to a PNG file. Throws DataError if the file cannot be written.
void write_png(const std::filesystem::path& file, const Image& image);

/// Converts an image to the form of the training images: light on dark, `side` x `side` pixels.
/// Inverts an image with a light border. Places an image that is not square in the middle of a dark
/// square. Each new pixel is the mean over the area that it covers.
Image as_digit(Image image, std::size_t side);

/// Returns whether all pixels are equal.
bool is_blank(const std::vector<std::uint8_t>& pixels);

/// Draws an image with two characters per pixel; from dark to light, these are " .:-=+*#%@".
std::string draw(const Image& image);
