// SPDX-License-Identifier: MIT
#include <xgrad/train/file.hpp>

#include <xgrad/core/error.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

namespace xgrad::inline XGRAD_ABI::train {
namespace {

[[noreturn]] void fail(const char* where, const std::filesystem::path& path, const char* what,
                       int error) {
  throw DataError("[" + std::string(where) + "] " + std::filesystem::absolute(path).string() +
                  ": cannot be " + what + ": " + std::strerror(error));
}

/// A new file beside the one to replace; removed unless it was moved into place.
class TemporaryFile {
 public:
  TemporaryFile(const char* where, const std::filesystem::path& target)
      : where_(where), target_(target) {
    do {  // until a name is free
      name_ = target.string() + "." + std::to_string(::getpid()) + "." +
              std::to_string(attempt_++) + ".tmp";
      descriptor_ = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (descriptor_ < 0 && errno == EEXIST);
    if (descriptor_ < 0) fail(where_, target_, "written", errno);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!moved_) ::unlink(name_.c_str());
  }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail(where_, target_, "written", errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  void move_into_place() {
    if (::fsync(descriptor_) != 0) fail(where_, target_, "written", errno);
    if (::close(std::exchange(descriptor_, -1)) != 0) fail(where_, target_, "written", errno);
    if (std::rename(name_.c_str(), target_.c_str()) != 0) fail(where_, target_, "replaced", errno);
    moved_ = true;
  }

 private:
  const char* where_;
  const std::filesystem::path& target_;
  std::string name_;
  unsigned attempt_ = 0;
  int descriptor_ = -1;
  bool moved_ = false;
};

}  // namespace

std::string read_file(const char* where, const std::filesystem::path& path) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream.is_open() || stream.bad() || std::filesystem::is_directory(path)) {
    fail(where, path, "read", errno != 0 ? errno : EIO);
  }
  return bytes;
}

void write_file(const char* where, const std::filesystem::path& path, std::string_view bytes) {
  TemporaryFile file(where, path);
  file.write(bytes);
  file.move_into_place();
}

}  // namespace xgrad::inline XGRAD_ABI::train
