// SPDX-License-Identifier: MIT
#include "compare_optimizers/curves.hpp"
#include "compare_optimizers/plots.hpp"
#include "compare_optimizers/surface.hpp"

#include <xgrad/core/error.hpp>

#include <cmath>

namespace compare {
namespace {

using xgrad::format_number;

constexpr int kCells = 60;

double value_at(const Surface& surface, double x, double y) {
  xgrad::Array point = xgrad::Array::from_shape({2});
  point(0) = static_cast<xgrad::Scalar>(x);
  point(1) = static_cast<xgrad::Scalar>(y);
  return static_cast<double>(surface.value(xgrad::Tensor(point)).item());
}

// Returns rows (x, y, log10 of the value) on a grid, in the format that gnuplot reads.
std::vector<std::vector<double>> grid_of(const Surface& surface) {
  const xgrad::NoGradGuard guard;
  std::vector<std::vector<double>> rows;
  for (int i = 0; i <= kCells; ++i) {
    const double y = surface.low.y + (surface.high.y - surface.low.y) * i / kCells;
    for (int j = 0; j <= kCells; ++j) {
      const double x = surface.low.x + (surface.high.x - surface.low.x) * j / kCells;
      rows.push_back({x, y, std::log10(value_at(surface, x, y) + 1e-3)});
    }
    rows.emplace_back();
  }
  return rows;
}

// gnuplot clips points outside the chart. The first point that is not finite ends the path.
std::vector<std::vector<double>> rows_of(const Run& run) {
  std::vector<std::vector<double>> rows;
  for (const PathPoint& point : run.path) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) break;
    rows.push_back({point.x, point.y});
  }
  return rows;
}

std::string range(double low, double high) {
  return "[" + format_number(low) + ":" + format_number(high) + "]";
}

void set_contours(Script& script, const Surface& surface) {
  const std::string grid = script.data(grid_of(surface));
  script.set("set contour base\nunset surface\nset cntrparam levels auto 14\nset table $contours");
  script.set("splot " + grid + "\nunset table\nunset grid\nset border 15");
  script.set("set xrange " + range(surface.low.x, surface.high.x) + "\nset yrange " +
             range(surface.low.y, surface.high.y) + "\nset clip two");
  script.plot("$contours using 1:2 with lines lc rgb '#70909090' lw 0.8 notitle");
  const std::string minimum = script.data({{surface.minimum.x, surface.minimum.y}});
  script.plot(minimum + " with points pt 3 ps 1.2 lw 1.5 lc rgb 'black' title 'minimum'");
}

Chart chart(const Surface& surface, const std::vector<const Entry*>& entries,
            const std::string& title, std::string note, int width, int height) {
  Script script;
  set_contours(script, surface);
  for (const Entry* entry : entries) {
    const auto rows = rows_of(entry->finals.front());
    script.plot(script.data(rows) + line_style(entry->optimizer));
  }
  return {title, std::move(note), script.text(), width, height, title + " on " + surface.name};
}

}  // namespace

std::vector<Chart> path_charts(const Group& group) {
  const Surface* const surface = find_surface(group.task);
  std::vector<const Entry*> entries;
  for (const Entry& entry : group.entries) {
    if (!entry.finals.empty() && !entry.finals.front().path.empty()) entries.push_back(&entry);
  }
  if (surface == nullptr || entries.empty()) return {};
  std::vector<Chart> charts{
      chart(*surface, entries, "All paths", "first seed; star: minimum", 420, 360)};
  for (const Entry* entry : entries) {
    const Run& run = entry->finals.front();
    charts.push_back(chart(*surface, {entry}, entry->optimizer,
                           run.diverged ? "diverged: " + run.reason : std::string(), 340, 290));
  }
  return charts;
}

}  // namespace compare
