// SPDX-License-Identifier: MIT
// Measures the ops of autograd/ops.hpp on a small and on a large matrix: the forward pass alone,
// and the forward and backward pass. Reports elements of the first operand per second.
#include "micro.hpp"

namespace micro {
namespace {

using namespace xgrad;

/// Operands for a batch of `rows` rows with 128 features. Each op uses some of them. The matrices
/// and the images have as many elements as the rows together.
struct Inputs {
  explicit Inputs(std::size_t n) : rows(n) {}
  static constexpr std::size_t cols = 128;

  std::size_t rows;
  Rng rng{0};
  Tensor a{rng.uniform({rows, cols}, 0.1, 2), true};
  Tensor b{rng.uniform({rows, cols}, 0.1, 2), true};
  Tensor weight{rng.uniform({cols, cols}, -0.1, 0.1), true};
  Tensor bias{rng.uniform({cols}, -0.1, 0.1), true};
  Tensor left{rng.uniform({rows / 8, 32, 32}, -1, 1), true};
  Tensor right{rng.uniform({rows / 8, 32, 32}, -1, 1), true};
  Tensor images{rng.uniform({rows / 64, 8, 32, 32}, -1, 1), true};
  Tensor kernel{rng.uniform({8, 8, 3, 3}, -0.1, 0.1), true};
  Tensor channels{rng.uniform({8}, 0.1, 2), true};
  Array mask = xt::eval(xt::cast<Scalar>(a.value() > 1));
  Labels labels = random_labels(rows, cols);
  Indices matrix_of_labels = xt::eval(xt::reshape_view(labels, {rows, std::size_t{1}}));
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
    {"log1p", [](const Inputs& in) { return log1p(in.a); }},
    {"sqrt", [](const Inputs& in) { return sqrt(in.a); }},
    {"sin", [](const Inputs& in) { return sin(in.a); }},
    {"cos", [](const Inputs& in) { return cos(in.a); }},
    {"abs", [](const Inputs& in) { return abs(in.a); }},
    {"tanh", [](const Inputs& in) { return tanh(in.a); }},
    {"sigmoid", [](const Inputs& in) { return sigmoid(in.a); }},
    {"relu", [](const Inputs& in) { return relu(in.a); }},
    {"leaky_relu", [](const Inputs& in) { return leaky_relu(in.a); }},
    {"elu", [](const Inputs& in) { return elu(in.a); }},
    {"gelu", [](const Inputs& in) { return gelu(in.a); }},
    {"silu", [](const Inputs& in) { return silu(in.a); }},
    {"softplus", [](const Inputs& in) { return softplus(in.a); }},
    {"clamp", [](const Inputs& in) { return clamp(in.a, 0.5, 1.5); }},
    {"where", [](const Inputs& in) { return where(in.mask, in.a, in.b); }},
    {"pow_2", [](const Inputs& in) { return pow(in.a, 2); }},
    {"pow_1.5", [](const Inputs& in) { return pow(in.a, 1.5); }},
    {"maximum", [](const Inputs& in) { return maximum(in.a, in.b); }},
    {"minimum", [](const Inputs& in) { return minimum(in.a, in.b); }},
    {"sum", [](const Inputs& in) { return sum(in.a); }},
    {"sum_rows", [](const Inputs& in) { return sum(in.a, 0); }},
    {"sum_cols", [](const Inputs& in) { return sum(in.a, 1); }},
    {"mean", [](const Inputs& in) { return mean(in.a); }},
    {"mean_cols", [](const Inputs& in) { return mean(in.a, 1); }},
    {"var", [](const Inputs& in) { return var(in.a); }},
    {"var_cols", [](const Inputs& in) { return var(in.a, 1); }},
    {"max", [](const Inputs& in) { return max(in.a); }},
    {"max_rows", [](const Inputs& in) { return max(in.a, 0); }},
    {"max_cols", [](const Inputs& in) { return max(in.a, 1); }},
    {"matmul", [](const Inputs& in) { return matmul(in.a, in.weight); }},
    {"matmul_batched", [](const Inputs& in) { return matmul(in.left, in.right); }},
    {"linear", [](const Inputs& in) { return linear(in.a, in.weight, in.bias); }},
    {"transpose", [](const Inputs& in) { return transpose(in.a); }},
    {"permute",
     [](const Inputs& in) {
       return permute(in.images, {0, 2, 3, 1});
     }},
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
    {"stack",
     [](const Inputs& in) {
       return stack({in.a, in.b}, 1);
     }},
    {"index_select_rows", [](const Inputs& in) { return index_select(in.a, 0, in.labels % 64); }},
    {"gather", [](const Inputs& in) { return gather(in.a, 1, in.matrix_of_labels); }},
    {"embedding", [](const Inputs& in) { return embedding(in.labels, in.weight); }},
    {"conv2d", [](const Inputs& in) { return conv2d(in.images, in.kernel, in.channels); }},
    {"max_pool2d", [](const Inputs& in) { return max_pool2d(in.images, 2); }},
    {"avg_pool2d", [](const Inputs& in) { return avg_pool2d(in.images, 2); }},
    {"batch_norm",
     [](const Inputs& in) { return batch_norm(in.images, in.channels, in.channels); }},
    {"layer_norm", [](const Inputs& in) { return layer_norm(in.a, in.bias, in.bias); }},
    {"softmax", [](const Inputs& in) { return softmax(in.a); }},
    {"softmax_rows", [](const Inputs& in) { return softmax(in.a, 0); }},
    {"log_softmax", [](const Inputs& in) { return log_softmax(in.a); }},
    {"cross_entropy", [](const Inputs& in) { return cross_entropy(in.a, in.labels); }},
    {"huber_loss", [](const Inputs& in) { return huber_loss(in.a, in.b); }},
    {"bce_with_logits",
     [](const Inputs& in) { return binary_cross_entropy_with_logits(in.a, in.mask); }},
    {"mse_loss", [](const Inputs& in) { return mse_loss(in.a, in.b); }},
};

void forward(benchmark::State& state, const Inputs& in, const Op& op) {
  for (auto _ : state) benchmark::DoNotOptimize(op.call(in));
}

void forward_backward(benchmark::State& state, const Inputs& in, const Op& op) {
  const Array cotangent = full(op.call(in).shape(), 1);
  const std::vector<Tensor> leaves{in.a,     in.b,      in.weight, in.bias,    in.left,
                                   in.right, in.images, in.kernel, in.channels};
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
