// SPDX-License-Identifier: MIT
// The code blocks of docs/guide/01-tensors-and-gradients.md.
#include "show.hpp"

#include <iostream>

using namespace xgrad;

namespace {

void arrays() {
  const Array a{{1, 2, 3}, {4, 5, 6}};
  const Tensor x(a);
  show("x", x.value());
  show("2 x + 1", (2 * x + 1).value());
  show("x + row", (x + Tensor(Array{10, 20, 30})).value());
  show("mean along axis 1", mean(x, 1).value());
  show("x x^T", matmul(x, transpose(x)).value());
}

void elements() {
  Tensor x{{1, 2, 3}, {4, 5, 6}};
  std::cout << x << '\n';
  std::printf("row 1, column 0: %g\n", static_cast<double>(x.at(1, 0)));
  x += x[0];  // x = x + x[0]
  show("x + its first row", x.value());
  show("the largest of each column", max(x, 0).value());
  show("sum over both axes", sum(x, {0, 1}).value());
  show("x where it is above 5", where(x.value() > 5, x, 0).value());
}

void first_gradient() {
  Tensor x(Array{1, 2, 3}, /*requires_grad=*/true);
  const Tensor y = sum(x * x);
  y.backward();
  std::printf("y = %g\n", static_cast<double>(y.item()));
  show("dy/dx", x.grad());
}

void adding_up() {
  Tensor x(Array{1, 2, 3}, true);
  sum(x * x).backward();
  sum(x).backward();
  show("2 x + 1", x.grad());

  x.zero_grad();
  sum(x).backward();
  show("1", x.grad());
}

void chain_rule() {
  const Tensor input(Array{{1, 2}, {3, 4}});
  Tensor weight(Array{{0.5f, -0.5f}}, true), bias(full({1}, 0.1f), true);
  const Tensor target = reshape(Tensor(Array{1, 0}), {2, 1});

  const Tensor z = sigmoid(linear(input, weight, bias));
  const Tensor loss = mse_loss(z, target);
  loss.backward();
  show("z", z.value());
  show("loss", loss.value());
  show("d loss / d weight", weight.grad());
  show("d loss / d bias", bias.grad());
}

void descent() {
  Tensor x(Array(5.0f), true);
  for (int step = 1; step <= 4; ++step) {
    x.zero_grad();
    pow(x - 2, 2).backward();
    x.assign(x.value() - 0.25 * x.grad());
    std::printf("step %d  x = %g\n", step, static_cast<double>(x.item()));
  }
}

void pure_form() {
  const Tensor x(Array{1, 2}, true);
  const Tensor y = sum(x * x * x);
  show("3 x^2", gradients(y, {x})[0]);
  show("x.grad()", x.grad());
}

void no_graph() {
  const Tensor x(Array{1, 2}, true);
  const NoGradGuard no_grad;
  const Tensor y = sum(x * x);
  std::printf("y = %g, recorded: %s\n", static_cast<double>(y.item()),
              y.requires_grad() ? "yes" : "no");
}

void mistakes() {
  try {
    matmul(Tensor(zeros({32, 784})), Tensor(zeros({128, 784})));
  } catch (const ShapeError& error) {
    std::puts(error.what());
  }
}

void check() {
  const auto f = [](const std::vector<Tensor>& inputs) { return tanh(inputs[0]) * inputs[1]; };
  const GradcheckResult result = gradcheck(f, {Array{0.5f, -1, 2}, Array{3, 1, -2}});
  std::printf("the gradient is right: %s\n", result.passed ? "yes" : result.message.c_str());
}

}  // namespace

int main() {
  arrays();
  elements();
  first_gradient();
  adding_up();
  chain_rule();
  descent();
  pure_form();
  no_graph();
  mistakes();
  check();
}
