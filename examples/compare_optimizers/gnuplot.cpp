// SPDX-License-Identifier: MIT
#include "compare_optimizers/gnuplot.hpp"

#include "compare_optimizers/html.hpp"
#include "compare_optimizers/parallel.hpp"

#include <xgrad/core/error.hpp>
#include <xgrad/core/internal/file.hpp>

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

// A new folder, removed with what is in it.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "xgrad-report-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw xgrad::DataError("[report] " + name + ": cannot be made: " + std::strerror(errno));
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

// gnuplot repeats the command first and says last what is wrong with it.
std::string last_line(std::string text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

// What went wrong when the program ran the script, or nothing. Copies: posix_spawn takes char*.
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
  return "it ended with an error: " + last_line(xgrad::read_file("report", messages));
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
}

// Takes out the first part from `begin` to the end of `end`, and gives it back.
std::string cut(std::string& text, std::string_view begin, std::string_view end) {
  const std::size_t first = text.find(begin);
  if (first == std::string::npos) return {};
  const std::size_t last = text.find(end, first + begin.size());
  if (last == std::string::npos) return {};
  std::string part = text.substr(first, last + end.size() - first);
  text.erase(first, part.size());
  return part;
}

// What stands inside the <svg> element, in the page's colours.
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

// Gives the picture what stands inside its <svg> element, or gives back what went wrong.
std::string draw_contents(const std::string& program, Picture& picture) try {
  const Folder folder;
  const fs::path file = folder / "script", output = folder / "picture.svg";
  const std::string size = std::to_string(picture.width) + "," + std::to_string(picture.height);
  std::ofstream(file) << "set terminal svg size " << size << " noenhanced font 'sans-serif,13'\n"
                      << "set output " << quoted(output.string()) << "\n"
                      << picture.script;
  std::string problem = run(program, file.string(), folder / "messages");
  if (!problem.empty()) return problem;
  if (fs::exists(output)) picture.svg = contents(xgrad::read_file("report", output));
  return picture.svg.empty() ? "it wrote no picture" : "";
} catch (const std::exception& error) {  // no folder for it, say: the page has its tables
  return error.what();
}

}  // namespace

void Gnuplot::draw(const std::vector<Picture*>& pictures, unsigned jobs) {
  std::vector<std::string> problems(pictures.size());
  in_parallel(pictures.size(), jobs,
              [&](std::size_t i) { problems[i] = draw_contents(program_, *pictures[i]); });
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    Picture& picture = *pictures[i];
    if (!problems[i].empty()) {
      if (problem_.empty()) problem_ = program_ + ": " + problems[i];
      continue;
    }
    symbols_ = cut(picture.svg, "<defs>", "</defs>");
    picture.svg =
        html::element("svg viewBox=\"0 0 " + std::to_string(picture.width) + " " +
                          std::to_string(picture.height) + "\" role=\"img\" aria-label=\"" +
                          html::escape(picture.label) + "\"",
                      picture.svg);
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
    if (static_cast<unsigned char>(character) < ' ') continue;  // a script's strings are one line
    result += character == '\'' ? std::string("''") : std::string(1, character);
  }
  return result + "'";
}

}  // namespace compare
