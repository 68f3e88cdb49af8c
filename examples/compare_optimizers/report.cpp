// SPDX-License-Identifier: MIT
#include "compare_optimizers/report.hpp"

#include "compare_optimizers/html.hpp"
#include "compare_optimizers/plots.hpp"
#include "compare_optimizers/rules.hpp"
#include "compare_optimizers/tables.hpp"
#include "compare_optimizers/words.hpp"

#include <xgrad/core/internal/file.hpp>

#include <algorithm>

namespace compare {
namespace {

using html::element, html::escape;
using Rows = std::vector<std::vector<std::string>>;

std::string paragraph(const std::string& text, const std::string& kind = "") {
  return element(kind.empty() ? "p" : "p class=\"" + kind + "\"", escape(text)) + "\n";
}

std::string settings_note(const Group& group) {
  std::string note =
      "Target: " + target_text(group) + "; median over seeds, “–” where most never got there.";
  if (std::any_of(group.entries.begin(), group.entries.end(),
                  [](const Entry& entry) { return entry.at_edge; })) {
    note +=
        " “grid's edge”: the best learning rate is the smallest or largest tried; a better one "
        "may lie beyond.";
  }
  return paragraph(note, "note");
}

std::string figures(const std::vector<Picture>& pictures, const std::string& kind) {
  std::string result;
  for (const Picture& picture : pictures) {
    if (picture.svg.empty()) continue;
    result += element("figure", element("figcaption", escape(picture.title) +
                                                          element("small", escape(picture.note))) +
                                    picture.svg) +
              "\n";
  }
  return result.empty() ? result : element("div class=\"pictures " + kind + "\"", result) + "\n";
}

std::string legend(const Group& group) {
  std::string names;
  for (const Entry& entry : group.entries) names += name_with_swatch(entry.optimizer) + "\n";
  return element("div class=\"legend\"", names) + "\n";
}

/// The pictures of a group.
struct Pictures {
  std::vector<Picture> curves, paths;
};

/// Those of all groups, drawn.
std::vector<Pictures> draw_all(const std::vector<Group>& groups, Gnuplot& gnuplot, unsigned jobs) {
  std::vector<Pictures> result;
  for (const Group& group : groups) {
    result.push_back({group_pictures(group), path_pictures(group)});
  }
  std::vector<Picture*> all;
  for (Pictures& pictures : result) {
    for (Picture& picture : pictures.curves) all.push_back(&picture);
    for (Picture& picture : pictures.paths) all.push_back(&picture);
  }
  gnuplot.draw(all, jobs);
  return result;
}

std::string picture_section(const Group& group, const Pictures& pictures) {
  const std::string curves = figures(pictures.curves, "");
  const std::string paths = figures(pictures.paths, "small");
  if (curves.empty() && paths.empty()) return {};
  std::string result = element("h3", "Pictures") + legend(group) +
                       paragraph(
                           "Lines are means over seeds, bands reach from the lowest to the "
                           "highest seed; diverged runs are left out of both.",
                           "note") +
                       curves;
  if (!paths.empty()) result += element("h3", "Paths on the contour lines") + paths;
  return result;
}

std::string section(const Group& group, std::size_t number, const Pictures& pictures) {
  std::string result =
      element("h2 id=\"group" + std::to_string(number) + "\"", escape(group_title(group))) + "\n";
  if (group.entries.empty()) return result + paragraph("No run.");
  return result + paragraph(answer(group), "answer") + ranking_table(group) +
         settings_table(group) + settings_note(group) + diverged_runs(group) +
         picture_section(group, pictures);
}

// All groups side by side: a column for each, a row for each optimizer.
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
  result += element("a href=\"#rules\"", "The rules") + "\n" +
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
    cards +=
        element("div class=\"rule\"", element("h3", name_with_swatch(rule.name)) +
                                          element("p class=\"formula\"", escape(rule.formula)) +
                                          element("p", escape(rule.intuition))) +
        "\n";
  }
  return element("h2 id=\"rules\"", "The rules") +
         paragraph(
             "θ is a parameter, g its gradient ∇J(θ), η the learning rate (lr); all state "
             "starts at 0, everything is element by element.") +
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
         "\n" + element("h3", "Made with") + element("dl", machine) + "\n";
}

}  // namespace

void write_report(const std::filesystem::path& file, const Comparison& comparison, unsigned jobs,
                  const std::string& program) {
  Gnuplot gnuplot(program);
  const std::vector<Pictures> pictures = draw_all(comparison.groups, gnuplot, jobs);
  std::string sections;
  for (std::size_t i = 0; i < comparison.groups.size(); ++i) {
    sections += section(comparison.groups[i], i, pictures[i]);
  }
  std::string body =
      element("h1", escape(comparison.title)) + "\n" + links(comparison) + gnuplot.symbols();
  if (!gnuplot.problem().empty()) {
    body += paragraph(
        "Pictures are missing: they are drawn by gnuplot, which could not be run or "
        "failed (" +
            gnuplot.problem() +
            "). Install gnuplot (Debian: gnuplot-nox) and "
            "write the report again; the tables are complete.",
        "answer");
  }
  if (comparison.groups.size() > 1) body += overview(comparison);
  body += sections + rule_cards(comparison) + protocol(comparison);
  xgrad::write_file("report", file, html::page(comparison.title, body));
}

}  // namespace compare
