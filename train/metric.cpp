// SPDX-License-Identifier: MIT
#include <xgrad/train/metric.hpp>

#include <xgrad/core/internal/numbers.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace xgrad::inline XGRAD_ABI::train {

double score(const EpochRecord& epoch, Metric metric) {
  if (metric == Metric::train_loss) return -epoch.train_loss;
  if (!epoch.validation) {
    throw Error(
        "[score] the metric needs validation data, but the epoch has none; give fit a validation "
        "set or use Metric::train_loss");
  }
  if (metric == Metric::validation_loss) return -epoch.validation->loss;
  const bool is_accuracy = metric == Metric::validation_accuracy;
  const double value = is_accuracy ? epoch.validation->accuracy : epoch.validation->r2;
  if (std::isnan(value)) {
    throw Error(std::string("[score] the metric needs ") +
                (is_accuracy ? "an accuracy, but the accuracy" : "an R², but the R²") +
                " of the epoch is NaN; use Metric::validation_loss");
  }
  return value;
}

// ---- EarlyStopping

EarlyStopping::EarlyStopping(Metric metric, std::size_t patience)
    : metric_(metric), patience_(patience) {
  require_positive("EarlyStopping", "patience", static_cast<double>(patience));
}

void EarlyStopping::look(Run& run) const {
  double best = -std::numeric_limits<double>::infinity();
  std::size_t waited = 0;
  for (const EpochRecord& epoch : run.progress.history) {
    const double now = score(epoch, metric_);
    waited = now > best ? 0 : waited + 1;
    best = std::max(best, now);
  }
  run.stopped = run.stopped || waited >= patience_;
}

// ---- ReduceOnPlateau

ReduceOnPlateau::ReduceOnPlateau(const ReduceOnPlateauOptions& options) : options_(options) {
  require_positive("ReduceOnPlateau", "factor", options.factor);
  require_fraction("ReduceOnPlateau", "factor", options.factor);
  require_non_negative("ReduceOnPlateau", "threshold", options.threshold);
  require_non_negative("ReduceOnPlateau", "min_lr", options.min_lr);
  require_non_negative("ReduceOnPlateau", "eps", options.eps);
}

void ReduceOnPlateau::on_begin(Run& run) {
  if (run.has_schedule) {
    throw OptionError(
        "[ReduceOnPlateau] the learning rate must not have a schedule, which would overwrite it in "
        "each step; leave out the option schedule of fit");
  }
  // The checkpoint may have been saved between the end of the epoch and the reduction.
  const History& history = run.progress.history;
  if (history.empty() || run.optimizer.learning_rate() != history.back().learning_rate) return;
  if (is_due(history)) reduce(run.optimizer);
}

void ReduceOnPlateau::on_epoch(Run& run) {
  if (is_due(run.progress.history)) reduce(run.optimizer);
}

bool ReduceOnPlateau::is_due(const History& history) const {
  std::optional<double> best;
  std::size_t waited = 0, cooldown = 0;
  bool due = false;
  for (const EpochRecord& epoch : history) {
    const double now = score(epoch, options_.metric);
    const bool improved =
        std::isfinite(now) && (!best || now > *best + options_.threshold * std::abs(*best));
    if (improved) best = now;
    waited = improved ? 0 : waited + 1;
    if (cooldown > 0) waited = 0, --cooldown;
    due = waited > options_.patience;
    if (due) waited = 0, cooldown = options_.cooldown;
  }
  return due;
}

void ReduceOnPlateau::reduce(optim::Optimizer& optimizer) const {
  const double lr = optimizer.learning_rate();
  const double reduced = std::max(options_.factor * lr, options_.min_lr);
  if (lr - reduced > options_.eps) optimizer.set_learning_rate(reduced);
}

}  // namespace xgrad::inline XGRAD_ABI::train
