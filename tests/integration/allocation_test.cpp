// SPDX-License-Identifier: MIT
// Repeated training steps request no memory from the system. Counts every allocation of the
// process, except for the buffers that oneDNN and OpenBLAS allocate and free within a product, and
// for the setting that OpenMP stores for a new thread. For these, the heap must not grow.
#include <support/sanitizers.hpp>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <link.h>
#include <malloc.h>
#include <xgrad/xgrad.hpp>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <string_view>

#if defined(XGRAD_TEST_ASAN) || defined(XGRAD_TEST_TSAN) || !defined(__GLIBC__)
#define XGRAD_COUNTS_MALLOC 0  // sanitizers and other C libraries replace malloc
#else
#define XGRAD_COUNTS_MALLOC 1
#endif

#if XGRAD_COUNTS_MALLOC
namespace {
std::atomic<long> allocations{0};

/// Counts an allocation, unless the function that returns to `caller` computes products.
void count(void* caller) {
  struct dl_find_object found;
  if (::_dl_find_object(caller, &found) == 0) {  // dladdr would search for the symbol, too
    const std::string_view library = found.dlfo_link_map->l_name;
    for (const char* products : {"libdnnl", "openblas", "libgomp"}) {
      if (library.find(products) != library.npos) return;
    }
  }
  ++allocations;
}

/// Returns the number of bytes that the C library has requested from the system.
std::size_t heap_bytes() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.arena + info.hblkhd;
}
}  // namespace

// These functions replace those of the C library in the whole process, also for operator new and
// BLAS.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t bytes) {
  count(__builtin_return_address(0));
  return __libc_malloc(bytes);
}
void* calloc(std::size_t count, std::size_t bytes) {
  ++allocations;
  return __libc_calloc(count, bytes);
}
void* realloc(void* block, std::size_t bytes) {
  ++allocations;
  return __libc_realloc(block, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  ++allocations;
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
  count(__builtin_return_address(0));
  *block = __libc_memalign(alignment, bytes);
  return *block == nullptr ? ENOMEM : 0;
}
}  // extern "C"
#endif

namespace xgrad {
namespace {

class AllocationTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!XGRAD_COUNTS_MALLOC) GTEST_SKIP() << "malloc cannot be counted here";
  }
  ~AllocationTest() override { set_num_threads(threads_before_); }

  /// Returns the number of allocations in the third epoch of training an MLP on the digits.
  static long allocations_of_an_epoch(std::size_t batch_size) {
    Rng rng(0);
    nn::Sequential model(nn::Linear(64, 300, rng), nn::ReLU(), nn::Dropout(0.1, rng),
                         nn::Linear(300, 10, rng));
    return allocations_of_an_epoch(model, batch_size);
  }

  static long allocations_of_an_epoch(nn::Module& model, std::size_t batch_size) {
#if XGRAD_COUNTS_MALLOC
    const auto optimizer = optim::make(GetParam(), model.parameters());
    datasets::DataLoader loader(datasets::digits(datasets::Split::train),
                                {.batch_size = batch_size});
    long before = 0;
    std::size_t heap = 0;
    for (int epoch = 0; epoch < 3; ++epoch) {
      before = allocations;
      heap = heap_bytes();
      for (auto& [x, y] : loader) {
        optimizer->zero_grad();
        const Tensor loss = cross_entropy(model(x), y);
        loss.backward();
        optimizer->step();
      }
    }
    // On several threads, one of them may compute its first product in any epoch.
    if (num_threads() == 1) {
      EXPECT_LE(heap_bytes(), heap);
    }
    return allocations - before;
#else
    return static_cast<long>(batch_size + model.parameters().size());
#endif
  }

 private:
  int threads_before_ = num_threads();
};

TEST_P(AllocationTest, ALaterEpochOfSingleSamplesAllocatesNothing) {
  set_num_threads(1);
  EXPECT_EQ(allocations_of_an_epoch(1), 0);
}

TEST_P(AllocationTest, ALaterEpochOfBatchesAllocatesNothing) {
  set_num_threads(1);
  EXPECT_EQ(allocations_of_an_epoch(64), 0);
}

TEST_P(AllocationTest, ALaterEpochOnTwoThreadsAllocatesNothing) {
  set_num_threads(2);
  EXPECT_EQ(allocations_of_an_epoch(512), 0);
}

/// Reshapes rows of 64 features to images with one channel.
struct Images : nn::Module {
  Tensor forward(const Tensor& x) override { return reshape(x, {x.shape()[0], 1, 8, 8}); }
};

TEST_P(AllocationTest, ALaterEpochOfAConvolutionalNetAllocatesNothing) {
  for (const int threads : {1, 2}) {
    set_num_threads(threads);
    for (const std::size_t batch : {std::size_t{1}, std::size_t{64}}) {
      Rng rng(0);
      nn::Sequential model(Images(), nn::Conv2d(1, 6, 5, rng, {.padding = 2}), nn::ReLU(),
                           nn::MaxPool2d(2), nn::Conv2d(6, 16, 3, rng), nn::ReLU(),
                           nn::AvgPool2d(2), nn::Conv2d(16, 40, 1, rng), nn::Flatten(),
                           nn::LayerNorm(40), nn::Linear(40, 10, rng));
      EXPECT_EQ(allocations_of_an_epoch(model, batch), 0) << threads << ", " << batch;
    }
  }
}

#if XGRAD_COUNTS_MALLOC
/// Returns the number of allocations in the third epoch of fit(), after its first step of 128 rows.
long allocations_of_fit(const std::string& rule, train::FitOptions options) {
  set_num_threads(1);
  struct Counter : train::Callback {
    void on_step(train::Run& run) override {
      if (run.progress.epoch < 2 || run.progress.rows == 128) before = allocations;
      total = allocations - before;
    }
    long before = 0, total = 0;
  } counter;
  Rng rng(0);
  nn::Sequential model(nn::Linear(64, 30, rng), nn::ReLU(), nn::Linear(30, 10, rng));
  const auto optimizer = optim::make(rule, model.parameters());
  datasets::DataLoader loader(datasets::digits(datasets::Split::train), {.batch_size = 64});
  options.epochs = 3;
  options.callbacks.push_back(&counter);
  train::fit(model, *optimizer, loader, options);
  return counter.total;
}

TEST_P(AllocationTest, ALaterStepOfFitWithAveragesOverSeveralBatchesAllocatesNothing) {
  train::AveragedWeights average(0.9);
  // NAG computes theta for the averages. Its eval() creates two short vectors in each of 11 steps.
  EXPECT_LE(allocations_of_fit(GetParam(), {.accumulate = 2, .callbacks = {&average}}),
            GetParam() == "nag" ? 22 : 0);
}

TEST_P(AllocationTest, ALaterStepOfFitOverShardsAllocatesNothing) {
  EXPECT_EQ(allocations_of_fit(GetParam(), {.clip_norm = 0.1, .shards = 4}), 0);
}

TEST(AllocationCounterTest, CountsAllocations) {
  const long before = allocations;
  delete new long(0);
  std::free(std::malloc(10));
  EXPECT_GE(allocations - before, 1);  // the compiler may remove one of the two
  const long before_array = allocations;
  const Array array = Array::from_shape({100003});  // no block of this size is cached
  EXPECT_GE(allocations - before_array, 1);
}
#endif

INSTANTIATE_TEST_SUITE_P(Rules, AllocationTest, ::testing::ValuesIn(optim::names()),
                         [](const auto& rule) { return rule.param; });

}  // namespace
}  // namespace xgrad
