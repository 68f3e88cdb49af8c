// SPDX-License-Identifier: MIT
#pragma once

// The sizes from which work is split over threads, and the sizes of blocks. A grain is the smallest
// chunk for one thread: less work than this takes less time than waking the thread. The step times
// below are those of docs/speed.md, for the network 784-128-10.

#include <cstddef>

namespace xgrad::tuning {

// ---- Grains

/// Elements of an elementwise op, a sum or the update of a dense gradient. Splitting updates from
/// this size on reduced an Adam step at batch 64 on two threads from 238 to 197 microseconds
/// (docs/speed.md).
inline constexpr std::size_t kElementGrain = 1 << 15;

/// Elements of an op with exponentials, each of which takes longer than an addition. Not measured
/// apart from kElementGrain.
inline constexpr std::size_t kExpGrain = 1 << 13;

/// Elements of the update of an outer product. The parameters of a step at batch 1 are in the cache
/// of this core: with kElementGrain the step took 35 microseconds instead of 14 (docs/speed.md).
inline constexpr std::size_t kOuterUpdateGrain = 1 << 20;

/// Elements of the rows that a data set copies to a batch. Copies wait for memory most of the time,
/// so a second thread saves little. Not measured for other sizes.
inline constexpr std::size_t kCopyGrain = 1 << 20;

/// Multiply-adds of a matrix product. A product of 16 x 128 x 784, which is 3 grains, takes 17
/// microseconds on two threads and 59 on one thread (benchmarks/threads.cpp, docs/threads.md).
inline constexpr std::size_t kProductGrain = 1 << 19;

/// Elements of the matrix in a matrix-vector product. A smaller matrix stays in the cache of one
/// core, which reads it faster alone. Not measured for other sizes.
inline constexpr std::size_t kMatrixVectorGrain = 1 << 20;

// ---- Limits and blocks

/// Elements of a tile of an unrolled image (autograd/internal/unroll.hpp), which should stay in the
/// L2 cache. Steps of LeNet-5 at batch 64 take the same time within 4 % from 2^13 to 2^16 elements.
inline constexpr std::size_t kTileSize = 1 << 16;

/// Rows of a tile of an unrolled image. With fewer rows, a product would read and write its result
/// too often. Not measured for other sizes.
inline constexpr std::size_t kTileRows = 256;

/// Elements between the memory of two threads. A core also fetches the cache lines after those that
/// it reads, and then the core that writes them waits. A convolution of 64 x 1 x 28 x 28 with 6
/// kernels of 5 x 5 on two threads took 120 microseconds without a gap, and takes 80 with it.
inline constexpr std::size_t kThreadGap = 1024;

/// Elements of a row of the kernel, and rows, below which all rows are interleaved
/// (autograd/internal/unroll.hpp). So few elements would leave most of a register unused.
inline constexpr std::size_t kShortWindow = 12;

/// Blocks of images in the weight and bias gradient of a convolution. Threads compute sums for
/// different blocks, which are then added. Fixed, so that the sum does not depend on the number of
/// threads.
inline constexpr std::size_t kImageBlocks = 16;

/// Multiply-adds of a product that OpenBLAS never splits: it splits ger above 8192, gemv from 9216,
/// and gemm above 262144 (its default GEMM_MULTITHREAD_THRESHOLD). Read from OpenBLAS's sources.
inline constexpr std::size_t kUnsplitByBlas = 8192;

/// Multiply-adds of a product of floats from which oneDNN takes less time than OpenBLAS. With
/// AVX-512, OpenBLAS computes 64 x 10 x 128 in 1.5 and oneDNN in 2.5 microseconds, but 64 x 120 x
/// 400 in 56 and 43 microseconds (docs/speed.md).
inline constexpr std::size_t kOneDnnProduct = 1 << 17;

/// Rows of C that one call of gemm computes. A tall C would otherwise be read and written once for
/// each panel of k. Part of a change that reduced a step on all 60,000 rows of MNIST from 300 to
/// 290 milliseconds on one thread.
inline constexpr std::size_t kProductRows = 1024;

/// Rows of a block of cross_entropy. Fixed, so that the sum of the losses does not depend on the
/// number of threads; not measured.
inline constexpr std::size_t kLossRows = 1024;

/// Rows of a tile of a transposition: 16 floats fill a cache line, which is then written while it
/// is in the cache. Follows from the size of a cache line.
inline constexpr std::size_t kTransposeRows = 16;

/// Rows between the row that a data set converts and the row that it prefetches. Reduced the time
/// for one epoch of shuffled MNIST batches from 17.3 to 9.8 milliseconds (docs/speed.md).
inline constexpr std::size_t kPrefetchRows = 2;

/// Additions in Scalar after which a sum is added to a total in double. Small enough for float to
/// be accurate to a few units in the last place (LongSumTest), and large enough for the conversion
/// to cost little.
inline constexpr std::size_t kSumLength = 64;

/// Elements that stay in the L1 cache between the passes of a kernel over rows. 16 KiB of floats
/// are half of the L1 cache of most processors; not measured for other sizes.
inline constexpr std::size_t kCacheBlock = 4096;

/// Elements of a span of a broadcast below which several spans are computed together. The kernels
/// compute an incomplete register several times slower than a full one.
inline constexpr std::size_t kShortSpan = 48;

/// Elements of the spans that are computed together. Not measured for other sizes.
inline constexpr std::size_t kShortSpanBlock = 1024;

}  // namespace xgrad::tuning
