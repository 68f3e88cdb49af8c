// SPDX-License-Identifier: MIT
// Lesson 1: tensors and gradients.
//
//   01_gradients
//
// Prints the values and gradients of small expressions, next to the values that calculus gives.
// Exits with 1 unless all of them agree. Takes less than a second.
#include <xgrad/xgrad.hpp>

#include <cmath>
#include <cstdio>

using namespace xgrad;

namespace {

bool all_right = true;

void show(const char* what, Scalar found, double expected) {
  const bool right = std::abs(static_cast<double>(found) - expected) < 1e-5;
  all_right = all_right && right;
  std::printf("  %-42s %9.5f   expected %9.5f%s\n", what, static_cast<double>(found), expected,
              right ? "" : "   WRONG");
}

}  // namespace

int main() {
  std::puts("A tensor contains an array. With requires_grad it also receives a gradient.");
  Tensor x(Array{1, 2, 3}, /*requires_grad=*/true);
  Tensor y = sum(x * x);  // each op records how to compute the gradients of its inputs
  y.backward();
  show("y = sum(x^2), x = (1, 2, 3)", y.item(), 14);
  show("dy/dx_2 = 2 x_2", x.grad()(1), 4);

  std::puts("A second backward() adds to the gradient. zero_grad() resets it.");
  sum(x).backward();
  show("4 + 1", x.grad()(1), 5);
  x.zero_grad();
  sum(x).backward();
  show("after zero_grad(): 1", x.grad()(1), 1);

  std::puts("The chain rule works for any composition of ops: z = sigmoid(w a + b), with a = 3.");
  Tensor w(Array(0.5f), true), b(Array(-1.0f), true);
  Tensor z = sigmoid(w * 3.0 + b);
  z.backward();
  const double s = 1 / (1 + std::exp(-0.5));
  show("z", z.item(), s);
  show("dz/dw = z (1 - z) a", w.grad()(), s * (1 - s) * 3);
  show("dz/db = z (1 - z)", b.grad()(), s * (1 - s));

  std::puts("Shapes broadcast as in NumPy. A gradient has the shape of its input.");
  Tensor matrix(Array{{1, 2, 3}, {4, 5, 6}}, true), row(Array{10, 20, 30}, true);
  sum(matrix * row).backward();
  show("d/d row_1 = 1 + 4", row.grad()(0), 5);
  show("d/d matrix_23 = row_3", matrix.grad()(1, 2), 30);

  std::puts("gradients() returns gradients and leaves every .grad() unchanged.");
  const auto [dx] = std::array{gradients(sum(exp(x)), {x})[0]};
  show("d sum(exp(x)) / dx_1 = e", dx(0), std::exp(1.0));
  show("x.grad(), unchanged", x.grad()(0), 1);

  std::puts("Under a NoGradGuard no graph is recorded. Use it for predictions.");
  const NoGradGuard no_grad;
  const bool recorded = (x * 2.0).requires_grad();
  all_right = all_right && !recorded;
  std::printf("  recorded: %s\n", recorded ? "yes" : "no");
  return all_right ? 0 : 1;
}
