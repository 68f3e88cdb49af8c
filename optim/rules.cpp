// SPDX-License-Identifier: MIT
#include <xgrad/optim/rules.hpp>

#include <xgrad/core/internal/kernels/stream.ipp>
#include <xgrad/core/internal/numbers.hpp>
#include <xgrad/core/shape.hpp>
#include <xgrad/optim/internal/update_kernels.hpp>

#include <algorithm>
#include <array>

namespace xgrad::inline XGRAD_ABI::optim {
namespace {

/// Creates a rule from the values of its options.
template <class Rule>
std::unique_ptr<AnyRule> create(const std::vector<double>& values) {
  typename AnyRuleOf<Rule>::Options options;
  auto next = values.begin();
  options.each(options, [&](auto, auto, auto, double& value) { value = *next++; });
  static const auto kernel = std::get<UpdateKernel<Rule>>(
      simd::for_level([]<class Arch>() { return update_kernels<Arch>(); }));
  return std::make_unique<AnyRuleOf<Rule>>(options, kernel);
}

struct Entry {
  const char* name;
  std::unique_ptr<AnyRule> (*create)(const std::vector<double>&);
  std::vector<OptionInfo> (*options)();
};

template <class Rule>
std::vector<OptionInfo> default_options_of() {
  return AnyRuleOf<Rule>({}).options();
}

template <class... Rule>
constexpr auto make_table(RuleList<Rule...>) {
  return std::array{Entry{Rule::info.name, create<Rule>, default_options_of<Rule>}...};
}
constexpr auto kTable = make_table(Rules{});

const Entry& find(const std::string& name) {
  const auto found = std::find_if(kTable.begin(), kTable.end(),
                                  [&](const Entry& entry) { return name == entry.name; });
  if (found != kTable.end()) return *found;
  throw OptionError("[optimizer] unknown optimizer \"" + name + "\"; one of " + join(names()));
}

std::vector<ParameterGroup> one_group(std::vector<Tensor> parameters) {
  std::vector<ParameterGroup> groups(1);
  groups[0].parameters = std::move(parameters);
  return groups;
}

}  // namespace

std::unique_ptr<AnyRule> detail::library_rule(const char* name,
                                              const std::vector<double>& options) {
  return find(name).create(options);
}

std::unique_ptr<Optimizer> make(const std::string& name, std::vector<Tensor> parameters,
                                std::optional<double> lr) {
  return make(name, std::move(parameters), lr ? OptionMap{{"lr", *lr}} : OptionMap{});
}

std::unique_ptr<Optimizer> make(const std::string& name, std::vector<Tensor> parameters,
                                const OptionMap& options) {
  return make(name, one_group(std::move(parameters)), options);
}

std::unique_ptr<Optimizer> make(const std::string& name, std::vector<ParameterGroup> groups,
                                const OptionMap& options) {
  const Entry& entry = find(name);
  std::vector<double> values;
  std::size_t used = 0;
  for (const OptionInfo& option : entry.options()) {
    const auto given = options.find(option.name);
    used += given != options.end();
    values.push_back(given != options.end() ? given->second : option.value);
  }
  if (used < options.size()) {
    const OptionMap known = default_options(name);
    std::vector<std::string> known_names;
    for (const auto& [option, value] : known) known_names.push_back(option);
    for (const auto& [option, value] : options) {
      if (known.contains(option)) continue;
      throw OptionError("[" + name + "] unknown option \"" + option + "\"; one of " +
                        join(known_names));
    }
  }
  return std::make_unique<Optimizer>(entry.create(values), std::move(groups));
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Entry& entry : kTable) result.emplace_back(entry.name);
  return result;
}

std::unique_ptr<AnyRule> default_rule(const std::string& name) {
  const Entry& entry = find(name);
  std::vector<double> values;
  for (const OptionInfo& option : entry.options()) values.push_back(option.value);
  return entry.create(values);
}

OptionMap default_options(const std::string& name) {
  OptionMap result;
  for (const OptionInfo& option : find(name).options()) result[option.name] = option.value;
  return result;
}

std::string formula(const std::string& name, Notation notation) {
  return to_formula(default_rule(name)->formula(), notation);
}

std::string explain(const Optimizer& optimizer, const Tensor& parameter,
                    const std::vector<std::size_t>& element) {
  return optimizer.explain(parameter, element);
}

}  // namespace xgrad::inline XGRAD_ABI::optim
