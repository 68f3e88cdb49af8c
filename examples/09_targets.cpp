// SPDX-License-Identifier: MIT
// Lesson 9: regression on a table. A small network predicts the width of the petals of an iris from
// its other measurements and its species, which is a column of words.
//
//   09_targets [datasets/uci/iris.csv]
//
// Prints R² for flowers that were not used in training, a plot of predicted over measured widths,
// and the prediction for one new flower. Exits with 1 unless R² is at least 0.9. Takes less than a
// second.
#include <xgrad/xgrad.hpp>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

using namespace xgrad;

namespace {

/// Draws points (x, y) with both coordinates in [0, 2.6): x to the right, y upwards.
void plot(const Array& x, const Array& y) {
  constexpr std::size_t columns = 52, lines = 13;
  constexpr double end = 2.6;
  std::vector<std::string> canvas(lines, std::string(columns, ' '));
  const auto place = [](Scalar value, std::size_t cells) {
    const double part = std::clamp(static_cast<double>(value) / end, 0.0, 0.999);
    return static_cast<std::size_t>(part * static_cast<double>(cells));
  };
  for (std::size_t i = 0; i < x.size(); ++i) {
    canvas[lines - 1 - place(y.data()[i], lines)][place(x.data()[i], columns)] = 'o';
  }
  std::puts("predicted width");
  for (const std::string& line : canvas) std::printf("  |%s\n", line.c_str());
  std::printf("  +%s measured width\n", std::string(columns, '-').c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string file = argc > 1 ? argv[1] : XGRAD_DATASETS_DIR "/uci/iris.csv";
  const datasets::Dataset table = datasets::csv(file, {.targets = {"petal_width_cm"}});
  const auto [first, second] = datasets::stratified_split(table, 0.2, 0);
  const datasets::Standardizer standardize(first);
  const datasets::Dataset training = standardize(first), test = standardize(second);

  Rng rng(0);
  nn::Sequential model{nn::Linear(training.features(), 16, rng), nn::Tanh(),
                       nn::Linear(16, 1, rng)};
  optim::Adam optimizer(model.parameters(), {.lr = 0.01});
  datasets::DataLoader loader(training, {.batch_size = 16});
  train::fit(model, optimizer, loader, {.epochs = 60});  // targets: the mean squared error

  const train::Evaluation result = train::evaluate(model, test);
  std::printf("mean squared error %.3f, R² %.2f\n", result.loss, result.r2);
  const NoGradGuard no_grad;
  plot(test.targets(), model(Tensor(test.gather_all())).value());

  const datasets::RowEncoder encode(training);
  const Tensor width = model(Tensor(encode({"5.9", "3.0", "4.2", "versicolor"})));
  std::printf("a new flower: %.1f cm\n", static_cast<double>(width.item()));
  return result.r2 >= 0.9 ? 0 : 1;
}
