// SPDX-License-Identifier: MIT
#include "compare_optimizers/plots.hpp"

#include "compare_optimizers/curves.hpp"
#include "compare_optimizers/rules.hpp"
#include "compare_optimizers/words.hpp"

#include <xgrad/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace compare {

using xgrad::format_number;

std::string Script::data(const std::vector<std::vector<double>>& rows) {
  std::string name = "$data" + std::to_string(tables_++);
  text_ += name + " << EOD\n";
  for (const auto& row : rows) {
    for (const double value : row) text_ += format_number(value) + " ";
    text_ += "\n";  // an empty row separates curves, or the lines of a grid
  }
  text_ += "EOD\n";
  return name;
}

std::string Script::text() const {
  std::string result =
      "unset key\nset border 3 lw 1\nset tics nomirror scale 0.6\n"
      "set tmargin 1\nset rmargin 3\nset bmargin 2\nset grid lc rgb '#88a0a0a0' lt 1 lw 0.7\nset "
      "bars small\n" +
      text_ + "plot ";
  for (std::size_t i = 0; i < plots_.size(); ++i) result += (i > 0 ? ", " : "") + plots_[i];
  return result + "\n";
}

std::string in_colour(const std::string& style, const std::string& optimizer) {
  return " " + style + " lc rgb " + quoted(find_rule(optimizer).colour) + " title " +
         quoted(optimizer);
}

std::string line_style(const std::string& optimizer) {
  const Rule rule = find_rule(optimizer);
  return in_colour("with linespoints lw 2 ps 0.7 pn 6 dt " +
                       (rule.dashes.empty() ? "1" : "(" + rule.dashes + ")") + " pt " +
                       std::to_string(rule.point),
                   optimizer);
}

