// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/study.hpp"
#include "support/text.hpp"

#include <xgrad/xgrad.hpp>

// The update rules, the models and the tasks of a study. A program adds its own rules and models
// before it calls run_study().
namespace compare {

/// Creates an optimizer of parameters. Options that are not given keep their defaults.
using MakeOptimizer = std::function<std::unique_ptr<xgrad::optim::Optimizer>(
    std::vector<xgrad::Tensor> parameters, const Options& options)>;
/// Creates a model for rows like those of `train`. `hidden` are the widths of --hidden.
using MakeModel =
    std::function<xgrad::nn::Sequential(const xgrad::datasets::Dataset& train,
                                        const std::vector<std::uint64_t>& hidden, xgrad::Rng& rng)>;

/// Adds an optimizer. Its rule says the name.
void add_optimizer(MakeOptimizer make);
/// Adds a model for --model.
void add_model(const std::string& name, MakeModel make);

/// Adds an update rule that is written as optim/rule.hpp describes.
template <class Rule>
void add_rule() {
  add_optimizer([](std::vector<xgrad::Tensor> parameters, const Options& options) {
    typename Rule::template Options<double> values;
    std::size_t used = 0;
    values.each(values, [&](const char* name, auto, auto, double& value) {
      const auto found = options.find(name);
      if (found == options.end()) return;
      value = found->second;
      ++used;
    });
    if (used != options.size()) {
      throw xgrad::OptionError(std::string("[") + Rule::info.name + "] an option is unknown");
    }
    return std::make_unique<xgrad::optim::RuleOptimizer<Rule>>(std::move(parameters), values);
  });
}

/// Functions of the type Make, by the names of what they create.
template <class Make>
struct Registry {
  std::string kind;  ///< "optimizer" or "model"
  std::map<std::string, Make> makers{};

  std::vector<std::string> names() const {
    std::vector<std::string> list;
    for (const auto& [name, make] : makers) list.push_back(name);
    return list;
  }
  /// Throws OptionError for an unknown name.
  const Make& at(const std::string& name) const {
    if (const auto found = makers.find(name); found != makers.end()) return found->second;
    throw xgrad::OptionError("[compare] unknown " + kind + " \"" + name + "\"; one of " +
                             joined(names()));
  }
};

/// Return the optimizers and the models: the library's, and those added.
Registry<MakeOptimizer>& optimizers();
Registry<MakeModel>& models();

/// Returns an optimizer of one parameter, to read its rule. Throws OptionError for an unknown name
/// or option.
std::unique_ptr<xgrad::optim::Optimizer> sample(const std::string& name,
                                                const Options& options = {});
/// Returns all options of an optimizer with their defaults.
Options default_options(const std::string& name);
/// Returns how the report describes and draws the optimizer.
nlohmann::json look_of(const std::string& name);
/// Returns the C++ code that creates the optimizer with `options`.
std::string code_of(const std::string& name, const Options& options);

/// A function of two variables to minimise, whose paths can be drawn.
struct Surface {
  /// The value at the point (x, y), as tensors of one element.
  xgrad::Tensor (*value)(const xgrad::Tensor& x, const xgrad::Tensor& y);
  std::array<double, 2> start, minimum;  ///< the value of `minimum` is 0
  std::array<double, 2> low, high;       ///< corners of the region that charts show
};
/// Returns the surface "rosenbrock", (1 - x)^2 + 100 (y - x^2)^2, or "quadratic", (x^2 + 100 y^2) /
/// 2, or nullptr.
const Surface* find_surface(const std::string& name);
/// Returns the values of a surface for a contour chart.
nlohmann::json contours(const Surface& surface);

/// The rows of a task in three parts.
struct Parts {
  xgrad::datasets::Dataset train, validation, test;
};

/// A task: rows that are split into three parts, or a surface to descend.
class Task {
 public:
  /// Loads a task by its name in task_names(). `data` is the folder that contains the folders
  /// mnist, fashion-mnist and uci. Throws DataError if the data cannot be read, and OptionError if
  /// the name is unknown.
  Task(const std::string& name, const Table& table, const std::filesystem::path& data);

  const TaskInfo& info() const { return info_; }
  const Surface* surface() const { return surface_; }
  /// Returns (test rows) / (training rows) if each run has its own split, and else 0.
  double overlap() const;
  /// Returns the number that a run with this seed uses for its split: 0 if the split is published.
  std::uint64_t split_seed(std::uint64_t seed) const { return is_redrawn_ ? seed : 0; }
  /// Splits the rows; rows with labels class by class. A published test set stays as it is. The
  /// columns of a table, and targets, are standardised with the statistics of the training part.
  Parts split(std::uint64_t split_seed) const { return split_(split_seed); }

 private:
  TaskInfo info_{};
  const Surface* surface_ = nullptr;
  bool is_redrawn_ = false;  // whether each run has its own split
  std::function<Parts(std::uint64_t split_seed)> split_{};
};

/// Returns the names of tasks: those of the bundled tables and those of files.
std::vector<std::string> task_names();

}  // namespace compare
