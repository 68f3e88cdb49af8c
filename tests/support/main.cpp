// SPDX-License-Identifier: MIT
// The main() of the test programs. CTest runs some of them once for each instruction set that
// XGRAD_SIMD can name. Before any test runs, this asks the library which kernels it chooses.
#include <gtest/gtest.h>
#include <xgrad/xgrad.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace {

// Returns the level that XGRAD_SIMD asks for, or "". Only on x86-64 does the library read it.
std::string_view asked_level() {
#if defined(__x86_64__)
  const char* const level = std::getenv("XGRAD_SIMD");
  return level == nullptr ? "" : level;
#else
  return "";
#endif
}

constexpr int kSkipped = 77;  // SKIP_RETURN_CODE in tests/CMakeLists.txt

// A value of XGRAD_SIMD, and what simd_name() returns for it.
struct Level {
  std::string_view value, name;
};
constexpr Level kLevels[] = {{"sse2", "SSE2"}, {"avx2", "AVX2+FMA"}, {"avx512", "AVX-512"}};

// Returns 0 if the library uses the kernels of this level, 77 if it uses narrower ones because the
// machine does not run the level, and 1 if there is no such level or the kernels are wider. Prints
// what the library logs. The handler calls xgrad to show that it may.
int status_of(std::string_view value) {
  xgrad::set_log_handler([](auto, std::string_view message) {
    static_cast<void>(xgrad::simd_name());
    std::cerr << message << "\n";
  });
  const auto asked = std::ranges::find(kLevels, value, &Level::value);
  const auto used = std::ranges::find(kLevels, xgrad::simd_name(), &Level::name);
  xgrad::set_log_handler({});
  if (asked == std::end(kLevels)) return 1;
  if (used > asked) {
    std::cerr << "XGRAD_SIMD=" << value << ", but the library uses wider kernels\n";
    return 1;
  }
  return used == asked ? 0 : kSkipped;
}

}  // namespace

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const std::string_view level = asked_level();
  if (!level.empty() && !::testing::GTEST_FLAG(list_tests)) {
    const int status = status_of(level);
    if (status != 0) return status;
  }
  return RUN_ALL_TESTS();
}
