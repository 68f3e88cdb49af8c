// SPDX-License-Identifier: MIT
// Compares values and gradients of whole expressions with those of PyTorch, in double.
// tests/reference/composite_expressions.py contains the same functions and wrote the numbers.
#include <xgrad/autograd.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace xgrad {
namespace {

struct Input {
  std::vector<std::size_t> shape;
  std::vector<double> values;
  std::vector<double> gradient;
};

struct Reference {
  const char* name;
  double value;
  std::vector<Input> inputs;
};

const std::vector<Reference> kReferences = {
#include <reference/composite_expressions.inc>
};

using X = const std::vector<Tensor>&;

Tensor perceptron_with_cross_entropy(X x) {
  return cross_entropy(linear(relu(linear(x[0], x[1], x[2])), x[3], x[4]), {0, 1, 2, 0, 1});
}

Tensor tanh_net_with_mse(X x) {
  const Tensor hidden = tanh(linear(tanh(linear(x[0], x[1], x[2])), x[3], x[4]));
  return mse_loss(linear(hidden, x[5], x[6]), x[7]);
}

Tensor attention(X x) {
  const Tensor weights = softmax(matmul(x[0], transpose(x[1])) / std::sqrt(3.0));
  return mean(pow(matmul(weights, x[2]), 2));
}

Tensor log_sum_exp(X x) {
  const Tensor most = max(x[0], 1, true);
  return mean(most + log(sum(exp(x[0] - most), 1, true)));
}

Tensor normalisation(X x) {
  const Tensor centred = x[0] - mean(x[0], 0, true);
  const Tensor variance = mean(centred * centred, 0, true);
  return sum((centred / sqrt(variance + 1e-5) * x[1] + x[2]) * x[3]);
}

Tensor broadcasting_chain(X x) {
  const Tensor &a = x[0], &b = x[1], &c = x[2];
  return sum(((a * b + c) / (exp(b) + 1)) * sigmoid(a - c) - 2 / (1 + b * b));
}

Tensor cut_and_joined(X x) {
  const Tensor joined = concatenate({x[0], x[1], slice(x[0], 1, 1, 3)}, 1);
  const Tensor part = slice(joined, 1, 2, 6);
  const Tensor product = matmul(matmul(part, transpose(x[2])), transpose(x[0]));
  const Tensor again = concatenate({slice(part, 0, 0, 1), slice(part, 0, 1, 2)}, 0);
  return sum(product * slice(again, -1, 0, 2));
}

Tensor transposed_and_reshaped(X x) {
  const Tensor turned = transpose(x[0]);
  return mean(tanh(matmul(reshape(turned, {4, 6}), reshape(turned, {6, 4})))) +
         sum(turned * reshape(x[1], {4, 3, 1}));
}

Tensor leaky_net(X x) {
  const Tensor y = leaky_relu(linear(x[0], x[1], x[2]), 0.2);
  return mean(leaky_relu(y - x[3]) * y);
}

Tensor maxima(X x) {
  const Tensor columns = reshape(max(x[0], 0), {1, 6});
  const Tensor least = -max(-x[1]);
  return sum(pow(max(x[0], 1), 2)) + sum(matmul(columns, reshape(x[1], {6, 1}))) +
         max(x[0]) * least;
}

Tensor functions_of_positive_numbers(X x) {
  return mean(sqrt(x[0]) * log(x[1]) + pow(x[0], 3) / pow(x[1], 0.5) - pow(x[0], -1));
}

Tensor extremes(X x) {
  return sum(maximum(x[0], x[1]) * abs(x[0]) - minimum(x[0], -x[1]) * abs(x[1] - 0.1));
}

Tensor cosine_similarity(X x) {
  const Tensor dot = sum(x[0] * x[1], 1);
  return mean(dot / sqrt(sum(x[0] * x[0], 1)) / sqrt(sum(pow(x[1], 2), 1)));
}

Tensor divergence(X x) {
  return sum(softmax(x[0], 0) * (log_softmax(x[0], 0) - log_softmax(x[1], 0)));
}

Tensor recurrence(X x) {
  Tensor h(zeros({2, 4}));
  for (int step = 0; step < 12; ++step) {
    h = tanh(linear(x[0], x[1], x[3]) + matmul(h, transpose(x[2])));
  }
  return sum(h * h);
}

Tensor gaussian_log_likelihood(X x) {
  const Tensor z = (x[0] - x[1]) / exp(x[2]);
  return mean(sum(-0.5 * z * z - x[2], -1));
}

Tensor softmax_inside_a_batch(X x) {
  const Tensor y = linear(x[0], x[1], x[2]);
  return mse_loss(softmax(y, 1), x[3]) + mean(log_softmax(y, 2));
}

const std::map<std::string, std::function<Tensor(X)>> kExpressions = {
    {"perceptron_with_cross_entropy", perceptron_with_cross_entropy},
    {"tanh_net_with_mse", tanh_net_with_mse},
    {"attention", attention},
    {"log_sum_exp", log_sum_exp},
    {"normalisation", normalisation},
    {"broadcasting_chain", broadcasting_chain},
    {"cut_and_joined", cut_and_joined},
    {"transposed_and_reshaped", transposed_and_reshaped},
    {"leaky_net", leaky_net},
    {"maxima", maxima},
    {"functions_of_positive_numbers", functions_of_positive_numbers},
    {"extremes", extremes},
    {"cosine_similarity", cosine_similarity},
    {"divergence", divergence},
    {"recurrence", recurrence},
    {"gaussian_log_likelihood", gaussian_log_likelihood},
    {"softmax_inside_a_batch", softmax_inside_a_batch},
};

Array to_array(const std::vector<std::size_t>& extents, const std::vector<double>& values) {
  Array result = empty(Shape(extents.begin(), extents.end()));
  std::copy(values.begin(), values.end(), result.data());
  return result;
}

void expect_close(double found, double expected, const std::string& where) {
  EXPECT_NEAR(found, expected, 1e-12 * std::max(1.0, std::fabs(expected))) << where;
}

TEST(CompositeTest, ValuesAndGradientsEqualPyTorchs) {
  for (const Reference& reference : kReferences) {
    std::vector<Tensor> x;
    for (const Input& input : reference.inputs) {
      x.emplace_back(to_array(input.shape, input.values), true);
    }
    const Tensor y = kExpressions.at(reference.name)(x);
    y.backward();
    expect_close(y.item(), reference.value, reference.name);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::vector<double>& expected = reference.inputs[i].gradient;
      ASSERT_EQ(x[i].grad().size(), expected.size());
      for (std::size_t k = 0; k < expected.size(); ++k) {
        expect_close(
            x[i].grad().data()[k], expected[k],
            reference.name + (" input " + std::to_string(i)) + " element " + std::to_string(k));
      }
    }
  }
}

TEST(CompositeTest, TheTableHasEveryExpression) {
  EXPECT_EQ(kReferences.size(), kExpressions.size());
  for (const auto& [name, f] : kExpressions) {
    EXPECT_EQ(std::count_if(kReferences.begin(), kReferences.end(),
                            [&name = name](const Reference& r) { return name == r.name; }),
              1)
        << name;
  }
}

TEST(CompositeTest, CentralDifferencesAgree) {
  for (const Reference& reference : kReferences) {
    std::vector<Array> inputs;
    for (const Input& input : reference.inputs) {
      inputs.push_back(to_array(input.shape, input.values));
    }
    const GradcheckResult result = gradcheck(kExpressions.at(reference.name), inputs);
    EXPECT_TRUE(result.passed) << reference.name << ": " << result.message;
  }
}

}  // namespace
}  // namespace xgrad
