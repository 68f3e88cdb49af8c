// SPDX-License-Identifier: MIT
// Compares calls of xgrad with the same calls of PyTorch, in double. docs/pytorch.md shows the
// calls. tests/reference/pytorch_calls.py reads the calls of PyTorch from this file and wrote the
// numbers.
#include <xgrad/autograd.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace xgrad {
namespace {

struct Numbers {
  std::string name;  ///< an input, or a call of PyTorch
  std::vector<std::size_t> shape;
  std::vector<double> values;
};

const std::vector<Numbers> kInputs = {
#include <reference/pytorch_inputs.inc>
};

const std::vector<Numbers> kResults = {
#include <reference/pytorch_calls.inc>
};

Array array_of(const Numbers& numbers) {
  Array result = empty(Shape(numbers.shape.begin(), numbers.shape.end()));
  std::copy(numbers.values.begin(), numbers.values.end(), result.data());
  return result;
}

Tensor input(const std::string& name) {
  const auto found = std::find_if(kInputs.begin(), kInputs.end(),
                                  [&](const Numbers& each) { return each.name == name; });
  return Tensor(array_of(*found), true);
}

Indices to_indices(const Tensor& x) {
  Indices result = Indices::from_shape(x.shape());
  std::transform(x.value().begin(), x.value().end(), result.begin(),
                 [](Scalar each) { return static_cast<std::int32_t>(each); });
  return result;
}

/// The operands of the calls.
struct Inputs {
  Tensor x = input("x"), y = input("y"), p = input("p"), v = input("v"), m = input("m"),
         w = input("w"), b = input("b"), s = input("s"), t = input("t"), ties = input("ties"),
         logits = input("logits"), target = input("target");
  Indices index = to_indices(input("index"));
  Labels labels = to_indices(input("labels"));
};

Array to_array(const Tensor& x) { return x.value(); }
Array to_array(const Array& x) { return x; }
Array to_array(Scalar x) { return Array(x); }
Array to_array(const Indices& x) {
  Array result = empty(Shape(x.shape().begin(), x.shape().end()));
  std::copy(x.begin(), x.end(), result.data());
  return result;
}

struct Row {
  std::string pytorch, xgrad;
  std::function<Array(const Inputs&)> call;
};

// The text of both calls and the call of xgrad.
#define ROW(pytorch, ...)                                                                   \
  Row {                                                                                     \
    pytorch, #__VA_ARGS__, [](const Inputs& inputs) {                                       \
      [[maybe_unused]] const auto& [x, y, p, v, m, w, b, s, t, ties, logits, target, index, \
                                    labels] = inputs;                                       \
      return to_array(__VA_ARGS__);                                                         \
    }                                                                                       \
  }

