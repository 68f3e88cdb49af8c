// SPDX-License-Identifier: MIT
// Checks that the tests that docs/reliability.md names exist.
#include "support/scratch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace xgrad {
namespace {

namespace fs = std::filesystem;

const fs::path kTree = XGRAD_SOURCE_DIR;

/// Returns the identifier that begins at `at` or after the spaces there.
std::string word_at(const std::string& text, std::size_t at) {
  const auto is_space = [](unsigned char c) { return std::isspace(c) != 0; };
  const auto is_word = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  const auto begin =
      std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_space);
  return {begin, std::find_if_not(begin, text.end(), is_word)};
}

/// Returns "Suite.Name" for each test of a C++ source and "Class.method" for each test of a Python
/// source.
std::set<std::string> tests_of(const std::string& text) {
  std::set<std::string> names;
  for (const std::string macro : {"TEST(", "TEST_F(", "TEST_P("}) {
    for (std::size_t at = 0; (at = text.find(macro, at)) != std::string::npos;) {
      at += macro.size();
      names.insert(word_at(text, at) + "." + word_at(text, text.find(',', at) + 1));
    }
  }
  std::string suite;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::string in_class = "    def ";
    if (line.rfind("class ", 0) == 0) suite = word_at(line, 5);
    if (line.rfind(in_class + "test_", 0) == 0) {
      names.insert(suite + "." + word_at(line, in_class.size()));
    }
  }
  return names;
}

std::set<std::string> all_tests() {
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(kTree / "tests")) {
    const std::string kind = entry.path().extension().string();
    if (kind == ".cpp" || kind == ".py") names.merge(tests_of(read_bytes(entry.path())));
  }
  return names;
}

/// Returns the rows of the table. The columns are the promise, the tests and the measured result.
std::vector<std::vector<std::string>> rows_of(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| ", 0) != 0 || line.rfind("| guarantee |", 0) == 0) continue;
    std::istringstream cells(line.substr(1));
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, '|');) rows.back().push_back(cell);
  }
  return rows;
}

/// Returns the names in backticks in the column of tests. They are tests or files.
std::vector<std::string> named_in(const std::string& cell) {
  std::vector<std::string> names;
  for (std::size_t at = cell.find('`'); at != std::string::npos; at = cell.find('`', at + 1)) {
    const std::size_t begin = at + 1;
    at = cell.find('`', begin);
    names.push_back(cell.substr(begin, at - begin));
  }
  return names;
}

/// Returns what is wrong with a row, or "".
std::string fault(const std::vector<std::string>& row, const std::set<std::string>& tests) {
  if (row.size() != 3) return "a row must have three cells: " + row[0];
  const std::vector<std::string> names = named_in(row[1]);
  if (names.empty()) return "no test is named for:" + row[0];
  for (const std::string& name : names) {
    const bool is_file = name.find('/') != std::string::npos;
    if (is_file ? !fs::exists(kTree / name) : tests.count(name) == 0)
      return name + " does not exist";
  }
  return "";
}

TEST(ReliabilityTest, EveryTestNamedInTheTableExists) {
  const std::set<std::string> tests = all_tests();
  EXPECT_GT(tests.size(), 300u);
  const auto rows = rows_of(read_bytes(kTree / "docs/reliability.md"));
  EXPECT_GT(rows.size(), 30u);
  for (const auto& row : rows) EXPECT_EQ(fault(row, tests), "");
}

TEST(ReliabilityTest, TheCheckFindsAMissingTest) {
  const std::set<std::string> tests =
      tests_of("TEST_P(OneTest,\n       Holds) {}\nclass Two(X):\n    def test_it(");
  EXPECT_EQ(tests, (std::set<std::string>{"OneTest.Holds", "Two.test_it"}));
  EXPECT_EQ(fault({" it holds ", " `OneTest.Holds`, `scripts/test.sh` ", " "}, tests), "");
  EXPECT_EQ(fault({" it holds ", " `OneTest.Hold` ", " "}, tests), "OneTest.Hold does not exist");
  EXPECT_EQ(fault({" it holds ", " `scripts/no.sh` ", " "}, tests), "scripts/no.sh does not exist");
  EXPECT_EQ(fault({" it holds ", " by eye ", " "}, tests), "no test is named for: it holds ");
}

}  // namespace
}  // namespace xgrad
