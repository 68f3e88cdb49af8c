// SPDX-License-Identifier: MIT
#include "compare/report.hpp"

#include "compare/html.hpp"
#include "compare/plots.hpp"
#include "compare/rules.hpp"
#include "compare/words.hpp"

#include <xgrad/core/file.hpp>

#include <algorithm>

namespace compare {
namespace {

using html::element, html::escape;
using Rows = std::vector<std::vector<std::string>>;

const std::string kNothing = "–";

std::string paragraph(const std::string& text, const std::string& kind = "") {
  return element(kind.empty() ? "p" : "p class=\"" + kind + "\"", escape(text)) + "\n";
}

std::string mark(const std::string& text, const std::string& kind = "") {
  return element("span class=\"mark " + kind + "\"", escape(text));
}

// The optimizer's name behind a piece of its line in the pictures.
std::string name_with_swatch(const std::string& optimizer) {
  const Rule rule = find_rule(optimizer);
  const std::string symbol = "#gpPt" + std::to_string(rule.point - 1);  // gnuplot's own identifier
  return element(
      "span class=\"name\"",
      element("svg class=\"swatch\" viewBox=\"0 0 34 12\" aria-hidden=\"true\"",
              "<path d=\"M0,6H34\" fill=\"none\" stroke-width=\"2.5\" stroke=\"" + rule.colour +
                  "\" stroke-dasharray=\"" + rule.dashes + "\"/><use href=\"" + symbol +
                  "\" transform=\"translate(17,6) scale(4)\" color=\"" + rule.colour + "\"/>") +
          escape(optimizer));
}

std::string interval_text(const Group& group, const Interval& interval) {
  return difference_text(group.metric, interval.mean) + " <small>[" +
         difference_text(group.metric, interval.low) + ", " +
         difference_text(group.metric, interval.high) + "]</small>";
}

std::string verdict_mark(const Group& group, const Entry& entry) {
  switch (verdict(group, entry)) {
    case Verdict::best:
      return mark("best", "good");
    case Verdict::tied:
      return mark("tied with the best", "good");
    case Verdict::real:
      return mark("difference is real");
    case Verdict::unknown:
      return mark("too few seeds");
    case Verdict::failed:
      return mark("diverged", "warn");
    default:
      return mark("not run");
  }
}

std::string failed_text(const Entry& entry) {
  const std::string count =
      std::to_string(entry.failed) + " of " + std::to_string(entry.finals.size());
  return entry.failed > 0 ? mark(count, "warn") : count;
}

std::string result_text(const Group& group, const Entry& entry) {
  switch (good_seeds(entry)) {
    case 0:
      return kNothing;
    case 1:
      return value_text(group.metric, entry.mean);  // one seed has no deviation
    default:
      return spread_text(group.metric, entry.mean, entry.deviation);
  }
}

std::string ranking(const Group& group) {
  Rows rows;
  for (const Entry& entry : group.entries) {
    const std::string place =
        good_seeds(entry) > 0 ? std::to_string(rows.size() + 1) + ". " : std::string();
    rows.push_back({place + name_with_swatch(entry.optimizer), result_text(group, entry),
                    entry.to_best ? interval_text(group, *entry.to_best) : kNothing,
                    verdict_mark(group, entry), failed_text(entry)});
  }
  const bool percent = group.metric == Metric::accuracy;
  return html::table(
      {"Optimizer", figure_title(group) + "<br>mean ± deviation",
       std::string("Difference to the best<br>") + (percent ? "points, " : "") + "[interval]",
       "Verdict", "Failed runs"},
      rows);
}

std::string defaults_text(const Group& group, const Entry& entry) {
  if (entry.default_mean) return value_text(group.metric, *entry.default_mean);
  return entry.defaults.empty() ? kNothing : mark("diverged", "warn");
}

std::string gain_text(const Group& group, const Entry& entry) {
  const auto difference = gain(group, entry);
  if (!difference) return kNothing;
  // Of a loss, where less is better, the change is shown with its own sign.
  return difference_text(group.metric,
                         group.metric == Metric::accuracy ? *difference : -*difference);
}

std::string settings(const Group& group) {
  Rows rows;
  for (const Entry& entry : group.entries) {
    std::string tuned = entry.tuned.empty() ? kNothing : escape(options_text(entry.tuned));
    if (entry.at_edge) tuned += " " + mark("grid's edge", "warn");
    rows.push_back({name_with_swatch(entry.optimizer), tuned, defaults_text(group, entry),
                    gain_text(group, entry),
                    entry.steps_to_target ? short_number(*entry.steps_to_target) : kNothing,
                    entry.seconds_to_target ? short_number(*entry.seconds_to_target) : kNothing});
  }
  return html::table(
      {"Optimizer", "Tuned options", "With the defaults",
       std::string("Tuning buys") + (group.metric == Metric::accuracy ? "<br>points" : ""),
       "Steps to target", "Seconds to target"},
      rows);
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

const char* stage_name(Stage stage) {
  switch (stage) {
    case Stage::tuning:
      return "tuning";
    case Stage::defaults:
      return "defaults";
    default:
      return "tuned";
  }
}

std::string diverged_runs(const Group& group) {
  Rows rows;
  for (const Entry& entry : group.entries) {
    for (const auto* runs : {&entry.finals, &entry.defaults, &entry.tuning}) {
      for (const Run& run : *runs) {
        if (!run.diverged) continue;
        rows.push_back({escape(entry.optimizer), stage_name(run.settings.stage),
                        escape(options_text(run.settings.options)),
                        std::to_string(run.settings.seed), escape(run.reason)});
      }
    }
  }
  if (rows.empty()) return {};
  return element(
             "details",
             element("summary", std::to_string(rows.size()) + " diverged run" +
                                    (rows.size() == 1 ? "" : "s") + ", tuning included") +
                 html::table({"Optimizer", "Stage", "Options", "Seed", "Why it counts as failed"},
                             rows)) +
         "\n";
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

std::string pictures(const Group& group, Gnuplot& gnuplot) {
  const std::string curves = figures(group_pictures(group, gnuplot), "");
  const std::string paths = figures(path_pictures(group, gnuplot), "small");
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

std::string section(const Group& group, std::size_t number, Gnuplot& gnuplot) {
  std::string result =
      element("h2 id=\"group" + std::to_string(number) + "\"", escape(group_title(group))) + "\n";
  if (group.entries.empty()) return result + paragraph("No run.");
  return result + paragraph(answer(group), "answer") + ranking(group) + settings(group) +
         settings_note(group) + diverged_runs(group) + pictures(group, gnuplot);
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
      row.push_back(entry == group.entries.end() ? kNothing : result_text(group, *entry));
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

void write_report(const std::filesystem::path& file, const Comparison& comparison,
                  const std::string& program) {
  Gnuplot gnuplot(program);
  std::string sections;
  for (std::size_t i = 0; i < comparison.groups.size(); ++i) {
    sections += section(comparison.groups[i], i, gnuplot);
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
