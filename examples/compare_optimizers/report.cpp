// SPDX-License-Identifier: MIT
#include "compare_optimizers/comparison.hpp"
#include "compare_optimizers/page_files.hpp"  // made by CMake from the folder report/
#include "support/text.hpp"

#include <xgrad/core/error.hpp>
#include <xgrad/core/file.hpp>

#include <sstream>

namespace compare {
namespace {

const std::filesystem::path kScripts = "/usr/share/javascript";

/// Returns the scripts of Vega, or "" if one of them is missing.
std::string vega() {
  std::istringstream names(page::vega);
  std::string scripts;
  for (std::string name; std::getline(names, name);) {
    if (name.empty() || name.starts_with('#')) continue;
    try {
      scripts += xgrad::read_file("report", kScripts / name) + "\n";
    } catch (const xgrad::DataError&) {
      return "";
    }
  }
  return replaced(std::move(scripts), "</script", "<\\/script");
}

}  // namespace

void write_report(const std::filesystem::path& file, const Study& study) {
  const std::vector<std::pair<std::string, std::string>> parts{
      {"/*{{report.css}}*/", page::css},
      {"/*{{vega}}*/", vega()},
      {"{{charts.json}}", replaced(page::charts, "</", "<\\/")},
      {"/*{{report.js}}*/", page::script},
      {"{{study.json}}", replaced(to_json(study), "</", "<\\/")}};  // last: it may contain a mark
  std::string html = page::html;
  for (const auto& [mark, text] : parts) html = replaced(std::move(html), mark, text);
  xgrad::write_file("report", file, html);
}

}  // namespace compare
