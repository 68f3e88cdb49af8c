// SPDX-License-Identifier: MIT
#include "compare_optimizers/task.hpp"

#include "compare_optimizers/hash.hpp"

#include <algorithm>
#include <set>

namespace compare {
namespace {

using namespace xgrad;
using datasets::Dataset;
using datasets::Split;

constexpr double kValidation = 0.2;  // fraction of the rows that are not in the test set
constexpr std::uint64_t kFixedSeed = 2;
const std::vector<std::string> kSmallTables{"digits", "iris", "wine", "breast_cancer"};
const std::vector<std::string> kImages{"mnist", "fashion-mnist"};

template <class Names>
bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
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
  const std::map<std::string, datasets::Header> headers{{"guess", datasets::Header::guess},
                                                        {"yes", datasets::Header::yes},
                                                        {"no", datasets::Header::no}};
  datasets::CsvOptions options;
  options.label = table.label;
  options.targets = table.predict;
  options.header = headers.at(table.header);
  options.delimiter = parse_delimiter(table.delimiter);
  if (table.decimal_comma) options.decimal = ',';
  options.warn = false;  // split() standardises, with every digit
  Dataset all = datasets::csv(file, options);
  if (all.has_labels() && std::set(all.labels().begin(), all.labels().end()).size() < 2) {
    throw DataError("[compare] " + file +
                    ": the label column must contain at least two classes, found 1");
  }
  return all;
}

/// Returns the rows of both data sets.
Dataset joined(const Dataset& a, const Dataset& b) {
  const std::size_t rows = a.size() + b.size();
  Shape shape{rows};
  shape.insert(shape.end(), a.row_shape().begin(), a.row_shape().end());
  Array x = Array::from_shape(shape);
  const Array first = a.gather_all(), second = b.gather_all();
  std::copy(second.begin(), second.end(), std::copy(first.begin(), first.end(), x.begin()));
  if (!a.has_labels()) {
    Array y = Array::from_shape({rows, a.targets().shape(1)});
    std::copy(b.targets().begin(), b.targets().end(),
              std::copy(a.targets().begin(), a.targets().end(), y.begin()));
    return {x, y};
  }
  Labels y = Labels::from_shape({rows});
  std::copy(b.labels().begin(), b.labels().end(),
            std::copy(a.labels().begin(), a.labels().end(), y.begin()));
  return {x, y, a.class_names()};
}

Dataset load_bundled(const std::string& name, const std::filesystem::path& data) {
  const auto both = [](auto load) { return joined(load(Split::train), load(Split::test)); };
  if (name == "digits") return both(datasets::digits);
  if (name == "iris") return both(datasets::iris);
  if (name == "wine") return both(datasets::wine);
  if (name == "breast_cancer") return both(datasets::breast_cancer);
  if (contains(datasets::table_names(), name)) {
    return both([&](Split split) { return datasets::table(name, split, data); });
  }
  std::string known;
  for (const std::string& task : task_names()) known += (known.empty() ? "" : ", ") + task;
  throw OptionError("[compare] unknown task \"" + name + "\"; one of " + known);
}

std::pair<Dataset, Dataset> load_images(const std::string& name,
                                        const std::filesystem::path& data) {
  if (name == "fashion-mnist" && !std::filesystem::is_directory(data / name)) {
    return {datasets::fashion_mnist(Split::train), datasets::fashion_mnist(Split::test)};
  }
  return {datasets::mnist(data / name, Split::train), datasets::mnist(data / name, Split::test)};
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

/// Returns the rows with targets of mean 0 and standard deviation 1 in the training part.
Dataset with_targets(const Dataset& rows, const datasets::Standardizer& scale) {
  return {rows.gather_all(), scale(rows.targets())};
}

void standardize(Parts& parts) {
  const datasets::Standardizer columns(parts.train);
  for (Dataset* part : {&parts.train, &parts.validation, &parts.test}) *part = columns(*part);
  if (parts.train.has_labels()) return;
  const Array targets = parts.train.targets();
  const datasets::Standardizer scale(Dataset(targets, targets));
  for (Dataset* part : {&parts.train, &parts.validation, &parts.test}) {
    *part = with_targets(*part, scale);
  }
}

std::string title_of(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  if (contains(kImages, name)) return name == "mnist" ? "MNIST" : "Fashion-MNIST";
  if (name.starts_with("csv:")) return std::filesystem::path(name.substr(4)).filename().string();
  if (name == "dna") return "DNA";
  name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return name;
}

}  // namespace

std::vector<std::string> task_names() {
  std::vector<std::string> names = kSmallTables;
  for (const std::string& name : datasets::table_names()) names.push_back(name);
  for (const char* name : {"mnist", "fashion-mnist", "csv:FILE", "rosenbrock", "quadratic"}) {
    names.emplace_back(name);
  }
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
    fixed_ = Parts{row, row, row};  // the model ignores it
    return;
  }
  if (contains(kImages, name)) {
    const auto [all, test] = load_images(name, data);
    const double fraction = std::min(kValidation, 10'000 / static_cast<double>(all.size()));
    const auto [train, validation] = datasets::stratified_split(all, fraction, kFixedSeed);
    fixed_ = Parts{train, validation, test};
    info_.split = "published";
    info_.data = hex(hash_of(test, hash_of(all, fnv1a({}))));
  } else {
    is_table_ = name != "digits";
    test_fraction_ = table.test_fraction;
    all_ = name.starts_with("csv:") ? read_table(name.substr(4), table) : load_bundled(name, data);
    info_.data = hex(hash_of(*all_, fnv1a({})));
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
  if (!all_) return 0;
  return static_cast<double>(info_.test_rows) / static_cast<double>(info_.train_rows);
}

Parts Task::split(std::uint64_t split_seed) const {
  if (fixed_) return *fixed_;
  const auto [rest, test] = datasets::stratified_split(*all_, test_fraction_, split_seed);
  const auto [train, validation] =
      datasets::stratified_split(rest, kValidation, fnv1a(bytes_of(&split_seed, 1)));
  Parts parts{train, validation, test};
  if (is_table_) standardize(parts);
  return parts;
}

}  // namespace compare
