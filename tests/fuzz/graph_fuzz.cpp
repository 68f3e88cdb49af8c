// SPDX-License-Identifier: MIT
// Fuzzes graphs of random ops on random shapes. Either an op throws an xgrad::Error, or the
// gradient of the graph agrees with finite differences. Finite differences are wrong near kinks and
// poles, so there the test only requires that nothing crashes.
#include <xgrad/xgrad.hpp>

#include <fuzz/fuzz_file.hpp>

#include <support/declared_ops.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace {

using namespace xgrad;

/// Turns the bytes of an input into choices. After the last byte, every choice is 0.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : data_(data), end_(data + size) {}
  bool any() const { return data_ != end_; }
  std::size_t below(std::size_t n) { return any() ? *data_++ % n : 0; }

 private:
  const std::uint8_t* data_;
  const std::uint8_t* end_;
};

/// One op of the graph and its arguments.
struct Step {
  explicit Step(Choices& next, std::size_t ops)
      : op(next.below(ops)),
        operands{next.below(16), next.below(16), next.below(16)},
        axis(static_cast<std::ptrdiff_t>(next.below(9)) - 4),
        begin(next.below(6)),
        end(next.below(7)),
        flag(next.below(2) == 1) {}

  std::size_t op;
  std::array<std::size_t, 3> operands;
  std::ptrdiff_t axis;
  std::size_t begin, end;
  bool flag;
};

/// Records whether all values were far enough from points where finite differences are wrong.
class Smooth {
 public:
  const Tensor& away_from_zero(const Tensor& x) {
    return where(x, [](double e) { return std::abs(e) > 0.05; });
  }
  const Tensor& positive(const Tensor& x) {
    return where(x, [](double e) { return e > 0.05; });
  }
  const Tensor& moderate(const Tensor& x) {
    return where(x, [](double e) { return std::abs(e) < 30; });
  }
  const Tensor& distinct(const Tensor& x) {
    moderate(x);
    if (!holds_) return x;  // NaN cannot be sorted
    std::vector<double> v(x.value().begin(), x.value().end());
    std::sort(v.begin(), v.end());
    for (std::size_t i = 1; i < v.size(); ++i) holds_ = holds_ && v[i] - v[i - 1] > 1e-3;
    return x;
  }
  bool holds() const { return holds_; }

 private:
  template <class Is>
  const Tensor& where(const Tensor& x, Is is) {
    holds_ = holds_ && std::all_of(x.value().begin(), x.value().end(), is);
    return x;
  }
  bool holds_ = true;
};

using Operands = const std::array<Tensor, 3>&;

struct Op {
  const char* name;
  Tensor (*apply)(Operands x, const Step& s, Smooth& at);
};

Labels labels_of(const Tensor& logits, const Step& s) {
  Labels labels = Labels::from_shape({logits.ndim() == 0 ? 0 : logits.shape()[0]});
  for (std::size_t i = 0; i < labels.size(); ++i) {
    labels(i) = static_cast<std::int32_t>((s.begin + i) % (s.end + 1));
  }
  return labels;
}

Tensor taken_at(const Tensor& x, std::ptrdiff_t axis, bool flag) {
  const Indices at = argmax(x, axis);  // has no gradient; the graph multiplies by its size
  return x * static_cast<double>(at.size() + (flag ? 1 : 0));
}

