// SPDX-License-Identifier: MIT
#include "compare_optimizers/report.hpp"

#include "compare_optimizers/demo.hpp"
#include "compare_optimizers/gnuplot.hpp"
#include "compare_optimizers/html.hpp"
#include "compare_optimizers/plan.hpp"
#include "compare_optimizers/rules.hpp"
#include "compare_optimizers/words.hpp"
#include "support/scratch.hpp"
#include "support/tensors.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <regex>
#include <set>

namespace compare::test {
namespace {

constexpr const char* kNoProgram = "no-such-gnuplot";

std::string written(const Comparison& comparison, const std::string& gnuplot = kNoProgram) {
  const Scratch scratch;
  write_report(scratch / "report.html", comparison, 2, gnuplot);
  return read_bytes(scratch / "report.html");
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t result = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++result;
  }
  return result;
}

bool has(const std::string& text, const std::string& part) { return count(text, part) > 0; }

bool has_gnuplot() {
  Chart line{.script = "plot x\n"};
  Gnuplot("gnuplot").draw({&line}, 1);
  return !line.svg.empty();
}

Comparison only(Group group) {
  Comparison comparison = demo();
  comparison.groups = {std::move(group)};
  return comparison;
}

TEST(ReportTest, TextOfTheComparisonIsEscaped) {
  Comparison comparison = only(digits_group());
  const std::string evil = "<script>alert('1')&\"</script>";
  comparison.title = comparison.command = comparison.groups.front().task = evil;
  comparison.machine = {{evil, evil}};
  comparison.protocol = {evil};
  comparison.groups.front().entries.back().optimizer = evil;
  comparison.groups.front().entries.front().finals.front().diverged = true;
  comparison.groups.front().entries.front().finals.front().reason = evil;
  const std::string page = written(comparison);
  EXPECT_FALSE(has(page, "<script"));
  EXPECT_FALSE(has(page, "alert('1')"));
  EXPECT_GE(count(page, html::escape(evil)), 8u);
  EXPECT_EQ(html::escape("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
}

TEST(ReportTest, ThePageRefersToNothingOutsideItself) {
  const std::string page = written(demo(), "gnuplot");
  EXPECT_FALSE(has(page, "http"));
  EXPECT_FALSE(has(page, "src="));
  EXPECT_FALSE(has(page, "url("));
  EXPECT_FALSE(has(page, "@import"));
  const std::string reference = "href=";
  for (std::size_t at = 0; (at = page.find(reference, at)) != std::string::npos;) {
    at += reference.size() + 1;  // +1: the quote
    EXPECT_EQ(page.at(at), '#') << page.substr(at, 40);
  }
}

TEST(ReportTest, WithoutGnuplotThePageSaysSoAndContainsTheTables) {
  const std::string page = written(demo());
  EXPECT_TRUE(has(page, "Charts are missing"));
  EXPECT_TRUE(has(page, "no-such-gnuplot: No such file or directory"));
  EXPECT_FALSE(has(page, "<figure"));
  EXPECT_EQ(count(page, "Steps to target</th>"), 4u);
  EXPECT_TRUE(has(page, "lr 0.003, beta2 0.99"));
  EXPECT_TRUE(has(page, "edge of the grid"));
}

TEST(ReportTest, WithoutATemporaryFolderThePageContainsTheTables) {
  const char* const before = std::getenv("TMPDIR");
  const std::string folder = before != nullptr ? before : "/tmp";
  const Scratch scratch;  // made before TMPDIR changes
  ::setenv("TMPDIR", "/no/such/folder", 1);
  write_report(scratch / "report.html", demo(), 2, "gnuplot");
  ::setenv("TMPDIR", folder.c_str(), 1);
  const std::string page = read_bytes(scratch / "report.html");
  EXPECT_TRUE(has(page, "Charts are missing"));
  EXPECT_EQ(count(page, "Steps to target</th>"), 4u);
}

TEST(ReportTest, AGnuplotThatFailsOrWritesNothingCountsAsMissing) {
  for (const char* program : {"false", "true"}) {
    const std::string page = written(only(digits_group()), program);
    EXPECT_TRUE(has(page, "Charts are missing")) << program;
    EXPECT_FALSE(has(page, "<figure")) << program;
  }
}

TEST(ReportTest, EveryOptimizerHasItsFormulaAndAColourOfItsOwn) {
  const std::string page = written(demo());
  std::set<std::string> colours;
  ASSERT_EQ(rules().size(), xgrad::optim::names().size());
  for (const Rule& rule : rules()) colours.insert(rule.colour);
  EXPECT_EQ(colours.size(), rules().size());
  for (const std::string& name : kDefaultOptimizers) {
    using xgrad::optim::Notation;
    EXPECT_EQ(count(page, xgrad::optim::formula(name, Notation::mathml) + "</div>"), 1u) << name;
    EXPECT_TRUE(has(page, html::escape(find_rule(name).intuition)));
  }
  EXPECT_EQ(count(page, "<math "), kDefaultOptimizers.size()) << "formulas of rules in no run";
}

TEST(ReportTest, TheFormulasEqualThoseOfTheReadme) {
  const std::string readme = read_bytes(std::string(XGRAD_SOURCE_DIR) + "/README.md");
  for (const std::string& name : kDefaultOptimizers) {
    const std::string formula =
        std::regex_replace(xgrad::optim::formula(name), std::regex("\n"), "; ");
    EXPECT_TRUE(has(readme, "| " + formula + " |")) << name;
  }
}

TEST(ReportTest, OptimizersThatAlwaysDivergeAreShownAsFailed) {
  Group group = demo().groups[1];  // every run of sgd diverged
  std::string page = written(only(group), "gnuplot");
  EXPECT_TRUE(has(page, "<span class=\"mark warn\">5 of 5</span>"));
  EXPECT_TRUE(has(page, "is above the one at the start"));
  EXPECT_TRUE(has(answer(group), "Every run of sgd diverged. 1 of 5 runs of "));
  for (Entry& entry : group.entries) {
    for (auto* runs : {&entry.tuning, &entry.finals, &entry.defaults}) {
      for (auto& run : *runs) {
        run.diverged = true;
        run.epochs.clear();
        run.steps.clear();
      }
    }
    entry.failed = entry.finals.size();
    entry.to_best.reset();
    entry.default_mean = entry.steps_to_target = entry.seconds_to_target = std::nullopt;
  }
  page = written(only(group), "gnuplot");
  EXPECT_TRUE(has(page, "Every run with the tuned options diverged"));
  EXPECT_FALSE(has(page, "nan"));
  EXPECT_EQ(has(page, "Charts are missing"), !has_gnuplot());
  group.metric = Metric::loss;  // logarithmic axes that show only crosses
  EXPECT_EQ(has(written(only(group), "gnuplot"), "Charts are missing"), !has_gnuplot());
}

TEST(ReportTest, OneSeedHasNoStandardDeviationAndNoVerdict) {
  Group group = digits_group();
  for (Entry& entry : group.entries) entry.finals.resize(1);
  const std::string page = written(only(group));
  EXPECT_FALSE(has(page, " ± 0"));
  EXPECT_EQ(count(page, "too few seeds</span>"), 5u);
  EXPECT_TRUE(has(answer(group), "There are too few seeds to judge"));
}

TEST(ReportTest, APageIsWrittenWithoutFinalRuns) {
  Group group = digits_group();
  for (Entry& entry : group.entries) {
    entry.finals.clear();
    entry.defaults.clear();
    entry.default_mean.reset();
  }
  EXPECT_TRUE(has(written(only(group)), "No run with the tuned options has finished"));
  group.entries.clear();
  EXPECT_TRUE(has(written(only(group), "gnuplot"), "No run."));
  EXPECT_TRUE(has(written(Comparison{}), "</html>"));
}

TEST(ReportTest, TheAnswerNamesTiesAndSignificantDifferences) {
  Group group{"digits", 64, Metric::accuracy, 0.95, {}};
  const std::vector<compare::Run> seeds(5);
  const auto add = [&](const char* name, double mean, std::optional<Interval> difference) {
    Entry entry;
    entry.optimizer = name;
    entry.finals = seeds;
    entry.mean = mean;
    entry.default_mean = mean - 0.01;
    entry.to_best = difference;
    entry.tied = difference && difference->high > 0;
    group.entries.push_back(entry);
  };
  add("adam", 0.98, {});
  add("nag", 0.979, {{-0.001, -0.003, 0.001}});
  add("sgd", 0.961, {{-0.019, -0.023, -0.015}});
  group.entries[2].default_mean = 0.841;
  group.entries[1].steps_to_target = 120;
  group.entries[2].steps_to_target = 900;
  EXPECT_EQ(answer(group),
            "adam and nag are tied. adam has the best mean test accuracy, 98.00 % (5 seeds). "
            "sgd (−1.90 points) differs significantly from the best. "
            "Tuning helps sgd most: +12.00 points compared with its defaults. "
            "nag needs the fewest steps to reach 95 % validation accuracy: 120.");
}

TEST(ReportTest, ChartsUseTheColoursOfThePageAndLeaveNoFilesBehind) {
  if (!has_gnuplot()) GTEST_SKIP() << "gnuplot is not installed";
  const Scratch temporary;  // a private TMPDIR, because other tests draw at the same time
  const char* const before = std::getenv("TMPDIR");
  const std::string old = before != nullptr ? before : "";
  ::setenv("TMPDIR", temporary.path().c_str(), 1);
  const std::string page = written(demo(), "gnuplot");
  before != nullptr ? ::setenv("TMPDIR", old.c_str(), 1) : ::unsetenv("TMPDIR");
  EXPECT_TRUE(std::filesystem::is_empty(temporary.path()));
  EXPECT_FALSE(has(page, "Charts are missing"));
  // There is a bar chart only if an optimizer reaches the target.
  EXPECT_EQ(count(page, "<figure>"), 2u * 8 + 2 * 4 + 2 * 7);
  EXPECT_EQ(count(page, "id='gpPt6'"), 1u);
  EXPECT_FALSE(has(page, "black"));
  EXPECT_FALSE(has(page, "<title>gnuplot"));
  for (const char* colour : {"rgb(  0, 114, 178)", "rgb(230, 159,   0)"}) {
    EXPECT_TRUE(has(page, colour)) << colour;
  }
}

TEST(ReportTest, AQuoteOrALineBreakCannotEndAStringOfAScript) {
  EXPECT_EQ(quoted("it's\n`x`"), "'it''s`x`'");
}

TEST(ReportTest, AMissingFolderIsReportedInOneLine) {
  const Scratch scratch;
  const std::string message = xgrad::test::message_of<xgrad::DataError>(
      [&] { write_report(scratch / "none/report.html", Comparison{}, 1, kNoProgram); });
  EXPECT_EQ(message.rfind("[report] ", 0), 0u) << message;
  EXPECT_FALSE(has(message, "\n"));
}

}  // namespace
}  // namespace compare::test
