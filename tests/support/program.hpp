// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "support/scratch.hpp"

namespace xgrad::test {

struct Outcome {
  int status = -1;
  std::string out, err;
};

/// Runs a program in an empty folder, so that it finds no MNIST but what `arguments` name.
class ProgramTest : public ::testing::Test {
 protected:
  explicit ProgramTest(std::string program) : program_(std::move(program)) {}

  Outcome run(const std::string& arguments) { return run(program_, arguments); }
  Outcome run(const std::string& program, const std::string& arguments) {
    const std::string command = "cd " + scratch.path().string() + " && env -u XGRAD_DATA_DIR " +
                                program + " " + arguments + " >out 2>err </dev/null";
    const int status = std::system(command.c_str());
    return {WEXITSTATUS(status), read_bytes(scratch / "out"), read_bytes(scratch / "err")};
  }
  void expect_one_line(const std::string& arguments, int status, const std::string& message) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.status, status) << arguments;
    EXPECT_NE(outcome.err.find(message), std::string::npos) << arguments << ": " << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
  const Scratch scratch;

 private:
  std::string program_;
};

}  // namespace xgrad::test