constexpr Op kOps[] = {
    {"operator+", [](Operands x, const Step&, Smooth&) { return x[0] + x[1]; }},
    {"operator-", [](Operands x, const Step& s, Smooth&) { return s.flag ? -x[0] : x[0] - x[1]; }},
    {"operator*", [](Operands x, const Step&, Smooth&) { return x[0] * x[1]; }},
    {"operator/",
     [](Operands x, const Step&, Smooth& at) { return x[0] / at.away_from_zero(x[1]); }},
    {"exp", [](Operands x, const Step&, Smooth&) { return exp(x[0]); }},
    {"log", [](Operands x, const Step&, Smooth& at) { return log(at.positive(x[0])); }},
    {"sqrt", [](Operands x, const Step&, Smooth& at) { return sqrt(at.positive(x[0])); }},
    {"abs", [](Operands x, const Step&, Smooth& at) { return abs(at.away_from_zero(x[0])); }},
    {"tanh", [](Operands x, const Step&, Smooth&) { return tanh(x[0]); }},
    {"sigmoid", [](Operands x, const Step&, Smooth&) { return sigmoid(x[0]); }},
    {"relu", [](Operands x, const Step&, Smooth& at) { return relu(at.away_from_zero(x[0])); }},
    {"leaky_relu",
     [](Operands x, const Step&, Smooth& at) { return leaky_relu(at.away_from_zero(x[0]), 0.1); }},
    {"pow", [](Operands x, const Step& s,
               Smooth& at) { return pow(at.positive(x[0]), 0.5 * static_cast<double>(s.axis)); }},
    {"maximum",
     [](Operands x, const Step&, Smooth& at) {
       at.away_from_zero(x[0] - x[1]);
       return maximum(x[0], x[1]);
     }},
    {"minimum",
     [](Operands x, const Step&, Smooth& at) {
       at.away_from_zero(x[0] - x[1]);
       return minimum(x[0], x[1]);
     }},
    {"sum", [](Operands x, const Step& s,
               Smooth&) { return s.begin == 0 ? sum(x[0]) : sum(x[0], s.axis, s.flag); }},
    {"mean", [](Operands x, const Step& s,
                Smooth&) { return s.begin == 0 ? mean(x[0]) : mean(x[0], s.axis, s.flag); }},
    {"max",
     [](Operands x, const Step& s, Smooth& at) {
       at.distinct(x[0]);
       return s.begin == 0 ? max(x[0]) : max(x[0], s.axis, s.flag);
     }},
    {"argmax", [](Operands x, const Step& s, Smooth&) { return taken_at(x[0], s.axis, s.flag); }},
    {"matmul", [](Operands x, const Step&, Smooth&) { return matmul(x[0], x[1]); }},
    {"linear", [](Operands x, const Step&, Smooth&) { return linear(x[0], x[1], x[2]); }},
    {"transpose", [](Operands x, const Step&, Smooth&) { return transpose(x[0]); }},
    {"reshape",
     [](Operands x, const Step& s, Smooth&) {
       return reshape(x[0], s.flag ? Shape{s.begin, s.end} : Shape{x[0].size()});
     }},
    {"concatenate",
     [](Operands x, const Step& s, Smooth&) {
       return concatenate({x[0], x[1]}, s.axis);
     }},
    {"slice",
     [](Operands x, const Step& s, Smooth&) { return slice(x[0], s.axis, s.begin, s.end); }},
    {"softmax", [](Operands x, const Step& s, Smooth&) { return softmax(x[0], s.axis); }},
    {"log_softmax", [](Operands x, const Step& s, Smooth&) { return log_softmax(x[0], s.axis); }},
    {"cross_entropy",
     [](Operands x, const Step& s, Smooth&) { return cross_entropy(x[0], labels_of(x[0], s)); }},
    {"mse_loss", [](Operands x, const Step&, Smooth&) { return mse_loss(x[0], x[1]); }},
};

/// Returns whether kOps has a row for each op that the header declares.
bool is_complete() {
  std::set<std::string> rows;
  for (const Op& op : kOps) rows.insert(op.name);
  return rows == test::declared_ops();
}

Array random_array(Choices& next) {
  Shape shape(next.below(4));
  for (std::size_t& extent : shape) extent = next.below(4);
  Rng rng(next.below(256));
  Array result = empty(shape);
  for (std::size_t i = 0; i < result.size(); ++i) result.data()[i] = rng.uniform(-1, 3);
  return result;
}

Tensor run(const std::vector<Step>& steps, const std::vector<Tensor>& inputs, Smooth& smooth) {
  std::vector<Tensor> made = inputs;
  const auto operand = [&](std::size_t choice) { return made[choice % made.size()]; };
  for (const Step& s : steps) {
    const auto& [a, b, c] = s.operands;
    made.push_back(kOps[s.op].apply({operand(a), operand(b), operand(c)}, s, smooth));
    smooth.moderate(made.back());
  }
  return made.back();
}

void print(const std::vector<Step>& steps) {
  for (const Step& s : steps) {
    std::fprintf(stderr, "%s(%zu, %zu, %zu) axis %td begin %zu end %zu flag %d\n", kOps[s.op].name,
                 s.operands[0], s.operands[1], s.operands[2], s.axis, s.begin, s.end, s.flag);
  }
}

/// Aborts if the gradient differs from finite differences by the same amount with two step sizes.
/// If the amount depends on the step size, the differences are inaccurate because the function is
/// steep.
void check(const std::vector<Step>& steps, const std::vector<Array>& inputs) {
  Smooth smooth;
  const auto f = [&](const std::vector<Tensor>& x) { return run(steps, x, smooth); };
  const GradcheckResult fine = gradcheck(f, inputs, {.step = 1e-6, .tolerance = 1e-3});
  if (fine.passed || !smooth.holds()) return;
  const GradcheckResult coarse = gradcheck(f, inputs, {.step = 1e-5, .tolerance = 1e-3});
  if (!smooth.holds()) return;
  if (std::abs(fine.worst_error - coarse.worst_error) > 0.01 * fine.worst_error) return;
  std::fprintf(stderr, "%s\n", fine.message.c_str());
  print(steps);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool complete = is_complete();
  fuzz::require(complete);
  Choices next(data, size);
  std::vector<Array> inputs(1 + next.below(3));
  for (Array& input : inputs) input = random_array(next);
  std::vector<Step> steps;
  do {
    steps.emplace_back(next, std::size(kOps));
  } while (next.any() && steps.size() < 8);
  fuzz::succeeds([&] { check(steps, inputs); });
  return 0;
}
