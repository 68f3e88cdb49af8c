// SPDX-License-Identifier: MIT
// Reads the sources and checks which folders they include and which libraries the headers include.
#include "support/scratch.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace xgrad {
namespace {

namespace fs = std::filesystem;

/// The folders that a folder may include besides itself. The umbrella header xgrad/xgrad.hpp may
/// include all of them.
const std::map<std::string, std::set<std::string>> kArrows{
    {"core", {}},
    {"autograd", {"core"}},
    {"nn", {"autograd", "core"}},
    {"optim", {"autograd", "core"}},
    {"datasets", {"autograd", "core"}},
    {"train", {"nn", "optim", "datasets", "autograd", "core"}},
    {"distributed", {"train", "core"}},
    {"xgrad", {"core", "autograd", "nn", "optim", "datasets", "train"}}};

/// Returns the folder that a header belongs to: "core" for `core/rng.hpp` and for the umbrella
/// header `core.hpp`.
std::string folder_of(const std::string& path) { return path.substr(0, path.find_first_of("/.")); }

/// Returns the sources of the library below `root`: the files of each folder and the umbrella
/// headers.
std::vector<fs::path> sources_below(const fs::path& root) {
  std::vector<fs::path> files;
  const auto add = [&files](const auto& entry) {
    const std::string extension = entry.path().extension().string();
    const bool is_source = extension == ".hpp" || extension == ".cpp" || extension == ".ipp";
    if (is_source && entry.is_regular_file()) files.push_back(entry.path());
  };
  for (const auto& [part, arrows] : kArrows) {
    if (!fs::is_directory(root / part)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / part)) add(entry);
  }
  if (fs::is_directory(root / "include/xgrad")) {
    for (const auto& entry : fs::directory_iterator(root / "include/xgrad")) add(entry);
  }
  return files;
}

/// Returns the names that a file includes, with their brackets or quotes.
std::vector<std::string> includes_of(const fs::path& file) {
  std::ifstream stream(file);
  std::vector<std::string> names;
  std::string line;
  while (std::getline(stream, line)) {
    const std::size_t hash = line.find_first_not_of(" \t");
    if (hash == std::string::npos || line[hash] != '#') continue;
    const std::size_t begin = line.find_first_of("<\"", hash);
    if (begin == std::string::npos || line.find("include", hash) > begin) continue;
    names.push_back(line.substr(begin, line.find_first_of(">\"", begin + 1) - begin + 1));
  }
  return names;
}

bool starts_with_one_of(const std::string& name, const std::vector<std::string>& starts) {
  for (const std::string& start : starts) {
    if (name.rfind("<" + start, 0) == 0 || name.rfind("\"" + start, 0) == 0) return true;
  }
  return false;
}

/// Returns whether a header is installed.
bool is_public_header(const std::string& path) {
  return path.ends_with(".hpp") && path.find("/internal/") == std::string::npos;
}

/// Returns what is wrong with one include of the file at `path`, or "".
std::string fault(const std::string& path, const std::string& include) {
  const std::string own = folder_of(path);
  if (include.rfind("<xgrad/", 0) == 0) {
    const std::string other = folder_of(include.substr(7));
    if (include.find("/internal/") != std::string::npos && is_public_header(path)) {
      return "a public header must not need a private one";
    }
    const auto arrows = kArrows.find(own);
    if (arrows == kArrows.end()) return "is in an unknown folder";
    return other == own || arrows->second.count(other) > 0 ? "" : "is not in a lower layer";
  }
  if (include[0] == '"') {
    return include.find("..") == std::string::npos ? "" : "must not use .. in a path";
  }
  if (starts_with_one_of(include, {"xtensor", "xtl"})) {
    const bool may = path == "core/array.hpp" || path == "autograd/print.cpp";
    return may ? "" : "only core/array.hpp and autograd/print.cpp may include xtensor";
  }
  if (starts_with_one_of(include, {"spdlog"})) {
    const bool may = path == "core/internal/host_logger.cpp";
    return may ? "" : "only core/internal/host_logger.cpp may include spdlog";
  }
  if (starts_with_one_of(include, {"mpi.h"})) {
    return path == "distributed/mpi.cpp" ? "" : "only distributed/mpi.cpp may include MPI";
  }
  if (starts_with_one_of(include, {"CLI", "iostream"})) return "the library never prints";
  if (is_public_header(path) &&
      starts_with_one_of(include, {"xsimd", "cblas", "openblas", "nlohmann", "zlib", "omp"})) {
    return "a header must not need this library";
  }
  return "";
}

