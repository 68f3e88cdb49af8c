// SPDX-License-Identifier: MIT
// Compares steps over shards with steps over the whole batch, and with numbers computed by hand.
#include <support/tensors.hpp>
#include <xgrad/distributed.hpp>
#include <xgrad/xgrad.hpp>

#include <gtest/gtest.h>

namespace xgrad::test {
namespace {

/// A net without layers that mix rows or draw random numbers.
struct PlainRun {
  PlainRun() = default;
  train::History fit(train::FitOptions options) {
    options.validation_fraction = 0.3;
    options.clip_norm = 0.3;
    return train::fit(model, optimizer, loader, options);
  }
  Rng rng{1};
  nn::Sequential model{nn::Linear(4, 8, rng), nn::Tanh(), nn::Linear(8, 3, rng)};
  optim::Adam optimizer{model.parameters(), {.lr = 0.05}};
  datasets::DataLoader loader{datasets::iris(datasets::Split::train), {.batch_size = 25}};
};

void expect_near(const nn::Module& a, const nn::Module& b) {
  const auto x = a.parameters(), y = b.parameters();
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < x[i].size(); ++j) {
      EXPECT_NEAR(x[i].value().data()[j], y[i].value().data()[j], 1e-10);
    }
  }
}

TEST(ShardedStepTest, AMeanOverRowsIsTrainedAsOnTheWholeBatch) {
  for (const std::size_t accumulate : {1u, 2u}) {
    PlainRun whole, sharded;
    const train::History expected = whole.fit({.epochs = 3, .accumulate = accumulate});
    const train::History history =
        sharded.fit({.epochs = 3, .accumulate = accumulate, .shards = 8});
    expect_near(sharded.model, whole.model);
    ASSERT_EQ(history.size(), expected.size());
    for (std::size_t i = 0; i < history.size(); ++i) {
      EXPECT_NEAR(history[i].train_loss, expected[i].train_loss, 1e-10);
      EXPECT_NEAR(history[i].validation->loss, expected[i].validation->loss, 1e-10);
      EXPECT_EQ(history[i].validation->accuracy, expected[i].validation->accuracy);
    }
  }
}

TEST(ShardedStepTest, ALoopOfOnesOwnTakesTheStepsOfFit) {
  PlainRun fitted, looped;
  train::fit(fitted.model, fitted.optimizer, fitted.loader, {.epochs = 2, .shards = 5});
  train::ShardedStep step(looped.model, looped.optimizer, looped.loader, {.shards = 5});
  const nn::SoftmaxCrossEntropy criterion;
  double loss = 0;
  for (int epoch = 0; epoch < 2; ++epoch) {
    for (auto& batch : looped.loader) loss = step(batch, criterion);
  }
  step.finish();
  EXPECT_GT(loss, 0);
  const auto a = fitted.model.parameters(), b = looped.model.parameters();
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].value(), b[i].value());
}

/// Returns the buffers after a step of BatchNorm1d(1) on the numbers 1, 2, ..., n.
std::vector<Tensor> statistics_after(std::size_t n, std::size_t shards) {
  nn::Sequential model(nn::BatchNorm1d(1));
  optim::SGD optimizer(model.parameters());
  Array x = arange(n);
  x += 1;
  x.reshape({n, 1});
  datasets::DataLoader loader(datasets::Dataset(x, Array(zeros({n}))),
                              {.batch_size = n, .shuffle = false});
  train::ShardedStep step(model, optimizer, loader, {.shards = shards});
  for (auto& batch : loader) step(batch);
  return model.buffers();
}

TEST(ShardedStepTest, RunningStatisticsAreTheWeightedMeanOfThoseOfTheShards) {
  // 1 2 | 3 4 | 5 6: means 1.5, 3.5, 5.5; variances 0.5. The momentum is 0.1.
  auto buffers = statistics_after(6, 3);
  EXPECT_NEAR(buffers[0].item(), 0.1 * 3.5, 1e-12);
  EXPECT_NEAR(buffers[1].item(), 0.9 + 0.1 * 0.5, 1e-12);
  // 1 2 | 3 4 5: means 1.5 and 4, variances 0.5 and 1.
  buffers = statistics_after(5, 2);
  EXPECT_NEAR(buffers[0].item(), 0.1 * (2 * 1.5 + 3 * 4.0) / 5, 1e-12);
  EXPECT_NEAR(buffers[1].item(), 0.9 + 0.1 * (2 * 0.5 + 3 * 1.0) / 5, 1e-12);
}

