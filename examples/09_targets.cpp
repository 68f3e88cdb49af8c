// SPDX-License-Identifier: MIT
// Lesson 9: regression on a table. A small network predicts the width of the petals of an iris from
// its other measurements and its species, which is a column of words.
//
//   09_targets [datasets/uci/iris.csv]
//
// Prints the measured and the predicted width of flowers that were not used in training, R² of the
// predictions, and the prediction for one new flower by a model that was saved and loaded. Exits
// with 1 unless R² is at least 0.9. Takes less than a second. Gnuplot draws the output:
// plot "<09_targets"
#include <xgrad/xgrad.hpp>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

using namespace xgrad;

namespace {

nn::Sequential make_model(std::size_t features) {
  Rng rng(0);
  return nn::Sequential{nn::Linear(features, 16, rng), nn::Tanh(), nn::Linear(16, 1, rng)};
}

/// Returns the predicted width for one flower, as a service would do: everything that it knows
/// about the model and the table is in the file.
double predict_width(const std::filesystem::path& file, const std::vector<std::string>& flower) {
  const datasets::RowEncoder encode = train::read_encoder(file);
  nn::Sequential model = make_model(encode.row_shape()[0]);
  train::load_parameters(file, model);
  const NoGradGuard no_grad;
  return static_cast<double>(model(Tensor(encode(flower))).item());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string table_file = argc > 1 ? argv[1] : XGRAD_DATASETS_DIR "/uci/iris.csv";
  const datasets::Dataset table = datasets::csv(table_file, {.targets = {"petal_width_cm"}});
  const auto [first, second] = datasets::stratified_split(table, 0.2, 0);
  const datasets::Standardizer standardize(first);
  const datasets::Dataset training = standardize(first), test = standardize(second);

  nn::Sequential model = make_model(training.features());
  optim::Adam optimizer(model.parameters(), {.lr = 0.01});
  datasets::DataLoader loader(training, {.batch_size = 16});
  train::fit(model, optimizer, loader, {.epochs = 60});  // targets: the mean squared error

  const Tensor predicted = train::predict(model, test);
  std::puts("# measured and predicted width in cm");
  for (std::size_t i = 0; i < test.size(); ++i) {
    std::printf("%.1f %.4f\n", static_cast<double>(test.targets()(i, 0)),
                static_cast<double>(predicted.at(i, 0)));
  }
  const train::Evaluation result = train::evaluate(model, test);
  std::printf("# mean squared error %.3f, R² %.2f\n", result.loss, result.r2);

  const std::filesystem::path file = "petals.safetensors";
  train::save_parameters(file, model, datasets::RowEncoder(training));
  const double width = predict_width(file, {"5.9", "3.0", "4.2", "versicolor"});
  std::printf("# a new flower: %.1f cm\n", width);
  std::filesystem::remove(file);
  return result.r2 >= 0.9 ? 0 : 1;
}
