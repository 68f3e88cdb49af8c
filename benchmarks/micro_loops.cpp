// SPDX-License-Identifier: MIT
// Compares ops with loops written by hand, on matrices with rows of 128 and of 10 elements, and
// softmax also on images, along their channels: the forward pass, and the forward and backward pass
// for a gradient of ones.
#include "micro.hpp"

#include <algorithm>
#include <cmath>

namespace micro {
namespace {

using namespace xgrad;

/// A matrix or a batch of matrices, and the results that the loops write.
struct Matrix {
  explicit Matrix(const Shape& shape)
      : rows(shape[shape.size() - 2]), cols(shape.back()), x(Rng(0).uniform(shape, 0.1, 2), true) {}
  std::size_t rows, cols;
  Tensor x;
  std::vector<float> y = std::vector<float>(x.size()), dx = y;
  std::vector<std::int32_t> index = std::vector<std::int32_t>(x.size());
  const float* data() const { return x.value().data(); }
};

void max_of_rows(Matrix& m) {
  for (std::size_t i = 0; i < m.rows; ++i) {
    const float* const row = m.data() + i * m.cols;
    float most = row[0];
    for (std::size_t j = 1; j < m.cols; ++j) most = row[j] > most ? row[j] : most;
    m.y[i] = most;
  }
}

void max_of_rows_grad(Matrix& m) {
  max_of_rows(m);
  for (std::size_t i = 0; i < m.rows; ++i) {
    const float* const row = m.data() + i * m.cols;
    float* const dx = m.dx.data() + i * m.cols;
    float ties = 0;
    for (std::size_t j = 0; j < m.cols; ++j) ties += row[j] == m.y[i] ? 1.0f : 0.0f;
    for (std::size_t j = 0; j < m.cols; ++j) dx[j] = row[j] == m.y[i] ? 1 / ties : 0.0f;
  }
}

void max_of_columns(Matrix& m) {
  std::copy_n(m.data(), m.cols, m.y.data());
  for (std::size_t i = 1; i < m.rows; ++i) {
    const float* const row = m.data() + i * m.cols;
    for (std::size_t j = 0; j < m.cols; ++j) m.y[j] = row[j] > m.y[j] ? row[j] : m.y[j];
  }
}

void max_of_columns_grad(Matrix& m) {
  max_of_columns(m);
  std::vector<float> ties(m.cols);
  for (std::size_t i = 0; i < m.rows; ++i) {
    const float* const row = m.data() + i * m.cols;
    for (std::size_t j = 0; j < m.cols; ++j) ties[j] += row[j] == m.y[j] ? 1.0f : 0.0f;
  }
  for (std::size_t i = 0; i < m.rows; ++i) {
    const float* const row = m.data() + i * m.cols;
    float* const dx = m.dx.data() + i * m.cols;
    for (std::size_t j = 0; j < m.cols; ++j) dx[j] = row[j] == m.y[j] ? 1 / ties[j] : 0.0f;
  }
}

void argmax_of_rows(Matrix& m) {
  for (std::size_t i = 0; i < m.rows; ++i) {
    const float* const row = m.data() + i * m.cols;
    std::size_t best = 0;
    for (std::size_t j = 1; j < m.cols; ++j) best = row[j] > row[best] ? j : best;
    m.index[i] = static_cast<std::int32_t>(best);
  }
}

void argmax_of_columns(Matrix& m) {
  std::copy_n(m.data(), m.cols, m.y.data());
  std::fill_n(m.index.data(), m.cols, 0);
  for (std::size_t i = 1; i < m.rows; ++i) {
    const float* const row = m.data() + i * m.cols;
    for (std::size_t j = 0; j < m.cols; ++j) {
      if (row[j] > m.y[j]) {
        m.y[j] = row[j];
        m.index[j] = static_cast<std::int32_t>(i);
      }
    }
  }
}

// Computes to[i] = f(x[i]). The pointers are read once, as in a loop over arrays.
template <class F>
void for_each_element(const Matrix& m, std::vector<float>& to, F f) {
  const float* const x = m.data();
  float* const y = to.data();
  const std::size_t n = to.size();
  for (std::size_t i = 0; i < n; ++i) y[i] = f(x[i]);
}

void power(Matrix& m) {
  for_each_element(m, m.y, [](float x) { return std::pow(x, 1.7f); });
}

void power_grad(Matrix& m) {
  power(m);
  for_each_element(m, m.dx, [](float x) { return 1.7f * std::pow(x, 0.7f); });
}

void fourth_power(Matrix& m) {
  for_each_element(m, m.y, [](float x) { return (x * x) * (x * x); });
}

void fourth_power_grad(Matrix& m) {
  fourth_power(m);
  for_each_element(m, m.dx, [](float x) { return 4 * x * x * x; });
}

void sine(Matrix& m) {
  for_each_element(m, m.y, [](float x) { return std::sin(x); });
}

void sine_grad(Matrix& m) {
  sine(m);
  for_each_element(m, m.dx, [](float x) { return std::cos(x); });
}

// Softmax of each column, one row at a time.
void softmax_of_columns(Matrix& m) {
  std::vector<float> most(m.cols), total(m.cols);
  for (std::size_t first = 0; first < m.y.size(); first += m.rows * m.cols) {
    const float* const x = m.data() + first;
    float* const y = m.y.data() + first;
    std::copy_n(x, m.cols, most.data());
    std::fill(total.begin(), total.end(), 0.0f);
    for (std::size_t i = 1; i < m.rows; ++i) {
      for (std::size_t j = 0; j < m.cols; ++j) most[j] = std::max(most[j], x[i * m.cols + j]);
    }
    for (std::size_t i = 0; i < m.rows; ++i) {
      for (std::size_t j = 0; j < m.cols; ++j) {
        const float e = std::exp(x[i * m.cols + j] - most[j]);
        y[i * m.cols + j] = e;
        total[j] += e;
      }
    }
    for (std::size_t i = 0; i < m.rows; ++i) {
      for (std::size_t j = 0; j < m.cols; ++j) y[i * m.cols + j] /= total[j];
    }
  }
}

void softmax_of_columns_grad(Matrix& m) {
  softmax_of_columns(m);
  std::vector<float> total(m.cols);  // sum of g y, where g is 1
  for (std::size_t first = 0; first < m.y.size(); first += m.rows * m.cols) {
    const float* const y = m.y.data() + first;
    float* const dx = m.dx.data() + first;
    std::fill(total.begin(), total.end(), 0.0f);
    for (std::size_t i = 0; i < m.rows; ++i) {
      for (std::size_t j = 0; j < m.cols; ++j) total[j] += y[i * m.cols + j];
    }
    for (std::size_t i = 0; i < m.rows; ++i) {
      for (std::size_t j = 0; j < m.cols; ++j) {
        dx[i * m.cols + j] = y[i * m.cols + j] * (1 - total[j]);
      }
    }
  }
}

struct Comparison {
  const char* name;
  std::function<void(const Tensor&)> forward;  ///< without a gradient
  std::function<Tensor(const Tensor&)>
      record;  ///< the same with a gradient; empty if there is none
  void (*loop)(Matrix&);
  void (*loop_grad)(Matrix&);
};

template <class Op>
Comparison compare(const char* name, Op op, void (*loop)(Matrix&), void (*loop_grad)(Matrix&)) {
  return {name, [op](const Tensor& x) { benchmark::DoNotOptimize(op(x)); }, op, loop, loop_grad};
}

const std::vector<Comparison> kComparisons = {
    compare(
        "max_of_rows", [](const Tensor& x) { return max(x, 1); }, max_of_rows, max_of_rows_grad),
    compare(
        "max_of_columns", [](const Tensor& x) { return max(x, 0); }, max_of_columns,
        max_of_columns_grad),
    compare(
        "pow", [](const Tensor& x) { return pow(x, 1.7); }, power, power_grad),
    compare(
        "pow4", [](const Tensor& x) { return pow(x, 4); }, fourth_power, fourth_power_grad),
    compare(
        "sin", [](const Tensor& x) { return sin(x); }, sine, sine_grad),
    {"argmax_of_rows",
     [](const Tensor& x) { benchmark::DoNotOptimize(argmax(x, 1)); },
     {},
     argmax_of_rows,
     nullptr},
    {"argmax_of_columns",
     [](const Tensor& x) { benchmark::DoNotOptimize(argmax(x, 0)); },
     {},
     argmax_of_columns,
     nullptr}};

const Comparison kSoftmax = compare(
    "softmax_of_columns", [](const Tensor& x) { return softmax(x, -2); }, softmax_of_columns,
    softmax_of_columns_grad);

void add_loop(const std::string& name, const Shape& shape, void (*loop)(Matrix&)) {
  add(name + "/hand", [=](benchmark::State& state) {
    Matrix m(shape);
    for (auto _ : state) {
      loop(m);
      benchmark::ClobberMemory();
    }
    count_items(state, m.y.size());
  });
}

void add_comparison(const Comparison& each, const Shape& shape) {
  std::string name = "loop/" + std::string(each.name) + "/";
  for (const std::size_t extent : shape) name += std::to_string(extent) + "x";
  name.pop_back();
  add(name + "/forward/xgrad", [=](benchmark::State& state) {
    const NoGradGuard no_grad;
    const Matrix m(shape);
    for (auto _ : state) each.forward(m.x);
    count_items(state, m.y.size());
  });
  add_loop(name + "/forward", shape, each.loop);
  if (each.loop_grad == nullptr) return;
  add(name + "/backward/xgrad", [=](benchmark::State& state) {
    Matrix m(shape);
    const Array ones = full(each.record(m.x).shape(), 1);
    for (auto _ : state) {
      m.x.zero_grad();
      each.record(m.x).backward(ones);
    }
    count_items(state, m.y.size());
  });
  add_loop(name + "/backward", shape, each.loop_grad);
}

}  // namespace

void register_loops() {
  for (const Shape& shape : {Shape{4096, 128}, Shape{4096, 10}}) {
    for (const Comparison& each : kComparisons) add_comparison(each, shape);
    add_comparison(kSoftmax, shape);
  }
  for (const Shape& shape : {Shape{64, 10, 784}, Shape{32, 3, 1024}}) {
    add_comparison(kSoftmax, shape);
  }
}

}  // namespace micro
