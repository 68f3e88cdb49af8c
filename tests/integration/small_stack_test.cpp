// SPDX-License-Identifier: MIT
// Runs everything on a thread with a stack of 256 KiB, as some thread pools have.
#include <gtest/gtest.h>
#include <pthread.h>

#include <functional>

#include "train/runs.hpp"

namespace xgrad::test {
namespace {

void on_a_small_stack(std::function<void()> work) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, 256 * 1024), 0);
  pthread_t thread;
  const auto start = [](void* object) -> void* {
    (*static_cast<std::function<void()>*>(object))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, start, &work), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  pthread_attr_destroy(&attributes);
}

Labels zeros(std::size_t rows) {
  Labels labels = Labels::from_shape({rows});
  labels.fill(0);
  return labels;
}

TEST(SmallStackTest, EveryOpFits) {
  on_a_small_stack([] {
    const Tensor a(Rng(1).uniform({200, 300}, 0.1, 1), true), row(Rng(2).uniform({300}, 0.1, 1));
    const Tensor w(Rng(3).normal({100, 300}), true), bias(Rng(4).normal({100}), true);
    const std::vector<std::function<Tensor()>> ops{
        [&] { return a + row; },
        [&] { return a - row; },
        [&] { return a * row; },
        [&] { return a / row; },
        [&] { return -a + 1 - 2 * a / 3; },
        [&] { return exp(a); },
        [&] { return log(a); },
        [&] { return sqrt(a); },
        [&] { return abs(a); },
        [&] { return tanh(a); },
        [&] { return sigmoid(a); },
        [&] { return relu(a); },
        [&] { return leaky_relu(a); },
        [&] { return pow(a, 2.5); },
        [&] { return maximum(a, row); },
        [&] { return minimum(a, row); },
        [&] { return sum(a, 0); },
        [&] { return mean(a, 1, true); },
        [&] { return max(a, -1); },
        [&] { return max(a); },
        [&] { return matmul(a, transpose(w)); },
        [&] { return linear(a, w, bias); },
        [&] {
          return reshape(a, {300, 200});
        },
        [&] {
          return concatenate({a, a}, 1);
        },
        [&] { return slice(a, 1, 10, 20); },
        [&] { return a[3] + sin(a) + gelu(a) + clamp(a, 0.2, 0.8); },
        [&] { return where(a.value() > 0.5, a, row); },
        [&] { return slice(a, 1, 0, 20) - max(slice(a, 1, 0, 20), 1, true); },
        [&] {
          return var(a, {0, 1}) + min(a, {1, 0});
        },
        [&] {
          return matmul(stack({a, a}, 0), permute(w, {1, 0}));
        },
        [&] {
          return gather(index_select(a, 0, {1, 5}), 0, Indices{{0, 1}, {1, 0}});
        },
        [&] { return huber_loss(a, Tensor(ones(a.shape())), 0.5); },
        [&] { return cross_entropy(a, zeros(200), {.label_smoothing = 0.1}); },
        [&] { return softmax(a); },
        [&] { return log_softmax(a, 0); },
        [&] { return cross_entropy(a, zeros(200)); },
        [&] { return mse_loss(a, Tensor(ones(a.shape()))); }};
    for (const auto& op : ops) {
      Tensor leaf = a;
      leaf.zero_grad();
      sum(op()).backward();
      EXPECT_TRUE(leaf.has_grad());
    }
    EXPECT_EQ(argmax(a, 1).size(), 200u);
  });
}

TEST(SmallStackTest, AGraphOf200000OpsFits) {
  on_a_small_stack([] {
    const Tensor x(ones({2}), true);
    Tensor y = x;
    for (int i = 0; i < 200'000; ++i) y = y + 1;
    sum(y).backward();
    EXPECT_EQ(x.grad(), ones({2}));
    Tensor unused = x;
    for (int i = 0; i < 200'000; ++i) unused = unused + 1;
  });
}

TEST(SmallStackTest, TrainingWithEveryCallbackCheckpointsAndTablesFits) {
  const Scratch scratch;
  on_a_small_stack([&] {
    for (const std::string& rule : optim::names()) {
      Training run(rule);
      train::NaNGuard guard;
      train::BestWeights best;
      train::AveragedWeights average(0.9);
      train::EarlyStopping stop;
      train::CsvLog log(scratch / "log.csv");
      train::Checkpoint checkpoint(scratch / rule);
      train::fit(run.model, *run.optimizer, run.loader,
                 {.epochs = 2,
                  .validation_fraction = 0.2,
                  .clip_norm = 1.0,
                  .callbacks = {&guard, &best, &average, &stop, &log, &checkpoint}});
      Training other(rule, 2);
      other.load(scratch / rule);
      EXPECT_TRUE(same_bits(values_of(other.model), values_of(run.model)));
      train::save_parameters(scratch / "parameters", run.model);
      train::load_parameters(scratch / "parameters", other.model);
    }
    EXPECT_EQ(datasets::csv(XGRAD_SOURCE_DIR "/datasets/uci/digits.csv").features(), 64u);
    write_bytes(scratch / "bad", std::string("\x10\0\0\0\0\0\0\0", 8) + std::string(16, '['));
    Training run("sgd");
    EXPECT_THROW(train::load_parameters(scratch / "bad", run.model), DataError);
  });
}

TEST(SmallStackTest, WideLayersOnTwoThreadsFit) {
  const int before = num_threads();
  set_num_threads(2);
  on_a_small_stack([] {
    Rng rng(0);
    nn::Sequential model(nn::Linear(784, 1000, rng), nn::ReLU(), nn::Linear(1000, 10, rng));
    optim::Adam optimizer(model.parameters());
    const Tensor x(rng.normal({256, 784}));
    for (int i = 0; i < 3; ++i) {
      optimizer.zero_grad();
      cross_entropy(model(x), zeros(256)).backward();
      optimizer.step();
    }
    EXPECT_EQ(optimizer.step_count(), 3u);
  });
  set_num_threads(before);
}

}  // namespace
}  // namespace xgrad::test