TEST(ShardedStepTest, EachShardDrawsFromAGeneratorSeededByOneNumberOfTheModelAndByItsOwn) {
  Rng rng(1);
  nn::Sequential model(nn::Dropout(0.5, rng), nn::Linear(6, 1, rng));
  std::vector<Array> masks;
  const auto keep = [&](nn::Module&, const Tensor&, const Tensor& y) {
    masks.push_back(y.value());
  };
  model[0].register_forward_hook(keep);
  optim::SGD optimizer(model.parameters());
  datasets::DataLoader loader(datasets::Dataset(Array(ones({6, 6})), Array(zeros({6}))),
                              {.batch_size = 6});
  Rng& own = *model.named_rngs()[0].second;
  Rng expected = own;
  const std::uint64_t seed = expected.next();
  train::ShardedStep step(model, optimizer, loader, {.shards = 3});
  for (auto& batch : loader) step(batch);
  EXPECT_EQ(own.state(), expected.state());
  ASSERT_EQ(masks.size(), 3u);
  for (std::size_t shard = 0; shard < 3; ++shard) {
    Rng generator(seed + shard);
    for (const Scalar x : masks[shard]) EXPECT_EQ(x, generator.uniform() < 0.5 ? 0 : 2);
  }
}

TEST(ShardedStepTest, AParameterWithoutAGradientInAnyShardIsSkipped) {
  Rng rng(1);
  nn::Sequential model(nn::Linear(4, 3, rng)), other(nn::Linear(4, 3, rng));
  std::vector<Tensor> parameters = model.parameters();
  for (const Tensor& p : other.parameters()) parameters.push_back(p);
  optim::Adam optimizer(parameters, {.lr = 0.1});
  datasets::DataLoader loader(datasets::iris(datasets::Split::train), {.batch_size = 25});
  const Array before = other.parameters()[0].value();
  train::ShardedStep step(model, optimizer, loader, {.shards = 4});
  for (auto& batch : loader) step(batch);
  EXPECT_EQ(other.parameters()[0].value(), before);
  EXPECT_FALSE(optimizer.states()[0].second->at(2).has_value());
  EXPECT_TRUE(optimizer.states()[0].second->at(0).has_value());
}

TEST(ShardedStepTest, ANaNLossThrowsAndChangesNothing) {
  PlainRun run;
  run.model =
      nn::Sequential(nn::Dropout(0.5, run.rng), nn::Linear(4, 3, run.rng), nn::BatchNorm1d(3));
  optim::Adam optimizer(run.model.parameters());
  const Array before = run.model.parameters()[0].value();
  const Rng::State drawn = run.model.named_rngs()[0].second->state();
  const train::Criterion broken = [](const Tensor& output, const Target& y) {
    return log(cross_entropy(output, y) - 1000.0);
  };
  EXPECT_EQ(message_of<Error>([&] {
              train::fit(run.model, optimizer, run.loader, {.criterion = broken, .shards = 2});
            }),
            "[fit] the loss must be a number, but it is NaN");
  EXPECT_EQ(run.model.parameters()[0].value(), before);
  EXPECT_EQ(optimizer.step_count(), 0u);
  EXPECT_EQ(run.model.named_rngs()[0].second->state(), drawn);
  EXPECT_EQ(run.model.buffers()[0].value(), zeros({3}));
}

