// SPDX-License-Identifier: MIT
#include <xgrad/core/internal/blas.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/internal/kernels.hpp>
#include <xgrad/core/internal/machine.hpp>
#include <xgrad/core/internal/parallel.hpp>
#include <xgrad/core/internal/process.hpp>
#include <xgrad/core/internal/tuning.hpp>
#include <xgrad/core/system.hpp>

#include <cblas.h>
#if defined(XGRAD_ONEDNN)
#include <oneapi/dnnl/dnnl.h>
#endif

#include <algorithm>
#include <climits>
#include <new>

namespace xgrad::inline XGRAD_ABI {
namespace {

#if defined(XGRAD_DOUBLE)
constexpr auto* blas_gemm = cblas_dgemm;
constexpr auto* blas_gemv = cblas_dgemv;
constexpr auto* blas_ger = cblas_dger;
#else
constexpr auto* blas_gemm = cblas_sgemm;
constexpr auto* blas_gemv = cblas_sgemv;
constexpr auto* blas_ger = cblas_sger;
#endif

CBLAS_TRANSPOSE flag(Transpose op) { return op == Transpose::no ? CblasNoTrans : CblasTrans; }
Transpose flipped(Transpose op) { return op == Transpose::no ? Transpose::yes : Transpose::no; }

// Returns m n k, or m n if that is already above the limit, because m n k might overflow.
std::size_t multiply_adds(std::size_t m, std::size_t n, std::size_t k) {
  return m * n > tuning::kUnsplitByBlas ? m * n : m * n * k;
}

int extent(std::size_t n) { return static_cast<int>(n); }

// Computes C = op(A) op(B) + beta C on this thread.
void multiply(std::size_t m, std::size_t n, std::size_t k, const MatrixView& a, const MatrixView& b,
              Scalar beta, Scalar* c, std::size_t ldc) {
#if defined(XGRAD_ONEDNN)
  if (m * n > tuning::kOneDnnProduct / k) {
    const BlockedSignals guard;
    const auto letter = [](Transpose op) { return op == Transpose::no ? 'N' : 'T'; };
    const dnnl_status_t status =
        dnnl_sgemm(letter(a.transpose), letter(b.transpose), extent(m), extent(n), extent(k), 1,
                   a.data, extent(a.stride), b.data, extent(b.stride), beta, c, extent(ldc));
    if (status == dnnl_success) return;
    // BLAS would give other bits than the same product at another time.
    if (status == dnnl_out_of_memory) throw std::bad_alloc();
    // oneDNN has not changed C. It computes nothing if the system refuses memory for its code.
  }
#endif
  blas_gemm(CblasRowMajor, flag(a.transpose), flag(b.transpose), extent(m), extent(n), extent(k), 1,
            a.data, extent(a.stride), b.data, extent(b.stride), beta, c, extent(ldc));
}

// Computes y = op(A) x + beta y, where A is stored as rows x cols. Threads share the elements of y.
void gemv(Transpose op, std::size_t rows, std::size_t cols, const Scalar* a, const Scalar* x,
          Scalar beta, Scalar* y) {
  const bool plain = op == Transpose::no;
  const std::size_t grain = tuning::kMatrixVectorGrain / (plain ? cols : rows) + 1;
  parallel_for(
      plain ? rows : cols, grain,
      [=](std::size_t begin, std::size_t end) {
        const SingleThreadedBlas guard(rows * cols);
        const std::size_t n = end - begin;
        blas_gemv(CblasRowMajor, flag(op), extent(plain ? n : rows), extent(plain ? cols : n), 1,
                  a + begin * (plain ? cols : 1), extent(cols), x, 1, beta, y + begin, 1);
      },
      16);
}

// Computes C = x y^T + beta C.
void ger(std::size_t m, std::size_t n, const Scalar* x, const Scalar* y, Scalar beta, Scalar* c) {
  if (beta == 0) {
    kernels().outer(x, y, c, m, n);  // writes C only; ger would read C, which would have to be 0
  } else {
    const SingleThreadedBlas guard(m * n);
    blas_ger(CblasRowMajor, extent(m), extent(n), 1, x, 1, y, 1, c, extent(n));
  }
}

// An m x n block of C = op(A) op(B) + beta C, or of op(A) op(B) with the bias added to each row.
struct Part {
  std::size_t m, n, k;
  MatrixView a, b;
  Scalar beta;
  const Scalar* bias;
  Scalar* c;
  std::size_t ldc;

