// SPDX-License-Identifier: MIT
#pragma once

// The products and the convolutions of the hand-written step.

#include <cblas.h>
#if defined(XGRAD_ONEDNN)
#include <oneapi/dnnl/dnnl.h>
#endif

#include "cells.hpp"

namespace hand {

using Vector = std::vector<float>;

/// Computes C = op(A) op(B) + beta C, where the rows of A start lda elements apart. Large products
/// are computed by oneDNN if xgrad uses it.
inline void gemm(bool transpose_a, bool transpose_b, int m, int n, int k, const float* a, int lda,
                 const float* b, float beta, float* c) {
  const int ldb = transpose_b ? k : n;
#if defined(XGRAD_ONEDNN)
  if (static_cast<long>(m) * n * k > 1 << 17) {
    dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1, a, lda, b, ldb, beta,
               c, n);
    return;
  }
#endif
  cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
              transpose_b ? CblasTrans : CblasNoTrans, m, n, k, 1, a, lda, b, ldb, beta, c, n);
}

/// A convolution of 5 x 5, ReLU and max pooling over 2 x 2, as plain loops over single images.
struct Convolution {
  /// What the images of one thread need.
  struct Part {
    Vector columns, dy, dw, db;
  };

  Convolution(const bench::Convolution& c, std::size_t rows, std::size_t threads)
      : in(static_cast<int>(c.in)),
        out(static_cast<int>(c.out)),
        extent(static_cast<int>(c.extent)),
        padding(static_cast<int>(c.padding)),
        result(static_cast<int>(c.result_extent())),
        pooled(static_cast<int>(c.pooled_extent())),
        w(c.out * c.in * 25),
        b(c.out),
        y(rows * c.out * c.result_extent() * c.result_extent()),
        z(rows * c.out * c.pooled_extent() * c.pooled_extent()),
        dz(z.size()),
        largest(z.size()) {
    const std::size_t windows = c.result_extent() * c.result_extent();
    parts.assign(threads, Part{Vector(c.in * 25 * windows), Vector(c.out * windows),
                               Vector(w.size()), Vector(b.size())});
  }

  int input_size() const { return in * extent * extent; }
  int pooled_size() const { return out * pooled * pooled; }

  // Calls visit(column element, image element) for each element of a window inside the image.
  template <class Visit>
  void for_each_element(float* columns, Visit visit) const {
    for (int c = 0; c < in; ++c) {
      for (int i = 0; i < 5; ++i) {
        for (int j = 0; j < 5; ++j, columns += result * result) {
          for (int r = 0; r < result; ++r) {
            const int h = r + i - padding;
            if (h < 0 || h >= extent) continue;
            const int first = std::max(0, padding - j);
            const int end = std::min(result, extent + padding - j);
            const int from = (c * extent + h) * extent + j - padding;
            for (int s = first; s < end; ++s) visit(columns[r * result + s], from + s);
          }
        }
      }
    }
  }

  void unroll(const float* x, Vector& columns) const {
    if (padding > 0) std::fill(columns.begin(), columns.end(), 0.0f);
    for_each_element(columns.data(), [x](float& column, int at) { column = x[at]; });
  }

  void forward(const float* x, int image, int part) {
    const int windows = result * result;
    Vector& columns = parts[static_cast<std::size_t>(part)].columns;
    float* const to = y.data() + image * out * windows;
    unroll(x, columns);
    for (int o = 0; o < out; ++o) std::fill_n(to + o * windows, windows, b[std::size_t(o)]);
    gemm(false, false, out, windows, in * 25, w.data(), in * 25, columns.data(), 1, to);
    for (int i = 0; i < out * windows; ++i) to[i] = to[i] > 0 ? to[i] : 0;
    int at = image * pooled_size();
    for (int o = 0; o < out; ++o) {
      for (int r = 0; r < pooled; ++r) {
        for (int s = 0; s < pooled; ++s, ++at) {
          const int first = (o * result + 2 * r) * result + 2 * s;
          int best = first;
          for (const int other : {first + 1, first + result, first + result + 1}) {
            if (to[other] > to[best]) best = other;
          }
          z[std::size_t(at)] = to[best];
          largest[std::size_t(at)] = best;
        }
      }
    }
  }

  // Adds to the part's gradients, and writes the gradient of x unless dx is nullptr.
  void backward(const float* x, int image, int number, float* dx) {
    const int windows = result * result;
    Part& part = parts[static_cast<std::size_t>(number)];
    const float* const value = y.data() + image * out * windows;
    std::fill(part.dy.begin(), part.dy.end(), 0.0f);
    for (int at = image * pooled_size(); at < (image + 1) * pooled_size(); ++at) {
      part.dy[std::size_t(largest[std::size_t(at)])] += dz[std::size_t(at)];
    }
    for (int i = 0; i < out * windows; ++i) {
      part.dy[std::size_t(i)] = value[i] > 0 ? part.dy[std::size_t(i)] : 0;
    }
    for (int o = 0; o < out; ++o) {
      for (int i = 0; i < windows; ++i) {
        part.db[std::size_t(o)] += part.dy[std::size_t(o * windows + i)];
      }
    }
    unroll(x, part.columns);
    gemm(false, true, out, in * 25, windows, part.dy.data(), windows, part.columns.data(), 1,
         part.dw.data());
    if (dx == nullptr) return;
    gemm(true, false, in * 25, windows, out, w.data(), in * 25, part.dy.data(), 0,
         part.columns.data());
    std::fill_n(dx, input_size(), 0.0f);
    for_each_element(part.columns.data(), [dx](float& column, int at) { dx[at] += column; });
  }

  const int in, out, extent, padding, result, pooled;
  Vector w, b;
  Vector y, z, dz;           // the results of ReLU and of pooling, and the gradient of the latter
  std::vector<int> largest;  // position of the largest element of each window
  Vector w1, b1, w2, b2;     // optimizer state
  std::vector<Part> parts;
};

}  // namespace hand
