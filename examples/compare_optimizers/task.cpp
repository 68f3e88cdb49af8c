// SPDX-License-Identifier: MIT
#include "compare_optimizers/task.hpp"

#include "compare_optimizers/hash.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

namespace compare {
namespace {

using namespace xgrad;
using datasets::Dataset;
using datasets::Split;

constexpr std::uint64_t kTestSeed = 1, kValidationSeed = 2;

std::pair<Dataset, Dataset> read_table(const std::string& file, const TableOptions& table) {
  datasets::CsvOptions options = table.csv;
  options.warn = false;  // load_task standardises, with every digit
  const Dataset all = datasets::csv(file, options);
  const std::set<std::int32_t> classes(all.labels().begin(), all.labels().end());
  if (classes.size() < 2) {
    throw DataError("[compare] " + file +
                    ": the label column must contain at least two classes, found 1");
  }
  return datasets::stratified_split(all, table.test_fraction, kTestSeed);
}

std::pair<Dataset, Dataset> load_parts(const std::string& name, const TableOptions& table,
                                       const std::filesystem::path& data) {
  if (is_table(name)) return read_table(name.substr(4), table);
  const auto both = [](auto load) { return std::pair(load(Split::train), load(Split::test)); };
  if (name == "digits") return both(datasets::digits);
  if (name == "iris") return both(datasets::iris);
  if (name == "wine") return both(datasets::wine);
  if (name == "breast_cancer") return both(datasets::breast_cancer);
  if (name == "fashion-mnist" && !std::filesystem::is_directory(data / name)) {
    throw DataError("[compare] " + std::filesystem::absolute(data / name).string() +
                    " is not a directory; download the four .gz files that "
                    "https://github.com/zalandoresearch/fashion-mnist names into it");
  }
  if (is_mnist(name)) {
    return both([&](Split split) { return datasets::mnist(data / name, split); });
  }
  throw OptionError("[compare] unknown task \"" + name + "\"; one of " + kTaskNames);
}

template <class T>
std::string_view bytes_of(const T* values, std::size_t count) {
  return {reinterpret_cast<const char*>(values), count * sizeof(T)};
}

std::uint64_t hash_of(const Dataset& rows, std::uint64_t hash) {
  std::vector<double> x(rows.features());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    rows.read_row(row, x);
    hash = fnv1a(bytes_of(&rows.labels()(row), 1), fnv1a(bytes_of(x.data(), x.size()), hash));
  }
  return hash;
}

/// Returns the number of bytes of the UTF-8 character that the text begins with, or 0.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t size = byte(0) < 0x80                      ? 1
                           : byte(0) >= 0xC2 && byte(0) < 0xE0 ? 2
                           : byte(0) >= 0xE0 && byte(0) < 0xF0 ? 3
                           : byte(0) >= 0xF0 && byte(0) < 0xF5 ? 4
                                                               : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Longer forms than needed, halves of pairs, and what lies beyond the last character.
  const unsigned char second = size > 1 ? byte(1) : 0;
  if (byte(0) == 0xE0 && second < 0xA0) return 0;
  if (byte(0) == 0xED && second > 0x9F) return 0;
  if (byte(0) == 0xF0 && second < 0x90) return 0;
  if (byte(0) == 0xF4 && second > 0x8F) return 0;
  return size;
}

}  // namespace

std::string printable(std::string_view name) {
  const char* const digits = "0123456789ABCDEF";
  std::string result;
  while (!name.empty()) {
    const std::size_t size = character_size(name);
    if (size == 0) {
      const auto byte = static_cast<unsigned char>(name.front());
      result += {'\\', 'x', digits[byte / 16], digits[byte % 16]};
    } else {
      result += name.substr(0, size);
    }
    name.remove_prefix(size == 0 ? 1 : size);
  }
  return result;
}

Task load_task(const std::string& name, const TableOptions& table,
               const std::filesystem::path& data) {
  Task task;
  task.surface = find_surface(name);
  if (task.surface != nullptr) return task;
  const auto [all, test] = load_parts(name, table, data);
  if (is_table(name) || is_mnist(name)) task.data = hex(hash_of(test, hash_of(all, fnv1a({}))));
  const double fraction = std::min(0.2, 10'000 / static_cast<double>(all.size()));
  auto [train, validation] = datasets::stratified_split(all, fraction, kValidationSeed);
  task.train = train;
  task.validation = validation;
  task.test = test;
  if (is_table(name)) {
    const datasets::Standardizer standardize(train);
    task.train = standardize(train);
    task.validation = standardize(validation);
    task.test = standardize(test);
  }
  return task;
}

}  // namespace compare
