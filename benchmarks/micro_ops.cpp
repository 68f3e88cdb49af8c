// SPDX-License-Identifier: MIT
// Measures the ops of autograd/ops.hpp on a small and on a large matrix: the forward pass alone,
// and the forward and backward pass. Reports elements of the first operand per second.
#include "micro.hpp"

namespace micro {
namespace {

using namespace xgrad;

/// Operands for a batch of `rows` rows with 128 features. Each op uses some of them.
struct Inputs {
  explicit Inputs(std::size_t n) : rows(n) {}
  static constexpr std::size_t cols = 128;

  std::size_t rows;
  Rng rng{0};
  Tensor a{rng.uniform({rows, cols}, 0.1, 2), true};
  Tensor b{rng.uniform({rows, cols}, 0.1, 2), true};
  Tensor weight{rng.uniform({cols, cols}, -0.1, 0.1), true};
  Tensor bias{rng.uniform({cols}, -0.1, 0.1), true};
  Labels labels = random_labels(rows, cols);
};

struct Op {
  const char* name;
  std::function<Tensor(const Inputs&)> call;
};

const std::vector<Op> kOps = {
    {"add", [](const Inputs& in) { return in.a + in.b; }},
    {"add_row", [](const Inputs& in) { return in.a + in.bias; }},
    {"add_scalar", [](const Inputs& in) { return in.a + 0.5; }},
    {"sub", [](const Inputs& in) { return in.a - in.b; }},
    {"mul", [](const Inputs& in) { return in.a * in.b; }},
    {"mul_scalar", [](const Inputs& in) { return in.a * 0.5; }},
    {"div", [](const Inputs& in) { return in.a / in.b; }},
    {"negate", [](const Inputs& in) { return -in.a; }},
    {"exp", [](const Inputs& in) { return exp(in.a); }},
    {"log", [](const Inputs& in) { return log(in.a); }},
    {"sqrt", [](const Inputs& in) { return sqrt(in.a); }},
    {"abs", [](const Inputs& in) { return abs(in.a); }},
    {"tanh", [](const Inputs& in) { return tanh(in.a); }},
    {"sigmoid", [](const Inputs& in) { return sigmoid(in.a); }},
    {"relu", [](const Inputs& in) { return relu(in.a); }},
    {"leaky_relu", [](const Inputs& in) { return leaky_relu(in.a); }},
    {"pow_2", [](const Inputs& in) { return pow(in.a, 2); }},
    {"pow_1.5", [](const Inputs& in) { return pow(in.a, 1.5); }},
    {"maximum", [](const Inputs& in) { return maximum(in.a, in.b); }},
    {"minimum", [](const Inputs& in) { return minimum(in.a, in.b); }},
    {"sum", [](const Inputs& in) { return sum(in.a); }},
    {"sum_rows", [](const Inputs& in) { return sum(in.a, 0); }},
    {"sum_cols", [](const Inputs& in) { return sum(in.a, 1); }},
    {"mean", [](const Inputs& in) { return mean(in.a); }},
    {"mean_cols", [](const Inputs& in) { return mean(in.a, 1); }},
    {"max", [](const Inputs& in) { return max(in.a); }},
    {"max_rows", [](const Inputs& in) { return max(in.a, 0); }},
    {"max_cols", [](const Inputs& in) { return max(in.a, 1); }},
    {"matmul", [](const Inputs& in) { return matmul(in.a, in.weight); }},
    {"linear", [](const Inputs& in) { return linear(in.a, in.weight, in.bias); }},
    {"transpose", [](const Inputs& in) { return transpose(in.a); }},
    {"reshape", [](const Inputs& in) { return reshape(in.a, {in.a.size()}); }},
    {"concatenate_rows",
     [](const Inputs& in) {
       return concatenate({in.a, in.b}, 0);
     }},
    {"concatenate_cols",
     [](const Inputs& in) {
       return concatenate({in.a, in.b}, 1);
     }},
    {"slice_rows", [](const Inputs& in) { return slice(in.a, 0, 1, in.rows - 1); }},
    {"slice_cols", [](const Inputs& in) { return slice(in.a, 1, 1, Inputs::cols - 1); }},
    {"softmax", [](const Inputs& in) { return softmax(in.a); }},
    {"softmax_rows", [](const Inputs& in) { return softmax(in.a, 0); }},
    {"log_softmax", [](const Inputs& in) { return log_softmax(in.a); }},
    {"cross_entropy", [](const Inputs& in) { return cross_entropy(in.a, in.labels); }},
    {"mse_loss", [](const Inputs& in) { return mse_loss(in.a, in.b); }},
};

void forward(benchmark::State& state, const Inputs& in, const Op& op) {
  for (auto _ : state) benchmark::DoNotOptimize(op.call(in));
}

void forward_backward(benchmark::State& state, const Inputs& in, const Op& op) {
  const Array cotangent = full(op.call(in).shape(), 1);
  const std::vector<Tensor> leaves{in.a, in.b, in.weight, in.bias};
  for (auto _ : state) {
    for (Tensor leaf : leaves) leaf.zero_grad();
    op.call(in).backward(cotangent);
  }
}

}  // namespace

void register_ops() {
  for (const std::size_t rows : {64u, 8192u}) {
    const auto add_op = [rows](const std::string& name, auto body) {
      add("op/" + name + "/" + std::to_string(rows) + "x128", [=](benchmark::State& state) {
        const Inputs in(rows);
        body(state, in);
        count_items(state, in.a.size());
      });
    };
    for (const Op& op : kOps) {
      const auto times = [add_op, op](const char* what, auto body) {
        add_op(op.name + std::string(what),
               [=](benchmark::State& state, const Inputs& in) { body(state, in, op); });
      };
      times("/forward", forward);
      times("/backward", forward_backward);
    }
    add_op("argmax/forward", [](benchmark::State& state, const Inputs& in) {
      for (auto _ : state) benchmark::DoNotOptimize(argmax(in.a, 1));
    });
  }
}

}  // namespace micro
