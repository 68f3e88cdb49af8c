// SPDX-License-Identifier: MIT
// What the README shows is what is compiled.
#include <gtest/gtest.h>
#include <xgrad/xgrad.hpp>

#include "support/scratch.hpp"

namespace xgrad {
namespace {

const std::filesystem::path kRoot = XGRAD_SOURCE_DIR;

TEST(ReadmeTest, TheProgramIsTheFirstExample) {
  const std::string program = read_bytes(kRoot / "examples/00_hello.cpp");
  ASSERT_GT(program.size(), 500u);
  EXPECT_NE(read_bytes(kRoot / "README.md").find("```cpp\n" + program + "```"), std::string::npos)
      << "README.md and examples/00_hello.cpp have drifted apart";
}

TEST(ReadmeTest, HowToUseThePackageIsWhatTheConsumersDo) {
  std::string consumers;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(kRoot / "tests/consumers")) {
    if (entry.is_regular_file()) consumers += read_bytes(entry.path());
  }
  const std::string text = read_bytes(kRoot / "README.md");
  int blocks = 0;
  for (const std::string fence : {"```cmake\n", "```sh\n"}) {
    for (std::size_t at = text.find(fence); at != std::string::npos;
         at = text.find(fence, at + 1)) {
      const std::size_t begin = at + fence.size();
      const std::string block = text.substr(begin, text.find("```", begin) - begin);
      EXPECT_NE(consumers.find(block), std::string::npos) << block;
      ++blocks;
    }
  }
  EXPECT_GE(blocks, 4);
}

TEST(ReadmeTest, EveryFileItNamesExists) {
  const std::string text = read_bytes(kRoot / "README.md");
  for (std::size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at + 1)) {
    const std::string target = text.substr(at + 2, text.find(')', at) - at - 2);
    if (target.rfind("http", 0) == 0) continue;
    EXPECT_TRUE(std::filesystem::exists(kRoot / target)) << target;
  }
}

}  // namespace
}  // namespace xgrad
