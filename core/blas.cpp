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

static_assert(sizeof(blasint) == sizeof(int), "xgrad needs an OpenBLAS with 32-bit integers");
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

// OpenBLAS computes a product of so few multiply-adds on one thread anyway (ger splits above 8192,
// gemv from 9216, gemm above 262144 with the default GEMM_MULTITHREAD_THRESHOLD).
constexpr std::size_t kUnsplit = 8192;

// Holds BLAS at one thread while a product of ours runs on this thread, because two thread pools on
// the same cores fight; the caller's setting is back when the last one ends. A product that BLAS
// would not split holds nothing: models in two threads would spend their steps waiting for the
// lock.
class SingleThreadedBlas {
 public:
  SingleThreadedBlas(const SingleThreadedBlas&) = delete;
  SingleThreadedBlas& operator=(const SingleThreadedBlas&) = delete;
#if defined(XGRAD_OPENBLAS)
  explicit SingleThreadedBlas(std::size_t multiply_adds) {
    if (multiply_adds <= kUnsplit) return;
    if (openblas_get_parallel() == OPENBLAS_SEQUENTIAL) return;
    holds_ = true;
    if (openblas_get_parallel() == OPENBLAS_OPENMP) {
      openmp_threads_ = openmp().get_max_threads();
      openmp().set_num_threads(1);
      return;
    }
    const std::lock_guard lock(mutex_);
    if (holders_++ > 0) return;
    callers_threads_ = openblas_get_num_threads();
    if (callers_threads_ != 1) openblas_set_num_threads(1);
  }
  ~SingleThreadedBlas() {
    if (!holds_) return;
    if (openmp_threads_ >= 0) {
      openmp().set_num_threads(openmp_threads_);
      return;
    }
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
  int openmp_threads_ = -1;  // the caller's, where BLAS follows OpenMP
  bool holds_ = false;
#else
  explicit SingleThreadedBlas(std::size_t) {}
#endif
};

// Below this many multiply-adds for each thread, waking a thread costs more than it saves.
constexpr std::size_t kGrainFlops = 1 << 19;
// And so many elements of a matrix that is only multiplied by a vector, from the cache it lies in.
constexpr std::size_t kGrainElements = 1 << 20;

CBLAS_TRANSPOSE flag(Transpose op) { return op == Transpose::no ? CblasNoTrans : CblasTrans; }
Transpose flipped(Transpose op) { return op == Transpose::no ? Transpose::yes : Transpose::no; }

// m n k, or less where that is far above kUnsplit and might overflow.
std::size_t multiply_adds(std::size_t m, std::size_t n, std::size_t k) {
  return m * n > kUnsplit ? m * n : m * n * k;
}

int extent(std::size_t n) { return static_cast<int>(n); }

// y = op(A) x + beta y, A rows x cols as it lies in memory. Split over the elements of y.
void gemv(Transpose op, std::size_t rows, std::size_t cols, const Scalar* a, const Scalar* x,
          Scalar beta, Scalar* y) {
  const bool plain = op == Transpose::no;
  const std::size_t grain = kGrainElements / (plain ? cols : rows) + 1;
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

// C = x y^T + beta C.
void ger(std::size_t m, std::size_t n, const Scalar* x, const Scalar* y, Scalar beta, Scalar* c) {
  if (beta == 0) {
    kernels().outer(x, y, c, m, n);  // writes C once; ger would have to read zeros first
  } else {
    const SingleThreadedBlas guard(m * n);
    blas_ger(CblasRowMajor, extent(m), extent(n), 1, x, 1, y, 1, c, extent(n));
  }
}

// One part of C = op(A) op(B) + beta C or + 1 bias^T, `m` x `n` of it.
struct Part {
  Transpose transpose_a, transpose_b;
  std::size_t m, n, k;
  const Scalar* a;
  std::size_t lda;
  const Scalar* b;
  std::size_t ldb;
  Scalar beta;
  const Scalar* bias;
  Scalar* c;
  std::size_t ldc;

  // A tall product goes through the cache in blocks of rows: BLAS would walk over all of C once for
  // each panel of k.
  void compute() const {
    constexpr std::size_t block = 1024;
    for (std::size_t begin = 0; begin < m; begin += block) {
      const std::size_t rows = std::min(block, m - begin);
      Scalar* const to = c + begin * ldc;
      if (bias != nullptr) {
        for (std::size_t i = 0; i < rows; ++i) std::copy_n(bias, n, to + i * ldc);
      }
      blas_gemm(CblasRowMajor, flag(transpose_a), flag(transpose_b), extent(rows), extent(n),
                extent(k), 1, a + begin * (transpose_a == Transpose::no ? lda : 1), extent(lda), b,
                extent(ldb), bias != nullptr ? 1 : beta, to, extent(ldc));
    }
  }
};

// Each part is a block of whole rows or whole columns of C, so no two threads write one element.
// The gradient of a weight, a^T b, is split by rows as its update is: a core reads what it wrote.
void split_gemm(const Part& all) {
  const bool by_rows = all.m >= all.n || (all.transpose_a == Transpose::yes && 8 * all.m >= all.n);
  const std::size_t across = by_rows ? all.n : all.m;
  const std::size_t grain = kGrainFlops / std::max<std::size_t>(1, across * all.k) + 1;
  const auto compute = [&](std::size_t begin, std::size_t end) {
    const SingleThreadedBlas guard(multiply_adds(all.m, all.n, all.k));
    Part part = all;
    if (by_rows) {
      part.m = end - begin;
      part.a += begin * (all.transpose_a == Transpose::no ? all.lda : 1);
      part.c += begin * all.ldc;
    } else {
      part.n = end - begin;
      part.b += begin * (all.transpose_b == Transpose::no ? 1 : all.ldb);
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
  const bool is_matrix = m > 1 && n > 1 && k > 1;
  if (is_matrix) {
    return split_gemm({transpose_a, transpose_b, m, n, k, a, transpose_a == Transpose::no ? k : m,
                       b, transpose_b == Transpose::no ? n : k, beta, bias, c, n});
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
