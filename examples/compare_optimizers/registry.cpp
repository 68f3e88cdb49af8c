// SPDX-License-Identifier: MIT
#include "compare_optimizers/registry.hpp"

#include "support/models.hpp"

#include <algorithm>
#include <map>

namespace compare {
namespace {

using namespace xgrad;

template <class Make>
using Named = std::map<std::string, Make>;

std::unique_ptr<optim::Optimizer> sample_of(const MakeOptimizer& make, const Options& options) {
  return make({Tensor(Array{0}, true)}, options);
}

Named<MakeOptimizer>& optimizers() {
  static Named<MakeOptimizer> all = [] {
    Named<MakeOptimizer> list;
    for (const std::string& name : optim::names()) {
      list.emplace(name, [name](std::vector<Tensor> parameters, const Options& options) {
        return optim::make(name, std::move(parameters), options);
      });
    }
    return list;
  }();
  return all;
}

Named<MakeModel>& models() {
  static Named<MakeModel> all = [] {
    Named<MakeModel> list;
    for (const std::string& name : ::model_names()) {
      list.emplace(name, [name](const datasets::Dataset& train,
                                const std::vector<std::uint64_t>& hidden, Rng& rng) {
        const std::size_t outputs = train.has_labels() ? train.classes() : train.targets().shape(1);
        return ::make_model(name, train.row_shape(), outputs, {hidden.begin(), hidden.end()}, rng);
      });
    }
    return list;
  }();
  return all;
}

template <class Make>
std::vector<std::string> names_of(const Named<Make>& list) {
  std::vector<std::string> names;
  for (const auto& [name, make] : list) names.push_back(name);
  return names;
}

template <class Make>
const Make& find(const Named<Make>& list, const std::string& kind, const std::string& name) {
  if (const auto found = list.find(name); found != list.end()) return found->second;
  std::string known;
  for (const auto& element : list) known += (known.empty() ? "" : ", ") + element.first;
  throw OptionError("[compare] unknown " + kind + " \"" + name + "\"; one of " + known);
}

std::string class_of(const optim::RuleInfo& info) {
  if (info.in_library) return std::string("optim::") + info.title;
  return std::string("optim::RuleOptimizer<") + info.title + ">";
}

}  // namespace

void add_optimizer(MakeOptimizer make) {
  const std::string name = sample_of(make, {})->name();
  optimizers()[name] = std::move(make);
}

void add_model(const std::string& name, MakeModel make) { models()[name] = std::move(make); }

std::vector<std::string> optimizer_names() { return names_of(optimizers()); }
std::vector<std::string> model_names() { return names_of(models()); }

std::unique_ptr<optim::Optimizer> make_optimizer(const std::string& name,
                                                 std::vector<Tensor> parameters,
                                                 const Options& options) {
  return find(optimizers(), "optimizer", name)(std::move(parameters), options);
}

nn::Sequential make_model(const std::string& name, const datasets::Dataset& train,
                          const std::vector<std::uint64_t>& hidden, Rng& rng) {
  return find(models(), "model", name)(train, hidden, rng);
}

std::unique_ptr<optim::Optimizer> sample(const std::string& name, const Options& options) {
  return sample_of(find(optimizers(), "optimizer", name), options);
}

Options default_options(const std::string& name) {
  Options options;
  for (const optim::OptionInfo& option : sample(name)->rule().options()) {
    options[option.name] = option.value;
  }
  return options;
}

nlohmann::json look_of(const std::string& name) {
  static const std::vector<std::vector<int>> dashes{
      {},      {12, 4},       {8, 3, 2, 3},        {3, 3}, {6, 3},
      {16, 4}, {16, 4, 4, 4}, {12, 4, 2, 4, 2, 4}, {4, 6}, {2, 2}};
  static const std::vector<std::string> shapes{
      "circle",        "square",         "triangle-up",   "diamond", "cross",
      "triangle-down", "triangle-right", "triangle-left", "stroke",  "arrow"};
  const auto optimizer = sample(name);
  const optim::RuleInfo& info = optimizer->rule().info();
  const std::vector<std::string> names = optimizer_names();
  const auto place =
      static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  return {{"title", info.title},
          {"code", class_of(info)},
          {"formula_mathml", optimizer->formula(optim::Notation::mathml)},
          {"formula_text", optimizer->formula()},
          {"intuition", info.summary},
          {"color", info.colour},
          {"shape", shapes[place % shapes.size()]},
          {"dash", dashes[place % dashes.size()]}};
}

std::string code_of(const std::string& name, const Options& options) {
  const auto optimizer = sample(name);
  std::string list;
  for (const optim::OptionInfo& option : optimizer->rule().options()) {  // in their order
    const auto found = options.find(option.name);
    if (found == options.end()) continue;
    list += (list.empty() ? "." : ", .") + std::string(option.name) + " = " +
            format_number(found->second);
  }
  return class_of(optimizer->rule().info()) + " optimizer(model.parameters(), {" + list + "});";
}

}  // namespace compare
