// SPDX-License-Identifier: MIT
#include "program.hpp"

#include <xgrad/core/error.hpp>
#include <xgrad/core/log.hpp>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
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

void print_warnings(const std::string& name) {
  xgrad::set_log_handler([name](xgrad::LogLevel level, std::string_view message) {
    if (level < xgrad::LogLevel::warning) return;
    const char* const kind = level == xgrad::LogLevel::warning ? "warning" : "error";
    std::fprintf(stderr, "%s: %s: %.*s\n", name.c_str(), kind, static_cast<int>(message.size()),
                 message.data());
  });
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
    // xgrad::Error turns any text into one line.
    std::fprintf(stderr, "%s: %s\n", name, xgrad::Error(what).what());
    return status;
  };
  std::signal(SIGXFSZ, SIG_IGN);  // a file that exceeds ulimit -f is then an error of the write
  try {
    open_closed_streams();
    print_warnings(name);
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

std::filesystem::path data_folder() {
  const std::string_view chosen = variable("XGRAD_DATA_DIR");
  return chosen.empty() ? XGRAD_DATASETS_DIR : chosen;
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
