// SPDX-License-Identifier: MIT
// Replaces functions of the C library in this program.
#include "failing_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>

namespace xgrad::test {
namespace {

std::array<std::atomic<int>, 6> errors{};

bool fails(FileCall call) {
  const int error = errors[static_cast<std::size_t>(call)];
  if (error != 0) errno = error;
  return error != 0;
}

}  // namespace

void fail_file_call(FileCall call, int error) { errors[static_cast<std::size_t>(call)] = error; }

}  // namespace xgrad::test

using xgrad::test::FileCall, xgrad::test::fails;

extern "C" {

int posix_fallocate(int file, off_t offset, off_t size) {
  if (fails(FileCall::allocate)) return errno;
  return syscall(SYS_fallocate, file, 0, offset, size) == 0 ? 0 : errno;
}
int fchmod(int file, mode_t mode) noexcept {
  return fails(FileCall::chmod) ? -1 : static_cast<int>(syscall(SYS_fchmod, file, mode));
}
int fchown(int file, uid_t user, gid_t group) noexcept {
  return fails(FileCall::chown) ? -1 : static_cast<int>(syscall(SYS_fchown, file, user, group));
}
int close(int file) {
  const int result = static_cast<int>(syscall(SYS_close, file));
  return fails(FileCall::close) ? -1 : result;
}
int fsync(int file) {
  return fails(FileCall::fsync) ? -1 : static_cast<int>(syscall(SYS_fsync, file));
}
int rename(const char* from, const char* to) noexcept {
  return fails(FileCall::rename)
             ? -1
             : static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

}  // extern "C"
