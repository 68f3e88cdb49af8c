// SPDX-License-Identifier: MIT
// The training step without a framework: plain loops and the same libraries for products. All
// buffers are allocated once, and the program is compiled for the machine it runs on. It is the
// reference for xgrad's speed.
#if defined(_OPENMP)
#include <omp.h>
#endif

#include <cmath>
#include <memory>

#include "hand_convolution.hpp"

namespace {

using hand::Vector;

struct Layer {
  int in, out;
  Vector w, b, dw, db;    // weight (out, in), bias (out), and their gradients
  Vector y, dy;           // output (rows, out) and its gradient
  Vector w1, b1, w2, b2;  // optimizer state
};

struct Network {
  Network(const bench::Cell& cell, const bench::Data& d, int threads)
      : data(d),
        rule(cell.rule),
        rows(static_cast<int>(cell.batch)),
        parts(threads),
        losses(cell.batch) {
    std::mt19937 engine(0);
    for (const bench::Convolution& c : cell.convolutions) {
      hand::Convolution layer(c, cell.batch, static_cast<std::size_t>(threads));
      const float bound = 1 / std::sqrt(static_cast<float>(layer.in * 25));
      std::uniform_real_distribution<float> uniform(-bound, bound);
      for (float& v : layer.w) v = uniform(engine);
      for (float& v : layer.b) v = uniform(engine);
      layer.w1 = layer.w2 = Vector(layer.w.size());
      layer.b1 = layer.b2 = Vector(layer.b.size());
      convolutions.push_back(std::move(layer));
    }
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

  // Forward pass, loss and backward pass of the rows [begin, end), until the gradient of every
  // layer's output is known.
  void differentiate(int begin, int end, int part) {
    convolve(begin, end, part);
    for (std::size_t k = 0; k < layers.size(); ++k) forward(k, begin, end);
    softmax_cross_entropy(begin, end);
    for (std::size_t k = layers.size(); --k > 0;) backward(k, begin, end);
    if (convolutions.empty()) return;
    backward(0, begin, end);
    differentiate_convolutions(begin, end, part);
  }

  void convolve(int begin, int end, int part) {
    for (int image = begin; image < end; ++image) {
      const float* x = data.x.data() + image * static_cast<int>(data.x.size()) / rows;
      for (hand::Convolution& layer : convolutions) {
        layer.forward(x, image, part);
        x = layer.z.data() + image * layer.pooled_size();
      }
    }
  }

  void differentiate_convolutions(int begin, int end, int part) {
    for (hand::Convolution& layer : convolutions) {
      hand::Convolution::Part& sums = layer.parts[static_cast<std::size_t>(part)];
      std::fill(sums.dw.begin(), sums.dw.end(), 0.0f);
      std::fill(sums.db.begin(), sums.db.end(), 0.0f);
    }
    for (int image = begin; image < end; ++image) {
      for (std::size_t k = convolutions.size(); k-- > 0;) {
        hand::Convolution& layer = convolutions[k];
        const int at = image * layer.input_size();
        if (k == 0) {
          layer.backward(data.x.data() + at, image, part, nullptr);
        } else {
          hand::Convolution& below = convolutions[k - 1];
          layer.backward(below.z.data() + at, image, part, below.dz.data() + at);
        }
      }
    }
  }

  const float* input(std::size_t k) const {
    if (k > 0) return layers[k - 1].y.data();
    return convolutions.empty() ? data.x.data() : convolutions.back().z.data();
  }

  void forward(std::size_t k, int begin, int end) {
    Layer& l = layers[k];
    const float* x = input(k) + begin * l.in;
    float* y = l.y.data() + begin * l.out;
    const int n = end - begin;
    for (int i = 0; i < n; ++i) std::copy(l.b.begin(), l.b.end(), y + i * l.out);
    if (n == 1) {
      cblas_sgemv(CblasRowMajor, CblasNoTrans, l.out, l.in, 1, l.w.data(), l.in, x, 1, 1, y, 1);
    } else {
      hand::gemm(false, true, n, l.out, l.in, x, l.in, l.w.data(), 1, y);
    }
    if (k + 1 == layers.size()) return;
    for (int i = 0; i < n * l.out; ++i) y[i] = y[i] > 0 ? y[i] : 0;
  }

  void softmax_cross_entropy(int begin, int end) {
    Layer& l = layers.back();
    for (int i = begin; i < end; ++i) {
      const float* y = l.y.data() + i * l.out;
      float* dy = l.dy.data() + i * l.out;
      const float most = *std::max_element(y, y + l.out);
      const int label = data.y[static_cast<std::size_t>(i)];
      float sum = 0;
      for (int j = 0; j < l.out; ++j) sum += dy[j] = std::exp(y[j] - most);
      losses[static_cast<std::size_t>(i)] = std::log(sum) - (y[label] - most);
      const float scale = 1 / (sum * static_cast<float>(rows));
      for (int j = 0; j < l.out; ++j) dy[j] *= scale;
      dy[label] -= 1 / static_cast<float>(rows);
    }
  }

  void backward(std::size_t k, int begin, int end) {
    const Layer& l = layers[k];
    const float* dy = l.dy.data() + begin * l.out;
    const float* x = input(k) + begin * l.in;
    float* dx = (k > 0 ? layers[k - 1].dy : convolutions.back().dz).data() + begin * l.in;
    const int n = end - begin;
    if (n == 1) {
      cblas_sgemv(CblasRowMajor, CblasTrans, l.out, l.in, 1, l.w.data(), l.in, dy, 1, 0, dx, 1);
    } else {
      hand::gemm(false, false, n, l.in, l.out, dy, l.out, l.w.data(), 0, dx);
    }
    if (k == 0) return;  // pooling follows no ReLU
    for (int i = 0; i < n * l.in; ++i) dx[i] = x[i] > 0 ? dx[i] : 0;
  }

  // Computes the gradients of the units [begin, end) of layer k from all rows, and updates them.
  void learn(std::size_t k, int begin, int end) {
    Layer& l = layers[k];
    const float* x = input(k);
    const float* dy = l.dy.data() + begin;
    float* dw = l.dw.data() + begin * l.in;
    float* db = l.db.data() + begin;
    const int n = end - begin;
    if (rows == 1) {
      for (int i = 0; i < n; ++i) {
        for (int j = 0; j < l.in; ++j) dw[i * l.in + j] = dy[i] * x[j];
      }
    } else {
      hand::gemm(true, false, n, l.in, rows, dy, l.out, x, 0, dw);
    }
    std::fill(db, db + n, 0.0f);
    for (int i = 0; i < rows; ++i) {
      for (int j = 0; j < n; ++j) db[j] += dy[i * l.out + j];
    }
    const int w = begin * l.in;
    update(l.w.data() + w, dw, l.w1.data() + w, l.w2.data() + w, n * l.in);
    update(l.b.data() + begin, db, l.b1.data() + begin, l.b2.data() + begin, n);
  }

  // Adds the gradients of the parts, and updates a convolution.
  void learn(hand::Convolution& layer) {
    hand::Convolution::Part& sum = layer.parts[0];
    for (std::size_t part = 1; part < layer.parts.size(); ++part) {
      const hand::Convolution::Part& other = layer.parts[part];
      for (std::size_t i = 0; i < sum.dw.size(); ++i) sum.dw[i] += other.dw[i];
      for (std::size_t i = 0; i < sum.db.size(); ++i) sum.db[i] += other.db[i];
    }
    update(layer.w.data(), sum.dw.data(), layer.w1.data(), layer.w2.data(),
           static_cast<int>(layer.w.size()));
    update(layer.b.data(), sum.db.data(), layer.b1.data(), layer.b2.data(), layer.out);
  }

  // Applies the update rule to n parameters p with gradients g. a and b are the rule's state.
  void update(float* __restrict p, const float* __restrict g, float* __restrict a,
              float* __restrict b, int n) const {
    const float lr = static_cast<float>(bench::kLearningRate);
    const float least = 1.2e-38f;  // smaller averages become 0, as in xgrad
    const auto flushed = [=](float v) { return std::abs(v) < least ? 0 : v; };
    if (rule == "sgd") {
      for (int i = 0; i < n; ++i) p[i] -= lr * g[i];
    } else if (rule == "momentum") {
      for (int i = 0; i < n; ++i) p[i] -= a[i] = flushed(0.9f * a[i] + lr * g[i]);
    } else if (rule == "nag") {
      for (int i = 0; i < n; ++i) {
        const float carried = 0.9f * a[i];
        a[i] = flushed(carried + lr * g[i]);
        p[i] += carried - 1.9f * a[i];
      }
    } else if (rule == "adagrad") {
      for (int i = 0; i < n; ++i) {
        a[i] += g[i] * g[i];
        p[i] -= lr * g[i] / (std::sqrt(a[i]) + 1e-10f);
      }
    } else if (rule == "rmsprop") {
      for (int i = 0; i < n; ++i) {
        a[i] = flushed(0.9f * a[i] + 0.1f * g[i] * g[i]);
        p[i] -= lr * g[i] / (std::sqrt(a[i]) + 1e-8f);
      }
    } else {
      const auto t = static_cast<double>(steps);
      const float rate = static_cast<float>(bench::kLearningRate / (1 - std::pow(0.9, t)));
      const float correct = static_cast<float>(1 / (1 - std::pow(0.999, t)));
      for (int i = 0; i < n; ++i) {
        a[i] = flushed(0.9f * a[i] + 0.1f * g[i]);
        b[i] = flushed(0.999f * b[i] + 0.001f * g[i] * g[i]);
        p[i] -= rate * a[i] / (std::sqrt(b[i] * correct) + 1e-8f);
      }
    }
  }

  void step() {
    ++steps;
    in_parts(
        [this](int part) { differentiate(begin_of(part, rows), begin_of(part + 1, rows), part); });
    for (hand::Convolution& layer : convolutions) learn(layer);
    in_parts([this](int part) {
      for (std::size_t k = 0; k < layers.size(); ++k) {
        learn(k, begin_of(part, layers[k].out), begin_of(part + 1, layers[k].out));
      }
    });
  }

  int begin_of(int part, int n) const { return n * part / parts; }

  template <class F>
  void in_parts(F f) const {
    if (parts == 1) return f(0);
#pragma omp parallel for schedule(static, 1) num_threads(parts)
    for (int part = 0; part < parts; ++part) f(part);
  }

  const bench::Data data;
  const std::string rule;
  const int rows;
  const int parts;  // number of our own threads; each computes a part of the rows and units
  std::vector<hand::Convolution> convolutions;
  std::vector<Layer> layers;
  Vector losses;  // loss of each row
  int steps = 0;
};

}  // namespace

// `PROGRAM CELLS_FILE THREADS FILTER [split]`: BLAS and oneDNN use THREADS threads. With `split`,
// they use one thread, and this program uses THREADS threads, which split the rows and then the
// units.
int main(int argc, char** argv) {
  const int threads = argc > 2 ? std::atoi(argv[2]) : 1;
  const bool split = argc > 4 && argv[4] == std::string("split");
  openblas_set_num_threads(split ? 1 : threads);
#if defined(_OPENMP)
  omp_set_num_threads(split ? 1 : threads);  // for oneDNN
#endif
  return bench::run_cells(split ? "hand_split" : "hand", argc, argv,
                          [=](const bench::Cell& cell, const bench::Data& data) {
                            const int parts = split && cell.batch > 1 ? threads : 1;
                            return [net = std::make_shared<Network>(cell, data, parts)] {
                              net->step();
                            };
                          });
}
