// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// Shades of grey from 0, black, to 255, white, row after row.
struct Picture {
  std::size_t width = 0, height = 0;
  std::vector<std::uint8_t> pixels{};
};

/// Whether the file begins as a PNG or PGM picture does.
bool is_picture(const std::filesystem::path& file);

/// Reads a PNG, of any colours, or a PGM, as text (P2) or binary (P5). What is transparent counts
/// as white. A PNG that does not state its gamma is taken for sRGB, whatever its number of bits.
/// Throws DataError for any other file, one that is cut short or damaged, and a picture of more
/// than 4096 x 4096 pixels, before memory is taken for it.
Picture read_picture(const std::filesystem::path& file);

/// A digit as a net knows it: light on dark, `side` x `side`. A picture with a light border is
/// inverted, one that is not square is set into the middle of a dark square, and each new pixel is
/// the mean over the area it covers.
Picture as_digit(Picture picture, std::size_t side);

/// Whether all pixels are equal.
bool is_blank(const std::vector<std::uint8_t>& pixels);

/// The picture in characters, two for a pixel, darkest to lightest: " .:-=+*#%@".
std::string draw(const Picture& picture);
