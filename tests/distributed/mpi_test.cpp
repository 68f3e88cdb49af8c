// SPDX-License-Identifier: MIT
// Starts mpi_program with mpirun, under each MPI library that is installed.
#include "support/program.hpp"

#include <gtest/gtest.h>

namespace xgrad::test {
namespace {

/// An MPI library. XGRAD_MPIS lists the installed ones.
struct Mpi {
  const char* name;
  const char* run;      ///< mpirun with its options
  const char* program;  ///< mpi_program, linked with this library
};
constexpr Mpi kMpis[] = {XGRAD_MPIS};

class MpiTest : public ProgramTest, public ::testing::WithParamInterface<Mpi> {
 protected:
  MpiTest() : ProgramTest(GetParam().program) {}

  /// Runs mpi_program on some processes. A run that hangs ends after a minute, with status 124.
  Outcome mpirun(int processes, const std::string& arguments) {
    return run("timeout -k 5 60 " + std::string(GetParam().run) + " -n " +
                   std::to_string(processes) + " " + GetParam().program,
               arguments);
  }
};

TEST_P(MpiTest, ProcessesExchangeBytesAndMessages) {
  for (const int processes : {1, 2, 3}) {
    const Outcome outcome = mpirun(processes, "exchange");
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, std::to_string(processes) + " processes\n");
  }
}

TEST_P(MpiTest, AnExceptionThatLeavesTheWorldEndsTheJobAfterTheMessageOfTheProgram) {
  const Outcome outcome = mpirun(2, "throw");
  EXPECT_NE(outcome.status, 0);
  EXPECT_NE(outcome.status, 124) << "the job has hung";
  EXPECT_NE(outcome.err.find("mpi_program: this rank has failed\n"), std::string::npos)
      << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(EachLibrary, MpiTest, ::testing::ValuesIn(kMpis),
                         [](const auto& mpi) { return std::string(mpi.param.name); });

}  // namespace
}  // namespace xgrad::test
