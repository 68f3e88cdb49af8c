// SPDX-License-Identifier: MIT
// Tests failures of reading and writing files: the error is one clear line, and no data are lost.
#include "runs.hpp"

#include <support/plain_user.hpp>

#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>
#include <functional>
#include <thread>

namespace xgrad::test {
namespace {

namespace fs = std::filesystem;

/// A function that writes a file, and the name that its error messages use.
struct Writer {
  const char* where;
  std::function<void(const fs::path&, Training&)> write;
};

/// Saves a checkpoint with running statistics, two groups of parameters and averages.
void save_large_checkpoint(const fs::path& path) {
  Rng rng(1);
  nn::Sequential model(nn::Linear(4, 8, rng), nn::BatchNorm1d(8), nn::Linear(8, 3, rng));
  const std::vector<Tensor> all = model.parameters();
  optim::Adam adam({{{all.begin(), all.begin() + 4}}, {{all.begin() + 4, all.end()}, 0.5}}, {});
  std::vector<Array> averages = values_of(model);
  for (const Tensor& buffer : model.buffers()) averages.push_back(buffer.value());
  train::save_checkpoint(path, model, adam, {.average = train::WeightAverage{0.9, 3, averages}});
}

const std::vector<Writer>& writers() {
  static const std::vector<Writer> all{
      {"save_checkpoint", [](const fs::path& path, Training& run) { run.save(path); }},
      {"save_checkpoint", [](const fs::path& path, Training&) { save_large_checkpoint(path); }},
      {"save_parameters",
       [](const fs::path& path, Training& run) { train::save_parameters(path, run.model); }},
      {"CsvLog", [](const fs::path& path, Training& run) {
         train::Run state{run.model, *run.optimizer, run.loader};
         for (int i = 0; i < 100; ++i) state.end_epoch(train::Evaluation{0.1, 0.5, 0.01, 30});
         train::CsvLog(path).on_epoch(state);
       }}};
  return all;
}

std::size_t files_in(const fs::path& folder) {
  const fs::directory_iterator files(folder);
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

/// Expects each writer to fail with this reason. The old file must stay, and no other file may be
/// added.
void expect_each_write_fails(const fs::path& folder, const std::string& reason) {
  Training run("adam");
  run.train_to(3);
  for (const auto& [where, write] : writers()) {
    const fs::path path = folder / where;
    const std::string old = read_bytes(path);
    const std::size_t files = files_in(folder);
    EXPECT_EQ(message_of<DataError>([&, &write = write] { write(path, run); }),
              "[" + std::string(where) + "] " + path.string() + ": cannot be written: " + reason);
    EXPECT_EQ(read_bytes(path), old);
    EXPECT_EQ(files_in(folder), files);
  }
}

void write_old_files(const fs::path& folder) {
  for (const Writer& writer : writers()) write_bytes(folder / writer.where, "old");
}

TEST(FaultsTest, AFullDiskKeepsTheOldFile) {
  const Scratch scratch;
  if (mount("tmpfs", scratch.path().c_str(), "tmpfs", 0, "size=64k") != 0) {
    GTEST_SKIP() << "mounting a small disk is not permitted";
  }
  write_old_files(scratch.path());
  std::string rest(1 << 17, 'x');
  write_bytes(scratch / "rest", rest);
  expect_each_write_fails(scratch.path(), "No space left on device");
  fs::remove(scratch / "rest");
  Training run("adam");
  for (const auto& [where, write] : writers()) write(scratch / where, run);
  EXPECT_EQ(umount2(scratch.path().c_str(), MNT_DETACH), 0);
}

TEST(FaultsTest, AFileSizeLimitKeepsTheOldFile) {
  const Scratch scratch;
  write_old_files(scratch.path());
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 500;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  expect_each_write_fails(scratch.path(), "File too large");
  EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
}

TEST(FaultsTest, TheErrorNamesAFolderWithoutWritePermission) {
  const Scratch scratch;
  write_old_files(scratch.path());
  fs::permissions(scratch.path(), fs::perms(0555));
  EXPECT_TRUE(holds_for_a_plain_user(
      [&] { expect_each_write_fails(scratch.path(), "Permission denied"); }));
  fs::permissions(scratch.path(), fs::perms(0755));
}

TEST(FaultsTest, TheErrorNamesAFileWithoutReadPermission) {
  const Scratch scratch;
  const fs::path path = scratch / "closed";
  write_bytes(path, "a,b\n1,2\n");
  fs::permissions(path, fs::perms(0));
  EXPECT_TRUE(holds_for_a_plain_user([&] {
    Training run("sgd");
    const std::string rest = path.string() + ": cannot be read: Permission denied";
    EXPECT_EQ(message_of<DataError>([&] { datasets::csv(path); }), "[csv] " + rest);
    EXPECT_EQ(message_of<DataError>([&] { run.load(path); }), "[load_checkpoint] " + rest);
    EXPECT_EQ(message_of<DataError>([&] { train::load_parameters(path, run.model); }),
              "[load_parameters] " + rest);
  }));
}

TEST(FaultsTest, DotDotAfterALinkIsTheParentOfTheLinkedFolder) {
  const Scratch scratch;
  fs::create_directories(scratch / "far/inner");
  fs::create_directory_symlink(scratch / "far/inner", scratch / "link");
  Training run("sgd");
  train::save_parameters(scratch / "link/../net", run.model);
  EXPECT_TRUE(fs::exists(scratch / "far/net"));
  EXPECT_FALSE(fs::exists(scratch / "net"));
  EXPECT_NO_THROW(train::load_parameters(scratch / "link/../net", run.model));
}

TEST(FaultsTest, AFileThatChangesWhileItIsReadIsReadCompletelyOrRejected) {
  const Scratch scratch;
  const fs::path path = scratch / "net";
  const auto fill = [](nn::Module& model, Scalar value) {
    for (Tensor& p : model.parameters()) p.assign(full(p.shape(), value));
  };
  Training writer("sgd"), reader("sgd");
  fill(writer.model, 0);
  train::save_parameters(path, writer.model);  // so that the first read finds a file
  const std::jthread other([&](const std::stop_token& stop) {
    for (int i = 0; !stop.stop_requested(); ++i) {
      fill(writer.model, static_cast<Scalar>(i % 2));
      train::save_parameters(path, writer.model);
      if (i % 3 == 1) fs::remove(path);
      if (i % 3 == 2) fs::resize_file(path, 150);
    }
  });
  int whole = 0, refused = 0;
  for (int i = 0; i < 20'000 && (whole < 100 || refused < 100); ++i) {
    fill(reader.model, 7);
    bool loaded = false;
    try {
      train::load_parameters(path, reader.model);
      loaded = true;
    } catch (const DataError&) {
    }
    const std::vector<Array> values = values_of(reader.model);
    const Scalar first = values[0].data()[0];
    loaded ? ++whole : ++refused;
    ASSERT_EQ(first == 7, !loaded);
    for (const Array& value : values) ASSERT_EQ(value, full(value.shape(), first));
  }
  EXPECT_GT(whole, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace xgrad::test