  // A tall product is computed in blocks of rows, which stay in the cache. Otherwise BLAS would
  // read and write all of C once for each panel of k.
  void compute() const {
    for (std::size_t begin = 0; begin < m; begin += tuning::kProductRows) {
      const std::size_t rows = std::min(tuning::kProductRows, m - begin);
      Scalar* const to = c + begin * ldc;
      if (bias != nullptr) {
        for (std::size_t i = 0; i < rows; ++i) std::copy_n(bias, n, to + i * ldc);
      }
      multiply(rows, n, k, a.from_row(begin), b, bias != nullptr ? 1 : beta, to, ldc);
    }
  }
};

// Splits C by rows or by columns, so no two threads write the same element. The gradient of a
// weight, a^T b, is split by rows, because its update is split in the same way: each core then
// reads what it has written itself.
void split_gemm(const Part& all) {
  const bool by_rows = all.m >= all.n || (all.a.transpose == Transpose::yes && 8 * all.m >= all.n);
  const std::size_t across = by_rows ? all.n : all.m;
  const std::size_t grain = tuning::kProductGrain / std::max<std::size_t>(1, across * all.k) + 1;
  const auto compute = [&](std::size_t begin, std::size_t end) {
    const SingleThreadedBlas guard(multiply_adds(all.m, all.n, all.k));
    Part part = all;
    if (by_rows) {
      part.m = end - begin;
      part.a = all.a.from_row(begin);
      part.c += begin * all.ldc;
    } else {
      part.n = end - begin;
      part.b = all.b.from_column(begin);
      part.c += begin;
      if (part.bias != nullptr) part.bias += begin;
    }
    part.compute();
  };
  parallel_for(by_rows ? all.m : all.n, grain, compute, 16);
}

void product(Transpose transpose_a, Transpose transpose_b, std::size_t m, std::size_t n,
             std::size_t k, const Scalar* a, const Scalar* b, Scalar beta, const Scalar* bias,
             Scalar* c) {
  if (std::max({m, n, k}) > INT_MAX) {
    throw ShapeError("[matmul] extents above 2147483647 do not fit BLAS");
  }
  if (m == 0 || n == 0) return;
  log_machine_once();
  const bool is_matrix = m > 1 && n > 1 && k > 1;
  if (is_matrix) {
    return split_gemm({m,
                       n,
                       k,
                       {a, transpose_a == Transpose::no ? k : m, transpose_a},
                       {b, transpose_b == Transpose::no ? n : k, transpose_b},
                       beta,
                       bias,
                       c,
                       n});
  }
  if (bias != nullptr) {
    for (std::size_t i = 0; i < m; ++i) std::copy_n(bias, n, c + i * n);
    beta = 1;
  }
  if (k == 0) {
    if (beta == 0) std::fill_n(c, m * n, Scalar{0});
    return;
  }
  if (k == 1) {
    ger(m, n, a, b, beta, c);
  } else if (m == 1) {
    const bool plain = transpose_b == Transpose::no;
    gemv(flipped(transpose_b), plain ? k : n, plain ? n : k, b, a, beta, c);
  } else {
    const bool plain = transpose_a == Transpose::no;
    gemv(transpose_a, plain ? m : k, plain ? k : m, a, b, beta, c);
  }
}

}  // namespace

void gemm(Transpose transpose_a, Transpose transpose_b, std::size_t m, std::size_t n, std::size_t k,
          const Scalar* a, const Scalar* b, Scalar beta, Scalar* c) {
  product(transpose_a, transpose_b, m, n, k, a, b, beta, nullptr, c);
}

void gemm_bias(Transpose transpose_a, Transpose transpose_b, std::size_t m, std::size_t n,
               std::size_t k, const Scalar* a, const Scalar* b, const Scalar* bias, Scalar* c) {
  product(transpose_a, transpose_b, m, n, k, a, b, 0, bias, c);
}

void gemm_in_chunk(std::size_t m, std::size_t n, std::size_t k, const MatrixView& a,
                   const MatrixView& b, Scalar beta, Scalar* c, std::size_t stride) {
  if (m == 0 || n == 0) return;
  if (k > 0) {
    multiply(m, n, k, a, b, beta, c, stride);
  } else if (beta == 0) {
    for (std::size_t i = 0; i < m; ++i) std::fill_n(c + i * stride, n, Scalar{0});
  }
}

std::string blas_name() {
  std::string name;
#if defined(XGRAD_ONEDNN)
  const dnnl_version_t& v = *dnnl_version();
  name = "oneDNN " + std::to_string(v.major) + "." + std::to_string(v.minor) + "." +
         std::to_string(v.patch) + ", ";
#endif
#if defined(XGRAD_OPENBLAS)
  const std::string config = openblas_get_config();  // "OpenBLAS 0.3.21 DYNAMIC_ARCH ..."
  const std::size_t version_end = config.find(' ', config.find(' ') + 1);
  return name + config.substr(0, version_end) + " " + openblas_get_corename();
#else
  return name + "CBLAS";
#endif
}

}  // namespace xgrad::inline XGRAD_ABI
