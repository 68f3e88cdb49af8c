// SPDX-License-Identifier: MIT
#pragma once

namespace xgrad::test {

/// The system calls on files that can be made to fail.
enum class FileCall { chmod, chown, close, fsync, rename };

/// From here on each such call of this process does nothing and reports this error, except that
/// close() does close. An error of 0 ends that.
void fail_file_call(FileCall call, int error);

}  // namespace xgrad::test
