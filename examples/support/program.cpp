// SPDX-License-Identifier: MIT
#include "program.hpp"

#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>
#include <xgrad/core/log.hpp>

#include <fcntl.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>

namespace {

using xgrad::DataError;

/// Throws DataError if standard output was closed.
void open_closed_streams() {
  bool has_output = true;
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    has_output = has_output && descriptor != STDOUT_FILENO;
    // open() returns the lowest free descriptor, which is this one.
    if (open("/dev/null", O_RDWR) != descriptor) {
      throw DataError("a closed standard stream cannot be replaced by /dev/null: " +
                      std::string(std::strerror(errno)));
    }
  }
  if (!has_output) {
    throw DataError("standard output is closed; to discard what is printed, write >/dev/null");
  }
}

/// Says how serious a message of the library is. The program's own messages stay as they are.
class LibraryLevel : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& line) override {
    if (message.logger_name != "xgrad") return;
    const std::string_view level = message.level == spdlog::level::warn ? "warning: " : "error: ";
    line.append(level.data(), level.data() + level.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<LibraryLevel>();
  }
};

/// The loggers of the program and of the library. Both write to the same sinks.
struct Loggers {
  std::shared_ptr<spdlog::logger> program, library;
};
Loggers loggers;

void start_logging(const std::string& name) {
  auto line = std::make_unique<spdlog::pattern_formatter>();
  line->add_flag<LibraryLevel>('*').set_pattern(name + ": %*%v");
  const auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_formatter(std::move(line));
  sink->set_level(spdlog::level::warn);
  loggers = {std::make_shared<spdlog::logger>(name, sink),
             std::make_shared<spdlog::logger>("xgrad", sink)};
  // A handler, because it also receives the messages of an xgrad that was built without spdlog.
  xgrad::set_log_handler([](xgrad::LogLevel level, std::string_view message) {
    constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info,
                                                    spdlog::level::warn, spdlog::level::err};
    loggers.library->log(levels[static_cast<int>(level)],
                         spdlog::string_view_t(message.data(), message.size()));
  });
}

void log_one_line(spdlog::level::level_enum level, const std::string& message) {
  const xgrad::Error line(message);  // makes one line of it
  loggers.program->log(level, spdlog::string_view_t(line.what()));
}

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

int run_program(const char* name, const std::function<int()>& body) {
  const auto fail = [&](int status, const char* what) {
    if (can_redraw(STDOUT_FILENO)) std::fputs("\r\033[K", stdout);  // erases a progress bar
    std::fflush(stdout);  // so that earlier output appears before the error
    log_one_line(spdlog::level::err, what);
    return status;
  };
  std::signal(SIGXFSZ, SIG_IGN);  // a file that exceeds ulimit -f is then an error of the write
  start_logging(name);
  try {
    open_closed_streams();
    const int status = body();
    require_output();
    return status;
  } catch (const xgrad::OptionError& error) {
    return fail(2, error.what());
  } catch (const std::bad_alloc&) {
    return fail(1, "there is not enough memory");
  } catch (const std::exception& error) {
    return fail(1, error.what());
  }
}

void log_to_file(const std::filesystem::path& file, const std::string& level) {
  try {
    xgrad::require_writable("--log-file", file);
  } catch (const DataError& error) {
    throw xgrad::OptionError(error.what());
  }
  const auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string());
  sink->set_pattern("%Y-%m-%d %H:%M:%S.%e [%l] [%n] %v");
  for (const auto& logger : {loggers.program, loggers.library}) {
    logger->sinks().push_back(sink);
    logger->set_level(std::min(spdlog::level::from_str(level), spdlog::level::warn));
    logger->flush_on(spdlog::level::warn);
  }
  sink->set_level(spdlog::level::from_str(level));
}

void warn(const std::string& message) { log_one_line(spdlog::level::warn, message); }

std::filesystem::path data_folder() {
  const std::string_view chosen = variable("XGRAD_DATA_DIR");
  if (!chosen.empty()) return chosen;
  // Beside the folder bin of an installation, or above the build folder in the sources.
  std::error_code ignored;
  std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", ignored);
  while (folder.has_relative_path()) {
    folder = folder.parent_path();
    for (const char* const data : {"share/xgrad", "datasets"}) {
      if (std::filesystem::exists(folder / data / "uci", ignored)) return folder / data;
    }
  }
  return "datasets";
}

bool is_under_mpirun() {
  // Open MPI, MPICH and its relatives, and Slurm set these variables.
  const std::array names{"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"};
  return std::any_of(names.begin(), names.end(),
                     [](const char* name) { return std::getenv(name) != nullptr; });
}

void require_output() {
  // std::cout has no buffer of its own: it writes to stdout, which remembers every failure.
  const bool is_flushed = std::fflush(stdout) == 0;
  if (is_flushed && std::ferror(stdout) == 0) return;
  // The reason is known only if this flush failed, and not one before it.
  const std::string reason = is_flushed ? "" : std::string(": ") + std::strerror(errno);
  throw DataError("standard output cannot be written" + reason);
}

std::size_t terminal_columns(int descriptor) {
  if (isatty(descriptor) == 0) return 0;
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const std::string_view text = variable("COLUMNS");
  std::size_t columns = 0;
  std::from_chars(text.data(), text.data() + text.size(), columns);
  return columns > 0 ? columns : 80;
}

bool can_redraw(int descriptor) {
  const std::string_view term = variable("TERM");
  return isatty(descriptor) != 0 && !term.empty() && term != "dumb";
}
