// SPDX-License-Identifier: MIT
#include "compare/task.hpp"

#include <algorithm>
#include <set>

namespace compare {
namespace {

using namespace xgrad;
using datasets::Dataset;
using datasets::Split;

constexpr std::uint64_t kTestSeed = 1, kValidationSeed = 2;

std::pair<Dataset, Dataset> read_table(const std::string& file, const std::string& label) {
  const Dataset all = datasets::csv(file, {.label = label});
  const std::set<std::int32_t> classes(all.labels().begin(), all.labels().end());
  if (classes.size() < 2) {
    throw DataError("[compare] " + file +
                    ": the label column must hold at least two classes, found 1");
  }
  return datasets::stratified_split(all, 0.2, kTestSeed);
}

std::pair<Dataset, Dataset> load_parts(const std::string& name, const std::string& label,
                                       const std::filesystem::path& data) {
  if (name.rfind("csv:", 0) == 0) return read_table(name.substr(4), label);
  const auto both = [](auto load) { return std::pair(load(Split::train), load(Split::test)); };
  if (name == "digits") return both(datasets::digits);
  if (name == "iris") return both(datasets::iris);
  if (name == "wine") return both(datasets::wine);
  if (name == "breast_cancer") return both(datasets::breast_cancer);
  if (name == "mnist" || name == "fashion-mnist") {
    return both([&](Split split) { return datasets::mnist(data / name, split); });
  }
  throw OptionError("[compare] unknown task \"" + name + "\"; one of " + kTaskNames);
}

}  // namespace

Task load_task(const std::string& name, const std::string& label,
               const std::filesystem::path& data) {
  Task task;
  task.surface = find_surface(name);
  if (task.surface != nullptr) return task;
  const auto [all, test] = load_parts(name, label, data);
  const double fraction = std::min(0.2, 10'000 / static_cast<double>(all.size()));
  auto [train, validation] = datasets::stratified_split(all, fraction, kValidationSeed);
  task.train = train;
  task.validation = validation;
  task.test = test;
  if (name.find("mnist") == std::string::npos && name != "digits") {
    const datasets::Standardizer standardize(train);
    task.train = standardize(train);
    task.validation = standardize(validation);
    task.test = standardize(test);
  }
  return task;
}

}  // namespace compare
