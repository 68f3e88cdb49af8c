// SPDX-License-Identifier: MIT
// Measures the kernels of core/internal/kernels.hpp, on arrays that fit into the L1 cache and on
// arrays that are larger than the L2 cache. Reports the bytes that a kernel reads and writes per
// second.
#include <xgrad/core/internal/kernels.hpp>

#include "micro.hpp"

namespace micro {
namespace {

using xgrad::Array;
using xgrad::Kernels;
using xgrad::Rng;
using xgrad::Scalar;

constexpr std::size_t kSizes[] = {1 << 10, 1 << 20};

/// Four arrays of n numbers in (0.1, 2). Every kernel can use them as operands, even after many
/// updates.
struct Operands {
  explicit Operands(std::size_t n) : size(n) {}
  Scalar* operator[](std::size_t i) { return arrays[i].data(); }

  std::size_t size;
  Rng rng{0};
  Array arrays[4] = {rng.uniform({size}, 0.1, 2), rng.uniform({size}, 0.1, 2),
                     rng.uniform({size}, 0.1, 2), rng.uniform({size}, 0.1, 2)};
};

/// Registers a benchmark of call(operands, n), a kernel that reads or writes `streams` arrays of n
/// numbers.
void add_kernel(const std::string& name, std::size_t streams,
                std::function<void(Operands&, std::size_t)> call) {
  for (const std::size_t n : kSizes) {
    add("kernel/" + name + "/" + std::to_string(n), [=](benchmark::State& state) {
      Operands operands(n);
      for (auto _ : state) {
        call(operands, n);
        benchmark::ClobberMemory();
      }
      count_bytes(state, streams * n * sizeof(Scalar));
    });
  }
}

void register_elementwise(const Kernels& k) {
  const std::pair<const char*, Kernels::Unary> unary[] = {
      {"exp", k.exp},           {"log", k.log},     {"sqrt", k.sqrt}, {"abs", k.abs},
      {"sin", k.sin},           {"cos", k.cos},     {"gelu", k.gelu}, {"silu", k.silu},
      {"softplus", k.softplus}, {"log1p", k.log1p}, {"tanh", k.tanh}, {"sigmoid", k.sigmoid},
      {"relu", k.relu}};
  for (const auto& [name, kernel] : unary) {
    add_kernel(name, 2, [f = kernel](Operands& o, std::size_t n) { f(o[0], o[1], n); });
  }
  const std::pair<const char*, Kernels::Binary> binary[] = {{"add", k.add},
                                                            {"sub", k.sub},
                                                            {"mul", k.mul},
                                                            {"div", k.div},
                                                            {"maximum", k.maximum},
                                                            {"minimum", k.minimum},
                                                            {"leaky_relu", k.leaky_relu},
                                                            {"leaky_slope", k.leaky_slope},
                                                            {"above", k.above},
                                                            {"abs_grad", k.abs_grad},
                                                            {"sqrt_grad", k.sqrt_grad},
                                                            {"tanh_grad", k.tanh_grad},
                                                            {"sigmoid_grad", k.sigmoid_grad},
                                                            {"relu_grad", k.relu_grad}};
  for (const auto& [name, kernel] : binary) {
    add_kernel(name, 3, [f = kernel](Operands& o, std::size_t n) { f(o[0], 1, o[1], 1, o[2], n); });
  }
  add_kernel("add_scalar", 2,
             [f = k.add](Operands& o, std::size_t n) { f(o[0], 1, o[1], 0, o[2], n); });
}

void register_reductions(const Kernels& k) {
  add_kernel("sum", 1,
             [f = k.sum](Operands& o, std::size_t n) { benchmark::DoNotOptimize(f(o[0], n)); });
  add_kernel("dot", 2, [f = k.dot](Operands& o, std::size_t n) {
    benchmark::DoNotOptimize(f(o[0], o[1], n));
  });
  for (const std::size_t cols : {10u, 128u}) {
    add_kernel("column_sum/" + std::to_string(cols), 1,
               [=, f = k.column_sum](Operands& o, std::size_t n) {
                 f(o[0], n / cols, cols, cols, 0, o[1]);
               });
  }
  add_kernel("outer/128", 1,
             [f = k.outer](Operands& o, std::size_t n) { f(o[0], o[1], o[2], 128, n / 128); });
}

/// Registers the kernels that process rows, with rows of `cols` numbers.
void register_rows(const Kernels& k, std::size_t cols) {
  const auto name = [=](const char* kernel) {
    return std::string(kernel) + "/" + std::to_string(cols);
  };
  const std::pair<const char*, Kernels::Rows> rows[] = {{"softmax", k.softmax},
                                                        {"log_softmax", k.log_softmax}};
  for (const auto& [kernel, f] : rows) {
    add_kernel(name(kernel), 2,
               [=, f = f](Operands& o, std::size_t n) { f(o[0], o[1], n / cols, cols); });
  }
  const std::pair<const char*, Kernels::RowsGrad> grads[] = {
      {"softmax_grad", k.softmax_grad}, {"log_softmax_grad", k.log_softmax_grad}};
  for (const auto& [kernel, f] : grads) {
    add_kernel(name(kernel), 3,
               [=, f = f](Operands& o, std::size_t n) { f(o[0], o[1], o[2], n / cols, cols); });
  }
  const xgrad::Labels labels = random_labels(kSizes[1] / cols, cols);
  add_kernel(name("cross_entropy"), 2, [=, f = k.cross_entropy](Operands& o, std::size_t n) {
    benchmark::DoNotOptimize(f(o[0], labels.data(), o[1], n / cols, cols));
  });
}

void register_from_bytes(const Kernels& k) {
  for (const std::size_t n : kSizes) {
    add("kernel/from_bytes/" + std::to_string(n), [=, f = k.from_bytes](benchmark::State& state) {
      const std::vector<std::uint8_t> bytes(n, 7);
      Array numbers = xgrad::empty({n});
      for (auto _ : state) {
        f(bytes.data(), Scalar{1} / 255, numbers.data(), n);
        benchmark::ClobberMemory();
      }
      count_bytes(state, n * (1 + sizeof(Scalar)));
    });
  }
}

// A step of each update rule. The learning rate is so small that the parameters stay finite.
void register_updates() {
  namespace optim = xgrad::optim;
  for (const std::string& rule : optim::names()) {
    for (const std::size_t n : kSizes) {
      add("kernel/" + rule + "/" + std::to_string(n), [=](benchmark::State& state) {
        xgrad::Tensor p(xgrad::full({n}, Scalar{0.5f}), true);
        p.backward(xgrad::full({n}, Scalar{0.25f}));
        const auto optimizer = optim::make(rule, {p}, 1e-12);
        for (auto _ : state) optimizer->step();
        count_bytes(state, (3 + 2 * optimizer->rule().states().size()) * n * sizeof(Scalar));
      });
    }
  }
}

}  // namespace

void register_kernels() {
  const Kernels& k = xgrad::kernels();
  register_elementwise(k);
  register_reductions(k);
  for (const std::size_t cols : {10u, 128u}) register_rows(k, cols);
  register_from_bytes(k);
  register_updates();
}

}  // namespace micro
