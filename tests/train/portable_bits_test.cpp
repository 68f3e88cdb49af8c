// SPDX-License-Identifier: MIT
// Compares bits with those of another machine. The hashes were computed on x86-64 with AVX2. Every
// other processor, instruction set and compiler must give the same random numbers, the same steps
// of the update rules and the same files.
#include <support/scratch.hpp>
#include <xgrad/xgrad.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>

namespace xgrad::test {
namespace {

/// Computes FNV-1a of all bytes that are added.
class Hash {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  void add(const Array& values) {
    add({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Scalar)});
  }
  void add(std::uint64_t number) { add({reinterpret_cast<const char*>(&number), sizeof number}); }
  std::string text() const {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value_));
    return text;
  }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325u;
};

TEST(PortableBitsTest, RandomNumbersAreTheSameEverywhere) {
  Hash hash;
  Rng rng(20240301);
  hash.add(rng.uniform({1000}, -3, 7));
  hash.add(rng.normal({100'000}, 1, 2));
  for (int i = 0; i < 1000; ++i) hash.add(rng.below(1'000'003));
  for (const std::size_t each : rng.permutation(1000)) hash.add(each);
  EXPECT_EQ(hash.text(), "04760e3e1874dee7");
}

// 100 steps with gradients of many magnitudes, of a parameter whose last elements do not fill a
// register, with a weight decay, and of a matrix whose gradient is an outer product.
std::string hash_of_steps(const std::string& rule) {
  Rng rng(7);
  const Tensor a(rng.normal({1003}), true), w(rng.normal({5, 21}), true);
  const auto optimizer = optim::make(rule, {a, w}, {{"weight_decay", 0.01}});
  Hash hash;
  for (int step = 0; step < 100; ++step) {
    optimizer->zero_grad();
    Array g = rng.normal({1003});
    for (std::size_t i = 0; i < g.size(); ++i) {
      g.data()[i] = std::ldexp(g.data()[i], static_cast<int>(i % 40) - 30);
    }
    a.backward(g);
    const Tensor row(rng.normal({1, 21})), error(rng.normal({1, 5}));
    linear(row, w, Tensor(zeros({5}))).backward(error.value());
    optimizer->step();
    hash.add(a.value());
    hash.add(w.value());
  }
  optimizer->eval();
  hash.add(a.value());
  return hash.text();
}

TEST(PortableBitsTest, StepsOfEveryUpdateRuleAreTheSameEverywhere) {
  const std::map<std::string, std::string> expected{
      {"adadelta", "e4464073cca1b5b8"}, {"adagrad", "9d8eacaff362a171"},
      {"adam", "79db52eeb2b5a796"},     {"adamw", "43e74c59a7fcd77a"},
      {"lion", "9b908f802fbb3f32"},     {"momentum", "e70a9253537966d6"},
      {"nadam", "00507b48681857a8"},    {"nag", "68ffe7f14d1ac67e"},
      {"rmsprop", "4584e400a2063fdf"},  {"sgd", "cddbce5f55282f1a"}};
  std::map<std::string, std::string> hashes;
  for (const std::string& rule : optim::names()) hashes[rule] = hash_of_steps(rule);
  EXPECT_EQ(hashes, expected);
}

TEST(PortableBitsTest, FilesAreTheSameEverywhere) {
  const Scratch scratch;
  Rng rng(11);
  nn::Sequential model{nn::Conv2d(1, 3, 3, rng), nn::BatchNorm2d(3), nn::Flatten(),
                       nn::Linear(12, 2, rng), nn::Dropout(0.5, rng)};
  optim::Adam adam(model.parameters(), {});
  for (const Tensor& p : model.parameters()) p.backward(rng.normal(p.shape()));
  adam.step();
  train::Progress progress{.epoch = 2, .step = 16, .rows = 48, .loss_sum = 0.1, .seconds = 1.5};
  progress.history = {{0.5, 1e-3, 2, train::Evaluation{0.25, 0.75, 0.1, 30}},
                      {1.0 / 3, 0.1, 3, {}}};
  train::save_parameters(scratch / "parameters", model);
  train::save_checkpoint(scratch / "checkpoint", model, adam, progress);
  const datasets::Dataset data = datasets::iris(datasets::Split::train);
  const datasets::RowEncoder encoder(datasets::Standardizer(data)(data));
  const auto hash_of = [](std::string_view bytes) {
    Hash hash;
    hash.add(bytes);
    return hash.text();
  };
  EXPECT_EQ(hash_of(read_bytes(scratch / "parameters")), "de1628d32bcbf284");
  EXPECT_EQ(hash_of(read_bytes(scratch / "checkpoint")), "71b4af3958f8cbc1");
  EXPECT_EQ(hash_of(encoder.to_json()), "f192fb54d0de82bf");
  EXPECT_EQ(hash_of(train::to_csv(progress.history)), "ea179b11ae9115f2");
}

}  // namespace
}  // namespace xgrad::test
