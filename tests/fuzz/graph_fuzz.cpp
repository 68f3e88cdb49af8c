// SPDX-License-Identifier: MIT
// Random graphs of random shapes: each op throws an error of xgrad, or the gradient of all of them
// agrees with finite differences. Near kinks and poles differences say nothing; there only the
// absence of crashes counts.
#include <xgrad/xgrad.hpp>

#include <fuzz/fuzz_file.hpp>

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace {

using namespace xgrad;

struct Step {
  int op, a, b, axis, begin, end, rows;
  bool keepdims;
};

constexpr int kOps = 29;

/// Runs the steps, and notes whether differences can be trusted.
class Program {
 public:
  explicit Program(std::vector<Step> steps) : steps_(std::move(steps)) {}

  Tensor operator()(const std::vector<Tensor>& inputs) {
    std::vector<Tensor> made = inputs;
    for (const Step& step : steps_) {
      made.push_back(apply(step, made));
      smooth_ = smooth_ && within(made.back(), 30);
    }
    return made.back();
  }
  bool smooth() const { return smooth_; }

 private:
  static bool within(const Tensor& x, double limit) {
    const Array& v = x.value();
    return std::all_of(v.begin(), v.end(), [&](double e) { return std::abs(e) < limit; });
  }
  const Tensor& away_from_zero(const Tensor& x) {
    for (const double e : x.value()) smooth_ = smooth_ && std::abs(e) > 0.05;
    return x;
  }
  const Tensor& positive(const Tensor& x) {
    for (const double e : x.value()) smooth_ = smooth_ && e > 0.05;
    return x;
  }
  const Tensor& distinct(const Tensor& x) {
    std::vector<double> v(x.value().begin(), x.value().end());
    std::sort(v.begin(), v.end());
    for (std::size_t i = 1; i < v.size(); ++i) smooth_ = smooth_ && v[i] - v[i - 1] > 1e-3;
    return x;
  }

  Tensor unary_or_reduction(const Step& s, const Tensor& x) {
    switch (s.op) {
      case 0:
        return -x;
      case 1:
        return exp(x);
      case 2:
        return log(positive(x));
      case 3:
        return sqrt(positive(x));
      case 4:
        return abs(away_from_zero(x));
      case 5:
        return tanh(x);
      case 6:
        return sigmoid(x);
      case 7:
        return relu(away_from_zero(x));
      case 8:
        return leaky_relu(away_from_zero(x), 0.1);
      case 9:
        return pow(positive(x), 0.5 * s.begin);
      case 10:
        return sum(x);
      case 11:
        return sum(x, s.axis, s.keepdims);
      case 12:
        return mean(x);
      case 13:
        return mean(x, s.axis, s.keepdims);
      case 14:
        return max(distinct(x));
      case 15:
        return max(distinct(x), s.axis, s.keepdims);
      case 16:
        return transpose(x);
      case 17:
        return reshape(x, Shape{static_cast<std::size_t>(s.rows), static_cast<std::size_t>(s.end)});
      case 18:
        return slice(x, s.axis, static_cast<std::size_t>(s.begin), static_cast<std::size_t>(s.end));
      case 19:
        return softmax(x, s.axis);
      default:
        return log_softmax(x, s.axis);
    }
  }

  Tensor apply(const Step& s, const std::vector<Tensor>& made) {
    const Tensor& a = made[static_cast<std::size_t>(s.a) % made.size()];
    const Tensor& b = made[static_cast<std::size_t>(s.b) % made.size()];
    switch (s.op) {
      case 21:
        return a + b;
      case 22:
        return a - b;
      case 23:
        return a * b;
      case 24:
        return a / away_from_zero(b);
      case 25:
        away_from_zero(a - b);
        return s.keepdims ? maximum(a, b) : minimum(a, b);
      case 26:
        return matmul(a, b);
      case 27:
        return concatenate({a, b}, s.axis);
      case 28:
        return mse_loss(a, b);
      default:
        return unary_or_reduction(s, a);
    }
  }

  std::vector<Step> steps_;
  bool smooth_ = true;
};

Array random_array(FuzzedDataProvider& data) {
  Shape shape;
  const int rank = data.ConsumeIntegralInRange(0, 3);
  for (int i = 0; i < rank; ++i) shape.push_back(data.ConsumeIntegralInRange<std::size_t>(0, 4));
  Array result = uninitialized(shape);
  Rng rng(data.ConsumeIntegral<std::uint16_t>());
  for (std::size_t i = 0; i < result.size(); ++i) result.data()[i] = rng.uniform() * 4 - 1;
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  FuzzedDataProvider data(bytes, size);
  std::vector<Array> inputs(data.ConsumeIntegralInRange<std::size_t>(1, 3));
  for (Array& input : inputs) input = random_array(data);
  std::vector<Step> steps(data.ConsumeIntegralInRange<std::size_t>(1, 8));
  for (Step& s : steps) {
    const auto in = [&](int low, int high) { return data.ConsumeIntegralInRange(low, high); };
    s = {in(0, kOps - 1), in(0, 15), in(0, 15), in(-4, 4),
         in(0, 5),        in(0, 6),  in(0, 6),  data.ConsumeBool()};
  }
  fuzz::succeeds([&] {
    Program program(steps);
    const GradcheckResult result = gradcheck(std::ref(program), inputs, {.tolerance = 1e-3});
    if (program.smooth() && !result.passed) {
      std::fprintf(stderr, "%s\n", result.message.c_str());
      for (const Step& s : steps) {
        std::fprintf(stderr, "op %d(%d, %d) axis %d begin %d end %d rows %d keepdims %d\n", s.op,
                     s.a, s.b, s.axis, s.begin, s.end, s.rows, s.keepdims);
      }
      std::abort();
    }
  });
  return 0;
}
