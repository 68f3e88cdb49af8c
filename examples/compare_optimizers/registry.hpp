// SPDX-License-Identifier: MIT
#pragma once

#include "compare_optimizers/study.hpp"
#include "support/text.hpp"

#include <xgrad/xgrad.hpp>

// The update rules and the models that a study can compare. A program adds its own before it calls
// run_study().
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
  std::map<std::string, Make> functions{};

  std::vector<std::string> names() const {
    std::vector<std::string> list;
    for (const auto& [name, make] : functions) list.push_back(name);
    return list;
  }
  /// Throws OptionError for an unknown name.
  const Make& at(const std::string& name) const {
    if (const auto found = functions.find(name); found != functions.end()) return found->second;
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

}  // namespace compare
