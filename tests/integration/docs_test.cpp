// SPDX-License-Identifier: MIT
// Checks README, CONTRIBUTING and docs/: code blocks are parts of compiled files, and outputs are
// what the programs print.
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

/// Returns the blocks of all pages for which `is_wanted` is true.
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

/// The files and folders that contain the blocks of each language. CI compiles or runs them.
const std::map<std::string, std::vector<std::string>> kSources{
    {"cpp",
     {"examples", "docs/snippets", "core", "autograd", "nn", "optim", "datasets", "train",
      "tests/consumers"}},
    {"cmake", {"tests/consumers", "examples/embed"}},
    {"sh", {"tests/consumers", "docs/snippets", "scripts", ".ci/run"}},
    {"python", {"tests/reference", "docs/snippets"}}};

/// Returns the contents of all files in these places, each with a newline in front.
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

TEST(DocsTest, TheFirstProgramOfTheReadmeIsTheFirstExample) {
  const std::string program = read_bytes(kRoot / "examples/00_hello.cpp");
  ASSERT_GT(program.size(), 500u);
  EXPECT_NE(read_bytes(kRoot / "README.md").find("```cpp\n" + program + "```"), std::string::npos)
      << "README.md and examples/00_hello.cpp have drifted apart";
}

TEST(DocsTest, EveryCodeBlockIsPartOfAFileThatIsCompiledOrRun) {
  std::map<std::string, int> count;
  for (const auto& [language, places] : kSources) {
    const std::vector<std::string> files = files_in(places);
    for (const markdown::Block& block : blocks(
             [&language = language](const markdown::Block& b) { return b.language == language; })) {
      EXPECT_TRUE(std::any_of(
          files.begin(), files.end(),
          [&](const std::string& file) { return markdown::holds_lines(file, block.text); }))
          << block.place << ": no file that is compiled or run contains\n"
          << block.text;
      ++count[language];
    }
  }
  EXPECT_GE(count["cpp"], 30);
  EXPECT_GE(count["cmake"], 3);
  EXPECT_GE(count["sh"], 2);
}

TEST(DocsTest, EveryOtherBlockNamesTheProgramThatPrintedIt) {
  // By scripts/check_how_to.sh, and in docs/optimizers.md with the whole page.
  const std::set<std::string> checked_elsewhere{"diff", "math"};
  for (const markdown::Block& block : blocks([&](const markdown::Block& b) {
         return kSources.count(b.language) == 0 && checked_elsewhere.count(b.language) == 0;
       })) {
    EXPECT_EQ(block.language, "") << block.place << ": nothing checks blocks of this language";
    EXPECT_TRUE(!block.output.empty() || block.varies)
        << block.place << ": put <!-- output: PROGRAM --> or <!-- output varies: WHY --> before it";
  }
}

TEST(DocsTest, EveryRelativeLinkPointsToAnExistingFileAndHeading) {
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

TEST(DocsTest, EveryChapterIsInTheIndex) {
  const fs::path guide = kRoot / "docs/guide";
  const std::vector<std::string> linked = markdown::links(read_bytes(guide / "README.md"));
  int chapters = 0;
  for (const auto& entry : fs::directory_iterator(guide)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".md" || name == "README.md") continue;
    EXPECT_EQ(std::count(linked.begin(), linked.end(), name), 1) << name;
    ++chapters;
  }
  EXPECT_EQ(chapters, 8);
}

#ifdef XGRAD_EXAMPLE_PROGRAMS

/// Returns what a command prints when it runs in an empty folder. Its first word is the name of an
/// example or of a program in docs/snippets.
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
        << printed[block.output] << "which does not contain\n"
        << block.text;
  }
  EXPECT_GE(shown.size(), 20u);
}

TEST(DocsTest, ThePageOfTheUpdateRulesIsWhatItsProgramPrints) {
  const std::string page = read_bytes(kRoot / "docs/optimizers.md");
  const std::string printed = output_of("guide_optimizers");
  EXPECT_TRUE(markdown::holds_output(page, printed) && markdown::holds_output(printed, page))
      << "run guide_optimizers > docs/optimizers.md; the program prints\n"
      << printed;
  for (const std::string& name : optim::names()) {
    EXPECT_NE(page.find(optim::formula(name, optim::Notation::latex)), std::string::npos) << name;
  }
}

TEST(DocsTest, EveryPlotIsWhatItsScriptDraws) {
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
  EXPECT_EQ(plots, 7);
}

#endif

}  // namespace
}  // namespace xgrad
