// SPDX-License-Identifier: MIT
#pragma once

// Arranges images for convolutions, so that each pass is a product of matrices (Kernels::product)
// whose right matrix has rows that overlap in memory. So no pass writes the matrix that contains
// every pixel once for each element of the kernel.
//
// - Unrolled, for the result and for the gradient of the image: row (channel, j) consists of the
//   lines of the padded channel; each line contains only the elements at column j of the windows.
//   With stride 1, the elements at row i + 1 and column j of the windows begin one line after those
//   at row i. With a larger stride, the lines 0, stride, 2 stride, ... come first, then the lines
//   1, stride + 1, ..., so that the lines for one row of the kernel are neighbours.
// - Interleaved, for the gradient of the weight: the channels of a pixel are neighbours. So the
//   elements of a window that are in one row of the kernel are contiguous.
//
// Both are computed in tiles that stay in the cache. A tile consists of some channels and the lines
// for some rows of windows, a band. The tiles depend only on the shapes, never on the number of
// threads.

#include <xgrad/autograd/internal/windows.hpp>

#include <vector>

namespace xgrad::inline XGRAD_ABI::detail {

/// The places in memory where the rows of a matrix begin.
using Offsets = std::vector<std::size_t, Allocator<std::size_t>>;

/// A part of an image.
struct Tile {
  Range channels;
  Range lines;  ///< rows of windows
};

/// The shapes of a convolution, and how its images are divided into tiles.
struct Convolution {
  Windows windows;
  std::size_t images, in, out;  ///< number of images, input channels and output channels
  std::size_t overlap;          ///< lines of a phase that a tile shares with the next band
  std::size_t lines_per_tile, channels_per_tile;

  Convolution(const Windows& v, std::size_t n, std::size_t channels_in, std::size_t channels_out);

  std::size_t image_size() const { return in * windows.image_size(); }
  std::size_t result_size() const { return out * windows.count(); }
  std::size_t kernel_size() const { return windows.kernel_size(); }
  /// Returns the number of multiply-adds for one image.
  std::size_t multiply_adds() const { return result_size() * in * kernel_size(); }

  /// Returns a block of the images, which are divided into blocks of almost equal size.
  Range images_of(std::size_t block, std::size_t blocks) const {
    return {images * block / blocks, images * (block + 1) / blocks};
  }
  std::size_t bands() const;   ///< number of tiles from the first to the last row of windows
  std::size_t groups() const;  ///< number of tiles from the first to the last channel
  /// Returns a tile. Groups have almost equal numbers of channels.
  Tile tile(std::size_t band, std::size_t group) const;
  /// Returns the number of columns of the result for a tile.
  std::size_t columns(const Tile& t) const { return t.lines.size() * windows.w.count; }
  /// Returns the first column of the result for a tile.
  std::size_t first_column(const Tile& t) const { return t.lines.begin * windows.w.count; }
};

/// The unrolled images of a convolution.
struct Unrolled {
  explicit Unrolled(const Convolution& convolution);

  const Convolution& v;
  std::size_t phases;    ///< number of parts whose lines are `stride` apart in the image
  std::size_t lines;     ///< lines of a phase in the largest tile
  std::size_t row_size;  ///< elements from one row of a tile to the next

  /// Returns the number of elements of the largest tile.
  std::size_t tile_size() const { return v.channels_per_tile * v.windows.w.kernel * row_size; }
  /// Returns where the elements of all windows begin for (channel, i, j), the order of a weight.
  Offsets offsets() const;

  /// Writes a tile of the unrolled image to `tile`, which must contain only zeros before the first
  /// call. If there is one band, the padding is at the same place in every tile and stays zero;
  /// otherwise the tile is cleared.
  void unroll(const Tile& t, const Scalar* image, Scalar* tile) const;
  /// Adds each element of `tile` to the element of the image that unroll() reads for it.
  void add_rolled(const Tile& t, const Scalar* tile, Scalar* image) const;
};

/// The interleaved images of a convolution: (line, column, i, channel). If the kernel is small, its
/// rows i are interleaved, too, and `rows` is their number; otherwise it is 1. Pixels between
/// windows are left out.
struct Interleaved {
  explicit Interleaved(const Convolution& convolution);

  const Convolution& v;
  std::size_t rows;
  std::size_t channels;   ///< channels of the largest group; others leave some elements unused
  std::size_t pixel;      ///< elements from one column to the next
  std::size_t hop;        ///< columns from one window to the next
  std::size_t line_hop;   ///< lines from one row of windows to the next
  std::size_t line_size;  ///< elements from one line to the next

  std::size_t rest() const { return v.windows.h.kernel / rows; }  ///< rows i not interleaved
  /// Returns the number of contiguous elements of a window: (j, i, channel).
  std::size_t window_size() const { return v.windows.w.kernel * pixel; }
  /// Returns the number of lines for this number of rows of windows.
  std::size_t lines(std::size_t window_rows) const { return (window_rows - 1) * line_hop + rest(); }
  /// Returns the number of elements of the largest tile.
  std::size_t tile_size() const { return lines(v.lines_per_tile) * line_size; }
  /// Returns where the windows of a tile begin.
  Offsets offsets() const;

  /// Writes a tile of the interleaved image to `tile`, which must contain only zeros before the
  /// first call: the columns right of the image are not written.
  void interleave(const Tile& t, const Scalar* image, Scalar* tile) const;

 private:
  // Copies the columns of a line of a channel. Without `from`, the line is above or below the
  // image.
  void copy_columns(const Scalar* from, Scalar* to) const;
};

}  // namespace xgrad::inline XGRAD_ABI::detail
