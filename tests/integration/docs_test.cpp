// SPDX-License-Identifier: MIT
// What README, CONTRIBUTING and docs/ show is what is compiled, what is run and what is printed.
#include <gtest/gtest.h>
#include <xgrad/xgrad.hpp>

#include <map>
#include <set>

#include "support/markdown.hpp"
#include "support/scratch.hpp"

namespace xgrad {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = XGRAD_SOURCE_DIR;

std::vector<fs::path> pages() {
  std::vector<fs::path> found{kRoot / "README.md", kRoot / "CONTRIBUTING.md"};
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "docs")) {
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  }
  return found;
}

std::string name_of(const fs::path& page) { return fs::relative(page, kRoot).string(); }

/// The blocks of all pages that `is_wanted` picks.
std::vector<markdown::Block> blocks(const std::function<bool(const markdown::Block&)>& is_wanted) {
  std::vector<markdown::Block> wanted;
  for (const fs::path& page : pages()) {
    for (markdown::Block& block : markdown::blocks(read_bytes(page))) {
      block.place = name_of(page) + ":" + block.place;
      if (is_wanted(block)) wanted.push_back(std::move(block));
    }
  }
  return wanted;
}

/// Where the blocks of a language come from: files and folders that CI compiles or runs.
const std::map<std::string, std::vector<std::string>> kSources{
    {"cpp", {"examples", "docs/snippets", "core", "autograd", "nn", "optim", "datasets", "train"}},
    {"cmake", {"tests/consumers", "examples/embed"}},
    {"sh", {"tests/consumers", "docs/snippets", "scripts", ".ci/run"}},
    {"python", {"tests/reference"}}};

/// The files in these places, each begun by a newline.
std::vector<std::string> files_in(const std::vector<std::string>& places) {
  std::vector<std::string> files;
  for (const std::string& place : places) {
    if (fs::is_regular_file(kRoot / place)) files.push_back("\n" + read_bytes(kRoot / place));
    if (!fs::is_directory(kRoot / place)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / place)) {
      if (entry.is_regular_file()) files.push_back("\n" + read_bytes(entry.path()));
    }
  }
  return files;
}

TEST(DocsTest, TheFirstProgramIsTheFirstExampleWhole) {
  const std::string program = read_bytes(kRoot / "examples/00_hello.cpp");
  ASSERT_GT(program.size(), 500u);
  EXPECT_NE(read_bytes(kRoot / "README.md").find("```cpp\n" + program + "```"), std::string::npos)
      << "README.md and examples/00_hello.cpp have drifted apart";
}

TEST(DocsTest, EveryBlockOfCodeStandsInAFileThatIsCompiledOrRun) {
  std::map<std::string, int> count;
  for (const auto& [language, places] : kSources) {
    const std::vector<std::string> files = files_in(places);
    for (const markdown::Block& block : blocks(
             [&language = language](const markdown::Block& b) { return b.language == language; })) {
      EXPECT_TRUE(std::any_of(
          files.begin(), files.end(),
          [&](const std::string& file) { return markdown::holds_lines(file, block.text); }))
          << block.place << ": in no file that is compiled or run:\n"
          << block.text;
      ++count[language];
    }
  }
  EXPECT_GE(count["cpp"], 30);
  EXPECT_GE(count["cmake"], 3);
  EXPECT_GE(count["sh"], 2);
}

TEST(DocsTest, EveryOtherBlockSaysWhatPrintedIt) {
  const std::set<std::string> checked_elsewhere{"diff"};  // applied by the how-tos' own script
  for (const markdown::Block& block : blocks([&](const markdown::Block& b) {
         return kSources.count(b.language) == 0 && checked_elsewhere.count(b.language) == 0;
       })) {
    EXPECT_EQ(block.language, "") << block.place << ": nothing checks blocks of this language";
    EXPECT_TRUE(!block.output.empty() || block.varies)
        << block.place << ": put <!-- output: PROGRAM --> or <!-- output varies: WHY --> before it";
  }
}

