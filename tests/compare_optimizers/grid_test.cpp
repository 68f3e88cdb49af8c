// SPDX-License-Identifier: MIT
// Tests of the grids, of their extension, and of the search among their points.
#include "compare_optimizers/comparison.hpp"

#include <gtest/gtest.h>

#include <support/tensors.hpp>

#include <cmath>
#include <set>

#include "compare_optimizers/made_up.hpp"
#include "compare_optimizers/registry.hpp"

namespace compare {
namespace {

using xgrad::OptionError;
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
    const double own = default_options(name).at("lr");
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

TEST(GridTest, ValuesAreSortedAndARepeatedOneCountsOnce) {
  EXPECT_EQ(grid_for(with_grid({"lr=0.2,0.1,0.2"}), "digits", "sgd").at("lr"), (Values{0.1, 0.2}));
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
      refusal("lamb.lr=1").starts_with("[compare] unknown optimizer \"lamb\"; one of adadelta, "));
}

TEST(GridTest, AGridIsContinuedBeyondTheEdgeThatTheBestPointLiesOn) {
  const auto rates = [](const Values& grid, double best) {
    Values result;
    for (const Options& point : beyond_edges({{"lr", grid}}, "adam", {{"lr", best}})) {
      result.push_back(point.at("lr"));
    }
    return result;
  };
  EXPECT_EQ(rates({1, 2, 5, 10}, 10), (Values{20, 50, 100}));
  EXPECT_EQ(rates({1, 2, 5, 10}, 1), (Values{0.5, 0.2, 0.1}));
  EXPECT_EQ(rates({1, 2, 5, 10}, 5), Values());
  EXPECT_EQ(rates({1, 4}, 4), (Values{16, 64, 256}));
  EXPECT_EQ(rates({1}, 1), Values()) << "a single value is not a grid";
}

TEST(GridTest, ValuesBeyondTheEdgeThatTheOptimizerRejectsAreLeftOut) {
  const Grid grid{{"beta2", {0.5, 0.9}}, {"lr", {0.1}}};
  EXPECT_TRUE(beyond_edges(grid, "adam", {{"beta2", 0.9}, {"lr", 0.1}}).empty());
  EXPECT_EQ(beyond_edges(grid, "adam", {{"beta2", 0.5}, {"lr", 0.1}}).size(), 3u);
}

const Metric kAccuracy{"accuracy", true, true};

/// A search in which a run is a formula. It makes runs until the search asks for no further one.
struct Simulation {
  explicit Simulation(const std::string& search) { plan.search = search; }

  Optimizer result() {
    for (;;) {
      bool is_new = false;
      Optimizer found = search(plan, base, kAccuracy, [&](const Settings& s) -> const Run* {
        const auto [place, added] = runs.emplace(describe(s), compare::Run());
        if (added) place->second = make(s);
        is_new = is_new || added;
        return added ? nullptr : &place->second;
      });
      EXPECT_FALSE(is_new && found.tuned) << "no point is chosen before all runs are there";
      if (is_new) continue;
      EXPECT_TRUE(found.tuned || diverges_above == 0) << "an incomplete search asks for a run";
      return found;
    }
  }
  compare::Run make(const Settings& s) {
    const double decades = std::log10(s.options.at("lr") / best);
    const double noise = 0.004 * std::sin(1e4 * s.options.at("lr") + double(s.seed));
    compare::Run run =
        test::run("tuning", s.seed, 0.9 - 0.1 * decades * decades + noise - 0.1 / double(s.epochs));
    if (s.options.at("lr") > diverges_above) run = test::run("tuning", s.seed, std::nullopt);
    run.epochs = s.epochs;
    run.steps = 10 * s.epochs;
    steps += run.steps;
    seeds.insert(s.seed);
    return run;
  }

