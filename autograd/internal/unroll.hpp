// SPDX-License-Identifier: MIT
#pragma once

// Unrolls images for convolutions (im2col). The unrolled image has one row for each element of the
// kernel, (channel, i, j), and one column for each window. A convolution is then a product of
// matrices: the weight (out, channels * kh * kw) times the unrolled image.
//
// The unrolled image is kh * kw times as large as the image, so it is computed in tiles that stay
// in the cache. A tile consists of the rows of some channels and the columns of some rows of
// windows. The tiles depend only on the shapes, never on the number of threads.

#include <xgrad/autograd/internal/windows.hpp>

namespace xgrad::inline XGRAD_ABI::detail {

/// A part of an unrolled image.
struct Tile {
  Range channels;
  Range lines;  ///< rows of windows
};

/// The shapes of a convolution, and how its images are divided into tiles.
struct Convolution {
  Windows windows;
  std::size_t images, in, out;  ///< number of images, input channels and output channels
  std::size_t lines_per_tile, channels_per_tile;

  Convolution(const Windows& v, std::size_t n, std::size_t channels_in, std::size_t channels_out);

  /// Returns the number of columns of the weight: input channels times elements of the kernel.
  std::size_t depth() const { return in * windows.kernel_size(); }
  std::size_t image_size() const { return in * windows.image_size(); }
  std::size_t result_size() const { return out * windows.count(); }
  /// Returns the number of multiply-adds for one image.
  std::size_t multiply_adds() const { return result_size() * depth(); }
  /// Returns the number of elements of the largest tile; 0 if is_pointwise().
  std::size_t tile_size() const;

  std::size_t bands() const;   ///< number of tiles from the first to the last row of windows
  std::size_t groups() const;  ///< number of tiles from the first to the last channel
  /// Returns a tile. Groups have almost equal numbers of channels.
  Tile tile(std::size_t band, std::size_t group) const;
  std::size_t rows(const Tile& t) const { return t.channels.size() * windows.kernel_size(); }
  std::size_t columns(const Tile& t) const { return t.lines.size() * windows.w.count; }
  /// Returns where the tile begins in the rows of a result: its first column.
  std::size_t first_column(const Tile& t) const { return t.lines.begin * windows.w.count; }
  /// Returns where the tile begins in a row of the weight: its first row.
  std::size_t first_row(const Tile& t) const { return t.channels.begin * windows.kernel_size(); }

  /// Returns whether the unrolled image is the image itself, so that tiles need no copy.
  bool is_pointwise() const;
};

/// Writes the tile of the unrolled image to `tile`.
void unroll(const Convolution& v, const Tile& t, const Scalar* image, Scalar* tile);

/// Adds each element of `tile` to the element of the image that unroll() reads for it.
void add_rolled(const Convolution& v, const Tile& t, const Scalar* tile, Scalar* image);

}  // namespace xgrad::inline XGRAD_ABI::detail
