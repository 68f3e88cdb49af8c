// SPDX-License-Identifier: MIT
#include "compare_optimizers/registry.hpp"

#include "compare_optimizers/study_file.hpp"
#include "support/models.hpp"

#include <fmt/core.h>
#include <xtensor/xbuilder.hpp>

#include <algorithm>
#include <set>

namespace compare {
namespace {

using namespace xgrad;
using datasets::Dataset;
using datasets::Split;

constexpr double kValidation = 0.2;  // fraction of the rows that are not in the test set
constexpr std::uint64_t kFixedSeed = 2;

bool is_published(const std::string& name) { return name == "mnist" || name == "fashion-mnist"; }

/// Returns one of the two parts in which the library has the rows of a task.
Dataset load(const std::string& name, Split split, const std::filesystem::path& data) {
  if (name == "digits") return datasets::digits(split);
  if (name == "iris") return datasets::iris(split);
  if (name == "wine") return datasets::wine(split);
  if (name == "breast_cancer") return datasets::breast_cancer(split);
  if (!is_published(name)) return datasets::table(name, split, data);
  const bool is_package = name == "fashion-mnist" && !std::filesystem::is_directory(data / name);
  return is_package ? datasets::fashion_mnist(split) : datasets::mnist(data / name, split);
}

char parse_delimiter(const std::string& text) {
  const std::map<std::string, char> names{
      {"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"\\t", '\t'}, {"space", ' '}};
  if (const auto found = names.find(text); found != names.end()) return found->second;
  if (text.size() == 1) return text[0];
  throw OptionError("[compare] --delimiter must be a character, tab or space, got \"" + text +
                    "\"");
}

Dataset read_table(const std::string& file, const Table& table) {
  using datasets::Header;
  const std::map<std::string, Header> headers{
      {"guess", Header::guess}, {"yes", Header::yes}, {"no", Header::no}};
  Dataset all = datasets::csv(file, {.label = table.label,
                                     .targets = table.predict,
                                     .header = headers.at(table.header),
                                     .delimiter = parse_delimiter(table.delimiter),
                                     .decimal = table.decimal_comma ? ',' : '.',
                                     .warn = false});  // Task::split() keeps every digit
  if (all.has_labels() && std::set(all.labels().begin(), all.labels().end()).size() < 2) {
    throw DataError("[compare] " + file +
                    ": the label column must contain at least two classes, found 1");
  }
  return all;
}

/// Returns all rows of a bundled table. The program splits them itself.
Dataset load_bundled(const std::string& name, const std::filesystem::path& data) {
  const std::vector<std::string> names = task_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    throw OptionError(fmt::format("[compare] unknown task \"{}\"; one of {}", name, joined(names)));
  }
  const Dataset a = load(name, Split::train, data), b = load(name, Split::test, data);
  return {Array(xt::concatenate(xt::xtuple(a.gather_all(), b.gather_all()))),
          Labels(xt::concatenate(xt::xtuple(a.labels(), b.labels()))), a.class_names()};
}

template <class T>
std::string_view bytes_of(const T* values, std::size_t count) {
  return {reinterpret_cast<const char*>(values), count * sizeof(T)};
}

std::uint64_t hash_of(const Dataset& rows, std::uint64_t hash) {
  std::vector<double> x(rows.features());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    rows.read_row(row, x);
    hash = fnv1a(bytes_of(x.data(), x.size()), hash);
  }
  if (rows.has_labels()) return fnv1a(bytes_of(rows.labels().data(), rows.size()), hash);
  return fnv1a(bytes_of(rows.targets().data(), rows.targets().size()), hash);
}

/// Scales the features and the targets to mean 0 and standard deviation 1 in the training part.
void standardize(Parts& parts) {
  const datasets::Standardizer columns(parts.train);
  std::optional<datasets::Standardizer> targets;
  if (!parts.train.has_labels())
    targets.emplace(Dataset(parts.train.targets(), parts.train.targets()));
  for (Dataset* part : {&parts.train, &parts.validation, &parts.test}) {
    *part = columns(*part);
    if (targets) *part = {part->gather_all(), (*targets)(part->targets())};
  }
}

std::string title_of(std::string name) {
  static const std::map<std::string, std::string> titles{
      {"mnist", "MNIST"}, {"fashion-mnist", "Fashion-MNIST"}, {"dna", "DNA"}};
  if (const auto found = titles.find(name); found != titles.end()) return found->second;
  std::replace(name.begin(), name.end(), '_', ' ');
  if (name.starts_with("csv:")) return std::filesystem::path(name.substr(4)).filename().string();
  name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return name;
}

Tensor rosenbrock(const Tensor& x, const Tensor& y) {
  return sum(pow(1 - x, 2) + 100 * pow(y - x * x, 2));
}

Tensor quadratic(const Tensor& x, const Tensor& y) { return sum(x * x + 100 * y * y) / 2; }

std::unique_ptr<optim::Optimizer> sample_of(const MakeOptimizer& make, const Options& options) {
  return make({Tensor(Array{0}, true)}, options);
}

std::string class_of(const optim::RuleInfo& info) {
  return info.in_library ? fmt::format("optim::{}", info.title)
                         : fmt::format("optim::RuleOptimizer<{}>", info.title);
}

}  // namespace

Registry<MakeOptimizer>& optimizers() {
  static Registry<MakeOptimizer> all = [] {
    Registry<MakeOptimizer> list{"optimizer"};
    for (const std::string& name : optim::names()) {
      list.makers[name] = [name](std::vector<Tensor> parameters, const Options& options) {
        return optim::make(name, std::move(parameters), options);
      };
    }
    return list;
  }();
  return all;
}

Registry<MakeModel>& models() {
  static Registry<MakeModel> all = [] {
    Registry<MakeModel> list{"model"};
    for (const std::string& name : model_names()) {
      list.makers[name] = [name](const Dataset& train, const auto& hidden, Rng& rng) {
        const std::size_t outputs = train.has_labels() ? train.classes() : train.targets().shape(1);
        return make_model(name, train.row_shape(), outputs, {hidden.begin(), hidden.end()}, rng);
      };
    }
    return list;
  }();
  return all;
}

void add_optimizer(MakeOptimizer make) {
  const std::string name = sample_of(make, {})->name();
  optimizers().makers[name] = std::move(make);
}

void add_model(const std::string& name, MakeModel make) { models().makers[name] = std::move(make); }

std::unique_ptr<optim::Optimizer> sample(const std::string& name, const Options& options) {
  return sample_of(optimizers().at(name), options);
}

Options default_options(const std::string& name) {
  Options options;
  for (const optim::OptionInfo& option : sample(name)->rule().options()) {
    options[option.name] = option.value;
  }
  return options;
}

nlohmann::json look_of(const std::string& name) {
  const auto optimizer = sample(name);
  const optim::RuleInfo& info = optimizer->rule().info();
  return {{"title", info.title},
          {"code", class_of(info)},
          {"formula_mathml", optimizer->formula(optim::Notation::mathml)},
          {"formula_text", optimizer->formula()},
          {"intuition", info.summary},
          {"color", info.colour}};
}

std::string code_of(const std::string& name, const Options& options) {
  const auto optimizer = sample(name);
  std::vector<std::string> texts;
  for (const optim::OptionInfo& option : optimizer->rule().options()) {  // in their order
    const auto found = options.find(option.name);
    if (found == options.end()) continue;
    texts.push_back(fmt::format(".{} = {}", option.name, format_number(found->second)));
  }
  return fmt::format("{} optimizer(model.parameters(), {{{}}});",
                     class_of(optimizer->rule().info()), joined(texts));
}

const Surface* find_surface(const std::string& name) {
  static const Surface first{rosenbrock, {-1.2, 1}, {1, 1}, {-2, -1}, {2, 3}};
  static const Surface second{quadratic, {-9, 1.5}, {0, 0}, {-10, -3}, {10, 3}};
  return name == "rosenbrock" ? &first : name == "quadratic" ? &second : nullptr;
}

nlohmann::json contours(const Surface& surface) {
  constexpr int cells = 60;
  const xgrad::NoGradGuard guard;
  const auto at = [&](std::size_t axis, int i) {
    const double width = surface.high[axis] - surface.low[axis];
    return Tensor{static_cast<xgrad::Scalar>(surface.low[axis] + width * i / cells)};
  };
  std::vector<std::vector<double>> z;
  for (int i = 0; i <= cells; ++i) {
    std::vector<double> row;
    for (int j = 0; j <= cells; ++j) {
      const double value = surface.value(at(0, j), at(1, i)).item();
      row.push_back(std::round(1e3 * std::log10(value + 1e-3)) / 1e3);
    }
    z.push_back(std::move(row));
  }
  return {{"x_range", {surface.low[0], surface.high[0]}},
          {"y_range", {surface.low[1], surface.high[1]}},
          {"minimum", surface.minimum},
          {"z", z}};
}

std::vector<std::string> task_names() {
  std::vector<std::string> names{"digits", "iris", "wine", "breast_cancer"};
  const std::vector<std::string> tables = datasets::table_names();
  names.insert(names.end(), tables.begin(), tables.end());
  names.insert(names.end(), {"mnist", "fashion-mnist", "csv:FILE", "rosenbrock", "quadratic"});
  return names;
}

Task::Task(const std::string& name, const Table& table, const std::filesystem::path& data)
    : surface_(find_surface(name)) {
  info_.name = name;
  info_.title = title_of(name);
  info_.split = "redrawn";
  info_.kind = "analytic";
  if (surface_ != nullptr) {
    const Dataset row(Array(Shape{1, 1}, 0), Array(Shape{1, 2}, 0));
    split_ = [parts = Parts{row, row, row}](auto) { return parts; };  // the model ignores it
    return;
  }
  if (is_published(name)) {
    const Dataset all = load(name, Split::train, data), test = load(name, Split::test, data);
    const double fraction = std::min(kValidation, 10'000 / static_cast<double>(all.size()));
    const auto [train, validation] = datasets::stratified_split(all, fraction, kFixedSeed);
    split_ = [parts = Parts{train, validation, test}](auto) { return parts; };
    info_.split = "published";
    info_.data = hex(hash_of(test, hash_of(all, fnv1a({}))));
  } else {
    const Dataset all =
        name.starts_with("csv:") ? read_table(name.substr(4), table) : load_bundled(name, data);
    info_.data = hex(hash_of(all, fnv1a({})));
    is_redrawn_ = true;
    split_ = [all, fraction = table.test_fraction,
              is_table = name != "digits"](std::uint64_t seed) {
      const auto [rest, test] = datasets::stratified_split(all, fraction, seed);
      const auto [train, validation] =
          datasets::stratified_split(rest, kValidation, fnv1a(bytes_of(&seed, 1)));
      Parts parts{train, validation, test};
      if (is_table) standardize(parts);
      return parts;
    };
  }
  const Parts parts = split(1);
  info_.kind = parts.train.has_labels() ? "classification" : "regression";
  info_.classes = parts.train.class_names();
  info_.features = parts.train.features();
  info_.train_rows = parts.train.size();
  info_.validation_rows = parts.validation.size();
  info_.test_rows = parts.test.size();
}

double Task::overlap() const {
  if (!is_redrawn_) return 0;
  return static_cast<double>(info_.test_rows) / static_cast<double>(info_.train_rows);
}

}  // namespace compare
