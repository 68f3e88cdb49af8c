// SPDX-License-Identifier: MIT
#include "compare_optimizers/registry.hpp"

#include "support/models.hpp"

#include <fmt/core.h>

namespace compare {
namespace {

using namespace xgrad;
using datasets::Dataset;

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
      list.functions[name] = [name](std::vector<Tensor> parameters, const Options& options) {
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
      list.functions[name] = [name](const Dataset& train, const auto& hidden, Rng& rng) {
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
  optimizers().functions[name] = std::move(make);
}

void add_model(const std::string& name, MakeModel make) {
  models().functions[name] = std::move(make);
}

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

}  // namespace compare
