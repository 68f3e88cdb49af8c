// SPDX-License-Identifier: MIT
#pragma once

// Unrolls images for convolutions. A convolution is a sum over the rows of the kernel. The term of
// row i is a product of matrices: row i of the weight, as a matrix (out, channels * kw), times a
// matrix with a row for each pair of a channel and a column j of the kernel, and with a column for
// each window. It contains the element of the channel at row i and column j of the window.
//
// The unrolled image contains the matrices of all i, which overlap. Its row (channel, j) consists
// of the lines of the padded channel; each line contains only the elements at column j of the
// windows. With stride 1, the matrix of row i + 1 begins one line after that of row i. With a
// larger stride, the lines 0, stride, 2 stride, ... come first, then the lines 1, stride + 1, ...,
// so that the lines of one matrix are neighbours. So an image is copied kw times, and not kh * kw
// times.
//
// The unrolled image is computed in tiles that stay in the cache. A tile consists of the rows of
// some channels and the lines for some rows of windows. The tiles depend only on the shapes, never
// on the number of threads.

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

  std::size_t kernel_rows() const { return windows.h.kernel; }
  /// Returns the number of rows of the unrolled image, which is the number of columns of a row of
  /// the weight: input channels times columns of the kernel.
  std::size_t depth() const { return in * windows.w.kernel; }
  std::size_t image_size() const { return in * windows.image_size(); }
  std::size_t result_size() const { return out * windows.count(); }
  /// Returns the number of multiply-adds for one image.
  std::size_t multiply_adds() const { return result_size() * depth() * kernel_rows(); }
  /// Returns the number of elements of the largest tile; 0 if is_pointwise().
  std::size_t tile_size() const;

  std::size_t bands() const;   ///< number of tiles from the first to the last row of windows
  std::size_t groups() const;  ///< number of tiles from the first to the last channel
  /// Returns a tile. Groups have almost equal numbers of channels.
  Tile tile(std::size_t band, std::size_t group) const;
  std::size_t rows(const Tile& t) const { return t.channels.size() * windows.w.kernel; }
  /// Returns the number of columns of the matrix of a row of the kernel.
  std::size_t columns(const Tile& t) const { return t.lines.size() * windows.w.count; }
  /// Returns where the tile begins in the rows of a result: its first column.
  std::size_t first_column(const Tile& t) const { return t.lines.begin * windows.w.count; }
  /// Returns where the tile begins in a row of the weight: its first row.
  std::size_t first_row(const Tile& t) const { return t.channels.begin * windows.w.kernel; }

  /// Returns the number of lines of the tile that are `stride` apart in the image.
  std::size_t lines(const Tile& t) const {
    return t.lines.size() + (windows.h.kernel - 1) / windows.h.stride;
  }
  /// Returns the number of elements of a row of the tile.
  std::size_t stride(const Tile& t) const {
    return std::min(windows.h.stride, windows.h.kernel) * lines(t) * windows.w.count;
  }
  /// Returns where the matrix of row i of the kernel begins in a row of the tile.
  std::size_t begin(const Tile& t, std::size_t i) const {
    return (i % windows.h.stride * lines(t) + i / windows.h.stride) * windows.w.count;
  }

  /// Returns whether the unrolled image is the image itself, so that tiles need no copy.
  bool is_pointwise() const;
};

/// Writes the tile of the unrolled image to `tile`.
void unroll(const Convolution& v, const Tile& t, const Scalar* image, Scalar* tile);

/// Adds each element of `tile` to the element of the image that unroll() reads for it.
void add_rolled(const Convolution& v, const Tile& t, const Scalar* tile, Scalar* image);

}  // namespace xgrad::inline XGRAD_ABI::detail
