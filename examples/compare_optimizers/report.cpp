// SPDX-License-Identifier: MIT
#include "compare_optimizers/report.hpp"

#include "compare_optimizers/html.hpp"
#include "compare_optimizers/plots.hpp"
#include "compare_optimizers/rules.hpp"
#include "compare_optimizers/tables.hpp"
#include "compare_optimizers/words.hpp"

#include <xgrad/core/file.hpp>

#include <algorithm>

namespace compare {
namespace {

using html::element, html::escape;
using Rows = std::vector<std::vector<std::string>>;

std::string paragraph(const std::string& text, const std::string& kind = "") {
  return element(kind.empty() ? "p" : "p class=\"" + kind + "\"", escape(text)) + "\n";
}

std::string settings_note(const Group& group) {
  std::string note = "Target: " + target_text(group) +
                     ". Steps and seconds are medians over seeds; “–”: at least half of the runs "
                     "did not reach it.";
  if (std::any_of(group.entries.begin(), group.entries.end(),
                  [](const Entry& entry) { return entry.at_edge; })) {
    note +=
        " “edge of the grid”: the best learning rate is the smallest or the largest that was "
        "tried; a wider grid may contain a better one.";
  }
  return paragraph(note, "note");
}

std::string chart_elements(const std::vector<Chart>& charts, const std::string& kind) {
  std::string result;
  for (const Chart& chart : charts) {
    if (chart.svg.empty()) continue;
    result += element("figure", element("figcaption", escape(chart.title) +
                                                          element("small", escape(chart.note))) +
                                    chart.svg) +
              "\n";
  }
  return result.empty() ? result : element("div class=\"charts " + kind + "\"", result) + "\n";
}

std::string legend(const Group& group) {
  std::string names;
  for (const Entry& entry : group.entries) names += name_with_swatch(entry.optimizer) + "\n";
  return element("div class=\"legend\"", names) + "\n";
}

/// The charts of one group.
struct Charts {
  std::vector<Chart> curves, paths;
};

/// Draws the charts of all groups.
std::vector<Charts> draw_all(const std::vector<Group>& groups, Gnuplot& gnuplot, unsigned jobs) {
  std::vector<Charts> result;
  for (const Group& group : groups) {
    result.push_back({group_charts(group), path_charts(group)});
  }
  std::vector<Chart*> all;
  for (Charts& charts : result) {
    for (Chart& chart : charts.curves) all.push_back(&chart);
    for (Chart& chart : charts.paths) all.push_back(&chart);
  }
  gnuplot.draw(all, jobs);
  return result;
}

std::string chart_section(const Group& group, const Charts& charts) {
  const std::string curves = chart_elements(charts.curves, "");
  const std::string paths = chart_elements(charts.paths, "small");
  if (curves.empty() && paths.empty()) return {};
  std::string result =
      element("h3", "Charts") + legend(group) +
      paragraph(
          "Lines are means over seeds. Bands reach from the minimum to the maximum "
          "over seeds. Diverged runs are left out of both.",
          "note") +
      curves;
  if (!paths.empty()) result += element("h3", "Paths on the contour lines") + paths;
  return result;
}

std::string section(const Group& group, std::size_t number, const Charts& charts) {
  std::string result =
      element("h2 id=\"group" + std::to_string(number) + "\"", escape(group_title(group))) + "\n";
  if (group.entries.empty()) return result + paragraph("No run.");
  return result + paragraph(answer(group), "answer") + ranking_table(group) +
         settings_table(group) + settings_note(group) + diverged_runs(group) +
         chart_section(group, charts);
}

// Returns a table with a column for each group and a row for each optimizer.
std::string overview(const Comparison& comparison) {
  std::vector<std::string> head{"Optimizer"}, names;
  for (const Group& group : comparison.groups) {
    head.push_back(escape(group_title(group)));
    for (const Entry& entry : group.entries) {
      if (std::find(names.begin(), names.end(), entry.optimizer) == names.end()) {
        names.push_back(entry.optimizer);
      }
    }
  }
  Rows rows;
  for (const std::string& name : names) {
    auto& row = rows.emplace_back(std::vector{name_with_swatch(name)});
    for (const Group& group : comparison.groups) {
      const auto entry = std::find_if(group.entries.begin(), group.entries.end(),
                                      [&](const Entry& e) { return e.optimizer == name; });
      row.push_back(entry == group.entries.end() ? "–" : result_text(group, *entry));
    }
  }
  return element("h2", "All tasks at a glance") + html::table(head, rows);
}

std::string links(const Comparison& comparison) {
  std::string result;
  for (std::size_t i = 0; i < comparison.groups.size(); ++i) {
    result += element("a href=\"#group" + std::to_string(i) + "\"",
                      escape(group_title(comparison.groups[i]))) +
              "\n";
  }
  result += element("a href=\"#rules\"", "Update rules") + "\n" +
            element("a href=\"#protocol\"", "Protocol") + "\n";
  return element("nav", result) + "\n";
}

std::string rule_cards(const Comparison& comparison) {
  std::string cards;
  for (const Rule& rule : rules()) {
    const bool used =
        std::any_of(comparison.groups.begin(), comparison.groups.end(), [&](const Group& group) {
          return std::any_of(group.entries.begin(), group.entries.end(),
                             [&](const Entry& entry) { return entry.optimizer == rule.name; });
        });
    if (!used) continue;
    cards += element("div class=\"rule\"", element("h3", name_with_swatch(rule.name)) +
                                               element("div class=\"formula\"", rule.formula) +
                                               element("p", escape(rule.intuition))) +
             "\n";
  }
  return element("h2 id=\"rules\"", "Update rules") +
         paragraph(
             "θ is a parameter, g is its gradient ∇J(θ), and η is the learning rate (lr). All "
             "state starts at 0, and all operations are element-wise.") +
         element("div class=\"rules\"", cards) + "\n";
}

std::string protocol(const Comparison& comparison) {
  std::string sentences, machine;
  for (const std::string& sentence : comparison.protocol)
    sentences += element("li", escape(sentence));
  for (const auto& [name, value] : comparison.machine) {
    machine += element("dt", escape(name)) + element("dd", escape(value)) + "\n";
  }
  return element("h2 id=\"protocol\"", "Protocol") + element("ul", sentences) + "\n" +
         element("h3", "Command") + element("pre tabindex=\"0\"", escape(comparison.command)) +
         "\n" + element("h3", "Environment") + element("dl", machine) + "\n";
}

}  // namespace

void write_report(const std::filesystem::path& file, const Comparison& comparison, unsigned jobs,
                  const std::string& program) {
  Gnuplot gnuplot(program);
  const std::vector<Charts> charts = draw_all(comparison.groups, gnuplot, jobs);
  std::string sections;
  for (std::size_t i = 0; i < comparison.groups.size(); ++i) {
    sections += section(comparison.groups[i], i, charts[i]);
  }
  std::string body =
      element("h1", escape(comparison.title)) + "\n" + links(comparison) + gnuplot.symbols();
  if (!gnuplot.problem().empty()) {
    body += paragraph(
        "Charts are missing because gnuplot could not be run or failed (" + gnuplot.problem() +
            "). Install gnuplot (Debian: gnuplot-nox) and repeat the command with --resume. The "
            "tables are complete.",
        "answer");
  }
  if (comparison.groups.size() > 1) body += overview(comparison);
  body += sections + rule_cards(comparison) + protocol(comparison);
  xgrad::write_file("report", file, html::page(comparison.title, body));
}

}  // namespace compare
