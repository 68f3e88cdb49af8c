// SPDX-License-Identifier: MIT
// Tests file systems that do not support a system call or fail. A file is saved if that is
// possible, and an old file is never lost.
#include "failing_files.hpp"

#include <support/scratch.hpp>
#include <support/tensors.hpp>
#include <xgrad/xgrad.hpp>

#include <gtest/gtest.h>

#include <cerrno>

namespace xgrad::test {
namespace {

/// Makes a system call fail until the object is destroyed.
class Failing {
 public:
  Failing(FileCall call, int error) : call_(call) { fail_file_call(call, error); }
  Failing(const Failing&) = delete;
  Failing& operator=(const Failing&) = delete;
  ~Failing() { fail_file_call(call_, 0); }

 private:
  FileCall call_;
};

class FileFailureTest : public ::testing::Test {
 protected:
  FileFailureTest() {
    write_bytes(path, std::string(1000, 'o'));
    train::save_parameters(scratch / "right", model);
    right = read_bytes(scratch / "right");
    std::filesystem::remove(scratch / "right");
  }
  /// Saves twice, like a run with checkpoints, and expects the new file.
  void expect_saved(FileCall call, int error) {
    for (int i = 0; i < 2; ++i) {
      {
        const Failing failing(call, error);
        EXPECT_NO_THROW(train::save_parameters(path, model)) << i << ", error " << error;
      }
      EXPECT_EQ(read_bytes(path), right);
      expect_no_other_file();
    }
  }
  void expect_refused(FileCall call, int error, const std::string& message) {
    const std::string old = read_bytes(path);
    std::string text;
    {
      const Failing failing(call, error);
      text = message_of<DataError>([&] { train::save_parameters(path, model); });
    }
    EXPECT_EQ(text, "[save_parameters] " + path.string() + ": " + message);
    EXPECT_EQ(read_bytes(path), old);
    expect_no_other_file();
  }
  void expect_no_other_file() const {
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path()), {}), 1);
  }

  const Scratch scratch;
  const std::filesystem::path path = scratch / "net";
  Rng rng{1};
  nn::Linear model{3, 2, rng};
  std::string right;
};

TEST_F(FileFailureTest, SavesOnAFileSystemWithoutModesOrOwners) {
  for (const int error : {EPERM, ENOTSUP, ENOSYS, EINVAL, EROFS}) {
    expect_saved(FileCall::chmod, error);
    expect_saved(FileCall::chown, error);
  }
}

TEST_F(FileFailureTest, SavesOnAFileSystemThatCannotFlush) {
  for (const int error : {EINVAL, ENOSYS, ENOTSUP}) expect_saved(FileCall::fsync, error);
}

TEST_F(FileFailureTest, SavesEvenIfASignalInterruptsClosing) {
  expect_saved(FileCall::close, EINTR);
}

TEST_F(FileFailureTest, AFileIsWrittenInPlaceIfItCannotBeRenamed) {
  for (const int error : {EBUSY, EXDEV, EPERM, EACCES, ENOSYS}) {
    expect_saved(FileCall::rename, error);
  }
}

TEST_F(FileFailureTest, AFullDiskKeepsAFileThatWouldBeWrittenInPlace) {
  const Failing rename(FileCall::rename, EXDEV);
  expect_refused(FileCall::allocate, ENOSPC, "cannot be written: No space left on device");
  expect_refused(FileCall::allocate, EDQUOT, "cannot be written: Disk quota exceeded");
  expect_refused(FileCall::allocate, EFBIG, "cannot be written: File too large");
}

TEST_F(FileFailureTest, ADiskErrorKeepsTheOldFile) {
  for (const FileCall call : {FileCall::fsync, FileCall::close}) {
    expect_refused(call, EIO, "cannot be written: Input/output error");
    expect_refused(call, ENOSPC, "cannot be written: No space left on device");
    expect_refused(call, EDQUOT, "cannot be written: Disk quota exceeded");
  }
  expect_refused(FileCall::rename, EIO, "cannot be replaced: Input/output error");
  expect_refused(FileCall::rename, ENOSPC, "cannot be replaced: No space left on device");
}

}  // namespace
}  // namespace xgrad::test
