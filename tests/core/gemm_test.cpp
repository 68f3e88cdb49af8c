// SPDX-License-Identifier: MIT
// Compares matrix products with three plain loops in double.
#include "core/threads.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <xgrad/core/error.hpp>
#include <xgrad/core/internal/blas.hpp>
#include <xgrad/core/internal/process.hpp>
#include <xgrad/core/rng.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <limits>
#include <ostream>
#include <thread>
#include <utility>
#include <vector>

namespace xgrad {
namespace {

using test::Threads;

struct Product {
  Transpose transpose_a, transpose_b;
  std::size_t m, n, k;
  Scalar beta;
};

std::ostream& operator<<(std::ostream& out, const Product& p) {
  return out << "A" << (p.transpose_a == Transpose::no ? "" : "^T") << " B"
             << (p.transpose_b == Transpose::no ? "" : "^T") << ", m " << p.m << ", n " << p.n
             << ", k " << p.k << ", beta " << p.beta;
}

/// Returns every combination of the transpose flags and of beta 0 and 1.
std::vector<Product> products(std::size_t m, std::size_t n, std::size_t k) {
  std::vector<Product> all;
  for (const Transpose a : {Transpose::no, Transpose::yes}) {
    for (const Transpose b : {Transpose::no, Transpose::yes}) {
      for (const Scalar beta : {Scalar{0}, Scalar{1}}) all.push_back({a, b, m, n, k, beta});
    }
  }
  return all;
}

/// The operands, and C before the product. If beta is 0, C is NaN, because it must be overwritten.
struct Operands {
  Array a, b, c;
  explicit Operands(const Product& p) {
    Rng rng(p.m + 100 * p.n + 10000 * p.k);
    a = rng.uniform({p.m * p.k}, -1, 1);
    b = rng.uniform({p.k * p.n}, -1, 1);
    c = rng.uniform({p.m * p.n}, -1, 1);
    if (p.beta == 0) std::fill(c.begin(), c.end(), std::numeric_limits<Scalar>::quiet_NaN());
  }
};

Array run(const Product& p, Operands operands) {
  gemm(p.transpose_a, p.transpose_b, p.m, p.n, p.k, operands.a.data(), operands.b.data(), p.beta,
       operands.c.data());
  return operands.c;
}

double element(Transpose op, const Array& matrix, std::size_t rows, std::size_t cols, std::size_t i,
               std::size_t j) {
  return matrix.data()[op == Transpose::no ? i * cols + j : j * rows + i];
}

/// Returns the largest error of C, in units of the rounding error that k additions may cause.
double worst_error(const Product& p) {
  const Operands before(p);
  const Array c = run(p, before);
  double worst = 0;
  for (std::size_t i = 0; i < p.m; ++i) {
    for (std::size_t j = 0; j < p.n; ++j) {
      const double old = p.beta == 0 ? 0 : static_cast<double>(before.c.data()[i * p.n + j]);
      double exact = old, magnitude = std::fabs(old);
      for (std::size_t l = 0; l < p.k; ++l) {
        const double term = element(p.transpose_a, before.a, p.m, p.k, i, l) *
                            element(p.transpose_b, before.b, p.k, p.n, l, j);
        exact += term;
        magnitude += std::fabs(term);
      }
      const double unit = static_cast<double>(std::numeric_limits<Scalar>::epsilon()) *
                          std::sqrt(static_cast<double>(p.k + 1)) * std::max(magnitude, 1e-30);
      const double error = std::fabs(static_cast<double>(c.data()[i * p.n + j]) - exact) / unit;
      if (!(error <= worst)) worst = error;  // also true if the error is NaN
    }
  }
  return worst;
}

TEST(GemmTest, EqualsThreeLoopsForEveryOperationAndSize) {
  for (const std::size_t m : {1u, 2u, 7u, 33u}) {
    for (const std::size_t n : {1u, 3u, 16u, 41u}) {
      for (const std::size_t k : {1u, 2u, 5u, 64u}) {
        for (const Product& p : products(m, n, k)) ASSERT_LE(worst_error(p), 2) << p;
      }
    }
  }
}

TEST(GemmTest, AProductWithoutRowsOrColumnsWritesNothing) {
  Scalar c = 7;
  const Scalar a = 1, b = 1;
  gemm(Transpose::no, Transpose::no, 0, 1, 1, &a, &b, 0, &c);
  gemm(Transpose::no, Transpose::no, 1, 0, 1, &a, &b, 0, &c);
  EXPECT_EQ(c, 7);
}

TEST(GemmTest, WithInnerExtentZeroTheProductIsBetaTimesC) {
  const Scalar nan = std::numeric_limits<Scalar>::quiet_NaN();
  std::vector<Scalar> overwritten(6, nan), kept{1, 2, 3, 4, 5, 6};
  gemm(Transpose::no, Transpose::no, 2, 3, 0, nullptr, nullptr, 0, overwritten.data());
  gemm(Transpose::no, Transpose::no, 2, 3, 0, nullptr, nullptr, 1, kept.data());
  EXPECT_EQ(overwritten, std::vector<Scalar>(6, 0));
  EXPECT_EQ(kept, (std::vector<Scalar>{1, 2, 3, 4, 5, 6}));
}

TEST(GemmTest, ALargeProductIsSplitByRowsOrColumns) {
  const Threads two(2);
  for (const auto& [m, n] : {std::pair{301u, 130u}, std::pair{130u, 301u}, std::pair{2u, 9000u}}) {
    for (const Product& p : products(m, n, 150)) EXPECT_LE(worst_error(p), 2) << p;
  }
}

TEST(GemmTest, ATallProductIsComputedInBlocksOfRows) {
  for (const int count : {1, 2}) {
    const Threads threads(count);
    for (const Product& p : products(2500, 6, 9)) EXPECT_LE(worst_error(p), 2) << p;
  }
}

TEST(GemmTest, ALargeMatrixTimesAVectorIsSplit) {
  const Threads two(2);
  // 2^20 elements of the matrix for each thread
  for (const auto& [m, n] : {std::pair{1u, 2100u}, std::pair{2100u, 1u}}) {
    for (const Product& p : products(m, n, 1100)) EXPECT_LE(worst_error(p), 2) << p;
  }
}

TEST(GemmTest, ABiasIsAddedToEachRow) {
  const Threads two(2);
  for (const auto& [m, n, k] :
       {std::array{1u, 5u, 7u}, std::array{5u, 1u, 7u}, std::array{3u, 4u, 1u},
        std::array{3u, 4u, 0u}, std::array{2100u, 40u, 30u}, std::array{60u, 300u, 200u}}) {
    const Operands operands({Transpose::no, Transpose::yes, m, n, k, 0});
    Array expected = empty({m, n}), c = empty({m, n});
    const Array bias = Rng(1).uniform({n}, -1, 1);
    gemm(Transpose::no, Transpose::yes, m, n, k, operands.a.data(), operands.b.data(), 0,
         expected.data());
    gemm_bias(Transpose::no, Transpose::yes, m, n, k, operands.a.data(), operands.b.data(),
              bias.data(), c.data());
    EXPECT_TRUE(xt::allclose(c, expected + bias, 1e-5, 1e-5)) << m << " x " << n << " x " << k;
  }
}

TEST(GemmTest, TheSameThreadCountGivesTheSameBits) {
  const Threads two(2);
  const Product p{Transpose::no, Transpose::yes, 256, 128, 200, 0};
  const Operands operands(p);
  const Array first = run(p, operands);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(run(p, operands), first);
}

TEST(GemmTest, ExtentsBeyondBlasThrow) {
  const std::size_t large = std::size_t{1} << 31;
  EXPECT_THROW(gemm(Transpose::no, Transpose::no, large, 1, 1, nullptr, nullptr, 0, nullptr),
               ShapeError);
  EXPECT_THROW(gemm(Transpose::no, Transpose::no, 1, large, 1, nullptr, nullptr, 0, nullptr),
               ShapeError);
  EXPECT_THROW(gemm(Transpose::no, Transpose::no, 1, 1, large, nullptr, nullptr, 0, nullptr),
               ShapeError);
}

/// Functions that read and set a number of threads; null if no loaded library has them.
struct ThreadFunctions {
  int (*get)();
  void (*set)(int);
};

/// Looks the functions up by name, because the choice of the libraries is private to xgrad.
ThreadFunctions thread_functions(const char* get, const char* set) {
  return {reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, get)),
          reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, set))};
}

