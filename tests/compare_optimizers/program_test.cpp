// SPDX-License-Identifier: MIT
#include "compare_optimizers/study_program.hpp"

#include <chrono>
#include <csignal>
#include <vector>

namespace {

TEST_F(CompareOptimizersTest, TheErrorNamesAnUnusableFolderBeforeTheFirstRun) {
  const std::string here = scratch.path().string();
  for (const std::string name : {"study.json", "report.html", "runs.jsonl"}) {
    fs::create_directories(scratch / ("results/" + name));
    for (const std::string more : {"", "--resume "}) {
      expect_one_line(small + more + "--out results", 1,
                      "[compare] " + here + "/results/" + name + ": is not a regular file\n");
    }
    fs::remove_all(scratch / "results");
  }
  write_bytes(scratch / "file", "");
  expect_one_line(small + "--out file", 1, "could not be created: Not a directory\n");
}

TEST_F(CompareOptimizersTest, OneOfTwoConcurrentProcessesInOneFolderIsRejected) {
  ASSERT_EQ(run(small + "--out whole").status, 0);
  const Process first = start(small + "--out same", "1.");
  const Process second = start(small + "--out same", "2.");
  const Outcome a = finish(first), b = finish(second);
  EXPECT_EQ(std::min(a.status, b.status), 0);
  EXPECT_EQ(std::max(a.status, b.status), 2);
  EXPECT_NE((a.err + b.err).find("already exists; use --resume"), std::string::npos);
  EXPECT_EQ(study("same"), study("whole"));
}

TEST_F(CompareOptimizersTest, TwoConcurrentResumesInOneFolderBothSucceed) {
  ASSERT_EQ(run(small + "--out whole").status, 0);
  const Process first = start(small + "--resume --out same", "1.");
  const Process second = start(small + "--resume --out same", "2.");
  for (const Process& process : {first, second}) {
    const Outcome outcome = finish(process);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
  }
  EXPECT_GE(runs_in("same"), 12u);  // both may have made the same run
  EXPECT_EQ(study("same"), study("whole"));
}

TEST_F(CompareOptimizersTest, TheRecordedCommandIsQuotedForAShell) {
  const std::string words =
      " quadratic --epochs 5 --seeds 2 --jobs 1 --resume --optimizers sgd,adam --out ";
  ASSERT_EQ(run(words + "\"it's here\"").status, 0);
  const auto json = nlohmann::json::parse(read_bytes(scratch / "it's here/study.json"));
  const std::string command = json["program"]["command"];
  EXPECT_EQ(command, XGRAD_COMPARE + words + "'it'\\''s here'");
  EXPECT_EQ(std::system(("cd " + scratch.path().string() + " && " + command + " >again").c_str()),
            0);
}

TEST_F(CompareOptimizersTest, ResumeIgnoresRunsOfOtherData) {
  const std::string words =
      "csv:a.csv --epochs 40 --seeds 1 --tuning-seeds 1 --optimizers sgd --grid lr=0.1 ";
  std::string rows = "a,kind\n";
  for (int i = 0; i < 20; ++i)
    rows += std::to_string(i % 2 * 9 + i % 3) + (i % 2 ? ",x\n" : ",y\n");
  write_bytes(scratch / "a.csv", rows);
  ASSERT_EQ(run(words + "--out runs").status, 0);
  ASSERT_EQ(run(words + "--resume --out runs").status, 0);
  EXPECT_EQ(runs_in("runs"), 3u);  // tuning, final, defaults: as before
  ASSERT_EQ(run(words + "--resume --out runs --test-fraction 0.4").status, 0);
  EXPECT_EQ(runs_in("runs"), 6u);
  write_bytes(scratch / "a.csv", rows + "3,x\n");
  ASSERT_EQ(run(words + "--resume --out runs").status, 0);
  EXPECT_EQ(runs_in("runs"), 9u);
  ASSERT_EQ(run(words + "--out fresh").status, 0);
  EXPECT_EQ(study("runs"), study("fresh"));
}

TEST_F(CompareOptimizersTest, TextLabelsAndRepeatedArgumentsWork) {
  std::string rows = "kind,\"a\",b\r\n";
  for (int i = 0; i < 20; ++i) {
    rows += (i % 2 == 0 ? "\"a, big\"," : "small,") + std::to_string(i % 2) + ",1\r\n";
  }
  write_bytes(scratch / "a.csv", rows);
  const Outcome outcome =
      run("csv:a.csv csv:a.csv --label kind --epochs 30 --seeds 2 --batch-size 4,4 --optimizers "
          "adam,adam --grid lr=0.1,0.1 --tuning-seeds 1");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(runs_in("comparison"), 1u + 2 + 2);
  EXPECT_NE(outcome.out.find("1  adam      lr=0.1         100.00 %"), std::string::npos)
      << outcome.out;
}

/// Returns a table of 150 rows in three classes. Its feature counts up from `first`.
std::string counted(long first, const std::string& between = ",", const std::string& after = "") {
  std::string rows;
  for (long i = 0; i < 150; ++i) {
    rows += std::to_string(first + i) + after + between + "abc"[i / 50] + "\n";
  }
  return rows;
}

TEST_F(CompareOptimizersTest, TimesThatAreEqualInFloatAreLearntLikeTimesThatStartAtZero) {
  const std::string words = " --epochs 60 --seeds 2 --optimizers adam --grid lr=0.05 --jobs 1";
  for (const char* task : {"zero", "unix", "ids"}) {
    const long first = task[0] == 'z' ? 0 : task[0] == 'u' ? 1700000000 : 1L << 50;
    write_bytes(scratch / "table.csv", "t,class\n" + counted(first));
    const Outcome outcome = run("csv:table.csv" + words + " --out " + task);
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");  // no warning: no digit is lost
    EXPECT_NE(outcome.out.find("lr=0.05        9"), std::string::npos) << outcome.out;  // 9x %
  }
}

TEST_F(CompareOptimizersTest, TablesOfUciAndOfSpreadsheetsAreRead) {
  const std::string words = " --epochs 20 --seeds 1 --optimizers adam --grid lr=0.05 --out ";
  write_bytes(scratch / "plain.csv", "t,class\n" + counted(7));
  write_bytes(scratch / "blanks.data", counted(7, "   \t"));
  write_bytes(scratch / "sheet.csv", "2020;class\n" + counted(7, ";", ",0"));
  write_bytes(scratch / "tabs.tsv", "t\tclass\n" + counted(7, "\t"));
  ASSERT_EQ(run("csv:plain.csv" + words + "plain").status, 0);
  std::string expected = study("plain");
  for (const auto& [file, options] : std::vector<std::pair<std::string, std::string>>{
           {"blanks.data", " --delimiter space --header no --label 1"},
           {"sheet.csv", " --delimiter ';' --decimal-comma --header yes"},
           {"tabs.tsv", " --delimiter tab"}}) {
    const Outcome outcome = run("csv:" + file + options + words + file + ".out");
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    std::string found = study(file + ".out");
    for (std::size_t at; (at = found.find(file)) != std::string::npos;) {
      found.replace(at, file.size(), "plain.csv");
    }
    EXPECT_EQ(found, expected) << file;
  }
  expect_one_line("csv:sheet.csv --delimiter ';' --decimal-comma", 1, "set header to yes");
  expect_one_line("csv:sheet.csv --delimiter ';' --header yes", 1, "set decimal to ','");
  expect_one_line("csv:plain.csv --decimal-comma", 2, "decimal and delimiter must differ");
  expect_one_line("csv:plain.csv --delimiter xx", 2, "--delimiter");
  expect_one_line("csv:plain.csv --header maybe", 2, "--header");
}

TEST_F(CompareOptimizersTest, AnyPathAndAnyColumnNameCanBeStored) {
  const std::string words =
      " --epochs 2 --seeds 1 --tuning-seeds 1 --optimizers sgd --grid lr=0.1 --out ";
  const std::string folder(200, 'd'), file(250, 'f'), latin = "caf\xE9.csv";
  fs::create_directory(scratch / folder);
  write_bytes(scratch / folder / file, "t,class\n" + counted(0));
  write_bytes(scratch / latin, "t,\xE9t\xE9\n" + counted(0));
  ASSERT_EQ(run("csv:" + folder + "/" + file + words + "long").status, 0);
  EXPECT_EQ(runs_in("long"), 3u);
  const std::string call = "csv:'" + latin + "' --label '\xE9t\xE9'" + words + "latin";
  ASSERT_EQ(run(call).status, 0);
  ASSERT_EQ(run(call + " --resume").status, 0);
  EXPECT_EQ(runs_in("latin"), 3u);
  const auto json = nlohmann::json::parse(read_bytes(scratch / "latin/study.json"));
  EXPECT_EQ(json["groups"][0]["task"]["name"], "csv:caf\xEF\xBF\xBD.csv");  // U+FFFD
  expect_one_line("csv:" + std::string(300, 'x'), 1, "no such file");
  std::string deep = "a";
  while (deep.size() < 4100) deep += "/" + std::string(200, 'o');
  expect_one_line("iris --out " + deep, 1, "File name too long");
}

TEST_F(CompareOptimizersTest, AfterCtrlCTheSameCommandCanBeResumed) {
  ASSERT_EQ(run(small + "--out whole").status, 0);
  const std::string endless = "iris --epochs 100000000 --seeds 1 --out stopped";
  const Process process = start(endless, "stopped.");
  while (!fs::exists(scratch / "stopped/runs.jsonl")) std::this_thread::yield();
  ::kill(process.id, SIGINT);
  const Outcome outcome = finish(process);
  EXPECT_EQ(outcome.status, 130);
  EXPECT_EQ(outcome.err, "stopped; repeat the command with --resume to continue\n");
  EXPECT_EQ(runs_in("stopped"), 0u);  // no incomplete run
  ASSERT_EQ(run(small + "--resume --out stopped").status, 0);
  EXPECT_EQ(study("stopped"), study("whole"));
}

TEST_F(CompareOptimizersTest, ProgressFitsTheTerminalAndADumbTerminalGetsNone) {
  const auto run_with = [&](const std::string& preparation) {
    fs::remove_all(scratch / "comparison");
    return run_on_terminal(preparation, small + "--jobs 1");
  };
  const Outcome narrow = run_with("export TERM=xterm; stty cols 20");
  if (narrow.status == 127)
    GTEST_SKIP() << "script(1), which provides a terminal, is not installed";
  EXPECT_NE(narrow.out.find("\r\033[K2 of 12 runs, 0 s l\r\033[K"), std::string::npos)
      << narrow.out;
  const Outcome wide = run_with("export TERM=xterm; stty cols 80");
  EXPECT_NE(wide.out.find("\r\033[K12 of 12 runs, 0 s left\r\033[K"), std::string::npos);
  EXPECT_EQ(run_with("export TERM=dumb").out.find('\033'), std::string::npos);
}

TEST_F(CompareOptimizersTest, OutputThatCannotBeWrittenGivesAnErrorOfOneLineBeforeTraining) {
  expect_checks_its_output("--help");
  expect_checks_its_output("iris --dry-run");
  expect_checks_its_output("iris --epochs 1000000 --out none");
  EXPECT_FALSE(fs::exists(scratch / "none"));
}

TEST_F(CompareOptimizersTest, OnlyCompleteDecimalNumbersAreAccepted) {
  for (const char* text : {"nan", "inf", "1e400", "\"\"", "\" 5\"", "5x", "0x10", "+5"}) {
    std::string quoted = text;
    if (quoted.front() != '"') quoted = "\"" + quoted + "\"";
    const auto expect_refused = [&](const std::string& option, const std::string& what) {
      expect_one_line("iris --dry-run " + option + " " + text, 2,
                      "compare_optimizers: " + option + ": must be " + what + ", got " + quoted +
                          "; see --help\n");
    };
    expect_refused("--test-fraction", "a number from 0.01 to 0.9");
    expect_refused("--batch-size", "a whole number above 0 or \"full\"");
    expect_refused("--hidden", "a whole number from 1 to 1048576");
    expect_refused("--epochs", "a whole number from 1 to 4294967296");
    expect_refused("--budget-steps", "a whole number from 1 to 4611686018427387904");
    expect_refused("--seeds", "a whole number from 1 to 1000");
    expect_refused("--target", "a finite number");
    expect_refused("--jobs", "a whole number from 1 to 1024");
    expect_refused("--tuning-seeds", "a whole number from 1 to 1000");
  }
}

TEST_F(CompareOptimizersTest, ErrorsAreReportedInOneLine) {
  write_bytes(scratch / "one.csv", "a,l\n1,0\n2,0\n");
  write_bytes(scratch / "bad.csv", "a,l\n1,0\nx,1\n");
  expect_one_line("csv:one.csv", 1, "at least two classes");
  expect_one_line("csv:bad.csv", 1, "bad.csv");
  expect_one_line("csv:bad.csv --label zz", 1, "zz");
  expect_one_line("csv:none.csv", 1, "none.csv: no such file");
  expect_one_line("mnist", 1, "mnist is not a directory");
  expect_one_line("flowers", 2, "unknown task \"flowers\"; one of digits, iris");
  expect_one_line("iris --grid adam.beta2=1", 2, "[adam] beta2 must be in [0, 1), got 1");
  expect_one_line("iris --batch-size 0", 2, "--batch-size: must be");
  expect_one_line("iris --optimizers fastest", 2, "got \"fastest\"");
  expect_one_line("iris --optimizers sgd,,adam", 2, "--optimizers: must be one of adadelta, ");
  expect_one_line("iris --hidden 2,,3", 2, "--hidden: must be a whole number from 1 to 1048576");
  expect_one_line("csv:one.csv --delimiter ab", 2, "--delimiter must be a character, tab or space");
  expect_one_line("csv:one.csv --test-fraction 1", 2, "--test-fraction");
  expect_one_line("iris --model lenet", 2, "[lenet] the rows must be images of shape");
  expect_one_line("iris --search best", 2, "--search: must be one of grid, halving");
  expect_one_line("csv:one.csv --predict b", 1, "one.csv");
  expect_one_line("csv:one.csv --predict a --label l", 2, "--label excludes --predict");
  expect_one_line("--verify none", 1, "none/study.json: no such file");
  expect_one_line("--verify none 0", 2, "--verify must be followed by a folder and a whole number");
  write_bytes(scratch / "file", "");
  expect_one_line("iris --out file", 1, "could not be created");
  expect_one_line("iris --out /proc/xgrad", 1, "could not be created");  // not even root can
}

TEST_F(CompareOptimizersTest, AFinishedStudyIsVerified) {
  ASSERT_EQ(run(small + "--out done").status, 0);
  const Outcome outcome = run("--verify done 3");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("3 runs are equal bit for bit: this machine is of the same kind\n"),
            std::string::npos);
  std::string text = read_bytes(scratch / "done/study.json");
  const std::size_t value = text.find("\"value\":0.", text.find("\"stage\":\"tuned\""));
  text.replace(value, 10, "\"value\":0.1");
  write_bytes(scratch / "done/study.json", text);
  expect_one_line("--verify done", 1, "stage tuned, with seed 1 was altered: its hash must be ");
}

