// SPDX-License-Identifier: MIT
// Compares calls of xgrad with the same calls of PyTorch, in double. docs/pytorch.md shows the
// calls. tests/reference/pytorch_calls.py reads the calls of PyTorch from the headers below and
// wrote the numbers.
#include <gtest/gtest.h>
#include <autograd/op_table.hpp>
#include <autograd/pytorch_axes.hpp>
#include <autograd/pytorch_models.hpp>
#include <autograd/pytorch_ops.hpp>
#include <autograd/pytorch_training.hpp>

#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace xgrad {
namespace {

const std::vector<Numbers> kResults = {
#include <reference/pytorch_calls.inc>
};

TEST(PyTorchTest, EveryCallGivesPyTorchsNumbers) {
  std::map<std::string, Numbers> expected;
  for (const Numbers& each : kResults) expected[each.name] = each;
  EXPECT_EQ(expected.size(), kOps.size() + kModels.size() + kTraining.size() + kAxes.size());
  for (const auto& rows : {kOps, kModels, kTraining, kAxes}) {
    for (const Row& row : rows) {
      SCOPED_TRACE(row.xgrad);
      ASSERT_TRUE(expected.count(row.pytorch)) << row.pytorch;
      const Array found = row.call(), want = array_of(expected[row.pytorch]);
      ASSERT_EQ(to_string(found.shape()), to_string(want.shape()));
      for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_NEAR(found.data()[i], want.data()[i],
                    1e-10 * std::max(1.0, std::fabs(want.data()[i])));
      }
    }
  }
}

// The op table gives the value of a function of each element.
TEST(PyTorchTest, EveryOpOfTheTableThatIsNoFunctionOfEachElementIsCompared) {
  std::string calls;
  for (const auto& rows : {kOps, kModels, kTraining, kAxes}) {
    for (const Row& row : rows) calls += " " + row.xgrad;
  }
  std::set<std::string> functions;
  for (const test::Op& op : test::functions()) functions.insert(op.name);
  for (const test::Op& op : test::op_table()) {
    const bool is_operator = op.name.rfind("operator", 0) == 0;
    if (is_operator || functions.count(op.name) > 0) continue;
    EXPECT_NE(calls.find(" " + op.name + "("), std::string::npos) << op.name;
  }
}

/// Returns the rows of all tables of a page.
std::set<std::string> table_rows(const std::string& path) {
  std::set<std::string> rows;
  std::ifstream page(path);
  for (std::string line; std::getline(page, line);) {
    if (line.rfind("| `", 0) == 0) rows.insert(line);
  }
  return rows;
}

TEST(PyTorchTest, ThePageShowsTheCalls) {
  std::set<std::string> calls;
  for (const auto& rows : {kOps, kModels, kTraining}) {
    for (const Row& row : rows) calls.insert("| `" + row.pytorch + "` | `" + row.xgrad + "` |");
  }
  EXPECT_EQ(table_rows(XGRAD_SOURCE_DIR "/docs/pytorch.md"), calls);
}

}  // namespace
}  // namespace xgrad
