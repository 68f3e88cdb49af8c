// SPDX-License-Identifier: MIT
// Compares the ops of autograd/ops_conv.hpp with PyTorch and with their formulas, in double.
// tests/reference/convolutions.py wrote the numbers.
#include <xgrad/autograd.hpp>
#include <xgrad/core/threads.hpp>

#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace xgrad {
namespace {

struct ConvolutionCase {
  const char* op;
  std::vector<std::vector<std::size_t>> shapes;
  Size2d kernel, stride, padding;
  std::vector<std::int32_t> indices;
  std::vector<double> value;
  std::vector<std::vector<double>> gradients;
};

const std::vector<ConvolutionCase> kConvolutionCases = {
#include <reference/convolutions.inc>
};

using Tensors = const std::vector<Tensor>&;

Tensor call(const ConvolutionCase& c, Tensors x) {
  const std::string op = c.op;
  const auto constant = [&](double value) { return Tensor(full(x[1].shape(), value)); };
  if (op == "conv2d") return conv2d(x[0], x[1], x[2], {.stride = c.stride, .padding = c.padding});
  const PoolingOptions pooling{.stride = c.stride, .padding = c.padding};
  if (op == "max_pool2d") return max_pool2d(x[0], c.kernel, pooling);
  if (op == "avg_pool2d") return avg_pool2d(x[0], c.kernel, pooling);
  if (op == "batch_norm") return batch_norm(x[0], x[1], x[2]);
  if (op == "batch_norm_evaluation") {
    return batch_norm(x[0], x[1], x[2], constant(0.25), constant(1.5));
  }
  if (op == "layer_norm") return layer_norm(x[0], x[1], x[2]);
  Indices indices = Indices::from_shape({c.indices.size()});
  std::copy(c.indices.begin(), c.indices.end(), indices.begin());
  return embedding(indices, x[0]);
}

void expect_numbers(const Array& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(found.data()[i], expected[i], 1e-10 * std::max(1.0, std::fabs(expected[i]))) << i;
  }
}

Array waves(const Shape& shape, double start, double step) {
  Array result = empty(shape);
  for (std::size_t i = 0; i < result.size(); ++i) {
    result.data()[i] = std::sin(start + step * static_cast<double>(i));
  }
  return result;
}

TEST(ConvolutionReferenceTest, ValuesAndGradientsEqualPyTorchs) {
  std::map<std::string, int> calls;
  for (const ConvolutionCase& c : kConvolutionCases) {
    std::string name = c.op;
    std::vector<Tensor> x;
    for (std::size_t k = 0; k < c.shapes.size(); ++k) {
      const Shape shape(c.shapes[k].begin(), c.shapes[k].end());
      name += " " + to_string(shape);
      x.emplace_back(waves(shape, 1 + 0.37 * static_cast<double>(k), 0.7), true);
    }
    SCOPED_TRACE(name + " kernel " + c.kernel.text() + " stride " + c.stride.text() + " padding " +
                 c.padding.text());
    const Tensor y = call(c, x);
    expect_numbers(y.value(), c.value);
    y.backward(waves(y.shape(), std::acos(-1.0) / 2, 0.3));  // cos(0.3 i)
    for (std::size_t k = 0; k < x.size(); ++k) expect_numbers(x[k].grad(), c.gradients[k]);
    ++calls[c.op];
  }
  EXPECT_GE(calls["conv2d"], 29);
  EXPECT_GE(std::min(calls["max_pool2d"], calls["avg_pool2d"]), 14);
  EXPECT_EQ(calls.size(), 7u);
}

/// A convolution and a cotangent of its result. With the strides 1 and 2, it has several tiles of
/// rows and of channels.
struct LargeConvolution {
  Size2d stride = 1;
  Shape image = {3, 20, 60, 61}, kernel = {5, 20, 5, 3};
  Tensor x{waves(image, 0.1, 0.7), true};
  Tensor weight{waves(kernel, 0.2, 0.3), true};
  Tensor bias{waves({kernel[0]}, 0.3, 1), true};
  static constexpr std::size_t padding = 2;
  Tensor y = conv2d(x, weight, bias, {.stride = stride, .padding = padding});
  Array g = waves(y.shape(), 0.4, 0.9);

  std::vector<Array> gradients() const {
    y.backward(g);
    return {y.value(), x.grad(), weight.grad(), bias.grad()};
  }
};

