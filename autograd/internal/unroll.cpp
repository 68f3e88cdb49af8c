// SPDX-License-Identifier: MIT
#include <xgrad/autograd/internal/unroll.hpp>

#include <xgrad/core/internal/kernels.hpp>
#include <xgrad/core/internal/tuning.hpp>

namespace xgrad::inline XGRAD_ABI::detail {
namespace {

std::size_t pieces(std::size_t n, std::size_t most) { return (n + most - 1) / most; }

// Calls visit(at in the tile, at in the image, lines, columns) for each part of a tile that is
// inside of the image. In the tile, the next line is w.count elements further, and the next column
// is the next element; in the image, they are h.stride lines and w.stride elements further.
template <class Visit>
void for_each_part(const Unrolled& u, const Tile& t, Visit visit) {
  const WindowAxis &h = u.v.windows.h, &w = u.v.windows.w;
  std::size_t row = 0;  // of the tile
  for (std::size_t c = t.channels.begin; c < t.channels.end; ++c) {
    for (std::size_t j = 0; j < w.kernel; ++j, ++row) {
      const Range& columns = w.inside[j];
      for (std::size_t phase = 0; phase < u.phases; ++phase) {
        const auto first_below = [&](std::size_t line) {  // first line at or below the padded line
          const std::size_t before = t.lines.begin * h.stride + phase;
          return line > before ? pieces(line - before, h.stride) : 0;
        };
        const std::size_t end =
            std::min(first_below(h.padding + h.extent), t.lines.size() + u.v.overlap);
        const std::size_t begin = std::min(first_below(h.padding), end);
        if (begin == end || columns.size() == 0) continue;
        const std::size_t at = (t.lines.begin + begin) * h.stride + phase - h.padding;
        visit(row * u.row_size + (phase * u.lines + begin) * w.count + columns.begin,
              (c * h.extent + at) * w.extent + w.position(columns.begin, j), end - begin,
              columns.size());
      }
    }
  }
}

}  // namespace

Convolution::Convolution(const Windows& v, std::size_t n, std::size_t channels_in,
                         std::size_t channels_out)
    : windows(v),
      images(n),
      in(channels_in),
      out(channels_out),
      overlap((v.h.kernel - 1) / v.h.stride) {
  const std::size_t rows =
      std::clamp<std::size_t>(std::max(in * v.w.kernel, out), 1, tuning::kTileRows);
  const std::size_t line = std::min(v.h.stride, v.h.kernel) * v.w.count;  // of all phases
  lines_per_tile = std::clamp<std::size_t>(tuning::kTileSize / rows / line, 1, v.h.count);
  channels_per_tile =
      std::clamp<std::size_t>(tuning::kTileSize / v.w.kernel / (lines_per_tile + overlap) / line, 1,
                              std::max<std::size_t>(in, 1));
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

Unrolled::Unrolled(const Convolution& convolution)
    : v(convolution),
      phases(std::min(v.windows.h.stride, v.windows.h.kernel)),
      lines(v.lines_per_tile + v.overlap),
      row_size(phases * lines * v.windows.w.count) {}

Offsets Unrolled::offsets() const {
  const WindowAxis &h = v.windows.h, &w = v.windows.w;
  Offsets result;
  result.reserve(v.channels_per_tile * v.kernel_size());
  for (std::size_t c = 0; c < v.channels_per_tile; ++c) {
    for (std::size_t i = 0; i < h.kernel; ++i) {
      const std::size_t line = i % h.stride * lines + i / h.stride;
      for (std::size_t j = 0; j < w.kernel; ++j) {
        result.push_back((c * w.kernel + j) * row_size + line * w.count);
      }
    }
  }
  return result;
}

void Unrolled::unroll(const Tile& t, const Scalar* image, Scalar* tile) const {
  const WindowAxis &h = v.windows.h, &w = v.windows.w;
  if (v.bands() > 1 && (h.padding > 0 || w.padding > 0)) {
    std::fill_n(tile, t.channels.size() * w.kernel * row_size, Scalar{0});
  }
  for_each_part(*this, t, [&](std::size_t to, std::size_t from, std::size_t m, std::size_t n) {
    if (w.stride == 1) {
      return kernels().copy_lines(image + from, h.stride * w.extent, tile + to, w.count, m, n);
    }
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t k = 0; k < n; ++k) {
        tile[to + i * w.count + k] = image[from + i * h.stride * w.extent + k * w.stride];
      }
    }
  });
}

