// SPDX-License-Identifier: MIT
// Fuzzes graphs of random ops on random shapes. Either an op throws an xgrad::Error, or the
// gradient of the graph agrees with finite differences. Finite differences are wrong near kinks and
// poles, so there the test only requires that nothing crashes.
#include <autograd/op_table.hpp>
#include <fuzz/fuzz_file.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

namespace {

using namespace xgrad;
using test::Domain;

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

/// Returns the ops by a number that depends on the name alone, so that an input keeps its meaning
/// if rows are added or moved: the 32-bit FNV-1a hash, folded to 16 bits, of the name. The second
/// row of the same name is called "name#1", and so on.
const std::map<std::size_t, test::Op>& ops() {
  static const std::map<std::size_t, test::Op> table = [] {
    std::map<std::size_t, test::Op> result;
    std::map<std::string, int> rows;
    for (const test::Op& op : test::op_table()) {
      const int row = rows[op.name]++;
      std::uint32_t hash = 2166136261;
      for (const char c : op.name + (row > 0 ? "#" + std::to_string(row) : "")) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
      }
      if (result.emplace((hash >> 16) ^ (hash & 0xffff), op).second) continue;
      std::fprintf(stderr, "%s has the number of another op\n", op.name.c_str());
      std::abort();
    }
    return result;
  }();
  return table;
}

/// Chooses the op with the number that two bytes give, or the op with the next number.
const test::Op& choose_op(Choices& next) {
  const std::size_t high = next.below(256);
  const auto found = ops().lower_bound(256 * high + next.below(256));
  return found == ops().end() ? ops().begin()->second : found->second;
}

/// Chooses an op of the graph, its operands and its arguments.
struct Step {
  explicit Step(Choices& next)
      : op(choose_op(next)),
        operands{next.below(16), next.below(16), next.below(16)},
        axis(static_cast<std::ptrdiff_t>(next.below(9)) - 4),
        begin(next.below(6)),
        end(next.below(7)),
        flag(next.below(2) == 1) {}

  const test::Op& op;
  std::array<std::size_t, 3> operands;
  std::ptrdiff_t axis;
  std::size_t begin, end;
  bool flag;
};

/// Returns the arguments of a step whose first operand is x.
test::Args args_of(const Step& s, const Tensor& x) {
  test::Args args{.axis = s.axis, .keepdims = s.flag, .begin = s.begin, .end = s.end};
  args.number = 0.5 * static_cast<double>(s.axis);
  args.shape = s.flag ? Shape{s.begin, s.end} : Shape{x.size()};
  args.labels = Labels::from_shape({x.ndim() == 0 ? 0 : x.shape()[0]});
  for (std::size_t i = 0; i < args.labels.size(); ++i) {
    args.labels(i) = static_cast<std::int32_t>((s.begin + i) % (s.end + 1));
  }
  args.axes = {s.axis};
  if (s.flag) args.axes.push_back(static_cast<std::ptrdiff_t>(s.begin));
  args.indices = Indices::from_shape(s.flag ? x.shape() : Shape{s.begin});
  for (std::size_t i = 0; i < args.indices.size(); ++i) {
    args.indices.data()[i] = static_cast<std::int32_t>((s.end + i) % (s.begin + 1));
  }
  args.kernel = {1 + s.begin % 3, 1 + s.end % 3};
  args.stride = {1 + s.end % 3, 1 + s.begin % 2};
  args.padding = s.flag ? Size2d(args.kernel.h / 2, args.kernel.w / 2) : Size2d(0);
  args.mask = empty(s.flag ? x.shape() : Shape{});
  for (std::size_t i = 0; i < args.mask.size(); ++i) {
    args.mask.data()[i] = static_cast<Scalar>((s.begin + i) % 2);
  }
  return args;
}

/// Records whether all values were far enough from points where finite differences are wrong.
class Smooth {
 public:
  /// Checks the operands of an op.
  void operands(Domain domain, const std::vector<Tensor>& x) {
    if (domain == Domain::nonzero) all(x.back(), [](double e) { return std::abs(e) > 0.05; });
    if (domain == Domain::positive) all(x[0], [](double e) { return e > 0.05; });
    if (domain == Domain::distinct) distinct(x);
  }
  /// Checks the result of an op.
  void result(const Tensor& y) {
    all(y, [](double e) { return std::abs(e) < 30; });
  }
  bool holds() const { return holds_; }

 private:
  template <class Is>
  void all(const Tensor& x, Is is) {
    holds_ = holds_ && std::all_of(x.value().begin(), x.value().end(), is);
  }
  void distinct(const std::vector<Tensor>& x) {
    std::vector<double> v;
    for (const Tensor& each : x) {
      all(each, [](double e) { return std::isfinite(e); });
      v.insert(v.end(), each.value().begin(), each.value().end());
    }
    if (!holds_) return;  // NaN cannot be sorted
    std::sort(v.begin(), v.end());
    for (std::size_t i = 1; i < v.size(); ++i) holds_ = holds_ && v[i] - v[i - 1] > 1e-3;
  }
  bool holds_ = true;
};

Array random_array(Choices& next) {
  Shape shape(next.below(5));
  for (std::size_t& extent : shape) extent = next.below(4);
  Rng rng(next.below(256));
  Array result = empty(shape);
  for (std::size_t i = 0; i < result.size(); ++i) result.data()[i] = rng.uniform(-1, 3);
  return result;
}

Tensor run(const std::vector<Step>& steps, const std::vector<Tensor>& inputs, Smooth& smooth) {
  std::vector<Tensor> made = inputs;
  for (const Step& s : steps) {
    std::vector<Tensor> x;
    for (std::size_t i = 0; i < s.op.cases[0].shapes.size(); ++i) {
      x.push_back(made[s.operands[i] % made.size()]);
    }
    smooth.operands(s.op.domain, x);
    made.push_back(s.op.call(x, args_of(s, x[0])));
    smooth.result(made.back());
  }
  return made.back();
}

void print(const std::vector<Step>& steps) {
  for (const Step& s : steps) {
    std::fprintf(stderr, "%s(%zu, %zu, %zu) axis %td begin %zu end %zu flag %d\n",
                 s.op.name.c_str(), s.operands[0], s.operands[1], s.operands[2], s.axis, s.begin,
                 s.end, s.flag);
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
  Choices next(data, size);
  std::vector<Array> inputs(1 + next.below(3));
  for (Array& input : inputs) input = random_array(next);
  std::vector<Step> steps;
  do {
    steps.emplace_back(next);
  } while (next.any() && steps.size() < 8);
  fuzz::succeeds([&] { check(steps, inputs); });
  return 0;
}
