// SPDX-License-Identifier: MIT
// Tests of the grids, runs and seeds that follow from a plan.
#include "compare_optimizers/plan.hpp"

#include <gtest/gtest.h>

#include <set>
#include <support/tensors.hpp>

#include "compare_optimizers/run_file.hpp"

namespace compare {
namespace {

using xgrad::OptionError;
using xgrad::optim::OptionMap;
using xgrad::test::message_of;

using Values = std::vector<double>;

Plan with_grid(std::vector<std::string> grid) {
  Plan plan;
  plan.grid = std::move(grid);
  return plan;
}

/// Returns the message of the error that the grid entry causes.
std::string refusal(const std::string& spec, const std::string& optimizer = "adam") {
  return message_of<OptionError>([&] { grid_for(with_grid({spec}), "digits", optimizer); });
}

TEST(GridTest, TheDefaultIsThreeDecadesOfLearningRates) {
  const Grid adam = grid_for({}, "digits", "adam"), sgd = grid_for({}, "digits", "sgd");
  EXPECT_EQ(adam, (Grid{{"lr", {1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1}}}));
  EXPECT_EQ(sgd, (Grid{{"lr", {1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1, 2, 5, 10}}}));
}

TEST(GridTest, EveryDefaultGridContainsTheDefaultLearningRate) {
  for (const std::string& name : xgrad::optim::names()) {
    if (name == "sgd") continue;  // its default is too small for a network
    const Values rates = grid_for({}, "digits", name).at("lr");
    const double own = xgrad::optim::default_options(name).at("lr");
    EXPECT_LT(rates.front(), own) << name;
    EXPECT_GT(rates.back(), own) << name;
  }
}

TEST(GridTest, TheDefaultOnASurfaceHasThreeDecades) {
  const auto ends = [](const char* name) {
    const Values rates = grid_for({}, "rosenbrock", name).at("lr");
    return std::pair{rates.front(), rates.back()};
  };
  EXPECT_EQ(ends("sgd"), std::pair(1e-5, 1e-2));
  EXPECT_EQ(ends("adam"), std::pair(1e-3, 1.0));
  EXPECT_EQ(ends("adadelta"), std::pair(1e-2, 10.0));
  EXPECT_EQ(ends("lion"), std::pair(1e-3, 1.0));
}

TEST(GridTest, AnOptionWithAPrefixAppliesToThatOptimizerOnly) {
  const Plan plan = with_grid({"lr=0.1,0.2", "adam.beta2=0.99,0.999", "adam.lr=0.5"});
  EXPECT_EQ(grid_for(plan, "digits", "adam"), (Grid{{"beta2", {0.99, 0.999}}, {"lr", {0.5}}}));
  EXPECT_EQ(grid_for(plan, "digits", "sgd"), (Grid{{"lr", {0.1, 0.2}}}));
}

TEST(GridTest, LowHighCountIsALogarithmicGrid) {
  const Values values = grid_for(with_grid({"lr=0.001:10:5"}), "digits", "sgd").at("lr");
  const Values expected{0.001, 0.01, 0.1, 1, 10};
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(values[i] / expected[i], 1, 1e-12);
  EXPECT_EQ(grid_for(with_grid({"lr=0.5:3:1"}), "digits", "sgd").at("lr"), Values{0.5});
}

TEST(GridTest, ARepeatedValueCountsOnce) {
  EXPECT_EQ(grid_for(with_grid({"lr=0.2,0.1,0.2"}), "digits", "sgd").at("lr"), (Values{0.2, 0.1}));
}

TEST(GridTest, MalformedGridsAreRejected) {
  const std::string form = "\" must be [OPTIMIZER.]OPTION=VALUE,... or =LOW:HIGH:COUNT";
  for (const std::string spec : {"lr", "lr=", "lr=a", "lr=0.1,", "lr=1:2", "lr=1:x:3"}) {
    EXPECT_EQ(refusal(spec), "[grid] \"" + spec + form);
  }
  for (const std::string spec : {"lr=0:1:3", "lr=2:1:3", "lr=1:2:0", "lr=1:2:1001", "lr=1:2:1.5"}) {
    EXPECT_EQ(refusal(spec),
              "[grid] \"" + spec + "\" must have 0 < LOW <= HIGH and a whole COUNT from 1 to 1000");
  }
}

TEST(GridTest, ValuesThatTheOptimizerRejectsAreRejectedBeforeAnyRun) {
  EXPECT_EQ(refusal("rho=0.9"), "[grid] adam has no option \"rho\"");
  EXPECT_EQ(refusal("adam.beta2=1"), "[adam] beta2 must be in [0, 1), got 1");
  EXPECT_EQ(refusal("lr=0"), "[adam] lr must be a positive finite number, got 0");
  EXPECT_EQ(refusal("lr=-1"), "[adam] lr must be a positive finite number, got -1");
  EXPECT_TRUE(
      refusal("lamb.lr=1").starts_with("[optimizer] unknown optimizer \"lamb\"; one of sgd, "));
}

TEST(TuningStageTest, ContainsEveryPointOfTheGridOnceWithSeedZero) {
  Plan plan = with_grid({"lr=0.1,0.2,0.3", "adam.beta1=0.8,0.9", "adam.beta2=0.99,0.999"});
  plan.optimizers = {"sgd", "adam"};
  const std::vector<RunSettings> runs = tuning_stage(plan, "digits", 16);
  std::set<std::pair<std::string, OptionMap>> points;
  for (const RunSettings& run : runs) {
    EXPECT_EQ(run.stage, Stage::tuning);
    EXPECT_EQ(run.seed, 0u);
    EXPECT_EQ(run.batch_size, 16u);
    EXPECT_EQ(run.options.size(), run.optimizer == "adam" ? 3u : 1u);
    points.emplace(run.optimizer, run.options);
  }
  EXPECT_EQ(runs.size(), 3u + 3 * 2 * 2);
  EXPECT_EQ(points.size(), runs.size());
}

TEST(TuningStageTest, TasksHaveDifferentDefaultNetworksAndLengths) {
  const auto first = [](const Plan& plan, const std::string& task) {
    return tuning_stage(plan, task, 64).front();
  };
  EXPECT_EQ(first({}, "mnist").hidden, std::vector<std::size_t>{128});
  EXPECT_EQ(first({}, "mnist").budget.epochs, 5u);
  EXPECT_EQ(first({}, "wine").hidden, std::vector<std::size_t>{64});
  EXPECT_EQ(first({}, "wine").budget.epochs, 30u);
  EXPECT_TRUE(first({}, "rosenbrock").hidden.empty());
  Plan plan;
  plan.budget.steps = 7;  // replaces the default number of epochs
  plan.hidden = {3, 4};
  plan.table = {{.label = "kind"}, 0.4};
  const RunSettings table = first(plan, "csv:x.csv"), iris = first(plan, "iris");
  EXPECT_FALSE(table.budget.epochs);
  EXPECT_EQ(table.budget.steps, 7u);
  EXPECT_EQ(table.hidden, plan.hidden);
  EXPECT_EQ(table.label, "kind");
  EXPECT_EQ(table.test_fraction, 0.4);
  EXPECT_EQ(iris.label, "");
  EXPECT_EQ(iris.test_fraction, 0);
}

TEST(PrintableTest, OnlyBytesThatAreNotUtf8AreReplaced) {
  for (const char* text :
       {"", "csv:a b.csv", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\x7F\n"}) {
    EXPECT_EQ(printable(text), text);
  }
  EXPECT_EQ(printable("caf\xE9.csv"), "caf\\xE9.csv");
  EXPECT_EQ(printable("\xC3"), "\\xC3");
  EXPECT_EQ(printable("\xC0\xAF"), "\\xC0\\xAF");                    // a longer form of "/"
  EXPECT_EQ(printable("\xED\xA0\x80"), "\\xED\\xA0\\x80");           // half of a pair
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80");  // beyond U+10FFFF
  EXPECT_EQ(printable("\xE2\x82\xC3\xA9"), "\\xE2\\x82\xC3\xA9");
}

TEST(FinalStageTest, WinningAndDefaultOptionsUseTheSameNewSeeds) {
  Plan plan;
  plan.optimizers = {"adam", "sgd", "nag"};
  plan.seeds = 3;
  const OptionMap adam{{"lr", 0.02}, {"beta2", 0.99}}, nag{{"lr", 0.5}};
  std::map<std::pair<std::string, Stage>, std::vector<std::uint64_t>> seeds;
  std::set<std::string> names;
  const auto runs = final_stage(plan, "digits", 64, {{"adam", adam}, {"nag", nag}});
  for (const RunSettings& run : runs) {
    seeds[{run.optimizer, run.stage}].push_back(run.seed);
    names.insert(file_name(run).string());
    const OptionMap own{{"lr", xgrad::optim::default_options(run.optimizer).at("lr")}};
    EXPECT_EQ(run.options, run.stage == Stage::defaults ? own
                           : run.optimizer == "adam"    ? adam
                                                        : nag);
  }
  const std::vector<std::uint64_t> fresh{1, 2, 3};
  ASSERT_EQ(seeds.size(), 5u) << "sgd has no winner, so it has the default options only";
  for (const auto& [key, used] : seeds) EXPECT_EQ(used, fresh) << key.first;
  EXPECT_EQ(names.size(), runs.size());
}

}  // namespace
}  // namespace compare
