// SPDX-License-Identifier: MIT
#include <xgrad/nn/summary.hpp>

#include <xgrad/core/shape.hpp>
#include <xgrad/nn/eval_mode.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <ostream>

namespace xgrad::inline XGRAD_ABI::nn {
namespace {

/// One line of the table.
using Line = std::array<std::string, 4>;

/// Returns "1,234,567".
std::string grouped(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3;) text.insert(i -= 3, 1, ',');
  return text;
}

/// What a module did in one forward pass of the model.
struct Record {
  Shape output;
  std::size_t multiply_adds = 0;
  bool was_called = false;
};

/// Records the calls of all modules of a model while it lives.
class Recorder {
 public:
  explicit Recorder(Module& model) {
    for (const auto& [name, module] : model.named_modules()) {
      Record& record = records_[module];
      const auto hook = [&record](Module& m, const Tensor& x, const Tensor& y) {
        record.output = y.shape();
        record.multiply_adds += m.multiply_adds(x.shape(), y.shape());
        record.was_called = true;
      };
      hooks_.emplace_back(module, module->register_forward_hook(hook));
    }
  }
  ~Recorder() {
    for (const auto& [module, number] : hooks_) module->remove_forward_hook(number);
  }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  const Record& operator[](const Module* module) const { return records_.at(module); }

 private:
  std::map<const Module*, Record> records_;
  std::vector<std::pair<Module*, std::size_t>> hooks_;
};

/// Returns the number of elements of the parameters of each module, by the module's name.
std::map<std::string, std::size_t> parameter_counts(const Module& model) {
  std::map<std::string, std::size_t> counts;
  for (const auto& [name, p] : model.named_parameters()) {
    const std::size_t dot = name.rfind('.');
    counts[dot == std::string::npos ? "" : name.substr(0, dot)] += p.size();
  }
  return counts;
}

/// Returns the lines below each other: the first two columns left-aligned, the others
/// right-aligned.
std::string table_of(const std::vector<Line>& lines) {
  std::array<std::size_t, std::tuple_size_v<Line>> widths{};
  for (const Line& line : lines) {
    for (std::size_t c = 0; c < line.size(); ++c) widths[c] = std::max(widths[c], line[c].size());
  }
  std::string text;
  for (const Line& line : lines) {
    for (std::size_t c = 0; c < line.size(); ++c) {
      const std::string space(widths[c] - line[c].size(), ' ');
      text += (c == 0 ? "" : "  ") + (c < 2 ? line[c] + space : space + line[c]);
    }
    text += '\n';
  }
  return text;
}

}  // namespace

std::string summary(Module& model, const Shape& input) {
  const NoGradGuard no_grad;
  const EvalModeGuard evaluation_mode(model);
  const Recorder records(model);
  model(Tensor(zeros(input)));
  std::vector<Line> lines{{"layer", "output shape", "parameters", "multiply-adds"}};
  const auto modules = model.named_modules();
  auto counts = parameter_counts(model);
  std::size_t parameters = 0, multiply_adds = 0;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    const auto& [name, module] = modules[i];
    const Record& record = records[module];
    const std::size_t count = counts[name];
    parameters += count;
    multiply_adds += record.multiply_adds;
    const std::string prefix = name.empty() ? "" : name + ".";
    const bool contains_others = i + 1 < modules.size() && modules[i + 1].first.starts_with(prefix);
    if (contains_others && count == 0 && record.multiply_adds == 0) continue;
    lines.push_back({(name.empty() ? "" : name + "  ") + module->description(),
                     record.was_called ? to_string(record.output) : "not called", grouped(count),
                     grouped(record.multiply_adds)});
  }
  lines.push_back({"total", "", grouped(parameters), grouped(multiply_adds)});
  return table_of(lines);
}

std::ostream& operator<<(std::ostream& out, const Module& module) {
  const char* line_end = "";
  for (const auto& [path, inner] : module.named_modules()) {
    const std::string name = path.substr(path.rfind('.') + 1);
    const auto depth = path.empty() ? 0 : 1 + std::count(path.begin(), path.end(), '.');
    out << line_end << std::string(2 * static_cast<std::size_t>(depth), ' ')
        << (name.empty() ? "" : name + ": ") << inner->description();
    line_end = "\n";
  }
  return out;
}

}  // namespace xgrad::inline XGRAD_ABI::nn
