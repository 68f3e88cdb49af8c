// SPDX-License-Identifier: MIT
// Prints docs/optimizers.md:
//
//   guide_optimizers > docs/optimizers.md
#include "explained_step.hpp"

#include <xgrad/xgrad.hpp>

#include <cctype>
#include <cstdio>
#include <string>

using namespace xgrad;

namespace {

constexpr const char* kIntroduction =
    R"(# The update rules

<!-- guide_optimizers prints this page. -->

θ is a parameter, g its gradient, η the learning rate, and t the number of the step from 1. All state starts at 0, and
all operations are element by element. `weight_decay` λ adds λ θ to g before the rule, except in AdamW and Lion, whose
formulas contain λ. [Chapter 3](guide/03-optimizers.md) of the guide introduces the first six rules.

Each section ends with the third step of one weight of a small network, with the default options. The function
`optim::explain` returned these lines in [`explained_step.hpp`](snippets/explained_step.hpp).

)";

std::string replace_all(std::string text, const std::string& old, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(old, at)) != std::string::npos; at += with.size()) {
    text.replace(at, old.size(), with);
  }
  return text;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

const char* words(optim::Range range) {
  switch (range) {
    case optim::Range::positive:
      return "above 0";
    case optim::Range::non_negative:
      return "at least 0";
    case optim::Range::fraction:
      return "at least 0, below 1";
  }
  return "";
}

void print_table() {
  std::puts("| class | update rule | source |\n|---|---|---|");
  for (const std::string& name : optim::names()) {
    const optim::RuleInfo info = optim::default_rule(name)->info();
    std::printf("| [`optim::%s`](#%s) | %s | %s |\n", info.title, lower(info.title).c_str(),
                replace_all(optim::formula(name), "\n", "; ").c_str(), info.source);
  }
}

void print_rule(const std::string& name) {
  const auto rule = optim::default_rule(name);
  const optim::RuleInfo info = rule->info();
  std::printf("\n## %s\n\n%s (%s)\n\n", info.title, info.summary, info.source);
  std::printf("```math\n%s\n```\n\n", optim::formula(name, optim::Notation::latex).c_str());
  std::puts("| option | symbol | default | range |\n|---|---|---|---|");
  for (const optim::OptionInfo& option : rule->options()) {
    std::printf("| `%s` | %s | %g | %s", option.name, option.symbol, option.value,
                words(option.range));
    if (option.name == std::string("lr")) {
      std::printf("; %g to %g are worth a try", info.lowest_lr, info.highest_lr);
    }
    std::puts(" |");
  }
  std::printf("\n<!-- output: guide_optimizers -->\n```\n%s\n```\n", explained_step(name).c_str());
}

}  // namespace

int main() {
  std::fputs(kIntroduction, stdout);
  print_table();
  for (const std::string& name : optim::names()) print_rule(name);
}