/// Returns every include below `root` that breaks a rule. Adds the number of files read to `files`.
std::vector<std::string> faults_below(const fs::path& root, std::size_t* files = nullptr) {
  std::vector<std::string> faults;
  for (const fs::path& file : sources_below(root)) {
    std::string path = file.lexically_relative(root).generic_string();
    if (path.starts_with("include/xgrad/")) path = file.filename().string();
    if (files != nullptr) ++*files;
    for (const std::string& include : includes_of(file)) {
      const std::string text = fault(path, include);
      if (!text.empty()) faults.push_back(path + " includes " + include + ": " + text);
    }
  }
  return faults;
}

TEST(LayeringTest, EveryIncludeFollowsTheLayers) {
  std::size_t files = 0;
  EXPECT_EQ(faults_below(XGRAD_SOURCE_DIR, &files), std::vector<std::string>{});
  EXPECT_GT(files, 50u);
}

TEST(LayeringTest, NoExampleIncludesAPrivateHeader) {
  std::size_t files = 0;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(XGRAD_SOURCE_DIR) / "examples")) {
    if (!entry.is_regular_file()) continue;
    ++files;
    for (const std::string& include : includes_of(entry.path())) {
      EXPECT_EQ(include.find("/internal/"), std::string::npos) << entry.path() << " " << include;
    }
  }
  EXPECT_GT(files, 50u);
}

TEST(LayeringTest, TheIncludePathHasOneLinkPerFolder) {
  for (const auto& [part, arrows] : kArrows) {
    if (part == "xgrad") continue;
    const fs::path link = fs::path(XGRAD_SOURCE_DIR) / "include/xgrad" / part;
    EXPECT_EQ(fs::read_symlink(link), "../../" + part);
  }
}

/// Returns whether the check finds a fault in a file at this path that contains this line.
bool is_refused(const std::string& path, const std::string& line) {
  const Scratch scratch;
  const fs::path file =
      scratch / (path.find('/') == std::string::npos ? "include/xgrad/" + path : path);
  fs::create_directories(file.parent_path());
  write_bytes(file, "#pragma once\n" + line + "\n");
  return !faults_below(scratch.path()).empty();
}

TEST(LayeringTest, TheCheckFindsAWrongInclude) {
  EXPECT_TRUE(is_refused("core/shape.hpp", "#include <xgrad/autograd/tensor.hpp>"));
  EXPECT_TRUE(is_refused("core/shape.cpp", "#include <xgrad/autograd.hpp>"));
  EXPECT_TRUE(is_refused("optim/rules.hpp", "#include <xgrad/nn/module.hpp>"));
  EXPECT_TRUE(is_refused("nn/module.cpp", "  #  include <xgrad/xgrad.hpp>"));
  EXPECT_TRUE(is_refused("datasets/loader.hpp", "#include <xgrad/train/fit.hpp>"));
  EXPECT_TRUE(is_refused("datasets.hpp", "#include <xgrad/train.hpp>"));
  EXPECT_TRUE(is_refused("core/shape.hpp", "#include \"../nn/linear.hpp\""));
  EXPECT_TRUE(is_refused("core/shape.hpp", "#include <xtensor/xview.hpp>"));
  EXPECT_TRUE(is_refused("train/fit.hpp", "#include <spdlog/spdlog.h>"));
  EXPECT_TRUE(is_refused("core/log.cpp", "#include <spdlog/spdlog.h>"));
  EXPECT_TRUE(is_refused("train/parameters.hpp", "#include <nlohmann/json.hpp>"));
  EXPECT_TRUE(is_refused("core/kernels.hpp", "#include <xsimd/xsimd.hpp>"));
  EXPECT_TRUE(is_refused("core/blas.hpp", "#include <cblas.h>"));
  EXPECT_TRUE(is_refused("datasets/idx.hpp", "#include <zlib.h>"));
  EXPECT_TRUE(is_refused("train/fit.cpp", "#include <xgrad/distributed/world.hpp>"));
  EXPECT_TRUE(is_refused("distributed/world.cpp", "#include <mpi.h>"));
  EXPECT_TRUE(is_refused("nn/linear.hpp", "#include <xgrad/core/internal/tuning.hpp>"));
  EXPECT_TRUE(is_refused("core/rng.hpp", "#include <xgrad/core/internal/tuning.hpp>"));
}

