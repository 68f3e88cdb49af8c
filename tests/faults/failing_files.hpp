// SPDX-License-Identifier: MIT
#pragma once

namespace xgrad::test {

/// System calls on files that fail_file_call() can make fail.
enum class FileCall { allocate, chmod, chown, close, fsync, rename };

/// Makes every later call of this kind in this process do nothing and report `error`. Only close()
/// still closes the file. `allocate` is posix_fallocate(). An `error` of 0 restores the normal
/// behaviour.
void fail_file_call(FileCall call, int error);

}  // namespace xgrad::test
