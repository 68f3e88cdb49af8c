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

/// Repeats a system call as long as signals interrupt it.
template <class Call>
auto retried(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

/// Where the bytes for a path go: a file that exists and may be written, or a new one.
struct Target {
  const char* where;
  std::string name;    ///< path of the file, after all links
  std::string folder;  ///< folder of the file
  bool exists;
  struct stat status;  ///< status of the file, if it exists
};

/// Follows a chain of links to its end, which need not exist.
std::string end_of_links(const char* where, const std::string& name) {
  constexpr int kMostLinks = 40;  // as Linux has it
  std::filesystem::path end = name;
  for (int links = 0; links <= kMostLinks; ++links) {
    std::error_code not_a_link;
    const std::filesystem::path next = std::filesystem::read_symlink(end, not_a_link);
    if (not_a_link) return end.string();
    end = end.parent_path() / next;
  }
  fail(where, name, "written", ELOOP);
}

/// Asks the system what opening the file for writing would say, and changes nothing.
Target target_of(const char* where, const std::filesystem::path& path) {
  Target target{where, absolute_name(path), {}, true, {}};
  if (::stat(target.name.c_str(), &target.status) != 0) {
    if (errno != ENOENT) fail(where, target.name, "written", errno);
    target.exists = false;
  } else {
    require_file(where, target.name);  // no folder, device or pipe is replaced
  }
  target.name = end_of_links(where, target.name);
  target.folder = std::filesystem::path(target.name).parent_path().string();
  if (target.exists) {
    // The file is closed at once: some file systems do not rename over an open file.
    const int old = retried([&] { return ::open(target.name.c_str(), O_WRONLY | O_CLOEXEC); });
    if (old < 0) fail(where, target.name, "written", errno);
    ::close(old);
  } else if (::faccessat(AT_FDCWD, target.folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    fail(where, target.name, "written", errno);
  }
  return target;
}

/// A file that is open for writing.
class Output {
 public:
  Output(const Target& target, int descriptor) : target_(target), descriptor_(descriptor) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  void write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written =
          retried([&] { return ::write(descriptor_, bytes.data(), bytes.size()); });
      if (written < 0) fail(target_.where, target_.name, "written", errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  /// Flushes the file to the disk, if its file system can, and closes it.
  void finish() {
    if (retried([&] { return ::fsync(descriptor_); }) != 0 && errno != EINVAL && errno != ENOSYS &&
        errno != ENOTSUP) {
      fail(target_.where, target_.name, "written", errno);
    }
    // The descriptor is closed even if a signal interrupts close().
    if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) {
      fail(target_.where, target_.name, "written", errno);
    }
  }

 private:
  const Target& target_;
  int descriptor_;
};

/// A new file in the folder of the target. The destructor removes it unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const Target& target) : target_(target) {
    const mode_t mode = target.exists ? target.status.st_mode & 0777 : 0666;
    const std::string begin = "xgrad." + std::to_string(::getpid()) + ".";
    unsigned attempt = 0;
    do {  // until a name is free
      name_ = std::filesystem::path(target.folder) / (begin + std::to_string(attempt++) + ".tmp");
      descriptor_ = retried(
          [&] { return ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode); });
    } while (descriptor_ < 0 && errno == EEXIST);
    error_ = descriptor_ < 0 ? errno : 0;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (error_ == 0 && !renamed_) ::unlink(name_.c_str());
  }

  int descriptor() const { return descriptor_; }  ///< descriptor for an Output, which closes it
  int error() const { return error_; }  ///< errno if the file could not be created, else 0
  /// Gives the file the mode, owner and group of the old one, as far as the system permits that.
  void keep_rights() const {
    const struct stat& old = target_.status;
    static_cast<void>(::fchmod(descriptor_, old.st_mode & 07777) == 0);
    static_cast<void>(::fchown(descriptor_, old.st_uid, old.st_gid) == 0 ||
                      ::fchown(descriptor_, static_cast<uid_t>(-1), old.st_gid) == 0);
  }
  bool rename_to_target() {
    renamed_ = std::rename(name_.c_str(), target_.name.c_str()) == 0;
    return renamed_;
  }

 private:
  const Target& target_;
  std::filesystem::path name_;
  int descriptor_ = -1;
  int error_ = 0;
  bool renamed_ = false;
};

/// Whether the system only refuses a second file or its renaming, so that the target itself may
/// still be written: a folder without write permission, a file that is a mount point.
bool refuses_rename(int error) {
  constexpr std::array refusals{EACCES, EPERM, EROFS, EBUSY, EXDEV, ENAMETOOLONG, ENOSYS, ENOTSUP};
  return std::find(refusals.begin(), refusals.end(), error) != refusals.end();
}

/// Writes a new file and renames it. Returns false, and leaves everything as it was, if the system
/// refuses that here.
bool replace(const Target& target, std::string_view bytes) {
  TemporaryFile file(target);
  if (refuses_rename(file.error())) return false;
  if (file.error() != 0) fail(target.where, target.name, "written", file.error());
  Output output(target, file.descriptor());
  output.write(bytes);
  if (target.exists) file.keep_rights();
  output.finish();
  if (!file.rename_to_target()) {
    if (refuses_rename(errno)) return false;
    fail(target.where, target.name, "replaced", errno);
  }
  // The new name, too, should outlast a power failure, if the file system can promise that.
  const int folder = ::open(target.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return true;
  ::fsync(folder);
  ::close(folder);
  return true;
}

/// Overwrites the file. A process that is killed meanwhile leaves a part of the new content.
void write_in_place(const Target& target, std::string_view bytes) {
  const int created = target.exists ? 0 : O_CREAT;
  const int descriptor =
      retried([&] { return ::open(target.name.c_str(), O_WRONLY | O_CLOEXEC | created, 0666); });
  if (descriptor < 0) fail(target.where, target.name, "written", errno);
  Output output(target, descriptor);
  // A full disk should be noticed while the old content is there.
  const int error = ::posix_fallocate(descriptor, 0, static_cast<off_t>(bytes.size()));
  const bool is_full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  if (::ftruncate(descriptor, is_full ? target.status.st_size : 0) != 0 || is_full) {
    fail(target.where, target.name, "written", is_full ? error : errno);
  }
  output.write(bytes);
  output.finish();
}

}  // namespace

std::string absolute_name(const std::filesystem::path& path) {
  // std::filesystem::absolute is not used, because it throws errors of its own.
  std::error_code no_working_directory;
  const std::filesystem::path folder = std::filesystem::current_path(no_working_directory);
  const bool climbs = std::find(path.begin(), path.end(), "..") != path.end();
  // A path with ".." is not normalized: if `link` is a symbolic link, `link/..` is the parent of
  // the folder that it refers to.
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

void require_writable(const char* where, const std::filesystem::path& path) {
  static_cast<void>(target_of(where, path));
}

void write_file(const char* where, const std::filesystem::path& path, std::string_view bytes) {
  const Target target = target_of(where, path);
  if (!replace(target, bytes)) write_in_place(target, bytes);
}

}  // namespace xgrad::inline XGRAD_ABI
