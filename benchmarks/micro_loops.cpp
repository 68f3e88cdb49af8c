// SPDX-License-Identifier: MIT
// Compares ops with loops written by hand, on matrices with rows of 128 and of 10 elements: the
// forward pass, and the forward and backward pass for a gradient of ones.
#include "micro.hpp"

#include <algorithm>
#include <cmath>

namespace micro {
namespace {

using namespace xgrad;

/// A matrix, and the results that the loops write.
struct Matrix {
  Matrix(std::size_t m, std::size_t n) : rows(m), cols(n) {}
  std::size_t rows, cols;
  Rng rng{0};
  Tensor x{rng.uniform({rows, cols}, 0.1, 2), true};
  std::vector<float> y = std::vector<float>(rows * cols), dx = y;
  std::vector<std::int32_t> index = std::vector<std::int32_t>(rows * cols);
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

void power(Matrix& m) {
  for (std::size_t i = 0; i < m.y.size(); ++i) m.y[i] = std::pow(m.data()[i], 1.7f);
}

void power_grad(Matrix& m) {
  power(m);
  for (std::size_t i = 0; i < m.y.size(); ++i) m.dx[i] = 1.7f * std::pow(m.data()[i], 0.7f);
}

void sine(Matrix& m) {
  for (std::size_t i = 0; i < m.y.size(); ++i) m.y[i] = std::sin(m.data()[i]);
}

void sine_grad(Matrix& m) {
  sine(m);
  for (std::size_t i = 0; i < m.y.size(); ++i) m.dx[i] = std::cos(m.data()[i]);
}

// Softmax along the first axis, one row at a time.
void softmax_of_columns(Matrix& m) {
  max_of_columns(m);
  std::vector<float> most(m.y.begin(), m.y.begin() + static_cast<std::ptrdiff_t>(m.cols));
  std::vector<float> total(m.cols);
  for (std::size_t i = 0; i < m.rows; ++i) {
    for (std::size_t j = 0; j < m.cols; ++j) {
      const float e = std::exp(m.data()[i * m.cols + j] - most[j]);
      m.y[i * m.cols + j] = e;
      total[j] += e;
    }
  }
  for (std::size_t i = 0; i < m.rows; ++i) {
    for (std::size_t j = 0; j < m.cols; ++j) m.y[i * m.cols + j] /= total[j];
  }
}

void softmax_of_columns_grad(Matrix& m) {
  softmax_of_columns(m);
  std::vector<float> total(m.cols);  // sum of g y, where g is 1
  for (std::size_t i = 0; i < m.rows; ++i) {
    for (std::size_t j = 0; j < m.cols; ++j) total[j] += m.y[i * m.cols + j];
  }
  for (std::size_t i = 0; i < m.rows; ++i) {
    for (std::size_t j = 0; j < m.cols; ++j) {
      m.dx[i * m.cols + j] = m.y[i * m.cols + j] * (1 - total[j]);
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
        "sin", [](const Tensor& x) { return sin(x); }, sine, sine_grad),
    compare(
        "softmax_of_columns", [](const Tensor& x) { return softmax(x, 0); }, softmax_of_columns,
        softmax_of_columns_grad),
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

void add_loop(const std::string& name, std::size_t cols, void (*loop)(Matrix&)) {
  add(name + "/hand", [=](benchmark::State& state) {
    Matrix m(4096, cols);
    for (auto _ : state) {
      loop(m);
      benchmark::ClobberMemory();
    }
    count_items(state, m.y.size());
  });
}

}  // namespace

void register_loops() {
  for (const std::size_t cols : {128u, 10u}) {
    for (const Comparison& each : kComparisons) {
      const std::string name = "loop/" + std::string(each.name) + "/4096x" + std::to_string(cols);
      add(name + "/forward/xgrad", [=](benchmark::State& state) {
        const NoGradGuard no_grad;
        const Matrix m(4096, cols);
        for (auto _ : state) each.forward(m.x);
        count_items(state, m.y.size());
      });
      add_loop(name + "/forward", cols, each.loop);
      if (each.loop_grad == nullptr) continue;
      add(name + "/backward/xgrad", [=](benchmark::State& state) {
        Matrix m(4096, cols);
        const Array ones = full(each.record(m.x).shape(), 1);
        for (auto _ : state) {
          m.x.zero_grad();
          each.record(m.x).backward(ones);
        }
        count_items(state, m.y.size());
      });
      add_loop(name + "/backward", cols, each.loop_grad);
    }
  }
}

}  // namespace micro
