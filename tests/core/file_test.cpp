// SPDX-License-Identifier: MIT
// Tests write_file(), which handles links and permissions like open(), and require_writable().
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>

#include <algorithm>
#include <map>
#include <vector>

#include "support/plain_user.hpp"
#include "support/scratch.hpp"
#include "support/tensors.hpp"

namespace xgrad {
namespace {

namespace fs = std::filesystem;
using test::holds_for_a_plain_user, test::message_of;

void write(const fs::path& path, const std::string& bytes) { write_file("test", path, bytes); }

/// Returns the contents of a folder: the names, and the bytes of each regular file.
std::map<std::string, std::string> contents_of(const fs::path& folder) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const bool is_file = entry.symlink_status().type() == fs::file_type::regular;
    contents[entry.path().filename().string()] = is_file ? read_bytes(entry.path()) : "";
  }
  return contents;
}

/// Expects that both functions reject the path with this error and change nothing.
void expect_refused(const Scratch& scratch, const fs::path& path, const std::string& reason) {
  const auto before = contents_of(scratch.path());
  EXPECT_EQ(message_of<DataError>([&] { require_writable("test", path); }), "[test] " + reason);
  EXPECT_EQ(message_of<DataError>([&] { write(path, "new"); }), "[test] " + reason);
  EXPECT_EQ(contents_of(scratch.path()), before);
}

/// A mount that the destructor removes.
struct Mount {
  Mount(const char* kind, const fs::path& from, const fs::path& to, unsigned long flags,
        const char* options = nullptr)
      : at(to.string()), succeeded(mount(from.c_str(), at.c_str(), kind, flags, options) == 0) {}
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;
  ~Mount() {
    if (succeeded) umount2(at.c_str(), MNT_DETACH);
  }
  std::string at;
  bool succeeded;
};

TEST(FileTest, FollowsLinksEvenToAMissingFile) {
  const Scratch scratch, far;
  fs::create_symlink("second", scratch / "first");
  fs::create_symlink(far / "net", scratch / "second");
  for (const std::string bytes : {"new", "newer"}) {
    require_writable("test", scratch / "first");
    write(scratch / "first", bytes);
    EXPECT_EQ(contents_of(far.path()), (std::map<std::string, std::string>{{"net", bytes}}));
    EXPECT_EQ(fs::read_symlink(scratch / "first"), "second");
    EXPECT_EQ(fs::read_symlink(scratch / "second"), far / "net");
  }
}

TEST(FileTest, ALinkMayPointToAnotherFileSystem) {
  if (!fs::is_directory("/dev/shm")) GTEST_SKIP() << "there is no second file system";
  const Scratch scratch;
  const fs::path far = "/dev/shm" / scratch.path().filename();
  fs::create_symlink(far, scratch / "net");
  write(scratch / "net", "new");
  write(scratch / "net", "newer");
  EXPECT_EQ(read_bytes(far), "newer");
  EXPECT_TRUE(fs::is_symlink(scratch / "net"));
  fs::remove(far);
}

TEST(FileTest, CircularLinksAreRejected) {
  const Scratch scratch;
  fs::create_symlink("self", scratch / "self");
  fs::create_symlink("b", scratch / "a");
  fs::create_symlink("a", scratch / "b");
  for (const char* name : {"self", "a", "b"}) {
    const std::string path = (scratch / name).string();
    expect_refused(scratch, path, path + ": cannot be written: Too many levels of symbolic links");
    EXPECT_TRUE(fs::is_symlink(path));
  }
}

TEST(FileTest, AFileWithoutWritePermissionIsRejected) {
  const Scratch scratch;
  fs::permissions(scratch.path(), fs::perms(0777));
  write_bytes(scratch / "net", "old");
  fs::permissions(scratch / "net", fs::perms(0444));
  const std::string path = (scratch / "net").string();
  EXPECT_TRUE(holds_for_a_plain_user(
      [&] { expect_refused(scratch, path, path + ": cannot be written: Permission denied"); }));
}

TEST(FileTest, NamesMayBeAsLongAsTheSystemPermits) {
  const Scratch scratch;
  for (const std::size_t length : {1u, 243u, 244u, 255u}) {
    const fs::path path = scratch / std::string(length, 'n');
    write(path, "old");
    write(path, "new");
    EXPECT_EQ(read_bytes(path), "new");
    fs::remove(path);
  }
  const std::string path = (scratch / std::string(256, 'n')).string();
  expect_refused(scratch, path, path + ": cannot be written: File name too long");
  EXPECT_TRUE(fs::is_empty(scratch.path()));
}

TEST(FileTest, APathMayBeAsLongAsTheSystemPermits) {
  const Scratch scratch;
  std::string path = scratch.path().string();
  while (path.size() < 3800) {
    path += "/" + std::string(200, 'd');
    ASSERT_EQ(mkdir(path.c_str(), 0777), 0);
  }
  path += "/" + std::string(4095 - path.size() - 3, 'd');
  ASSERT_EQ(mkdir(path.c_str(), 0777), 0);
  path += "/n";  // leaves no room for the name of a temporary file
  for (const std::string bytes : {"old", "newer", "new"}) {
    write(path, bytes);
    EXPECT_EQ(read_bytes(path), bytes);
  }
}

