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

/// The content of all files in a folder and in those inside.
std::string all_files(const std::filesystem::path& folder) {
  std::string text;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) text += read_bytes(entry.path());
  }
  return text;
}

/// Expects each block of the README in one of these languages in the text; gives back their number.
int expect_blocks(const std::vector<std::string>& languages, const std::string& where) {
  const std::string text = read_bytes(kRoot / "README.md");
  int blocks = 0;
  for (const std::string& language : languages) {
    const std::string fence = "```" + language + "\n";
    for (std::size_t at = text.find(fence); at != std::string::npos;
         at = text.find(fence, at + 1)) {
      const std::size_t begin = at + fence.size();
      const std::string block = text.substr(begin, text.find("```", begin) - begin);
      EXPECT_NE(where.find(block), std::string::npos) << block;
      ++blocks;
    }
  }
  return blocks;
}

TEST(ReadmeTest, EveryProgramIsInAnExampleThatRuns) {
  EXPECT_GE(expect_blocks({"cpp"}, all_files(kRoot / "examples")), 3);
}

TEST(ReadmeTest, HowToUseThePackageIsWhatTheConsumersDo) {
  EXPECT_GE(expect_blocks({"cmake", "sh"}, all_files(kRoot / "tests/consumers")), 4);
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
