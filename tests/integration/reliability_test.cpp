// SPDX-License-Identifier: MIT
// Every promise of docs/reliability.md names tests that are there.
#include "support/scratch.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace xgrad {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = XGRAD_SOURCE_DIR;

/// "Suite.Name" of each test in a C++ source, "Class.method" of each in a Python one.
std::set<std::string> tests_of(const std::string& text) {
  static const std::regex cpp(R"(\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\))");
  static const std::regex python(R"((?:^|\n)(?:class (\w+)\(|    def (test_\w+)\())");
  std::set<std::string> names;
  for (std::sregex_iterator match(text.begin(), text.end(), cpp), end; match != end; ++match) {
    names.insert((*match)[1].str() + "." + (*match)[2].str());
  }
  std::string suite;
  for (std::sregex_iterator match(text.begin(), text.end(), python), end; match != end; ++match) {
    if ((*match)[1].matched) suite = (*match)[1];
    if ((*match)[2].matched) names.insert(suite + "." + (*match)[2].str());
  }
  return names;
}

std::set<std::string> all_tests() {
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "tests")) {
    const std::string kind = entry.path().extension().string();
    if (kind == ".cpp" || kind == ".py") names.merge(tests_of(read_bytes(entry.path())));
  }
  return names;
}

/// The rows of the table: promise, test, figure seen.
std::vector<std::vector<std::string>> rows_of(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| ", 0) != 0 || line.rfind("| promise |", 0) == 0) continue;
    std::istringstream cells(line.substr(1));
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, '|');) rows.back().push_back(cell);
  }
  return rows;
}

/// What the tests' column has between backticks: names of tests, and files.
std::vector<std::string> named_in(const std::string& cell) {
  std::vector<std::string> names;
  for (std::size_t at = cell.find('`'); at != std::string::npos; at = cell.find('`', at + 1)) {
    const std::size_t begin = at + 1;
    at = cell.find('`', begin);
    names.push_back(cell.substr(begin, at - begin));
  }
  return names;
}

/// What is wrong with a row, or nothing.
std::string fault(const std::vector<std::string>& row, const std::set<std::string>& tests) {
  if (row.size() != 3) return "a row must have three cells: " + row[0];
  const std::vector<std::string> names = named_in(row[1]);
  if (names.empty()) return "no test is named for:" + row[0];
  for (const std::string& name : names) {
    const bool is_file = name.find('/') != std::string::npos;
    if (is_file ? !fs::exists(kRoot / name) : tests.count(name) == 0) return name + " is not there";
  }
  return "";
}

TEST(ReliabilityTest, EveryTestThatAPromiseNamesExists) {
  const std::set<std::string> tests = all_tests();
  EXPECT_GT(tests.size(), 300u);
  const auto rows = rows_of(read_bytes(kRoot / "docs/reliability.md"));
  EXPECT_GT(rows.size(), 30u);
  for (const auto& row : rows) EXPECT_EQ(fault(row, tests), "");
}

TEST(ReliabilityTest, ANameThatIsNotThereIsSeen) {
  const std::set<std::string> tests =
      tests_of("TEST_P(OneTest,\n       Holds) {}\nclass Two(X):\n    def test_it(");
  EXPECT_EQ(tests, (std::set<std::string>{"OneTest.Holds", "Two.test_it"}));
  EXPECT_EQ(fault({" it holds ", " `OneTest.Holds`, `scripts/test.sh` ", " "}, tests), "");
  EXPECT_EQ(fault({" it holds ", " `OneTest.Hold` ", " "}, tests), "OneTest.Hold is not there");
  EXPECT_EQ(fault({" it holds ", " `scripts/no.sh` ", " "}, tests), "scripts/no.sh is not there");
  EXPECT_EQ(fault({" it holds ", " by eye ", " "}, tests), "no test is named for: it holds ");
}

}  // namespace
}  // namespace xgrad
