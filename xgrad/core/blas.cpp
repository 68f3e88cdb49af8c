// SPDX-License-Identifier: MIT
#include <xgrad/core/blas.hpp>

#include <xgrad/core/error.hpp>
#include <xgrad/core/kernels.hpp>
#include <xgrad/core/system.hpp>
#include <xgrad/core/threads.hpp>

#include <cblas.h>

#include <algorithm>
#include <climits>
#include <mutex>

#if defined(XGRAD_OPENBLAS)
#include <dlfcn.h>
#endif

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

// Holds BLAS at one thread while a product of ours runs on this thread, because two thread pools on
// the same cores fight; the caller's setting is back when the last one ends.
class SingleThreadedBlas {
 public:
  SingleThreadedBlas(const SingleThreadedBlas&) = delete;
  SingleThreadedBlas& operator=(const SingleThreadedBlas&) = delete;
#if defined(XGRAD_OPENBLAS)
  SingleThreadedBlas() {
    if (openblas_get_parallel() == OPENBLAS_SEQUENTIAL) return;
    if (openblas_get_parallel() == OPENBLAS_OPENMP) {
      openmp_threads_ = openmp().get_max_threads();
      openmp().set_num_threads(1);
      return;
    }
    const std::lock_guard lock(mutex_);
    if (holders_++ == 0) {
      callers_threads_ = openblas_get_num_threads();
      if (callers_threads_ != 1) openblas_set_num_threads(1);
    }
    holds_ = true;
  }
  ~SingleThreadedBlas() {
    if (openmp_threads_ > 0) openmp().set_num_threads(openmp_threads_);
    if (!holds_) return;
    const std::lock_guard lock(mutex_);
    if (--holders_ > 0 || callers_threads_ == 1) return;
    // Unless the embedder has chosen another number meanwhile.
    if (openblas_get_num_threads() == 1) openblas_set_num_threads(callers_threads_);
  }

 private:
  // An OpenBLAS built with OpenMP follows the calling thread's own OpenMP setting. Its OpenMP is in
  // the process already, and xgrad need not link one that might be another.
  struct OpenMP {
    int (*get_max_threads)();
    void (*set_num_threads)(int);
  };
  static const OpenMP& openmp() {
    static const OpenMP functions = [] {
      OpenMP found{[] { return 0; }, [](int) {}};
      void* const get = dlsym(RTLD_DEFAULT, "omp_get_max_threads");
      void* const set = dlsym(RTLD_DEFAULT, "omp_set_num_threads");
      if (get != nullptr && set != nullptr) {
        found.get_max_threads = reinterpret_cast<int (*)()>(get);
        found.set_num_threads = reinterpret_cast<void (*)(int)>(set);
      }
      return found;
    }();
    return functions;
  }

  inline static std::mutex mutex_;
  inline static int holders_ = 0;
  inline static int callers_threads_ = 1;
  int openmp_threads_ = 0;
  bool holds_ = false;
#else
  SingleThreadedBlas() {}
#endif
};

// Below this many multiply-adds for each thread, waking a thread costs more than it saves.
constexpr std::size_t kGrainFlops = 1 << 20;

CBLAS_TRANSPOSE flag(Op op) { return op == Op::none ? CblasNoTrans : CblasTrans; }
Op flipped(Op op) { return op == Op::none ? Op::transpose : Op::none; }

int extent(std::size_t n) { return static_cast<int>(n); }

// y = op(A) x + beta y, op(A) rows x cols.
void gemv(Op op, std::size_t rows, std::size_t cols, const Scalar* a, const Scalar* x, Scalar beta,
          Scalar* y) {
  const bool plain = op == Op::none;
  const int m = extent(plain ? rows : cols), n = extent(plain ? cols : rows);
  blas_gemv(CblasRowMajor, flag(op), m, n, 1, a, n, x, 1, beta, y, 1);
}

// C = x y^T + beta C.
void ger(std::size_t m, std::size_t n, const Scalar* x, const Scalar* y, Scalar beta, Scalar* c) {
  if (beta == 0) {
    kernels().outer(x, y, c, m, n);  // writes C once; ger would have to read zeros first
  } else {
    blas_ger(CblasRowMajor, extent(m), extent(n), 1, x, 1, y, 1, c, extent(n));
  }
}

void split_gemm(Op op_a, Op op_b, std::size_t m, std::size_t n, std::size_t k, const Scalar* a,
                const Scalar* b, Scalar beta, Scalar* c) {
  const int lda = extent(op_a == Op::none ? k : m);
  const int ldb = extent(op_b == Op::none ? n : k);
  // Each part is a block of whole rows or whole columns of C, so no two threads write one element.
  const bool by_rows = m >= n;
  const std::size_t grain = kGrainFlops / std::max<std::size_t>(1, (by_rows ? n : m) * k) + 1;
  const auto part = [&](std::size_t begin, std::size_t end) {
    const SingleThreadedBlas guard;
    const int count = extent(end - begin);
    if (by_rows) {
      blas_gemm(CblasRowMajor, flag(op_a), flag(op_b), count, extent(n), extent(k), 1,
                a + begin * (op_a == Op::none ? k : 1), lda, b, ldb, beta, c + begin * n,
                extent(n));
    } else {
      blas_gemm(CblasRowMajor, flag(op_a), flag(op_b), extent(m), count, extent(k), 1, a, lda,
                b + begin * (op_b == Op::none ? 1 : k), ldb, beta, c + begin, extent(n));
    }
  };
  parallel_for(by_rows ? m : n, grain, part, 16);
}

}  // namespace

void gemm(Op op_a, Op op_b, std::size_t m, std::size_t n, std::size_t k, const Scalar* a,
          const Scalar* b, Scalar beta, Scalar* c) {
  if (std::max({m, n, k}) > INT_MAX) {
    throw ShapeError("[matmul] extents above 2147483647 do not fit BLAS");
  }
  if (m == 0 || n == 0) return;
  if (k == 0) {
    if (beta == 0) std::fill_n(c, m * n, Scalar{0});
    return;
  }
  const SingleThreadedBlas guard;
  if (k == 1) {
    ger(m, n, a, b, beta, c);
  } else if (m == 1) {
    gemv(flipped(op_b), n, k, b, a, beta, c);
  } else if (n == 1) {
    gemv(op_a, m, k, a, b, beta, c);
  } else {
    split_gemm(op_a, op_b, m, n, k, a, b, beta, c);
  }
}

std::string blas_name() {
#if defined(XGRAD_OPENBLAS)
  const std::string config = openblas_get_config();  // "OpenBLAS 0.3.21 DYNAMIC_ARCH ..."
  const std::size_t version_end = config.find(' ', config.find(' ') + 1);
  return config.substr(0, version_end) + " " + openblas_get_corename();
#else
  return "CBLAS";
#endif
}

}  // namespace xgrad::inline XGRAD_ABI
