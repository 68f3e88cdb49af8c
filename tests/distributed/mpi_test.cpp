// SPDX-License-Identifier: MIT
// Starts mpi_program with mpirun, under each MPI library that is installed.
#include "support/program.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace xgrad::test {
namespace {

/// An MPI library. XGRAD_MPIS lists the installed ones.
struct Mpi {
  const char* name;
  const char* run;      ///< mpirun with its options
  const char* program;  ///< mpi_program, linked with this library
};
constexpr Mpi kMpis[] = {XGRAD_MPIS};

void PrintTo(const Mpi& mpi, std::ostream* out) { *out << mpi.name; }

class MpiTest : public ProgramTest, public ::testing::WithParamInterface<Mpi> {
 protected:
  MpiTest() : ProgramTest(GetParam().program) {}

  /// Runs mpi_program on some processes. A run that hangs ends after some minutes, with status 124.
  /// MPICH waits actively, so more processes than cores take long on a busy machine.
  Outcome mpirun(int processes, const std::string& arguments) {
    return run("timeout -k 5 250 " + command_line(processes), in_scratch(arguments));
  }
  static std::string command_line(int processes) {
    return std::string(GetParam().run) + " -n " + std::to_string(processes) + " " +
           GetParam().program;
  }
  void train(int processes, const std::string& arguments) {
    const Outcome outcome = mpirun(processes, "train " + arguments);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
  }
  /// Expects that the job has failed within the time.
  static void expect_ended(const Outcome& outcome) {
    EXPECT_NE(outcome.status, 0);
    EXPECT_NE(outcome.status, 124) << "the job has hung";
  }
  /// Puts the folder of this test before the names of files.
  std::string in_scratch(std::string arguments) const {
    for (const std::string key : {"checkpoint=", "parameters=", "resume="}) {
      const std::size_t at = arguments.find(key);
      if (at != std::string::npos) arguments.insert(at + key.size(), scratch.path().string() + "/");
    }
    return arguments;
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
  EXPECT_NE(outcome.err.find("mpi_program: this process has failed\n"), std::string::npos)
      << outcome.err;
}

TEST_P(MpiTest, TheFilesHaveTheSameBytesForEveryNumberOfProcesses) {
  for (const std::string run : {"rule=adam net=mlp", "rule=nag net=lenet"}) {
    std::vector<std::string> checkpoints, parameters;
    for (const int processes : {1, 2, 4}) {
      train(processes, run + " checkpoint=c parameters=p");
      checkpoints.push_back(read_bytes(scratch / "c"));
      parameters.push_back(read_bytes(scratch / "p"));
      EXPECT_FALSE(parameters.back().empty());
      EXPECT_TRUE(checkpoints.back() == checkpoints[0]) << run << " on " << processes;
      EXPECT_TRUE(parameters.back() == parameters[0]) << run << " on " << processes;
    }
  }
}

TEST_P(MpiTest, AKilledRunIsResumedByAnotherNumberOfProcessesWithTheSameBytes) {
  train(1, "checkpoint=expected");
  const Outcome killed = mpirun(4, "train every=7 checkpoint=c fault=kill");
  expect_ended(killed);
  train(2, "resume=c checkpoint=ended");
  EXPECT_TRUE(read_bytes(scratch / "ended") == read_bytes(scratch / "expected"));
}

TEST_P(MpiTest, AnInterruptedProcessStopsAllAfterTheStepWithACheckpoint) {
  train(1, "checkpoint=expected");
  train(2, "checkpoint=c fault=interrupt");
  EXPECT_TRUE(read_bytes(scratch / "c") != read_bytes(scratch / "expected"));
  train(1, "resume=c checkpoint=ended");
  EXPECT_TRUE(read_bytes(scratch / "ended") == read_bytes(scratch / "expected"));
}

TEST_P(MpiTest, CtrlCStopsAllProcessesAfterTheStepWithACheckpoint) {
  const std::string arguments = "train epochs=100000 checkpoint=c parameters=p";
  // Open MPI kills the processes after a time. A step takes longer than the usual second if the
  // machine is busy.
  std::string command = command_line(2);
  if (GetParam().name == std::string("openmpi")) {
    command.insert(command.find(" -n "), " --mca odls_base_sigkill_timeout 5");
  }
  const Process job = start(command, in_scratch(arguments), "job");
  while (!std::filesystem::exists(scratch / "c")) ::usleep(1000);
  ::kill(job.id, SIGINT);  // mpirun then asks the processes to end
  const Outcome outcome = finish(job);
  EXPECT_EQ(outcome.err.find("mpi_program: "), std::string::npos) << outcome.err;
  EXPECT_TRUE(std::filesystem::exists(scratch / "p")) << "fit() has not returned";
  train(1, "epochs=1 resume=c checkpoint=ended");  // reads the checkpoint
}

TEST_P(MpiTest, AnErrorOfOneProcessEndsTheJobWithItsLine) {
  for (const auto& [fault, line] :
       {std::pair("throw", "mpi_program: [test] the tenth step has failed\n"),
        std::pair("disk", "cannot be written: File too large")}) {
    const Outcome outcome = mpirun(2, "train every=12 checkpoint=c fault=" + std::string(fault));
    expect_ended(outcome);
    EXPECT_NE(outcome.err.find(line), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.err.find("has failed: "), std::string::npos) << outcome.err;
  }
}

TEST_P(MpiTest, AProcessThatExitsEndsTheJob) {
  expect_ended(mpirun(2, "train checkpoint=c fault=exit"));
}

TEST_P(MpiTest, ADifferenceIsOneLineOfEachProcess) {
  for (const auto& [fault, what] :
       {std::pair("threads", "number of threads"), std::pair("seed", "values of the model"),
        std::pair("shards", "number of shards")}) {
    const Outcome outcome = mpirun(2, "train checkpoint=c fault=" + std::string(fault));
    expect_ended(outcome);
    const std::string line =
        "mpi_program: [fit] all processes must have the same " + std::string(what);
    const std::size_t first = outcome.err.find(line);
    ASSERT_NE(first, std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find(line, first + 1), std::string::npos) << outcome.err;
  }
  const Outcome outcome = mpirun(3, "train checkpoint=c");
  expect_ended(outcome);
  EXPECT_NE(outcome.err.find("shards must be a multiple of the number of processes, 3, got 8"),
            std::string::npos)
      << outcome.err;
}

#ifdef XGRAD_TRAIN_MNIST
/// Runs train_mnist, which uses the MPI library of the build.
class TrainMnistMpiTest : public ProgramTest {
 protected:
  TrainMnistMpiTest() : ProgramTest(XGRAD_TRAIN_MNIST) {}
  Outcome mpirun(int processes, const std::string& arguments) {
    return run("timeout -k 5 250 " XGRAD_MPIRUN " -n " + std::to_string(processes) + " " +
                   XGRAD_TRAIN_MNIST,
               arguments);
  }
};

TEST_F(TrainMnistMpiTest, TheProcessesOfMpirunTrainTheSameParametersAsOneProcess) {
  const std::string options = "--threads 1 --epochs 2 --shards 4 --optimizer nag --save ";
  const Outcome one = run(options + (scratch / "one").string());
  EXPECT_EQ(one.status, 0) << one.err;
  for (const int processes : {1, 2, 4}) {
    const Outcome outcome = mpirun(processes, options + (scratch / "several").string());
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'),
              std::count(one.out.begin(), one.out.end(), '\n'))
        << "only one process prints";
    EXPECT_TRUE(read_bytes(scratch / "several") == read_bytes(scratch / "one")) << processes;
  }
}

TEST_F(TrainMnistMpiTest, MpirunNeedsShards) {
  const Outcome outcome = mpirun(2, "--threads 1");
  EXPECT_NE(outcome.status, 0);
  EXPECT_NE(outcome.status, 124);
  EXPECT_NE(outcome.err.find("train_mnist: [fit] world needs shards"), std::string::npos)
      << outcome.err;
}
#endif

INSTANTIATE_TEST_SUITE_P(EachLibrary, MpiTest, ::testing::ValuesIn(kMpis),
                         [](const auto& mpi) { return std::string(mpi.param.name); });

}  // namespace
}  // namespace xgrad::test
