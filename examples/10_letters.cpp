// SPDX-License-Identifier: MIT
// Lesson 10: a classifier of 26 classes, and which of them it confuses.
//
//   10_letters [FOLDER]
//
// Trains a network on the table letter in FOLDER/uci: 20,000 printed capital letters, each
// described by 16 numbers. Prints the confusion matrix of the letters that were not used in
// training, and the pairs that are confused most often. Exits with 1 unless the test accuracy is at
// least 0.92. Takes a few seconds.
#include <xgrad/xgrad.hpp>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

using namespace xgrad;

namespace {

/// Rows with label `label` that the network takes for `predicted`.
struct Confusion {
  std::size_t label, predicted, count;
};

/// Returns the three most frequent confusions, the most frequent first.
std::vector<Confusion> worst(const train::ConfusionMatrix& matrix) {
  std::vector<Confusion> all;
  for (std::size_t i = 0; i < matrix.counts.size(); ++i) {
    for (std::size_t j = 0; j < matrix.counts.size(); ++j) {
      if (i != j) all.push_back({i, j, matrix.counts[i][j]});
    }
  }
  std::partial_sort(all.begin(), all.begin() + 3, all.end(),
                    [](const Confusion& a, const Confusion& b) { return a.count > b.count; });
  all.resize(3);
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : XGRAD_DATASETS_DIR;
  const datasets::Dataset letters = datasets::table("letter", datasets::Split::train, folder);
  const datasets::Dataset test = datasets::table("letter", datasets::Split::test, folder);
  Rng rng(0);
  nn::Sequential model{nn::Linear(letters.features(), 128, rng), nn::ReLU(),
                       nn::Linear(128, letters.classes(), rng)};
  std::cout << nn::summary(model, {1, letters.features()}) << '\n';

  optim::Adam optimizer(model.parameters(), {.lr = 0.005});
  datasets::DataLoader loader(letters, {.batch_size = 128});
  const std::size_t epochs = 20;
  train::fit(model, optimizer, loader,
             {.epochs = epochs, .schedule = optim::cosine(0.005, epochs * loader.batches())});

  const train::ConfusionMatrix matrix = train::confusion_matrix(model, test);
  std::cout << matrix << '\n';
  const std::vector<std::string>& names = test.class_names();
  for (const Confusion& c : worst(matrix)) {
    std::printf("%s is taken for %s in %zu of %zu test rows\n", names[c.label].c_str(),
                names[c.predicted].c_str(), c.count, test.size());
  }
  std::printf("test accuracy %.3f of %zu letters\n", matrix.accuracy(), test.size());
  return matrix.accuracy() >= 0.92 ? 0 : 1;
}
