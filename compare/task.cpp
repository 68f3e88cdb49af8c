// SPDX-License-Identifier: MIT
#include "compare/task.hpp"

#include "compare/hash.hpp"

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
  const Dataset all = datasets::csv(file, {.label = table.label});
  const std::set<std::int32_t> classes(all.labels().begin(), all.labels().end());
  if (classes.size() < 2) {
    throw DataError("[compare] " + file +
                    ": the label column must hold at least two classes, found 1");
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
std::string_view bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

std::uint64_t hash_of(const Dataset& rows, std::uint64_t hash) {
  std::vector<Scalar> x(rows.features());
  std::vector<std::int32_t> y(1);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    rows.gather({&row, 1}, x.data(), y.data());
    hash = fnv1a(bytes_of(y), fnv1a(bytes_of(x), hash));
  }
  return hash;
}

}  // namespace

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