/// Calls visit(index in y, index in x, index in the weight) for each product of the convolution.
void for_each_product(const Shape& x, const Shape& w, const Shape& y, Size2d stride,
                      std::size_t padding,
                      const std::function<void(std::size_t, std::size_t, std::size_t)>& visit) {
  for (std::size_t at = 0; at < y[0] * y[1] * y[2] * y[3]; ++at) {
    const std::size_t c = at % y[3] * static_cast<std::size_t>(stride.w);
    const std::size_t r = at / y[3] % y[2] * static_cast<std::size_t>(stride.h);
    const std::size_t o = at / y[3] / y[2] % y[1];
    const std::size_t n = at / y[3] / y[2] / y[1];
    for (std::size_t tap = 0; tap < w[1] * w[2] * w[3]; ++tap) {
      const std::size_t b = tap % w[3], a = tap / w[3] % w[2], k = tap / w[3] / w[2];
      if (r + a < padding || r + a >= x[2] + padding) continue;
      if (c + b < padding || c + b >= x[3] + padding) continue;
      const std::size_t from = ((n * x[1] + k) * x[2] + r + a - padding) * x[3] + c + b - padding;
      visit(at, from, o * w[1] * w[2] * w[3] + tap);
    }
  }
}

TEST(ConvolutionTest, AConvolutionOfSeveralTilesIsItsFormula) {
  const Shape large{2, 1, 150, 200}, small{2, 1, 3, 3};  // of all rows of the kernel at once
  const LargeConvolution cases[] = {
      {.stride = 1},
      {.stride = 2},
      {.stride = 7},
      {.stride = {1, 2}, .image = large, .kernel = small},
      {.stride = {2, 1}, .image = large, .kernel = small},
      {.stride = {4, 5}, .image = large, .kernel = small},
      {.stride = {1, 4}, .image = large, .kernel = {2, 1, 40, 2}},
      {.stride = 64, .image = {1, 8, 140, 150}, .kernel = {3, 8, 1, 1}}};
  for (const LargeConvolution& c : cases) {
    Array y = empty(c.y.shape()), dx = zeros(c.x.shape()), dw = zeros(c.weight.shape());
    Array db = zeros(c.bias.shape());
    const std::size_t plane = y.shape()[2] * y.shape()[3];
    for (std::size_t i = 0; i < y.size(); ++i) {
      y.data()[i] = c.bias.value().data()[i / plane % c.kernel[0]];
      db.data()[i / plane % c.kernel[0]] += c.g.data()[i];
    }
    const double *x = c.x.value().data(), *w = c.weight.value().data(), *g = c.g.data();
    for_each_product(c.x.shape(), c.weight.shape(), c.y.shape(), c.stride, c.padding,
                     [&](std::size_t i, std::size_t from, std::size_t tap) {
                       y.data()[i] += w[tap] * x[from];
                       dx.data()[from] += w[tap] * g[i];
                       dw.data()[tap] += x[from] * g[i];
                     });
    const std::vector<Array> found = c.gradients(), expected{y, dx, dw, db};
    for (std::size_t k = 0; k < 4; ++k) {
      expect_numbers(found[k], {expected[k].begin(), expected[k].end()});
    }
  }
}

TEST(ConvolutionTest, EveryNumberOfThreadsGivesTheSameBits) {
  const int before = num_threads();
  set_num_threads(1);
  const std::vector<Array> expected = LargeConvolution().gradients();
  for (const int count : {2, 3, 7}) {
    set_num_threads(count);
    EXPECT_TRUE(test::same_bits(LargeConvolution().gradients(), expected)) << count;
  }
  set_num_threads(before);
}

TEST(ConvolutionTest, TheGradientsOfTwoUsesOfAWeightAreAdded) {
  const Tensor x(waves({2, 3, 6, 6}, 0, 0.7), true), b(zeros({3}), true);
  for (const std::size_t kernel : {1u, 3u}) {
    const Tensor w(waves({3, 3, kernel, kernel}, 0, 0.3), true);
    const auto f = [&](const std::vector<Tensor>& v) {
      return conv2d(v[0], v[1], v[2]) + conv2d(v[0] * 2, v[1] * 3, v[2]) + conv2d(v[0], v[1], v[2]);
    };
    const GradcheckResult result = gradcheck(f, {x.value(), w.value(), b.value()});
    EXPECT_TRUE(result.passed) << result.message;
  }
}

}  // namespace
}  // namespace xgrad
