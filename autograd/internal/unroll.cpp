// SPDX-License-Identifier: MIT
#include <xgrad/autograd/internal/unroll.hpp>

#include <xgrad/core/internal/tuning.hpp>

#include <cstring>

namespace xgrad::inline XGRAD_ABI::detail {
namespace {

std::size_t pieces(std::size_t n, std::size_t most) { return (n + most - 1) / most; }

// Copies every `stride`-th element. Lines of windows are short, so a call of memcpy would take
// longer than the copy: 16 bytes at a time are one instruction.
void copy_line(const Scalar* from, std::size_t stride, Scalar* to, std::size_t n) {
  constexpr std::size_t width = 16 / sizeof(Scalar);
  if (stride != 1 || n < width) {
    for (std::size_t k = 0; k < n; ++k) to[k] = from[k * stride];
    return;
  }
  for (std::size_t k = 0; k + width <= n; k += width) std::memcpy(to + k, from + k, 16);
  std::memcpy(to + n - width, from + n - width, 16);  // overlaps the last one
}

void add_line(const Scalar* __restrict from, Scalar* __restrict to, std::size_t stride,
              std::size_t n) {
  if (stride == 1) {
    for (std::size_t k = 0; k < n; ++k) to[k] += from[k];
  } else {
    for (std::size_t k = 0; k < n; ++k) to[k * stride] += from[k];
  }
}

// Calls visit(at in the tile, at in the image, length) for each line of a tile, without the columns
// that are outside of the image. Neighbours in the line are neighbours in the tile, and `stride`
// apart in the image.
template <class Visit>
void for_each_line(const Convolution& v, const Tile& t, Visit visit) {
  const WindowAxis &h = v.windows.h, &w = v.windows.w;
  std::size_t to = 0;  // begin of the line in the tile
  for (std::size_t c = t.channels.begin; c < t.channels.end; ++c) {
    for (std::size_t j = 0; j < w.kernel; ++j) {
      const Range& inside = w.inside[j];
      for (std::size_t first = 0; first < std::min(h.stride, h.kernel); ++first) {
        for (std::size_t line = 0; line < v.lines(t); ++line, to += w.count) {
          const std::size_t padded = (t.lines.begin + line) * h.stride + first;
          const std::size_t row = padded - h.padding;  // wraps around above the image
          if (row >= h.extent || inside.size() == 0) continue;
          visit(to + inside.begin, (c * h.extent + row) * w.extent + w.position(inside.begin, j),
                inside.size());
        }
      }
    }
  }
}

}  // namespace

Convolution::Convolution(const Windows& v, std::size_t n, std::size_t channels_in,
                         std::size_t channels_out)
    : windows(v), images(n), in(channels_in), out(channels_out) {
  const std::size_t enough_rows = std::clamp<std::size_t>(depth(), 1, tuning::kTileRows);
  const std::size_t columns = std::min(v.h.stride, v.h.kernel) * v.w.count;  // for a line
  lines_per_tile =
      std::clamp<std::size_t>(tuning::kTileSize / (enough_rows * columns), 1, v.h.count);
  channels_per_tile = std::clamp<std::size_t>(
      tuning::kTileSize / (v.w.kernel * stride({{0, 1}, {0, lines_per_tile}})), 1,
      std::max<std::size_t>(in, 1));
}

std::size_t Convolution::tile_size() const {
  if (is_pointwise()) return 0;
  const Tile largest{{0, channels_per_tile}, {0, lines_per_tile}};
  return rows(largest) * stride(largest);
}

std::size_t Convolution::bands() const { return pieces(windows.h.count, lines_per_tile); }

std::size_t Convolution::groups() const {
  return std::max<std::size_t>(pieces(in, channels_per_tile), 1);
}

Tile Convolution::tile(std::size_t band, std::size_t group) const {
  const std::size_t first_line = band * lines_per_tile;
  return {{in * group / groups(), in * (group + 1) / groups()},
          {first_line, std::min(first_line + lines_per_tile, windows.h.count)}};
}

bool Convolution::is_pointwise() const {
  return windows.kernel_size() == 1 && windows.count() == windows.image_size() &&
         windows.h.padding == 0 && windows.w.padding == 0;
}

void unroll(const Convolution& v, const Tile& t, const Scalar* image, Scalar* tile) {
  if (v.windows.h.padding > 0 || v.windows.w.padding > 0) {
    std::fill_n(tile, v.rows(t) * v.stride(t), Scalar{0});
  }
  for_each_line(v, t, [&](std::size_t to, std::size_t from, std::size_t n) {
    copy_line(image + from, v.windows.w.stride, tile + to, n);
  });
}

void add_rolled(const Convolution& v, const Tile& t, const Scalar* tile, Scalar* image) {
  for_each_line(v, t, [&](std::size_t at, std::size_t to, std::size_t n) {
    add_line(tile + at, image + to, v.windows.w.stride, n);
  });
}

}  // namespace xgrad::inline XGRAD_ABI::detail
