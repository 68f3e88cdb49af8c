// SPDX-License-Identifier: MIT
#include <xgrad/datasets/bundled.hpp>

#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/datasets/csv.hpp>
#include <xgrad/datasets/internal/bundled_tables.hpp>
#include <xgrad/datasets/standardizer.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

constexpr double kTestFraction = 0.2;
constexpr std::uint64_t kSplitSeed = 0;
constexpr std::size_t kSide = 8;  // height and width of an image in digits
constexpr double kMostInk = 16;   // largest value of a pixel in digits

using Parts = std::pair<Dataset, Dataset>;

Parts split_table(const Dataset& table) {
  return stratified_split(table, kTestFraction, kSplitSeed);
}

Parts split_table(std::string_view text, const char* name) {
  return split_table(parse_csv(text, name, {.warn = false}));
}

/// Returns the path of a table that is not compiled in.
std::filesystem::path table_file(const std::string& name, const std::filesystem::path& folder) {
  // A .deb is installed in /usr, whatever the prefix of the build was.
  std::vector<std::filesystem::path> folders{bundled::installed_folder, "/usr/share/xgrad"};
  const char* const chosen = std::getenv("XGRAD_DATA_DIR");
  if (chosen != nullptr && *chosen != '\0') folders = {chosen};
  if (!folder.empty()) folders = {folder};
  const std::filesystem::path file = std::filesystem::path("uci") / (name + ".csv.gz");
  std::vector<std::string> searched;
  for (const std::filesystem::path& each : folders) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(each / file, ignored)) return each / file;
    searched.push_back((each / file).string());
  }
  throw DataError("[table] there is no file " + join(searched, " or ") +
                  "; give the folder datasets of xgrad's sources, or set XGRAD_DATA_DIR to it");
}

Dataset standardized(const Parts& parts, Split split) {
  return Standardizer(parts.first)(split == Split::train ? parts.first : parts.second);
}

}  // namespace

Dataset digits(Split split) {
  const Parts parts = split_table(bundled::digits, "digits");
  const Dataset& part = split == Split::train ? parts.first : parts.second;
  const std::size_t n = part.features();
  const Standardizer scale(std::vector<double>(n, 0), std::vector<double>(n, kMostInk));
  return scale(part).reshaped({1, kSide, kSide});
}

Dataset iris(Split split) { return standardized(split_table(bundled::iris, "iris"), split); }

Dataset wine(Split split) { return standardized(split_table(bundled::wine, "wine"), split); }

Dataset breast_cancer(Split split) {
  return standardized(split_table(bundled::breast_cancer, "breast_cancer"), split);
}

std::vector<std::string> table_names() {
  return {"letter", "satellite", "shuttle",    "dna",   "spam",
          "vowel",  "vehicle",   "ionosphere", "glass", "sonar"};
}

Dataset table(const std::string& name, Split split, const std::filesystem::path& folder) {
  const std::vector<std::string> names = table_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    throw OptionError("[table] name must be one of " + join(names) + ", got \"" + name + "\"");
  }
  return standardized(split_table(csv(table_file(name, folder), {.warn = false})), split);
}

}  // namespace xgrad::inline XGRAD_ABI::datasets
