// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "support/scratch.hpp"

namespace xgrad::test {

struct Outcome {
  int status = -1;  ///< exit status, or 128 + the signal that ended the process, as in a shell
  std::string out, err;
};

/// A program that runs concurrently with the test.
struct Process {
  pid_t id = 0;
  std::string name;  ///< prefix of the names of its output files
};

/// Runs a program in an empty folder, which is also its data folder. The program finds no MNIST
/// unless `arguments` name it, and it writes no file outside the folder.
class ProgramTest : public ::testing::Test {
 protected:
  explicit ProgramTest(std::string program) : program_(std::move(program)) {}

  Outcome run(const std::string& arguments) { return run(program_, arguments); }
  Outcome run(const std::string& program, const std::string& arguments) {
    const int status = std::system(command(program + " " + arguments, "").c_str());
    return {WEXITSTATUS(status), read_bytes(scratch / "out"), read_bytes(scratch / "err")};
  }

  /// Starts the program and returns at once. Every process needs a unique name.
  Process start(const std::string& arguments, const std::string& name) {
    return start(program_, arguments, name);
  }
  Process start(const std::string& program, const std::string& arguments, const std::string& name) {
    Process process{0, name};
    std::string shell = "sh", option = "-c",
                text = command("exec " + program + " " + arguments, name);
    char* words[] = {shell.data(), option.data(), text.data(), nullptr};
    EXPECT_EQ(::posix_spawnp(&process.id, "sh", nullptr, nullptr, words, environ), 0);
    return process;
  }
  /// Waits until the process ends and returns its outcome.
  Outcome finish(const Process& process) {
    int status = 0;
    EXPECT_EQ(::waitpid(process.id, &status, 0), process.id);
    return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
            read_bytes(scratch / (process.name + "out")),
            read_bytes(scratch / (process.name + "err"))};
  }

  void expect_one_line(const std::string& arguments, int status, const std::string& message) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.status, status) << arguments;
    EXPECT_NE(outcome.err.find(message), std::string::npos) << arguments << ": " << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
  /// Expects an error of one line and status 1 if standard output cannot be written.
  void expect_checks_its_output(const std::string& arguments) {
    const std::pair<const char*, const char*> outputs[] = {
        {">/dev/full", "standard output cannot be written: No space left on device\n"},
        {"1</dev/null", "standard output cannot be written: Bad file descriptor\n"},
        {">&-", "standard output is closed; to discard what is printed, write >/dev/null\n"}};
    for (const auto& [output, message] : outputs) {
      const Outcome outcome = run_in_shell(arguments + " " + output);
      EXPECT_EQ(outcome.status, 1) << arguments << output;
      const std::string name = program_.substr(program_.rfind('/') + 1);
      EXPECT_EQ(outcome.err, name + ": " + message) << arguments << output;
    }
  }
  /// Runs the program in a shell. The arguments may redirect its output.
  Outcome run_in_shell(const std::string& arguments) {
    return run("sh", "-c '" + program_ + " " + arguments + "'");
  }
  /// Runs the program on a terminal after the shell commands in `preparation`, for example
  /// "stty cols 40; export TERM=dumb". The status is 127 if script(1), which provides the terminal,
  /// is not installed.
  Outcome run_on_terminal(const std::string& preparation, const std::string& arguments) {
    return run("script",
               "-qec '" + preparation + "; " + program_ + " " + arguments + "' /dev/null");
  }
  const Scratch scratch;

 private:
  std::string command(const std::string& call, const std::string& name) const {
    const std::string folder = scratch.path().string();
    return "cd " + folder + " && export XGRAD_DATA_DIR=" + folder + " TMPDIR=" + folder + " && " +
           call + " >" + name + "out 2>" + name + "err </dev/null";
  }
  std::string program_;
};

}  // namespace xgrad::test