namespace {

constexpr double kLeast = 1e-12;  // drawn in place of a loss of 0 on a logarithmic axis

double scaled(Metric metric, double value) {
  return metric == Metric::accuracy ? 100 * value : std::max(value, kLeast);
}

std::string metric_title(const Group& group, Metric metric) {
  if (is_analytic(group)) return "Value of the function";
  return metric == Metric::accuracy ? "Validation accuracy (%)" : "Validation loss";
}

Chart chart(const std::string& title, std::string note, const Script& script) {
  return {.title = title, .note = std::move(note), .script = script.text(), .label = title};
}

using EntryBand = std::pair<std::string, Band>;  // optimizer and its band

// Returns the lower end of the accuracy axis: the lowest accuracy after a quarter of the points.
// The steep start of the curves is cut off, so that their ends can be distinguished.
double accuracy_floor(const std::vector<EntryBand>& bands) {
  double lowest = 1;
  for (const auto& [name, band] : bands) lowest = std::min(lowest, band[band.size() / 4].low);
  return lowest;
}

// Returns the distance between the tics of the x axis: 1, 2 or 5 times a power of ten, and at most
// five tics.
double tic_step(const std::vector<EntryBand>& bands) {
  double end = 1e-9;
  for (const auto& [name, band] : bands) end = std::max(end, band.back().x);
  const double power = std::pow(10, std::floor(std::log10(end / 4)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (end <= 5 * factor * power) return factor * power;
  }
  return 10 * power;
}

void add_band(Script& script, const EntryBand& entry, Metric metric) {
  std::vector<std::vector<double>> rows;
  for (const BandPoint& p : entry.second) {
    rows.push_back({p.x, scaled(metric, p.mean), scaled(metric, p.low), scaled(metric, p.high)});
  }
  const std::string data = script.data(rows);
  script.plot(data + " using 1:3:4" +
              in_colour("with filledcurves fs transparent solid 0.15 noborder", entry.first));
  script.plot(data + " using 1:2" + line_style(entry.first));
}

void add_curves(std::vector<Chart>& charts, const Group& group, const std::string& title,
                const std::string& axis, Metric metric,
                const std::function<Band(const std::vector<Run>&)>& band_of) {
  std::vector<EntryBand> bands;
  for (const Entry& entry : group.entries) {
    Band band = band_of(entry.finals);
    if (!band.empty()) bands.emplace_back(entry.optimizer, std::move(band));
  }
  if (bands.empty()) return;
  Script script;
  script.set("set xtics " + format_number(tic_step(bands)));
  if (metric == Metric::loss) {
    script.set("set logscale y\nset format y '%.3g'");
  } else {
    script.set("set yrange [" + format_number(100 * accuracy_floor(bands)) + ":*]");
  }
  for (const EntryBand& band : bands) add_band(script, band, metric);
  charts.push_back(chart(title, "by " + axis, script));
}

void add_learning_curves(std::vector<Chart>& charts, const Group& group) {
  const auto add = [&](Metric metric, Axis axis, const char* name) {
    add_curves(charts, group, metric_title(group, metric), name, metric,
               [&](const auto& runs) { return epoch_band(runs, metric, axis); });
  };
  add_curves(charts, group, is_analytic(group) ? "Value of the function" : "Training loss", "step",
             Metric::loss, [](const auto& runs) { return loss_band(runs, 60); });
  if (!is_analytic(group)) {
    if (group.metric == Metric::accuracy) add(Metric::loss, Axis::epoch, "epoch");
    add(group.metric, Axis::epoch, "epoch");
  }
  add(group.metric, Axis::second, "second");
}

void add_sensitivity(std::vector<Chart>& charts, const Group& group) {
  Script script;
  script.set("set logscale x\nset format x '%g'\nset y2range [0:1]");
  script.set(group.metric == Metric::loss ? "set logscale y\nset format y '%.3g'"
                                          : "set yrange [*<0:100]");
  double height = 0.02;  // the crosses of each optimizer have their own height
  for (const Entry& entry : group.entries) {
    std::vector<std::vector<double>> good, failed, chosen;
    for (const RatePoint& point : rate_points(entry.tuning, group.metric)) {
      if (!point.value) {
        failed.push_back({point.rate, height});
        continue;
      }
      good.push_back({point.rate, scaled(group.metric, *point.value)});
      const auto rate = entry.tuned.find("lr");
      if (rate != entry.tuned.end() && rate->second == point.rate) chosen.push_back(good.back());
    }
    const auto points = [&](const char* style) { return in_colour(style, entry.optimizer); };
    if (!good.empty()) script.plot(script.data(good) + line_style(entry.optimizer));
    if (!chosen.empty()) script.plot(script.data(chosen) + points("with points pt 6 ps 1.6 lw 2"));
    if (!failed.empty()) {
      script.plot(script.data(failed) + " axes x1y2" + points("with points pt 2 ps 0.8 lw 2"));
      height += 0.045;
    }
  }
  if (script.empty()) return;
  charts.push_back(chart(metric_title(group, group.metric),
                         "by learning rate, tuning runs; ring: chosen, cross: diverged", script));
}

void add_bars(std::vector<Chart>& charts, const Group& group, const std::string& unit,
              std::optional<double> Entry::*value) {
  Script script;
  const auto count = static_cast<double>(group.entries.size());
  std::string names;
  bool any = false;
  for (std::size_t i = 0; i < group.entries.size(); ++i) {
    const Entry& entry = group.entries[i];
    const std::string place = format_number(count - static_cast<double>(i));
    names += (i > 0 ? ", " : "") + quoted(entry.optimizer) + " " + place;
    if (!(entry.*value)) {
      script.set("set label 'not reached' at graph 0.02, first " + place + " front");
      continue;
    }
    any = true;
    const double width = *(entry.*value), y = count - static_cast<double>(i);
    script.plot(script.data({{width / 2, y, 0, width, y - 0.3, y + 0.3}}) +
                in_colour("with boxxyerror fs solid 0.85 noborder", entry.optimizer));
    script.set("set label " + quoted(short_number(width)) + " at " + format_number(width) + ", " +
               place + " offset 0.5,0 front");
  }
  if (!any) return;
  script.set("set ytics (" + names +
             ") scale 0\nset grid noytics noxtics\nunset xtics\nset border 2\nset yrange [0.4:" +
             format_number(count + 0.6) +
             "]\nset xrange [0:*]\nset offsets graph 0, graph 0.15, 0, 0");
  charts.push_back(
      chart((unit == "steps" ? "Steps" : "Seconds") + std::string(" to ") + target_text(group),
            "median over seeds", script));
  charts.back().height = 240;
}

void add_boxes(std::vector<Chart>& charts, const Group& group) {
  Script script;
  std::string names;
  double place = 0;
  for (const Entry& entry : group.entries) {
    std::vector<std::vector<double>> rows;
    for (const Run& run : entry.finals) {
      if (const auto value = last_value(run, group.metric, true)) {
        rows.push_back({place + 1, scaled(group.metric, *value)});
      }
    }
    if (rows.empty()) continue;
    ++place;
    names += (place > 1 ? ", " : "") + quoted(entry.optimizer) + " " + format_number(place);
    const std::string data = script.data(rows);
    if (rows.size() >= 4) {  // quartiles of fewer values mean little
      script.plot(
          data + " using (" + format_number(place) + "):2" +
          in_colour("with boxplot fs transparent solid 0.25 border lw 1.5", entry.optimizer));
    }
    script.plot(data + in_colour("with points ps 0.6 pt " +
                                     std::to_string(find_rule(entry.optimizer).point),
                                 entry.optimizer));
  }
  if (script.empty()) return;
  script.set("set xtics (" + names + ") scale 0 font ',10'\nset grid noxtics\nset xrange [0.4:" +
             format_number(place + 0.6) + "]\nset style boxplot nooutliers\nset boxwidth 0.5");
  script.set(group.metric == Metric::loss ? "set logscale y\nset format y '%.3g'"
                                          : "set offsets 0, 0, graph 0.06, graph 0.06");
  charts.push_back(chart(value_title(group) + (group.metric == Metric::accuracy ? " (%)" : ""),
                         "each point is one seed; box: quartiles and median", script));
}

}  // namespace

std::vector<Chart> group_charts(const Group& group) {
  std::vector<Chart> charts;
  add_learning_curves(charts, group);
  add_sensitivity(charts, group);
  add_boxes(charts, group);
  add_bars(charts, group, "steps", &Entry::steps_to_target);
  add_bars(charts, group, "seconds", &Entry::seconds_to_target);
  return charts;
}

}  // namespace compare
