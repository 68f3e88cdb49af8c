// SPDX-License-Identifier: MIT
// Compiled with -ffast-math and without exceptions; exits with 1 if the library, which must not be,
// computes as if it were.
#include <xgrad/xgrad.hpp>

#include <cstdio>
#include <cstring>

using namespace xgrad;

bool errors_are_caught();  // errors.cpp

namespace {

// Compares bits: == may be wrong under -ffast-math.
bool is(const Tensor& computed, Scalar expected) {
  const Scalar value = computed.item();
  if (std::memcmp(&value, &expected, sizeof value) == 0) return true;
  const double found = value, right = expected;
  std::printf("%.17g, expected %.17g\n", found, right);
  return false;
}

Tensor number(Scalar x) { return Tensor(full({}, x)); }

double trained_accuracy() {
  Rng rng(1);
  nn::Sequential model{nn::Linear(4, 16, rng), nn::Tanh(), nn::Linear(16, 3, rng)};
  optim::Adam optimizer(model.parameters(), {.lr = 0.05});
  datasets::DataLoader loader(datasets::iris(datasets::Split::train), {.batch_size = 16});
  for (int epoch = 0; epoch < 20; ++epoch) {
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      cross_entropy(model(x), y).backward();
      optimizer.step();
    }
  }
  return train::evaluate(model, datasets::iris(datasets::Split::test)).accuracy;
}

}  // namespace

int main() {
  const bool exact = is(tanh(number(100)), 1) && is(tanh(number(-100)), -1) &&
                     is(sigmoid(number(0)), Scalar{1} / 2);
  const bool caught = errors_are_caught();
  const double accuracy = trained_accuracy();
  std::printf("%zu-byte numbers, test accuracy %.2f, exact: %d, errors: %d\n", sizeof(Scalar),
              accuracy, exact, caught);
  return exact && caught && accuracy >= 0.9 ? 0 : 1;
}