TEST(GemmTest, LeavesTheCallersBlasThreadsAsTheyWere) {
  const auto [get, set] = thread_functions("openblas_get_num_threads", "openblas_set_num_threads");
  if (get == nullptr || set == nullptr) GTEST_SKIP() << "the BLAS in use is not a shared OpenBLAS";
  const int before = get();
  for (const int count : {1, 2}) {
    set(count);
    const int callers = get();
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([] {
        for (int j = 0; j < 20; ++j) worst_error({Transpose::no, Transpose::no, 40, 40, 40, 1});
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(get(), callers);
  }
  set(before);
}

TEST(GemmTest, LeavesTheCallersOpenMpThreadsAsTheyWere) {
  const auto [get, set] = thread_functions("omp_get_max_threads", "omp_set_num_threads");
  if (get == nullptr || set == nullptr) GTEST_SKIP() << "no OpenMP library is loaded";
  const int before = get();
  for (const int count : {1, 3}) {
    set(count);
    EXPECT_LE(worst_error({Transpose::no, Transpose::no, 100, 100, 100, 1}), 2);
    EXPECT_EQ(get(), count);
  }
  set(before);
}

TEST(GemmTest, KeepsANumberOfBlasThreadsThatTheCallerSetsDuringAProduct) {
  const auto [get, set] = thread_functions("openblas_get_num_threads", "openblas_set_num_threads");
  if (get == nullptr || set == nullptr) GTEST_SKIP() << "the BLAS in use is not a shared OpenBLAS";
  const int before = get();
  set(2);
  {
    const SingleThreadedBlas product(std::size_t{1} << 40);
    set(3);
  }
  EXPECT_EQ(get(), 3);
  set(before);
}

// oneDNN moves the stack pointer into the heap. A handler that ran there would overwrite the heap.
std::atomic<std::uintptr_t> stack_begin, stack_end;
std::atomic<int> signals_on_the_stack, signals_elsewhere;

void count_signal(int) {
  const auto address = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  ++(address >= stack_begin && address < stack_end ? signals_on_the_stack : signals_elsewhere);
}

TEST(GemmTest, ASignalHandlerRunsOnTheStackOfTheThreadDuringAnyProduct) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_getattr_np(pthread_self(), &attributes), 0);
  void* stack = nullptr;
  std::size_t size = 0;
  ASSERT_EQ(pthread_attr_getstack(&attributes, &stack, &size), 0);
  pthread_attr_destroy(&attributes);
  stack_begin = reinterpret_cast<std::uintptr_t>(stack);
  stack_end = stack_begin + size;
  const Threads one_thread(1);
  const auto before = std::signal(SIGUSR1, count_signal);
  std::atomic<bool> is_done = false;
  std::thread sender([&is_done, receiver = pthread_self()] {
    do {
      pthread_kill(receiver, SIGUSR1);
      std::this_thread::yield();
    } while (!is_done);
  });
  const Product product{Transpose::no, Transpose::no, 512, 128, 784, 0};
  Operands x(product);
  while (signals_on_the_stack == 0) std::this_thread::yield();
  for (int i = 0; i < 10; ++i) run(product, x);
  is_done = true;
  sender.join();
  std::signal(SIGUSR1, before);
  EXPECT_GT(signals_on_the_stack, 0);
  EXPECT_EQ(signals_elsewhere, 0);
}

}  // namespace
}  // namespace xgrad
