// SPDX-License-Identifier: MIT
#include "compare_optimizers/gnuplot.hpp"

#include "compare_optimizers/html.hpp"
#include "compare_optimizers/jobs.hpp"

#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace compare {
namespace {

namespace fs = std::filesystem;

// Creates a new temporary folder. The destructor removes it and its contents.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "xgrad-report-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw xgrad::DataError("[report] " + name +
                             ": the folder could not be created: " + std::strerror(errno));
    }
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path operator/(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

// gnuplot prints the failing command first, and the reason in the last line.
std::string last_line(std::string text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

// Runs the script with the program. Returns an error message, or "" if it succeeded. The arguments
// are copies because posix_spawn takes char*.
// cppcheck-suppress passedByValue
std::string run(std::string program, std::string script, const fs::path& messages) {
  std::string no_settings_of_the_user = "-d";
  char* arguments[] = {program.data(), no_settings_of_the_user.data(), script.data(), nullptr};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, messages.c_str(), O_WRONLY | O_CREAT,
                                   0600);
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, program.c_str(), &files, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) return std::strerror(error);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  // POSIX lets posix_spawnp succeed if the program does not exist; the child then exits with 127.
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return std::strerror(ENOENT);
  return "it failed: " + last_line(xgrad::read_file("report", messages));
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
}

// Removes the first part of `text` from `begin` to the end of `end`, and returns it.
std::string cut(std::string& text, std::string_view begin, std::string_view end) {
  const std::size_t first = text.find(begin);
  if (first == std::string::npos) return {};
  const std::size_t last = text.find(end, first + begin.size());
  if (last == std::string::npos) return {};
  std::string part = text.substr(first, last + end.size() - first);
  text.erase(first, part.size());
  return part;
}

// Returns the contents of the <svg> element, with black replaced by the text colour of the page.
std::string contents(const std::string& svg) {
  const std::size_t begin = svg.find("<g id=\"gnuplot_canvas\"");
  const std::size_t end = svg.rfind("</svg>");
  if (begin == std::string::npos || end == std::string::npos) return {};
  std::string inner = svg.substr(begin, end - begin);
  while (!cut(inner, " id=\"gnuplot_", "\"").empty()) {
  }
  replace_all(inner, "<title>gnuplot_plot_", "<title hidden>");
  while (!cut(inner, "<title hidden>", "</title>").empty()) {
  }
  for (const char* colour : {" color=\"black\"", " color=\"white\""}) {
    replace_all(inner, colour, "");
  }
  replace_all(inner, "'black'", "'currentColor'");
  replace_all(inner, "\"black\"", "\"currentColor\"");
  replace_all(inner, "xlink:href", "href");
  replace_all(inner, " stroke-linecap=\"butt\" stroke-linejoin=\"miter\"", "");
  replace_all(inner, "<g fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.00\">\n</g>\n", "");
  return inner;
}

// Draws the chart and stores the contents of its <svg> element in it. Returns an error message, or
// "" if it succeeded.
std::string draw_contents(const std::string& program, Chart& chart) try {
  const Folder folder;
  const fs::path file = folder / "script", output = folder / "chart.svg";
  const std::string size = std::to_string(chart.width) + "," + std::to_string(chart.height);
  std::ofstream(file) << "set terminal svg size " << size << " noenhanced font 'sans-serif,13'\n"
                      << "set output " << quoted(output.string()) << "\n"
                      << chart.script;
  std::string problem = run(program, file.string(), folder / "messages");
  if (!problem.empty()) return problem;
  if (fs::exists(output)) chart.svg = contents(xgrad::read_file("report", output));
  return chart.svg.empty() ? "it did not write a chart" : "";
} catch (const std::exception& error) {  // the page still has its tables
  return error.what();
}

}  // namespace

void Gnuplot::draw(const std::vector<Chart*>& charts, unsigned jobs) {
  std::vector<std::string> problems(charts.size());
  in_parallel(charts.size(), jobs,
              [&](std::size_t i) { problems[i] = draw_contents(program_, *charts[i]); });
  for (std::size_t i = 0; i < charts.size(); ++i) {
    Chart& chart = *charts[i];
    if (!problems[i].empty()) {
      if (problem_.empty()) problem_ = program_ + ": " + problems[i];
      continue;
    }
    symbols_ = cut(chart.svg, "<defs>", "</defs>");
    chart.svg = html::element("svg viewBox=\"0 0 " + std::to_string(chart.width) + " " +
                                  std::to_string(chart.height) + "\" role=\"img\" aria-label=\"" +
                                  html::escape(chart.label) + "\"",
                              chart.svg);
  }
}

std::string Gnuplot::symbols() const {
  if (symbols_.empty()) return {};
  return html::element(
             "svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"",
             symbols_) +
         "\n";
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char character : text) {
    if (static_cast<unsigned char>(character) < ' ') continue;  // a string must stay on one line
    result += character == '\'' ? std::string("''") : std::string(1, character);
  }
  return result + "'";
}

}  // namespace compare