TEST(ShardedStepTest, AnInfiniteGradientIsNotClipped) {
  Rng rng(1);
  nn::Sequential model(nn::Linear(1, 1, rng));
  for (Tensor p : model.parameters()) p.assign(zeros(p.shape()));
  optim::SGD optimizer(model.parameters(), {.lr = 1});
  datasets::DataLoader loader(datasets::Dataset(Array(ones({2, 1})), Array(zeros({2}))),
                              {.batch_size = 2});
  const train::Criterion steep = [](const Tensor& output, const Target&) {
    return sum(sqrt(output));
  };
  train::ShardedStep step(model, optimizer, loader, {.clip_norm = 1});
  for (auto& batch : loader) step(batch, steep);
  for (const Tensor& p : model.parameters()) EXPECT_EQ(p.item(), -kInf);
}

TEST(ShardedStepTest, AParameterThatOneProcessUsesIsTrainedOnAll) {
  for (const int user : {0, 1}) {
    distributed::run_as_threads(2, [user](distributed::World& world) {
      PlainRun run;
      const Tensor own(ones({}), true);
      std::vector<Tensor> parameters = run.model.parameters();
      parameters.push_back(own);
      optim::SGD optimizer(parameters, {.lr = 1});
      const train::Criterion criterion = [&](const Tensor& output, const Target& y) {
        const Tensor loss = cross_entropy(output, y);
        return world.rank() == user ? loss + own : loss;
      };
      run.loader = datasets::DataLoader(run.loader.dataset(), {.batch_size = 24});
      train::ShardedStep step(run.model, optimizer, run.loader, {.shards = 2, .world = &world});
      step(*run.loader.begin(), criterion);
      EXPECT_NEAR(own.item(), 0.5, 1e-12);
    });
  }
}

TEST(ShardedStepTest, ItsEndReturnsTheLoaderToWholeBatches) {
  distributed::run_as_threads(2, [](distributed::World& world) {
    PlainRun run;
    {
      const train::ShardedStep step(run.model, run.optimizer, run.loader,
                                    {.shards = 2, .world = &world});
      EXPECT_EQ((*run.loader.begin()).x.shape()[0], world.rank() == 0 ? 12u : 13u);
    }
    EXPECT_EQ((*run.loader.begin()).x.shape()[0], 25u);
  });
}

TEST(ShardedStepTest, OnlyTheFirstProcessIsTheFirst) {
  distributed::run_as_threads(2, [](distributed::World& world) {
    PlainRun run;
    train::ShardedStep step(run.model, run.optimizer, run.loader, {.shards = 2, .world = &world});
    EXPECT_EQ(step.is_first(), world.rank() == 0);
  });
}

TEST(ShardedStepTest, WrongOptionsAreRefused) {
  PlainRun run;
  auto world = distributed::World::local();
  EXPECT_THROW(train::fit(run.model, run.optimizer, run.loader, {.world = &world}), OptionError);
  EXPECT_THROW(train::ShardedStep(run.model, run.optimizer, run.loader, {.shards = 0}),
               OptionError);
  EXPECT_THROW(train::ShardedStep(run.model, run.optimizer, run.loader, {.clip_norm = 0}),
               OptionError);
}

TEST(EvaluateTest, ProcessesShareTheBatchesWithTheSameBits) {
  const datasets::Dataset data = datasets::digits(datasets::Split::train);
  const datasets::Dataset targets(data.gather_all(), Array(arange(data.size())));
  for (const datasets::Dataset& each : {data, targets}) {
    const auto result = [&](train::ProcessGroup* world) {
      Rng rng(1);
      nn::Sequential model(nn::Linear(64, each.has_labels() ? 10 : 1, rng));
      const train::Evaluation e = train::evaluate(model, each, {}, {}, world);
      return std::vector<double>{e.loss, e.accuracy, e.r2};
    };
    const std::vector<double> expected = result(nullptr);
    for (const int size : {2, 3, 8}) {
      distributed::run_as_threads(size, [&](distributed::World& world) {
        const std::vector<double> found = result(&world);
        for (std::size_t i = 0; i < found.size(); ++i) {
          EXPECT_TRUE(found[i] == expected[i] || (found[i] != found[i] && i != 0)) << i;
        }
      });
    }
  }
}

}  // namespace
}  // namespace xgrad::test
