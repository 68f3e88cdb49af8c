// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <xgrad/core/system.hpp>

#include <fstream>
#include <iterator>
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

}  // namespace
}  // namespace xgrad
