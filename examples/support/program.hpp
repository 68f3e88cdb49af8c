// SPDX-License-Identifier: MIT
#pragma once

// What the programs share: exit status, log, standard output and the terminal.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

/// Runs `body` and returns the exit status of the program. An exception becomes one line on
/// standard error that begins with `name`, and the status 2 for an OptionError or 1 for any other.
/// The status is also 1 if standard output is closed, in which case `body` does not run, or if not
/// everything could be written to it. The library's warnings and errors are lines on standard
/// error, such as "predict: warning: ...".
///
/// Closed standard streams are opened on /dev/null, so that no file which `body` opens takes their
/// place. SIGPIPE keeps its default action, so `| head -1` ends the program. SIGXFSZ is ignored, so
/// that exceeding `ulimit -f` is an error of the write.
int run_program(const char* name, const std::function<int()>& body);

/// Logs to a file, too: adds lines with the time and the level, from the level `level` ("debug",
/// "info", "warning" or "error") on. Warnings and errors are flushed at once. Throws OptionError if
/// the file cannot be written.
void log_to_file(const std::filesystem::path& file, const std::string& level);

/// Reports a warning of the program, as a line on standard error that begins with its name.
void warn(const std::string& message);

/// Returns the folder that contains data sets: $XGRAD_DATA_DIR, or else share/xgrad beside the
/// folder bin of an installed program, or else the folder `datasets` of the sources whose build
/// folder contains the program.
std::filesystem::path data_folder();

/// Returns whether mpirun, or srun with PMI or PMIx, has started this process.
bool is_under_mpirun();

/// Flushes standard output. Throws DataError if not everything could be written to it. A long run
/// calls this once before its work begins.
void require_output();

/// Returns the width of the terminal that `descriptor` refers to, or 0 if it is not a terminal. A
/// terminal that does not know its width has $COLUMNS columns, or 80.
std::size_t terminal_columns(int descriptor);

/// Returns whether a line on `descriptor` can be overwritten, as a progress bar does: `descriptor`
/// is a terminal, and $TERM is neither empty nor "dumb".
bool can_redraw(int descriptor);