  Plan plan{};
  Settings base = [] {
    Settings s;
    s.task = "digits";
    s.optimizer = "adam";
    s.epochs = 30;
    return s;
  }();
  double best = 0.006, diverges_above = 1e9;
  std::uint64_t steps = 0;
  std::map<std::string, compare::Run> runs{};
  std::set<std::uint64_t> seeds{};
};

TEST(SearchTest, TheGridTriesEachPointWithEachSeedAndTakesTheBestMean) {
  Simulation simulation("grid");
  const Optimizer found = simulation.result();
  EXPECT_EQ(simulation.runs.size(), 30u);
  EXPECT_EQ(simulation.seeds, (std::set<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(found.tuned->options, (Options{{"lr", 0.005}}));
  EXPECT_FALSE(found.tuned->at_edge);
  for (const TuningPoint& point : found.tuning) {
    EXPECT_EQ(point.runs.size(), 3u);
    EXPECT_NEAR(point.mean, (point.values[0] + point.values[1] + point.values[2]) / 3, 1e-12);
  }
}

TEST(SearchTest, HalvingTakesAtMostFortyPercentOfTheStepsAndFindsTheSamePoint) {
  for (const std::uint64_t seeds : {1u, 2u, 3u, 5u, 10u}) {
    Simulation grid("grid"), halving("halving");
    grid.plan.tuning_seeds = halving.plan.tuning_seeds = seeds;
    EXPECT_EQ(halving.result().tuned->options, grid.result().tuned->options) << seeds;
    EXPECT_LE(double(halving.steps), 0.4 * double(grid.steps)) << seeds;
  }
}

TEST(SearchTest, AGridWhoseBestPointIsAtItsEdgeIsExtendedOnce) {
  for (const char* const kind : {"grid", "halving"}) {
    Simulation simulation(kind);
    simulation.best = 0.5;
    const Optimizer found = simulation.result();
    EXPECT_EQ(found.tuning.size(), 13u);
    EXPECT_TRUE(found.tuning.back().extended);
    EXPECT_EQ(found.tuned->options, (Options{{"lr", 0.5}}));
    EXPECT_FALSE(found.tuned->at_edge);
    simulation.best = 1e4;
    simulation.runs.clear();
    EXPECT_TRUE(simulation.result().tuned->at_edge) << "it is not extended twice";
    simulation.plan.extend = false;
    EXPECT_EQ(simulation.result().tuning.size(), 10u);
  }
}

TEST(SearchTest, PointsThatDivergeLose) {
  for (const char* const kind : {"grid", "halving"}) {
    Simulation simulation(kind);
    simulation.diverges_above = 0.0025;
    EXPECT_EQ(simulation.result().tuned->options, (Options{{"lr", 0.002}}));
    simulation.diverges_above = 0;
    simulation.runs.clear();
    const Optimizer none = simulation.result();
    EXPECT_FALSE(none.tuned);
    EXPECT_EQ(none.tuning.size(), 10u);
  }
}

TEST(SearchTest, TheValidationLossDecidesBetweenEqualAccuracies) {
  Plan plan;
  plan.grid = {"lr=0.1,0.2,0.3"};
  plan.extend = false;
  plan.tuning_seeds = 1;
  Settings base;
  base.task = "digits";
  base.optimizer = "sgd";
  base.epochs = 2;
  std::map<double, compare::Run> runs;
  for (const auto& [lr, loss] : {std::pair{0.1, 0.5}, {0.2, 0.4}, {0.3, 0.6}}) {
    runs[lr] = test::run("tuning", 1, 0.9);
    runs[lr].curve.validation_loss.back() = loss;
  }
  const auto find = [&](const Settings& s) { return &runs.at(s.options.at("lr")); };
  EXPECT_EQ(search(plan, base, kAccuracy, find).tuned->options, (Options{{"lr", 0.2}}));
  runs[0.2].curve.validation_loss.back() = 0.5;
  EXPECT_EQ(search(plan, base, kAccuracy, find).tuned->options, (Options{{"lr", 0.1}}))
      << "then the smaller option";
}

}  // namespace
}  // namespace compare
