// SPDX-License-Identifier: MIT
#include <xgrad/core/file.hpp>

#include <xgrad/core/error.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

namespace xgrad::inline XGRAD_ABI {
namespace {

[[noreturn]] void fail(const char* where, const std::string& name, const char* what, int error) {
  throw DataError("[" + std::string(where) + "] " + name + ": cannot be " + what + ": " +
                  std::strerror(error));
}

/// A new file beside the one to replace; removed unless it was moved into place.
class TemporaryFile {
 public:
  TemporaryFile(const char* where, const std::string& target)
      : where_(where),
        target_(target),
        folder_(std::filesystem::path(target).parent_path().string()) {
    do {  // until a name is free
      name_ =
          target_ + "." + std::to_string(::getpid()) + "." + std::to_string(attempt_++) + ".tmp";
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
    struct stat old;  // its rights stay
    if (::stat(target_.c_str(), &old) == 0 && ::fchmod(descriptor_, old.st_mode & 07777) != 0) {
      fail(where_, target_, "written", errno);
    }
    if (::fsync(descriptor_) != 0) fail(where_, target_, "written", errno);
    if (::close(std::exchange(descriptor_, -1)) != 0) fail(where_, target_, "written", errno);
    if (std::rename(name_.c_str(), target_.c_str()) != 0) fail(where_, target_, "replaced", errno);
    moved_ = true;
    // The new name, too, is to outlast a power failure, where the file system can promise that.
    const int directory = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return;
    ::fsync(directory);
    ::close(directory);
  }

 private:
  const char* where_;
  std::string target_;
  std::string folder_;
  std::string name_;
  unsigned attempt_ = 0;
  int descriptor_ = -1;
  bool moved_ = false;
};

}  // namespace

std::string absolute_name(const std::filesystem::path& path) {
  // Not std::filesystem::absolute, which throws errors of its own.
  std::error_code no_working_directory;
  const std::filesystem::path folder = std::filesystem::current_path(no_working_directory);
  const bool climbs = std::find(path.begin(), path.end(), "..") != path.end();
  // What lies above a folder behind a link is not what lies above the link.
  return (climbs ? folder / path : (folder / path).lexically_normal()).string();
}

std::string require_file(const char* where, const std::filesystem::path& path) {
  std::string name = absolute_name(path);
  std::error_code ignored;
  if (std::filesystem::is_regular_file(name, ignored)) return name;
  const bool exists = std::filesystem::exists(name, ignored);
  throw DataError("[" + std::string(where) + "] " + name + ": " +
                  (exists ? "is not a regular file" : "no such file"));
}

std::string read_file(const char* where, const std::filesystem::path& path) {
  const std::string name = require_file(where, path);
  std::ifstream stream(name, std::ios::binary);
  if (!stream.is_open()) fail(where, name, "read", errno);
  std::string bytes;
  std::array<char, 1 << 16> chunk;
  do {
    stream.read(chunk.data(), chunk.size());
    bytes.append(chunk.data(), static_cast<std::size_t>(stream.gcount()));
  } while (stream);
  if (stream.bad()) fail(where, name, "read", errno);
  return bytes;
}

void write_file(const char* where, const std::filesystem::path& path, std::string_view bytes) {
  std::error_code ignored;
  std::string name = absolute_name(path);
  if (std::filesystem::exists(name, ignored)) {
    require_file(where, name);  // no device, pipe or folder is replaced
    std::error_code error;
    const std::string real = std::filesystem::canonical(name, error).string();  // a link stays one
    if (error) fail(where, name, "replaced", error.value());
    name = real;
  }
  TemporaryFile file(where, name);
  file.write(bytes);
  file.move_into_place();
}

}  // namespace xgrad::inline XGRAD_ABI