TEST_F(CompareOptimizersTest, AProgramCanAddARuleAndAModel) {
  const Outcome outcome = run(XGRAD_OWN_STUDY,
                              "iris --optimizers signum,adam --model narrow --epochs 60 --seeds 2 "
                              "--tuning-seeds 1 --out own");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const auto json = nlohmann::json::parse(read_bytes(scratch / "own/study.json"));
  EXPECT_EQ(json["rules"]["signum"]["code"], "optim::RuleOptimizer<Signum>");
  EXPECT_EQ(json["groups"][0]["model"]["parameters"], 4 * 4 + 4 + 4 * 3 + 3);
  for (const auto& optimizer : json["groups"][0]["optimizers"]) {
    EXPECT_GT(optimizer["summary"]["tuned"]["mean"], 0.8) << optimizer["name"];
  }
}

TEST_F(CompareOptimizersTest, TheLiveReportIsThereBeforeTheEnd) {
  const Process process =
      start("iris --epochs 3000 --seeds 50 --optimizers sgd --jobs 1 --live --out live", "live.");
  while (!fs::exists(scratch / "live/report.html")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ::kill(process.id, SIGKILL);
  finish(process);
  const std::string page = read_bytes(scratch / "live/report.html");
  EXPECT_NE(page.find("\"complete\":false"), std::string::npos);
  EXPECT_NE(page.find("\"seconds_left\":"), std::string::npos);
}

}  // namespace