const Row kRows[] = {
    // ## Create
    ROW("torch.tensor(5.)", Tensor(5)),
    ROW("torch.tensor([1., 2.5, 3.])", Tensor{1, 2.5, 3}),
    ROW("torch.tensor([[1., 2.], [3., 4.]])", Tensor{{1, 2}, {3, 4}}),
    ROW("torch.tensor([[1.], [2.]])", Tensor{{1}, {2}}),
    ROW("torch.zeros(2, 3)", zeros({2, 3})),
    ROW("torch.ones(2, 3)", ones({2, 3})),
    ROW("torch.full((2, 3), 0.5)", full({2, 3}, 0.5)),
    ROW("torch.arange(5)", arange(5)),
    ROW("torch.eye(3)", eye(3)),
    ROW("F.one_hot(labels, 4)", one_hot(labels, 4)),
    // ## Elements and parts
    ROW("x[1, 0, 2]", x.at(1, 0, 2)),
    ROW("x[1]", x[1]),
    ROW("x[-1]", x[-1]),
    ROW("x[:, 1:3]", slice(x, 1, 1, 3)),
    ROW("x.sum().item()", sum(x).item()),
    ROW("x.index_select(1, torch.tensor([2, 0, 2]))", index_select(x, 1, {2, 0, 2})),
    ROW("x.gather(2, index)", gather(x, 2, index)),
    // ## Element by element
    ROW("x + y", x + y),
    ROW("x - y", x - y),
    ROW("x * y", x* y),
    ROW("x / y", x / y),
    ROW("x + v", x + v),
    ROW("2 * x + 1", 2 * x + 1),
    ROW("1 / x", 1 / x),
    ROW("-x", -x),
    ROW("x.exp()", exp(x)),
    ROW("p.log()", log(p)),
    ROW("p.log1p()", log1p(p)),
    ROW("p.sqrt()", sqrt(p)),
    ROW("x.square()", square(x)),
    ROW("x.abs()", abs(x)),
    ROW("x.sin()", sin(x)),
    ROW("x.cos()", cos(x)),
    ROW("x.tanh()", tanh(x)),
    ROW("x ** 3", pow(x, 3)),
    ROW("p ** 1.7", pow(p, 1.7)),
    ROW("torch.maximum(x, y)", maximum(x, y)),
    ROW("torch.minimum(x, y)", minimum(x, y)),
    ROW("x.clamp(-0.5, 0.7)", clamp(x, -0.5, 0.7)),
    ROW("torch.where(x > 0, x, y)", where(x.value() > 0, x, y)),
    ROW("torch.where(x > 0, x, -1.)", where(x.value() > 0, x, -1)),
    // ## Activations
    ROW("torch.sigmoid(x)", sigmoid(x)),
    ROW("F.relu(x)", relu(x)),
    ROW("F.leaky_relu(x)", leaky_relu(x)),
    ROW("F.leaky_relu(x, 0.2)", leaky_relu(x, 0.2)),
    ROW("F.elu(x)", elu(x)),
    ROW("F.elu(x, 0.5)", elu(x, 0.5)),
    ROW("F.gelu(x)", gelu(x)),
    ROW("F.silu(x)", silu(x)),
    ROW("F.softplus(x)", softplus(x)),
    ROW("x.softmax(-1)", softmax(x)),
    ROW("x.softmax(1)", softmax(x, 1)),
    ROW("x.log_softmax(-1)", log_softmax(x)),
    ROW("x.log_softmax(0)", log_softmax(x, 0)),
    // ## Reduce
    ROW("x.sum()", sum(x)),
    ROW("x.sum(1)", sum(x, 1)),
    ROW("x.sum((0, 2))", sum(x, {0, 2})),
    ROW("x.sum(-1, keepdim=True)", sum(x, -1, true)),
    ROW("x.mean()", mean(x)),
    ROW("x.mean((0, 1))", mean(x, {0, 1})),
    ROW("x.var()", var(x)),
    ROW("x.var(1)", var(x, 1)),
    ROW("x.var((0, 2), unbiased=False)", var(x, {0, 2}, 0)),
    ROW("x.var(1, keepdim=True)", var(x, 1, 1, true)),
    ROW("x.max()", max(x)),
    ROW("x.amax(1)", max(x, 1)),
    ROW("x.amax((0, 2), keepdim=True)", max(x, {0, 2}, true)),
    ROW("x.min()", min(x)),
    ROW("x.amin((1, 2))", min(x, {1, 2})),
    ROW("x.argmax(1)", argmax(x, 1)),
    ROW("x.argmin(-1, keepdim=True)", argmin(x, -1, true)),
    // ## Matrices
    ROW("m @ w", matmul(m, w)),
    ROW("v @ v", matmul(v, v)),
    ROW("x @ v", matmul(x, v)),
    ROW("v @ t", matmul(v, t)),
    ROW("x @ t[0]", matmul(x, t[0])),
    ROW("s @ t", matmul(s, t)),
    ROW("F.linear(m, w.T, b)", linear(m, transpose(w), b)),
    // ## Shapes
    ROW("m.T", transpose(m)),
    ROW("x.transpose(0, 2)", transpose(x, 0, 2)),
    ROW("x.permute(2, 0, 1)", permute(x, {2, 0, 1})),
    ROW("x.reshape(6, 4)", reshape(x, {6, 4})),
    ROW("x.flatten(1)", flatten(x)),
    ROW("x.flatten()", flatten(x, 0)),
    ROW("x.unsqueeze(1)", unsqueeze(x, 1)),
    ROW("x[:1].squeeze(0)", squeeze(slice(x, 0, 0, 1), 0)),
    ROW("torch.cat((x, y), 1)", concatenate({x, y}, 1)),
    ROW("torch.stack((x, y), -1)", stack({x, y}, -1)),
    // ## Losses
    ROW("F.cross_entropy(logits, labels)", cross_entropy(logits, labels)),
    ROW("F.cross_entropy(logits, labels, reduction='none')",
        cross_entropy(logits, labels, {.reduction = Reduction::none})),
    ROW("F.cross_entropy(logits, labels, torch.tensor([1, 2, .5, 0]))",
        cross_entropy(logits, labels, {.class_weights = {1, 2, .5, 0}})),
    ROW("F.cross_entropy(logits, labels, label_smoothing=0.1)",
        cross_entropy(logits, labels, {.label_smoothing = 0.1})),
    ROW("F.cross_entropy(logits, labels, torch.tensor([1, 2, .5, 3]), label_smoothing=0.1)",
        cross_entropy(logits, labels, {.class_weights = {1, 2, .5, 3}, .label_smoothing = 0.1})),
    ROW("F.cross_entropy(logits, labels, torch.tensor([1, 2, .5, 3]), reduction='sum')",
        cross_entropy(logits, labels,
                      {.class_weights = {1, 2, .5, 3}, .reduction = Reduction::sum})),
    ROW("F.mse_loss(x, y)", mse_loss(x, y)),
    ROW("F.mse_loss(x, y, reduction='none')", mse_loss(x, y, {.reduction = Reduction::none})),
    ROW("F.l1_loss(x, y)", l1_loss(x, y)),
    ROW("F.huber_loss(x, y)", huber_loss(x, y)),
    ROW("F.huber_loss(x, y, delta=0.3)", huber_loss(x, y, 0.3)),
    ROW("F.binary_cross_entropy_with_logits(logits, target)",
        binary_cross_entropy_with_logits(logits, target)),
    // ## Gradients
    ROW("torch.autograd.grad((x * y).sum(), x)[0]", gradients(sum(x* y), {x})[0]),
    ROW("x.detach()", x.detach()),
    ROW("torch.autograd.grad(x.max(), x)[0]", gradients(max(x), {x})[0]),
    ROW("torch.autograd.grad(ties.amax((0, 2)).sum(), ties)[0]",
        gradients(sum(max(ties, {0, 2})), {ties})[0]),
    ROW("torch.autograd.grad(ties.amin(1).sum(), ties)[0]",
        gradients(sum(min(ties, 1)), {ties})[0]),
    ROW("torch.autograd.grad(ties.relu().sum(), ties)[0]", gradients(sum(relu(ties)), {ties})[0]),
    ROW("torch.autograd.grad(ties.abs().sum(), ties)[0]", gradients(sum(abs(ties)), {ties})[0]),
    ROW("torch.autograd.grad(ties.clamp(0, 1).sum(), ties)[0]",
        gradients(sum(clamp(ties, 0, 1)), {ties})[0]),
    ROW("torch.autograd.grad(F.elu(ties, 0.5).sum(), ties)[0]",
        gradients(sum(elu(ties, 0.5)), {ties})[0]),
    ROW("torch.autograd.grad(F.huber_loss(ties, 0 * ties), ties)[0]",
        gradients(huber_loss(ties, 0 * ties), {ties})[0]),
    ROW("torch.autograd.grad(F.cross_entropy(logits, labels, torch.tensor([1, 2, .5, 3]), "
        "label_smoothing=0.1), logits)[0]",
        gradients(
            cross_entropy(logits, labels, {.class_weights = {1, 2, .5, 3}, .label_smoothing = 0.1}),
            {logits})[0]),
    ROW("torch.autograd.grad(F.binary_cross_entropy_with_logits(logits, target), target)[0]",
        gradients(binary_cross_entropy_with_logits(logits, target), {target})[0]),
};

