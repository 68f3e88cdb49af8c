// SPDX-License-Identifier: MIT
#include "compare_optimizers/jobs.hpp"
#include "support/models.hpp"

#include <xgrad/core/error.hpp>

#include <cmath>
#include <limits>

namespace compare {
namespace {

using namespace xgrad;

constexpr std::size_t kMostPoints = 400;

/// Keeps every n-th point. When there are kMostPoints of them, n doubles and every other one is
/// removed.
template <class Point>
class Thinned {
 public:
  explicit Thinned(std::vector<Point>& points) : points_(points) {}
  void add(std::uint64_t step, const Point& point) {
    if (step % every_ != 0) return;
    points_.push_back(point);
    if (points_.size() < kMostPoints) return;
    // The first point belongs to step 0 or to step `every_`. Keep the multiples of 2 * every_.
    std::vector<Point> kept;
    for (std::size_t i = step % (2 * every_) == 0 ? 1 - points_.size() % 2 : points_.size() % 2;
         i < points_.size(); i += 2) {
      kept.push_back(points_[i]);
    }
    points_ = std::move(kept);
    every_ *= 2;
  }

 private:
  std::vector<Point>& points_;
  std::uint64_t every_ = 1;
};

/// Returns whether the budget of steps or of seconds is used up.
bool is_spent(const Budget& budget, std::uint64_t step, double seconds) {
  return (budget.steps && step >= *budget.steps) || (budget.seconds && seconds >= *budget.seconds);
}

void mark_diverged(Run& run, const std::string& reason) {
  run.diverged = true;
  run.reason = reason;
}

class Recorder : public train::Callback {
 public:
  Recorder(const Task& task, Run& run, const train::StopRequest& stop)
      : task_(task), run_(run), stop_(stop), steps_(run.steps) {}

  void on_loss(train::Run& at) override {
    if (!std::isfinite(at.loss)) {
      mark_diverged(run_, "the loss is " + format_number(at.loss) + " at step " +
                              std::to_string(at.progress.step + 1));
      at.stopped = true;
    }
  }
  void on_step(train::Run& at) override {
    steps_.add(at.progress.step, {at.progress.step, at.loss});
    run_.seconds = past_ + at.progress.seconds;
    at.stopped = at.stopped || stop_.requested() ||
                 is_spent(run_.settings.budget, at.progress.step, run_.seconds);
  }
  void on_epoch(train::Run& at) override {
    past_ += at.progress.history.back().seconds;
    add_epoch(at, at.progress.epoch, at.progress.history.back().train_loss);
  }
  void on_end(train::Run& at) override {  // records an epoch that the budget cut short
    if (run_.diverged || stop_.requested() || at.progress.rows == 0) return;
    add_epoch(at, at.progress.epoch + 1, at.mean_loss());
  }

 private:
  void add_epoch(train::Run& at, std::uint64_t epoch, double train_loss) {
    EpochPoint point{epoch, at.progress.step, run_.seconds, train_loss};
    const xgrad::optim::EvalParametersGuard guard(at.optimizer);
    point.validation = train::evaluate(at.model, *task_.validation);
    if (run_.settings.stage != Stage::tuning) {
      point.test = train::evaluate(at.model, *task_.test);
    }
    run_.epochs.push_back(point);
    if (!std::isfinite(train_loss) || !std::isfinite(point.validation->loss)) {
      mark_diverged(run_, "the loss is not finite after epoch " + std::to_string(epoch));
      at.stopped = true;
    }
  }

  const Task& task_;
  Run& run_;
  const train::StopRequest& stop_;
  Thinned<StepPoint> steps_;
  double past_ = 0;
};

void train_net(const Task& task, Run& run, const train::StopRequest& stop) {
  const RunSettings& s = run.settings;
  Rng rng(s.seed);
  const datasets::Dataset& data = *task.train;
  nn::Sequential net = make_model("mlp", data.row_shape(), data.classes(), s.hidden, rng);
  const auto optimizer = optim::make(s.optimizer, net.parameters(), s.options);
  datasets::DataLoader loader(*task.train, {.batch_size = s.batch_size, .seed = s.seed});
  const double start = train::evaluate(net, *task.validation).loss;
  Recorder recorder(task, run, stop);
  train::fit(net, *optimizer, loader,
             {.epochs = s.budget.epochs.value_or(std::numeric_limits<std::size_t>::max()),
              .callbacks = {&recorder}});
  if (!run.diverged && !run.epochs.empty() && run.epochs.back().train_loss > start) {
    mark_diverged(run, "the loss ended above the one at the start");
  }
}

void descend(const Surface& surface, Run& run, const train::StopRequest& stop) {
  const RunSettings& s = run.settings;
  Rng rng(s.seed);
  const double spread = s.seed == 0 ? 0 : 0.1;  // seed 0 starts at the customary point
  Array at = rng.normal({2}, 0, spread == 0 ? 1 : spread);
  at(0) = static_cast<Scalar>(surface.start.x) + (spread == 0 ? 0 : at(0));
  at(1) = static_cast<Scalar>(surface.start.y) + (spread == 0 ? 0 : at(1));
  Tensor point(at, true);
  const auto optimizer = optim::make(s.optimizer, {point}, s.options);
  const auto begin = std::chrono::steady_clock::now();
  Thinned<PathPoint> path(run.path);
  Thinned<EpochPoint> epochs(run.epochs);
  Thinned<StepPoint> steps(run.steps);
  const double start = static_cast<double>(surface.value(point).item());
  EpochPoint last;
  for (std::uint64_t step = 0;; ++step) {
    optimizer->eval();
    const double value = static_cast<double>(surface.value(point).item());
    const Array now = point.value();
    optimizer->train();
    run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (!std::isfinite(value)) {
      return mark_diverged(run, "the value is not finite at step " + std::to_string(step));
    }
    path.add(step, {static_cast<double>(now(0)), static_cast<double>(now(1))});
    last = {step, step, run.seconds, value};
    if (step > 0) {
      epochs.add(step, last);
      steps.add(step, {step, value});
    }
    const std::uint64_t most = s.budget.epochs.value_or(std::numeric_limits<std::uint64_t>::max());
    if (stop.requested() || step >= most || is_spent(s.budget, step, run.seconds)) break;
    optimizer->zero_grad();
    surface.value(point).backward();
    optimizer->step();
  }
  if (run.epochs.empty() || run.epochs.back().step != last.step) run.epochs.push_back(last);
  if (last.train_loss > start) mark_diverged(run, "the value ended above the one at the start");
}

}  // namespace

std::optional<Run> execute(const Task& task, const RunSettings& settings,
                           const train::StopRequest& stop) {
  Run run{settings};
  if (task.surface != nullptr) {
    descend(*task.surface, run, stop);
  } else {
    train_net(task, run, stop);
  }
  if (stop.requested()) return std::nullopt;
  return run;
}

}  // namespace compare
