// SPDX-License-Identifier: MIT
// Tests that a run that is stopped after any step and resumed equals the uninterrupted run.
#include "runs.hpp"

#include <cmath>
#include <limits>
#include <optional>

namespace xgrad::test {
namespace {

constexpr std::uint64_t kSteps = 19;  // more than two epochs of 8 steps

class ResumeTest : public ::testing::TestWithParam<std::string> {
 protected:
  const Scratch scratch;
  const std::filesystem::path file = scratch / "run";
};

TEST_P(ResumeTest, ARunResumedAfterAnyStepEqualsTheUninterruptedRun) {
  Training whole(GetParam());
  whole.train_to(kSteps);
  for (std::uint64_t stop = 0; stop < kSteps; ++stop) {
    Training stopped(GetParam());
    stopped.train_to(stop);
    stopped.save(file);
    Training resumed(GetParam(), 99);  // other weights and another state of the generator
    resumed.load(file);
    EXPECT_EQ(resumed.optimizer->step_count(), stop);
    resumed.train_to(kSteps);
    EXPECT_TRUE(same_bits(values_of(resumed.model), values_of(whole.model))) << stop;
    EXPECT_EQ(resumed.rng.state(), whole.rng.state()) << stop;
    EXPECT_EQ(resumed.optimizer->learning_rate(), whole.optimizer->learning_rate());
  }
}

TEST_P(ResumeTest, EveryEntryOfTheFileMatters) {
  Training whole(GetParam());
  whole.train_to(10);
  whole.save(file);
  whole.train_to(kSteps);
  const auto differs = [&](auto spoil) {
    Training resumed(GetParam());
    resumed.load(file);
    spoil(resumed);
    resumed.train_to(resumed.optimizer->step_count() + kSteps - 10);
    return !same_bits(values_of(resumed.model), values_of(whole.model));
  };
  EXPECT_FALSE(differs([](Training&) {}));
  EXPECT_TRUE(differs([](Training& cold) {
    for (Tensor& p : cold.model.parameters()) p.assign(full(p.shape(), Scalar(0.1)));
  }));
  EXPECT_TRUE(differs([](Training& cold) { cold.rng = Rng(1); }));
  EXPECT_TRUE(differs([](Training& cold) { cold.progress.loader.epoch = 0; }));
  EXPECT_TRUE(differs([](Training& cold) { cold.optimizer->resume(0, 0.05, false); }));
  if (GetParam() == "sgd") return;
  EXPECT_TRUE(differs([](Training& cold) {
    for (const auto& [name, state] : cold.optimizer->states()) state->assign(state->size(), {});
  }));
}

TEST_P(ResumeTest, ACheckpointSavedInEvaluationModeContainsThetaAndResumes) {
  Training whole(GetParam());
  whole.train_to(11);
  whole.optimizer->eval();
  whole.save(file);
  const std::vector<Array> theta = values_of(whole.model);
  whole.optimizer->train();
  whole.train_to(kSteps);

  Training resumed(GetParam(), 99);
  resumed.load(file);
  EXPECT_TRUE(same_bits(values_of(resumed.model), theta));
  EXPECT_EQ(resumed.optimizer->is_evaluating(), GetParam() == "nag");
  resumed.optimizer->eval();
  EXPECT_TRUE(same_bits(values_of(resumed.model), theta));
  resumed.optimizer->train();
  resumed.train_to(kSteps);
  EXPECT_TRUE(same_bits(values_of(resumed.model), values_of(whole.model)));
}

TEST_P(ResumeTest, LoadsIntoAnOptimizerInEvaluationMode) {
  Training whole(GetParam());
  whole.train_to(5);
  whole.save(file);
  whole.train_to(kSteps);
  Training resumed(GetParam(), 99);
  resumed.train_to(3);
  resumed.optimizer->eval();
  resumed.load(file);
  resumed.train_to(kSteps);
  EXPECT_TRUE(same_bits(values_of(resumed.model), values_of(whole.model)));
}

TEST_P(ResumeTest, FrozenParametersStayFrozenAndKeepTheirState) {
  Training whole(GetParam()), resumed(GetParam(), 99);
  const auto set_frozen = [](Training& run, bool frozen) {
    run.model.parameters()[0].set_requires_grad(!frozen);
  };
  whole.train_to(5);
  set_frozen(whole, true);
  whole.train_to(9);
  whole.save(file);
  resumed.model.parameters()[1].set_requires_grad(false);  // is trained in the checkpoint
  resumed.load(file);
  EXPECT_FALSE(resumed.model.parameters()[0].requires_grad());
  EXPECT_TRUE(resumed.model.parameters()[1].requires_grad());
  for (Training* run : {&whole, &resumed}) {
    run->train_to(12);
    set_frozen(*run, false);
    run->train_to(kSteps);
  }
  EXPECT_TRUE(same_bits(values_of(resumed.model), values_of(whole.model)));
}

INSTANTIATE_TEST_SUITE_P(Rules, ResumeTest, ::testing::ValuesIn(optim::names()),
                         [](const auto& rule) { return rule.param; });

TEST(CheckpointTest, ProgressIsRestoredBitForBit) {
  const Scratch scratch;
  Training setup("adam");
  setup.train_to(3);
  setup.optimizer->set_learning_rate(0.1 / 3);
  const double inf = std::numeric_limits<double>::infinity();
  train::Progress& saved = setup.progress;
  saved.epoch = 2;
  saved.step = std::numeric_limits<std::uint64_t>::max();
  saved.seed = (std::uint64_t{1} << 63) + 1;
  saved.rows = 5;
  saved.loss_sum = inf;
  saved.seconds = 0.1 + 0.2;
  saved.history = {{1e308, 5e-324, -0.0, train::Evaluation{1.0 / 3, 2.0 / 3, 1e-17, 4}},
                   {-inf, 0.7, 1e22, std::nullopt},
                   {2, 3, 4, train::Evaluation{0.5, std::nan(""), std::nan(""), 30}}};
  saved.average = {0.1 + 0.2, 7, values_of(Training("adam", 5).model)};
  setup.save(scratch / "run");
  Training other("adam");
  const train::Progress loaded =
      train::load_checkpoint(scratch / "run", other.model, *other.optimizer);
  EXPECT_EQ(other.optimizer->learning_rate(), 0.1 / 3);
  EXPECT_EQ(loaded.epoch, saved.epoch);
  EXPECT_EQ(loaded.step, saved.step);
  EXPECT_EQ(loaded.seed, saved.seed);
  EXPECT_EQ(loaded.rows, saved.rows);
  EXPECT_EQ(loaded.loss_sum, inf);
  EXPECT_EQ(loaded.seconds, 0.1 + 0.2);
  EXPECT_EQ(loaded.loader.loader, saved.loader.loader);
  EXPECT_EQ(loaded.loader.batch, 3u);
  EXPECT_EQ(train::to_csv(loaded.history), train::to_csv(saved.history));
  EXPECT_EQ(loaded.history[0].train_loss, 1e308);
  EXPECT_EQ(loaded.history[0].learning_rate, 5e-324);
  EXPECT_TRUE(std::signbit(loaded.history[0].seconds));
  EXPECT_EQ(loaded.history[0].validation->loss, 1.0 / 3);
  EXPECT_EQ(loaded.history[1].train_loss, -inf);
  EXPECT_FALSE(loaded.history[1].validation);
  EXPECT_TRUE(std::isnan(loaded.history[2].validation->accuracy));
  EXPECT_EQ(loaded.history[2].validation->count, 30u);
  EXPECT_EQ(loaded.average->decay, 0.1 + 0.2);
  EXPECT_EQ(loaded.average->steps, 7u);
  EXPECT_TRUE(same_bits(loaded.average->values, saved.average->values));
}

TEST(CheckpointTest, TheMetadataContainOneReadableJsonObject) {
  const Scratch scratch;
  Training setup("sgd");
  setup.progress = {.epoch = 2,
                    .step = 16,
                    .seed = std::numeric_limits<std::uint64_t>::max(),
                    .loader = {"a \"loader\"", 2, 3},
                    .rows = 48,
                    .loss_sum = -std::numeric_limits<double>::infinity(),
                    .seconds = 0.1,
                    .history = {{0.5, 1e22, 2, train::Evaluation{0.25, std::nan(""), 5e-324, 30}},
                                {-0.0, 0.1, 1.0 / 3, std::nullopt}}};
  setup.rng.set_state({1, 2, 3, std::numeric_limits<std::uint64_t>::max()});
  setup.save(scratch / "run");
  std::string text = read_bytes(scratch / "run");  // without the escapes of a string in JSON
  for (std::size_t at = 0; (at = text.find('\\', at)) != std::string::npos; ++at) text.erase(at, 1);
  const auto has = [&](const std::string& part) { return text.find(part) != std::string::npos; };
  EXPECT_TRUE(has(R"("version":2)")) << text;
  EXPECT_TRUE(has(R"("rngs":{"1.rng":[1,2,3,18446744073709551615]})")) << text;
  EXPECT_TRUE(has(R"("trained":["0.weight","0.bias","3.weight","3.bias"])")) << text;
  EXPECT_TRUE(
      has(R"("progress":{"epoch":2,"history":[{"learning_rate":1e+22,"seconds":2.0,)"
          R"("train_loss":0.5,"validation":{"accuracy":"nan","accuracy_stderr":5e-324,"count":30,)"
          R"("loss":0.25}},{"learning_rate":0.1,"seconds":0.3333333333333333,"train_loss":-0.0,)"
          R"("validation":null}],"loader":"a \"loader\"","loader_batch":3,"loader_epoch":2,)"
          R"("loss_sum":"-inf","rows":48,"seconds":0.1,"seed":18446744073709551615,"step":16})"))
      << text;
}

TEST(CheckpointTest, ALearningRateOfZeroIsRestored) {
  const Scratch scratch;
  for (const double lr : {0.0, 6.98e-46}) {
    Training saved("adam"), loaded("adam");
    saved.train_to(3);
    saved.optimizer->set_learning_rate(lr);
    saved.save(scratch / "run");
    loaded.load(scratch / "run");
    EXPECT_EQ(loaded.optimizer->learning_rate(), lr);
    EXPECT_EQ(loaded.optimizer->step_count(), 3u);
  }
}

TEST(CheckpointTest, AParameterWithoutAGradientHasNoMoments) {
  const Scratch scratch;
  Training setup("adam"), other("adam", 2);
  setup.model.parameters()[0].set_requires_grad(false);
  setup.train_to(2);
  setup.save(scratch / "run");
  other.train_to(3);
  other.load(scratch / "run");
  EXPECT_FALSE((*other.optimizer->states()[0].second)[0]);
  EXPECT_TRUE((*other.optimizer->states()[0].second)[1]);
}

TEST(CheckpointTest, ParameterGroupsMustBeThoseOfTheFile) {
  const Scratch scratch;
  struct Groups : Training {
    Groups(std::ptrdiff_t cut, double lr_scale, std::optional<double> decay) : Training("adam") {
      const std::vector<Tensor> all = model.parameters();
      optimizer = optim::make("adam", std::vector<optim::ParameterGroup>{
                                          {.parameters = {all.begin(), all.begin() + cut}},
                                          {{all.begin() + cut, all.end()}, lr_scale, decay}});
    }
  };
  Groups saved(2, 0.5, 0.1), same(2, 0.5, 0.1);
  saved.train_to(3);
  saved.save(scratch / "run");
  same.load(scratch / "run");
  saved.train_to(6);
  same.train_to(6);
  EXPECT_TRUE(same_bits(values_of(same.model), values_of(saved.model)));
  Training without_groups("adam");
  Groups other_sizes(1, 0.5, 0.1), other_rate(2, 0.25, 0.1), other_decay(2, 0.5, std::nullopt);
  for (Training* other :
       std::vector<Training*>{&without_groups, &other_sizes, &other_rate, &other_decay}) {
    EXPECT_NE(message_of<DataError>([&] {
                other->load(scratch / "run");
              }).find("the optimizer differs: "),
              std::string::npos);
  }
}

TEST(CheckpointTest, AnOptimizerMayHaveSomeParametersOfTheModel) {
  const Scratch scratch;
  const auto train_and_save = [&](std::size_t from) {
    Training setup("momentum");
    const auto all = setup.model.parameters();
    const std::vector<Tensor> rest(all.begin() + static_cast<int>(from), all.end());
    setup.optimizer = optim::make("momentum", rest);
    setup.train_to(1);
    setup.save(scratch / "run");
  };
  train_and_save(2);
  Training other("momentum");
  EXPECT_NE(message_of<DataError>([&] { other.load(scratch / "run"); })
                .find("what the optimizer trains differs: [\"3.weight\",\"3.bias\"] in the file, "
                      "here [\"0.weight\",\"0.bias\",\"3.weight\",\"3.bias\"]"),
            std::string::npos);
  Training foreign("sgd");
  EXPECT_EQ(message_of<OptionError>([&] {
              train::save_checkpoint(scratch / "run", foreign.model, *other.optimizer, {});
            }),
            "[save_checkpoint] parameter 0 of the optimizer is not one of the model's");
}

}  // namespace
}  // namespace xgrad::test
