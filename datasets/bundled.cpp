// SPDX-License-Identifier: MIT
#include <xgrad/datasets/bundled.hpp>

#include <xgrad/datasets/csv.hpp>
#include <xgrad/datasets/internal/bundled_tables.hpp>
#include <xgrad/datasets/standardizer.hpp>

namespace xgrad::inline XGRAD_ABI::datasets {
namespace {

constexpr double kTestFraction = 0.2;
constexpr std::uint64_t kSplitSeed = 0;
constexpr std::size_t kSide = 8;  // height and width of an image in digits
constexpr double kMostInk = 16;   // largest value of a pixel in digits

using Parts = std::pair<Dataset, Dataset>;

Parts split_table(std::string_view text, const char* name) {
  return stratified_split(parse_csv(text, name, {.warn = false}), kTestFraction, kSplitSeed);
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

}  // namespace xgrad::inline XGRAD_ABI::datasets
