// SPDX-License-Identifier: MIT
#include "explanation.hpp"

#include "program.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <functional>
#include <system_error>
#include <utility>

namespace {

using namespace xgrad;

std::string text_of(const Element& element) {
  std::string text = element.parameter;
  for (std::size_t i = 0; i < element.index.size(); ++i) {
    text += i == 0 ? '[' : ',';
    text += std::to_string(element.index[i]);
  }
  return text + "]";
}

Tensor find_parameter(const nn::Module& model, const std::string& name) {
  std::string names;
  for (const auto& [other, parameter] : model.named_parameters()) {
    if (other == name) return parameter;
    names += (names.empty() ? "" : ", ") + other;
  }
  throw OptionError("[--explain] the network has no parameter \"" + name + "\"; one of " + names);
}

}  // namespace

Element parse_element(const std::string& text) {
  const auto refuse = [&]() -> Element {
    throw OptionError("[--explain] must be an element such as 0.weight[3,17], got \"" + text +
                      "\"");
  };
  const std::size_t bracket = text.find('[');
  if (bracket == 0 || bracket == std::string::npos || text.back() != ']') return refuse();
  Element element{text.substr(0, bracket), {}};
  const char *at = text.data() + bracket, *const last = text.data() + text.size() - 1;
  while (at != last) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(at + 1, last, number);
    if (error != std::errc() || (end != last && *end != ',')) return refuse();
    element.index.push_back(number);
    at = end;
  }
  return element;
}

Explanation::Explanation(const nn::Module& model, Element element, std::uint64_t step)
    : element_(std::move(element)),
      parameter_(find_parameter(model, element_.parameter)),
      step_(step) {
  const Shape& shape = parameter_.shape();
  if (!std::equal(element_.index.begin(), element_.index.end(), shape.begin(), shape.end(),
                  std::less<>())) {
    throw OptionError("[--explain] " + text_of(element_) +
                      " must be an element of a parameter of shape " + to_string(shape));
  }
}

void Explanation::on_begin(train::Run& run) {
  const std::uint64_t first = run.optimizer.step_count() + 1;
  const std::uint64_t last = run.epochs * run.loader.batches();
  if (step_ >= first && step_ <= last) return;
  throw OptionError("[--at-step] must be a step of this run, from " + std::to_string(first) +
                    " to " + std::to_string(last) + ", got " + std::to_string(step_));
}

void Explanation::on_gradient(train::Run& run) {
  if (run.optimizer.step_count() + 1 != step_) return;
  if (can_redraw(STDOUT_FILENO)) std::printf("\r\033[K");  // erases the progress bar
  std::printf("step %llu, %s:\n%s\n", static_cast<unsigned long long>(step_),
              text_of(element_).c_str(),
              optim::explain(run.optimizer, parameter_, element_.index).c_str());
}