void Unrolled::add_rolled(const Tile& t, const Scalar* tile, Scalar* image) const {
  const WindowAxis &h = v.windows.h, &w = v.windows.w;
  for_each_part(*this, t, [&](std::size_t from, std::size_t to, std::size_t m, std::size_t n) {
    if (w.stride == 1) {
      return kernels().add_lines(tile + from, w.count, image + to, h.stride * w.extent, m, n);
    }
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t k = 0; k < n; ++k) {
        image[to + i * h.stride * w.extent + k * w.stride] += tile[from + i * w.count + k];
      }
    }
  });
}

Interleaved::Interleaved(const Convolution& convolution)
    : v(convolution),
      rows(std::max(v.in * v.windows.w.kernel, v.windows.h.kernel) < tuning::kShortWindow
               ? v.windows.h.kernel
               : 1),
      channels(pieces(v.in, v.groups())),
      pixel(rows * channels),
      hop(std::min(v.windows.w.stride, v.windows.w.kernel)),
      line_hop(rows > 1 ? 1 : std::min(v.windows.h.stride, v.windows.h.kernel)),
      line_size(((v.windows.w.count - 1) * hop + v.windows.w.kernel) * pixel) {}

Offsets Interleaved::offsets() const {
  Offsets result;
  result.reserve(v.lines_per_tile * v.windows.w.count);
  for (std::size_t row = 0; row < v.lines_per_tile; ++row) {
    for (std::size_t k = 0; k < v.windows.w.count; ++k) {
      result.push_back(row * line_hop * line_size + k * hop * pixel);
    }
  }
  return result;
}

void Interleaved::interleave(const Tile& t, const Scalar* image, Scalar* tile) const {
  const WindowAxis& h = v.windows.h;
  for (std::size_t line = 0; line < lines(t.lines.size()); ++line) {
    const std::size_t padded = (t.lines.begin + line / line_hop) * h.stride + line % line_hop;
    Scalar* const to = tile + line * line_size;
    std::size_t i = 0;
    if (line > 0 && rows > h.stride) {  // the other rows are also in the line above
      const std::size_t shift = h.stride * channels;
      std::copy_n(to - line_size + shift, line_size - shift, to);
      i = rows - h.stride;
    }
    for (; i < rows; ++i) {
      const std::size_t at = padded + i - h.padding;  // wraps around above the image
      for (std::size_t c = 0; c < t.channels.size(); ++c) {
        const std::size_t from = ((t.channels.begin + c) * h.extent + at) * v.windows.w.extent;
        copy_columns(at < h.extent ? image + from : nullptr, to + i * channels + c);
      }
    }
  }
}

void Interleaved::copy_columns(const Scalar* from, Scalar* to) const {
  const WindowAxis& w = v.windows.w;
  const std::size_t columns = line_size / pixel;
  if (hop < w.stride) {  // only those of windows
    for (std::size_t k = 0; k < columns; ++k) {
      const std::size_t at = k / hop * w.stride + k % hop - w.padding;
      to[k * pixel] = from != nullptr && at < w.extent ? from[at] : Scalar{0};
    }
    return;
  }
  const std::size_t begin = from != nullptr ? std::min(w.padding, columns) : columns;
  const std::size_t end = std::clamp(w.padding + w.extent, begin, columns);
  for (std::size_t k = 0; k < begin; ++k) to[k * pixel] = 0;
  for (std::size_t k = begin; k < end; ++k) to[k * pixel] = *from++;
}

}  // namespace xgrad::inline XGRAD_ABI::detail