TEST(LayeringTest, TheCheckAcceptsARightInclude) {
  EXPECT_FALSE(is_refused("train/fit.hpp", "#include <xgrad/datasets/loader.hpp>"));
  EXPECT_FALSE(is_refused("nn/linear.cpp", "#include <xgrad/nn/linear.hpp>"));
  EXPECT_FALSE(is_refused("nn.hpp", "#include <xgrad/nn/linear.hpp>"));
  EXPECT_FALSE(is_refused("core/array.hpp", "#include <xtensor/xarray.hpp>"));
  EXPECT_FALSE(is_refused("core/blas.cpp", "#include <cblas.h>"));
  EXPECT_FALSE(is_refused("core/internal/host_logger.cpp", "#include <spdlog/spdlog.h>"));
  EXPECT_FALSE(is_refused("core/internal/kernels/rows.cpp", "#include \"stream.ipp\""));
  EXPECT_FALSE(is_refused("train/parameters.cpp", "#include <xgrad/core/internal/tuning.hpp>"));
  EXPECT_FALSE(is_refused("core/internal/parse_json.hpp", "#include <nlohmann/json.hpp>"));
  EXPECT_FALSE(is_refused("distributed/mpi.cpp", "#include <mpi.h>"));
  EXPECT_FALSE(is_refused("xgrad.hpp", "#include <xgrad/train.hpp>"));
}

TEST(QuietTest, TheLibraryNeverPrintsExitsOrChangesProcessWideState) {
  for (const fs::path& file : sources_below(XGRAD_SOURCE_DIR)) {
    if (file.extension() == ".hpp") continue;
    const std::string text = read_bytes(file);
    for (const char* call :
         {"std::cout",       "std::cerr", "std::clog",   " printf(",   "fprintf(",    " puts(",
          "perror(",         " exit(",    "::exit(",     "_exit(",     "abort(",      "terminate(",
          "raise(",          "signal(",   "sigaction(",  "setlocale(", "fesetround(", "fesetenv(",
          "feenableexcept(", "_MM_SET_",  "_mm_setcsr(", "srand(",     "chdir(",      "umask("}) {
      EXPECT_EQ(text.find(call), std::string::npos) << file << " has " << call;
    }
  }
}

TEST(ClockTest, TheLibraryReadsOnlyTheSteadyClock) {
  std::size_t steady = 0;
  for (const fs::path& file : sources_below(XGRAD_SOURCE_DIR)) {
    const std::string text = read_bytes(file);
    steady += text.find("steady_clock") != std::string::npos;
    for (const char* other : {"system_clock", "high_resolution_clock", "file_clock",
                              "last_write_time", "gettimeofday", "clock_gettime", "time(nullptr",
                              "time(NULL", "localtime", "gmtime", "<ctime>", "utime"}) {
      EXPECT_EQ(text.find(other), std::string::npos) << file << " has " << other;
    }
  }
  EXPECT_GT(steady, 0u);
}

}  // namespace
}  // namespace xgrad
