// SPDX-License-Identifier: MIT
// The main() of the test programs. CTest runs some of them once for each instruction set that
// XGRAD_SIMD can name. Before any test runs, this asks the library which kernels it chooses.
#include <gtest/gtest.h>
#include <xgrad/xgrad.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>
#include <string>

namespace {

#if defined(__x86_64__)
constexpr bool kHasLevels = true;
#else
constexpr bool kHasLevels = false;  // the library ignores XGRAD_SIMD
#endif

constexpr int kSkipped = 77;  // SKIP_RETURN_CODE in tests/CMakeLists.txt

// What simd_name() returns for each value of XGRAD_SIMD.
const std::map<std::string, std::string> kNames{
    {"sse2", "SSE2"}, {"avx2", "AVX2+FMA"}, {"avx512", "AVX-512"}};

// Returns 0 if the library uses the kernels of this level, 77 if the processor lacks the level, and
// 1 if there is no such level or the library uses other kernels.
int status_of(const std::string& level) {
  const bool is_level = kNames.count(level) == 1;
  try {
    const std::string used = xgrad::simd_name();
    if (is_level && used == kNames.at(level)) return 0;
    std::cerr << "XGRAD_SIMD=" << level << ", but the library uses the kernels of " << used << "\n";
    return 1;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return is_level ? kSkipped : 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const char* const level = kHasLevels ? std::getenv("XGRAD_SIMD") : nullptr;
  if (level != nullptr && *level != '\0' && !::testing::GTEST_FLAG(list_tests)) {
    const int status = status_of(level);
    if (status != 0) return status;
  }
  return RUN_ALL_TESTS();
}
