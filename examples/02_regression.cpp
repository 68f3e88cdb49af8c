// SPDX-License-Identifier: MIT
// Lesson 2: regression. A network with one hidden layer learns sin(x) from 200 noisy points.
//
//   02_regression
//
// Prints the loss during training and the fitted curve. Exits with 1 unless the mean squared error
// of the curve is below 0.02. Takes less than a second.
#include <xgrad/xgrad.hpp>

#include <cmath>
#include <cstdio>
#include <numbers>

using namespace xgrad;

int main() {
  // 200 points (x, sin(x) + noise) with x in [-pi, pi], one in each row.
  Rng rng(1);
  const Array x_values = rng.uniform({200, 1}, -std::numbers::pi, std::numbers::pi);
  Array y_values = rng.normal({200, 1}, 0, 0.1);
  for (std::size_t i = 0; i < 200; ++i) y_values(i, 0) += std::sin(x_values(i, 0));
  const Tensor x(x_values), y(y_values);

  nn::Sequential model{nn::Linear(1, 32, rng), nn::Tanh(), nn::Linear(32, 1, rng)};
  nn::MSELoss criterion;
  optim::Adam optimizer(model.parameters(), {.lr = 1e-2});

  for (int step = 0; step <= 1000; ++step) {
    optimizer.zero_grad();
    const Tensor loss = criterion(model(x), y);
    loss.backward();
    optimizer.step();
    if (step % 200 == 0)
      std::printf("step %4d  loss %.4f\n", step, static_cast<double>(loss.item()));
  }

  const NoGradGuard no_grad;
  std::puts("\n      x   sin(x)    model");
  double square_error = 0;
  constexpr int points = 13;
  for (int i = 0; i < points; ++i) {
    const double at = (-1 + 2.0 * i / (points - 1)) * std::numbers::pi;
    const Tensor fitted = model(Tensor(full({1, 1}, static_cast<Scalar>(at))));
    const auto value = static_cast<double>(fitted.item());
    square_error += std::pow(value - std::sin(at), 2) / points;
    std::printf("%7.3f %8.3f %8.3f  %*s\n", at, std::sin(at), value,
                static_cast<int>(22 + 20 * value), "*");
  }
  std::printf("\nmean squared error %.5f (required: below 0.02)\n", square_error);
  return square_error < 0.02 ? 0 : 1;
}