TEST(DocsTest, EveryRelativeLinkLeadsToAFileAndAHeadingThatExist) {
  int links = 0;
  for (const fs::path& page : pages()) {
    for (const std::string& link : markdown::links(read_bytes(page))) {
      if (link.find("://") != std::string::npos) continue;
      const std::size_t hash = link.find('#');
      const std::string file = link.substr(0, hash);
      const fs::path target = file.empty() ? page : page.parent_path() / file;
      EXPECT_TRUE(fs::exists(target)) << name_of(page) << ": " << link;
      if (hash != std::string::npos && target.extension() == ".md") {
        EXPECT_EQ(markdown::anchors(read_bytes(target)).count(link.substr(hash + 1)), 1u)
            << name_of(page) << ": " << link;
      }
      ++links;
    }
  }
  EXPECT_GE(links, 30);
}

TEST(DocsTest, EveryLessonIsInTheIndex) {
  const fs::path guide = kRoot / "docs/guide";
  const std::vector<std::string> linked = markdown::links(read_bytes(guide / "README.md"));
  int lessons = 0;
  for (const auto& entry : fs::directory_iterator(guide)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".md" || name == "README.md") continue;
    EXPECT_EQ(std::count(linked.begin(), linked.end(), name), 1) << name;
    ++lessons;
  }
  EXPECT_EQ(lessons, 7);
}

#ifdef XGRAD_EXAMPLE_PROGRAMS

/// What a command prints, in a folder of its own. Its first word is the name of an example or of
/// a program in docs/snippets.
std::string output_of(const std::string& command) {
  const Scratch scratch;
  const std::string line = "cd " + scratch.path().string() +
                           " && XGRAD_DATA_DIR=. PATH=" XGRAD_EXAMPLE_PROGRAMS ":$PATH " + command +
                           " >out 2>&1 </dev/null";
  EXPECT_EQ(std::system(line.c_str()), 0) << command;
  return read_bytes(scratch / "out");
}

TEST(DocsTest, EveryOutputIsWhatTheProgramPrints) {
  std::map<std::string, std::string> printed;
  const auto shown = blocks([](const markdown::Block& block) { return !block.output.empty(); });
  for (const markdown::Block& block : shown) {
    if (printed.count(block.output) == 0) printed[block.output] = output_of(block.output);
    EXPECT_TRUE(markdown::holds_output(printed[block.output], block.text))
        << block.place << ": `" << block.output << "` prints\n"
        << printed[block.output] << "which does not hold\n"
        << block.text;
  }
  EXPECT_GE(shown.size(), 20u);
}

TEST(DocsTest, ThePlotsAreWhatTheirScriptDraws) {
  if (std::system("gnuplot --version >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "gnuplot is not installed";
  const Scratch scratch;
  const std::string line = "PATH=" XGRAD_EXAMPLE_PROGRAMS ":$PATH " +
                           (kRoot / "scripts/draw_guide.sh").string() + " " +
                           scratch.path().string() + " >/dev/null";
  ASSERT_EQ(std::system(line.c_str()), 0);
  int plots = 0;
  for (const auto& entry : fs::directory_iterator(kRoot / "docs/guide/plots")) {
    if (entry.path().extension() != ".svg") continue;
    const std::string name = entry.path().filename().string();
    const std::string committed = read_bytes(entry.path()), drawn = read_bytes(scratch / name);
    EXPECT_LT(committed.size(), 40000u) << name;
    const auto version = [](const std::string& svg) {
      const std::size_t at = svg.find("GNUPLOT ");
      return svg.substr(at, svg.find('\n', at) - at);
    };
    if (!drawn.empty() && version(committed) != version(drawn)) {
      GTEST_SKIP() << "the plots were drawn by another version than " << version(drawn);
    }
    EXPECT_TRUE(markdown::holds_output(drawn, committed)) << name << ": run scripts/draw_guide.sh";
    ++plots;
  }
  EXPECT_EQ(plots, 6);
}

#endif

}  // namespace
}  // namespace xgrad
