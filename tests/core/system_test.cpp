// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <xgrad/core/system.hpp>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace xgrad {
namespace {

TEST(SystemTest, TheVersionIsTheProjects) {
  std::ifstream file(XGRAD_SOURCE_DIR "/CMakeLists.txt");
  const std::string project{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(project.find("project(xgrad VERSION " + version() + " "), std::string::npos);
}

TEST(SystemTest, BlasAndSimdHaveNames) {
  EXPECT_FALSE(blas_name().empty());
  EXPECT_FALSE(simd_name().empty());
}

TEST(SystemTest, TheInstructionSetIsTheOneAskedFor) {
  const char* const asked = std::getenv("XGRAD_SIMD");
  if (asked == nullptr) GTEST_SKIP() << "XGRAD_SIMD is not set";
  const std::string level = asked;
  EXPECT_EQ(simd_name(), level == "sse2" ? "SSE2" : level == "avx2" ? "AVX2+FMA" : "AVX-512");
}

}  // namespace
}  // namespace xgrad