TEST(FileTest, AFileInAFolderWithoutWritePermissionIsWrittenInPlace) {
  const Scratch scratch;
  write_bytes(scratch / "net", "a longer old text");
  fs::permissions(scratch / "net", fs::perms(0666));
  fs::permissions(scratch.path(), fs::perms(0555));
  EXPECT_TRUE(holds_for_a_plain_user([&] {
    require_writable("test", scratch / "net");
    write(scratch / "net", "new");
    const std::string other = (scratch / "other").string();
    expect_refused(scratch, other, other + ": cannot be written: Permission denied");
  }));
  EXPECT_EQ(read_bytes(scratch / "net"), "new");
  fs::permissions(scratch.path(), fs::perms(0777));
}

TEST(FileTest, AFileThatIsAMountPointIsWrittenInPlace) {
  const Scratch scratch;
  write_bytes(scratch / "outside", "a longer old text");
  write_bytes(scratch / "net", "");
  {
    const Mount file(nullptr, scratch / "outside", scratch / "net", MS_BIND);
    if (!file.succeeded) GTEST_SKIP() << "mounting a file is not permitted";
    require_writable("test", scratch / "net");
    write(scratch / "net", "new");
  }
  EXPECT_EQ(contents_of(scratch.path()),
            (std::map<std::string, std::string>{{"net", ""}, {"outside", "new"}}));
}

TEST(FileTest, AFullDiskDoesNotChangeAMountedFile) {
  const Scratch scratch, disk;
  const Mount small("tmpfs", "tmpfs", disk.path(), 0, "size=64k");
  if (!small.succeeded) GTEST_SKIP() << "mounting a small disk is not permitted";
  write_bytes(disk / "outside", "old");
  write_bytes(scratch / "net", "");
  const Mount file(nullptr, disk / "outside", scratch / "net", MS_BIND);
  ASSERT_TRUE(file.succeeded);
  EXPECT_EQ(message_of<DataError>([&] { write(file.at, std::string(1 << 17, 'x')); }),
            "[test] " + file.at + ": cannot be written: No space left on device");
  EXPECT_EQ(read_bytes(file.at), "old");
}

TEST(FileTest, KeepsTheModeAndTheOwnerOfTheOldFile) {
  const Scratch scratch;
  const fs::path path = scratch / "net";
  write_bytes(path, "old");
  const bool is_root = geteuid() == 0;
  if (is_root) {
    ASSERT_EQ(chown(path.c_str(), 65534, 65533), 0);
  }
  fs::permissions(path, fs::perms(0646));
  write(path, "new");
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0646u);
  EXPECT_EQ(status.st_uid, is_root ? 65534 : geteuid());
  EXPECT_EQ(status.st_gid, is_root ? 65533 : getegid());
}

TEST(FileTest, AnotherHardLinkKeepsTheOldContent) {
  const Scratch scratch;
  write_bytes(scratch / "net", "old");
  fs::create_hard_link(scratch / "net", scratch / "kept");
  write(scratch / "net", "new");
  EXPECT_EQ(read_bytes(scratch / "net"), "new");
  EXPECT_EQ(read_bytes(scratch / "kept"), "old");
}

TEST(FileTest, RejectsAPathThatIsNotAFileOrHasNoFolder) {
  const Scratch scratch;
  const std::string at = scratch.path().string();
  write_bytes(scratch / "file", "old");
  ASSERT_EQ(mkfifo((scratch / "pipe").c_str(), 0666), 0);
  fs::create_symlink("nowhere/net", scratch / "lost");
  fs::create_symlink(".", scratch / "here");
  const std::string written = ": cannot be written: ";
  expect_refused(scratch, at, at + ": is not a regular file");
  expect_refused(scratch, at + "/", at + "/: is not a regular file");
  expect_refused(scratch, scratch / "pipe", at + "/pipe: is not a regular file");
  expect_refused(scratch, scratch / "here", at + "/here: is not a regular file");
  expect_refused(scratch, "/dev/null", "/dev/null: is not a regular file");
  expect_refused(scratch, at + "/file/x", at + "/file/x" + written + "Not a directory");
  expect_refused(scratch, at + "/file/", at + "/file/" + written + "Not a directory");
  expect_refused(scratch, at + "/new/", at + "/new/" + written + "No such file or directory");
  expect_refused(scratch, at + "/no/net", at + "/no/net" + written + "No such file or directory");
  expect_refused(scratch, scratch / "lost",
                 at + "/nowhere/net" + written + "No such file or directory");
  const std::string here = fs::current_path().string();
  expect_refused(scratch, "", here + "/: is not a regular file");
}

TEST(FileTest, AFileInARemovedFolderIsRejected) {
  const Scratch scratch;
  fs::create_directory(scratch / "gone");
  fs::permissions(scratch.path(), fs::perms(0777));
  // This runs in a child process, because it removes its own working directory.
  EXPECT_TRUE(holds_for_a_plain_user([&] {
    fs::current_path(scratch / "gone");
    fs::remove(scratch / "gone");
    expect_refused(scratch, "net", "net: cannot be written: No such file or directory");
    expect_refused(scratch, "", ": cannot be written: No such file or directory");
  }));
}

TEST(FileTest, RequireWritableChangesNothing) {
  const Scratch scratch;
  write_bytes(scratch / "net", "old");
  const auto past = fs::file_time_type::clock::now() - std::chrono::hours(1);
  fs::last_write_time(scratch / "net", past);
  fs::last_write_time(scratch.path(), past);
  require_writable("test", scratch / "net");
  require_writable("test", scratch / "new");
  EXPECT_EQ(contents_of(scratch.path()), (std::map<std::string, std::string>{{"net", "old"}}));
  EXPECT_EQ(fs::last_write_time(scratch / "net"), past);
  EXPECT_EQ(fs::last_write_time(scratch.path()), past);
}

}  // namespace
}  // namespace xgrad