TEST(PyTorchTest, EveryCallGivesPyTorchsNumbers) {
  const Inputs inputs;
  std::map<std::string, Numbers> expected;
  for (const Numbers& each : kResults) expected[each.name] = each;
  EXPECT_EQ(expected.size(), std::size(kRows));
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.xgrad);
    ASSERT_TRUE(expected.count(row.pytorch)) << row.pytorch;
    const Array found = row.call(inputs), want = array_of(expected[row.pytorch]);
    ASSERT_EQ(to_string(found.shape()), to_string(want.shape()));
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(found.data()[i], want.data()[i],
                  1e-10 * std::max(1.0, std::fabs(want.data()[i])));
    }
  }
}

/// Returns the rows of all tables of a page.
std::set<std::string> table_rows(const std::string& path) {
  std::set<std::string> rows;
  std::ifstream page(path);
  for (std::string line; std::getline(page, line);) {
    if (line.rfind("| `", 0) == 0) rows.insert(line);
  }
  return rows;
}

TEST(PyTorchTest, ThePageShowsTheCalls) {
  std::set<std::string> calls;
  for (const Row& row : kRows) calls.insert("| `" + row.pytorch + "` | `" + row.xgrad + "` |");
  EXPECT_EQ(table_rows(XGRAD_SOURCE_DIR "/docs/pytorch.md"), calls);
}

}  // namespace
}  // namespace xgrad
