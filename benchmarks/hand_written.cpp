// SPDX-License-Identifier: MIT
// The same training step without a framework: plain loops over the same CBLAS, every buffer made
// once, compiled for the machine it runs on. The limit that xgrad is compared with.
#include <cblas.h>

#include <cmath>
#include <memory>

#include "cells.hpp"

namespace {

using Vector = std::vector<float>;

struct Layer {
  int in, out;
  Vector w, b, dw, db;    // weight (out, in), bias, their gradients
  Vector y, dy;           // output (rows, out) and its cotangent
  Vector w1, b1, w2, b2;  // the optimizer's state
};

struct Mlp {
  Mlp(const bench::Cell& cell, const bench::Data& d)
      : data(d), rule(cell.rule), rows(static_cast<int>(cell.batch)) {
    std::mt19937 engine(0);
    for (std::size_t i = 0; i + 1 < cell.widths.size(); ++i) {
      const std::size_t in = cell.widths[i], out = cell.widths[i + 1];
      std::uniform_real_distribution<float> uniform(-1 / std::sqrt(static_cast<float>(in)),
                                                    1 / std::sqrt(static_cast<float>(in)));
      Layer l{static_cast<int>(in),     static_cast<int>(out),
              Vector(in * out),         Vector(out),
              Vector(in * out),         Vector(out),
              Vector(cell.batch * out), Vector(cell.batch * out),
              Vector(in * out),         Vector(out),
              Vector(in * out),         Vector(out)};
      for (float& v : l.w) v = uniform(engine);
      for (float& v : l.b) v = uniform(engine);
      layers.push_back(std::move(l));
    }
  }

  void forward() {
    const float* x = data.x.data();
    for (std::size_t k = 0; k < layers.size(); ++k) {
      Layer& l = layers[k];
      for (int i = 0; i < rows; ++i) std::copy(l.b.begin(), l.b.end(), l.y.begin() + i * l.out);
      if (rows == 1) {
        cblas_sgemv(CblasRowMajor, CblasNoTrans, l.out, l.in, 1, l.w.data(), l.in, x, 1, 1,
                    l.y.data(), 1);
      } else {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, l.out, l.in, 1, x, l.in,
                    l.w.data(), l.in, 1, l.y.data(), l.out);
      }
      if (k + 1 < layers.size()) {
        for (float& v : l.y) v = v > 0 ? v : 0;
      }
      x = l.y.data();
    }
  }

  void softmax_cross_entropy() {
    Layer& l = layers.back();
    double total = 0;
    for (int i = 0; i < rows; ++i) {
      const float* y = l.y.data() + i * l.out;
      float* dy = l.dy.data() + i * l.out;
      const float most = *std::max_element(y, y + l.out);
      float sum = 0;
      for (int j = 0; j < l.out; ++j) sum += dy[j] = std::exp(y[j] - most);
      const int label = data.y[static_cast<std::size_t>(i)];
      total += static_cast<double>(std::log(sum) - (y[label] - most));
      const float scale = 1 / (sum * static_cast<float>(rows));
      for (int j = 0; j < l.out; ++j) dy[j] *= scale;
      dy[label] -= 1 / static_cast<float>(rows);
    }
    loss = total / rows;
  }

  void backward() {
    for (std::size_t k = layers.size(); k-- > 0;) {
      Layer& l = layers[k];
      const float* x = k == 0 ? data.x.data() : layers[k - 1].y.data();
      if (rows == 1) {
        for (int i = 0; i < l.out; ++i) {
          const float g = l.dy[static_cast<std::size_t>(i)];
          float* dw = l.dw.data() + i * l.in;
          for (int j = 0; j < l.in; ++j) dw[j] = g * x[j];
        }
        l.db = l.dy;
      } else {
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, l.out, l.in, rows, 1, l.dy.data(),
                    l.out, x, l.in, 0, l.dw.data(), l.in);
        std::fill(l.db.begin(), l.db.end(), 0.0f);
        for (int i = 0; i < rows; ++i) {
          const float* dy = l.dy.data() + i * l.out;
          for (int j = 0; j < l.out; ++j) l.db[static_cast<std::size_t>(j)] += dy[j];
        }
      }
      if (k == 0) continue;
      Vector& dx = layers[k - 1].dy;
      if (rows == 1) {
        cblas_sgemv(CblasRowMajor, CblasTrans, l.out, l.in, 1, l.w.data(), l.in, l.dy.data(), 1, 0,
                    dx.data(), 1);
      } else {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, l.in, l.out, 1, l.dy.data(),
                    l.out, l.w.data(), l.in, 0, dx.data(), l.in);
      }
      for (std::size_t i = 0; i < dx.size(); ++i) dx[i] = x[i] > 0 ? dx[i] : 0;
    }
  }

  void update(Vector& theta, const Vector& g, Vector& s, Vector& r) const {
    const float lr = static_cast<float>(bench::kLearningRate);
    float* __restrict p = theta.data();
    float* __restrict a = s.data();
    float* __restrict b = r.data();
    const std::size_t n = theta.size();
    const float least = 1.2e-38f;  // no denormals in decaying averages, as in xgrad
    const auto flushed = [=](float v) { return std::abs(v) < least ? 0 : v; };
    if (rule == "sgd") {
      for (std::size_t i = 0; i < n; ++i) p[i] -= lr * g[i];
    } else if (rule == "momentum") {
      for (std::size_t i = 0; i < n; ++i) p[i] -= a[i] = flushed(0.9f * a[i] + lr * g[i]);
    } else if (rule == "nag") {
      for (std::size_t i = 0; i < n; ++i) {
        const float carried = 0.9f * a[i];
        a[i] = flushed(carried + lr * g[i]);
        p[i] += carried - 1.9f * a[i];
      }
    } else if (rule == "adagrad") {
      for (std::size_t i = 0; i < n; ++i) {
        a[i] += g[i] * g[i];
        p[i] -= lr * g[i] / (std::sqrt(a[i]) + 1e-10f);
      }
    } else if (rule == "rmsprop") {
      for (std::size_t i = 0; i < n; ++i) {
        a[i] = flushed(0.9f * a[i] + 0.1f * g[i] * g[i]);
        p[i] -= lr * g[i] / (std::sqrt(a[i]) + 1e-8f);
      }
    } else {
      const auto t = static_cast<double>(steps);
      const float rate = static_cast<float>(bench::kLearningRate / (1 - std::pow(0.9, t)));
      const float correct = static_cast<float>(1 / (1 - std::pow(0.999, t)));
      for (std::size_t i = 0; i < n; ++i) {
        a[i] = flushed(0.9f * a[i] + 0.1f * g[i]);
        b[i] = flushed(0.999f * b[i] + 0.001f * g[i] * g[i]);
        p[i] -= rate * a[i] / (std::sqrt(b[i] * correct) + 1e-8f);
      }
    }
  }

  void step() {
    forward();
    softmax_cross_entropy();
    backward();
    ++steps;
    for (Layer& l : layers) {
      update(l.w, l.dw, l.w1, l.w2);
      update(l.b, l.db, l.b1, l.b2);
    }
  }

  const bench::Data data;
  const std::string rule;
  const int rows;
  std::vector<Layer> layers;
  std::size_t steps = 0;
  double loss = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc > 2) openblas_set_num_threads(std::atoi(argv[2]));
  return bench::run_cells("hand", argc, argv, [](const bench::Cell& cell, const bench::Data& data) {
    return [mlp = std::make_shared<Mlp>(cell, data)] { mlp->step(); };
  });
}
