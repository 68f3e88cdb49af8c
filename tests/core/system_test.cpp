// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <xgrad/core/system.hpp>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace xgrad {
namespace {

TEST(SystemTest, VersionEqualsTheVersionInCMakeLists) {
  std::ifstream file(XGRAD_SOURCE_DIR "/CMakeLists.txt");
  const std::string project{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(project.find("project(xgrad VERSION " + version() + " "), std::string::npos);
}

TEST(SystemTest, BlasAndSimdHaveNames) {
  EXPECT_FALSE(blas_name().empty());
  EXPECT_FALSE(simd_name().empty());
}

TEST(SystemTest, TheKernelsUseSimdOfThisProcessor) {
#if defined(__x86_64__)
  const std::set<std::string> names{"SSE2", "AVX2+FMA", "AVX-512"};
  EXPECT_TRUE(names.contains(simd_name())) << simd_name();
#elif defined(__aarch64__)
  EXPECT_NE(simd_name().find("neon"), std::string::npos) << simd_name();
#else
  GTEST_SKIP() << "no instruction set is known for this processor";
#endif
}

}  // namespace
}  // namespace xgrad
