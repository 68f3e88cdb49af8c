// SPDX-License-Identifier: MIT
#include "compare_optimizers/runs.hpp"

#include "compare_optimizers/hash.hpp"
#include "compare_optimizers/registry.hpp"

#include <cmath>

namespace compare {
namespace {

using namespace xgrad;

constexpr std::uint64_t kCurvePoints = 40, kTuningPoints = 10, kPathPoints = 199;

/// Returns the number to seed the random numbers of a run with: odd in tuning, even afterwards.
std::uint64_t number_of(const Settings& s) { return 2 * s.seed + (s.stage == "tuning" ? 1 : 0); }

/// Returns a hash of the exact results.
std::string bits_of(const Run& run) {
  std::uint64_t hash = fnv1a(run.reason);
  const auto add = [&](double x) {
    hash = fnv1a({reinterpret_cast<const char*>(&x), sizeof x}, hash);
  };
  const Curve& c = run.curve;
  for (auto* column : {&c.train_loss, &c.validation_loss, &c.validation, &c.test_loss, &c.test}) {
    for (const double x : *column) add(x);
  }
  for (const auto& [x, y] : run.path) add(x), add(y);
  return hex(hash);
}

void mark_diverged(Run& run, const std::string& reason) {
  run.diverged = true;
  run.reason = reason;
}

double value_of(const train::Evaluation& e, const Metric& metric) {
  return metric.name == "accuracy" ? e.accuracy : metric.name == "R²" ? e.r2 : e.loss;
}

class Recorder : public train::Callback {
 public:
  Recorder(const Parts& parts, const Settings& settings, const Metric& metric, Run& run,
           const train::StopRequest& stop)
      : parts_(parts), settings_(settings), metric_(metric), run_(run), stop_(stop) {
    const std::uint64_t points = settings.stage == "tuning" ? kTuningPoints : kCurvePoints;
    every_ = (settings.epochs + points - 1) / points;
  }

  void on_loss(train::Run& at) override {
    if (!std::isfinite(at.loss)) {
      mark_diverged(run_, "the loss is " + format_number(at.loss) + " at step " +
                              std::to_string(at.progress.step + 1));
      at.stopped = true;
    }
  }
  void on_step(train::Run& at) override {
    run_.seconds = past_ + at.progress.seconds;
    run_.steps = at.progress.step;
    at.stopped = at.stopped || stop_.requested() ||
                 (settings_.steps && at.progress.step >= *settings_.steps);
  }
  void on_epoch(train::Run& at) override {
    past_ += at.progress.history.back().seconds;
    const std::uint64_t epoch = at.progress.epoch;
    last_loss_ = at.progress.history.back().train_loss;
    if (epoch % every_ == 0 || epoch == settings_.epochs || at.stopped) record(at, epoch);
  }
  void on_end(train::Run& at) override {  // records an epoch that the limit of steps cut short
    if (run_.diverged || stop_.requested() || at.progress.rows == 0) return;
    last_loss_ = at.mean_loss();
    record(at, at.progress.epoch + 1);
  }
  double last_loss() const { return last_loss_; }

 private:
  void record(train::Run& at, std::uint64_t epoch) {
    const optim::EvalParametersGuard guard(at.optimizer);
    Curve& curve = run_.curve;
    const train::Evaluation validation = train::evaluate(at.model, parts_.validation);
    curve.epoch.emplace_back(static_cast<double>(epoch));
    curve.validation_loss.emplace_back(validation.loss);
    curve.validation.emplace_back(value_of(validation, metric_));
    if (settings_.stage != "tuning") {
      const train::Evaluation test = train::evaluate(at.model, parts_.test);
      curve.seconds.push_back(run_.seconds);
      curve.train_loss.emplace_back(last_loss_);
      curve.test_loss.emplace_back(test.loss);
      curve.test.emplace_back(value_of(test, metric_));
    }
    if (std::isfinite(last_loss_) && std::isfinite(validation.loss)) return;
    mark_diverged(run_, "the loss is not finite after epoch " + std::to_string(epoch));
    at.stopped = true;
  }

  const Parts& parts_;
  const Settings& settings_;
  const Metric& metric_;
  Run& run_;
  const train::StopRequest& stop_;
  std::uint64_t every_ = 1;
  double past_ = 0, last_loss_ = 0;
};

void train_net(const Task& task, const Settings& s, const Metric& metric, Run& run,
               const train::StopRequest& stop) {
  const std::uint64_t number = number_of(s);
  run.split_seed = task.split_seed(number);
  const Parts parts = task.split(run.split_seed);
  Rng rng(number);
  nn::Sequential net = make_model(s.model, parts.train, s.hidden, rng);
  const auto optimizer = make_optimizer(s.optimizer, net.parameters(), s.options);
  datasets::DataLoader loader(
      parts.train, {.batch_size = s.batch_size.value_or(datasets::full_batch), .seed = number});
  const double start = train::evaluate(net, parts.validation).loss;
  Recorder recorder(parts, s, metric, run, stop);
  train::fit(net, *optimizer, loader, {.epochs = s.epochs, .callbacks = {&recorder}});
  if (!run.diverged && recorder.last_loss() > start) {
    mark_diverged(run, "the loss ended above the one at the start");
  }
  const auto& values = s.stage == "tuning" ? run.curve.validation : run.curve.test;
  if (!run.diverged && !values.empty()) run.value = values.back();
}

void descend(const Surface& surface, const Settings& s, Run& run, const train::StopRequest& stop) {
  Rng rng(number_of(s));
  Array at = rng.normal({2}, 0, 0.1);
  for (std::size_t i : {0, 1}) at(i) += static_cast<Scalar>(surface.start[i]);
  Tensor point(at, true);
  const auto optimizer = make_optimizer(s.optimizer, {point}, s.options);
  const auto begin = std::chrono::steady_clock::now();
  const std::uint64_t last = std::min(s.epochs, s.steps.value_or(s.epochs));
  const std::uint64_t every = (last + kCurvePoints - 1) / kCurvePoints;
  const std::uint64_t path_every = (last + kPathPoints - 1) / kPathPoints;
  double start = 0;
  for (std::uint64_t step = 0; !stop.requested(); ++step) {
    optimizer->eval();
    const auto value = static_cast<double>(surface.value(point).item());
    const Array now = point.value();
    optimizer->train();
    run.steps = step;
    run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (!std::isfinite(value)) {
      return mark_diverged(run, "the value is not finite at step " + std::to_string(step));
    }
    if (s.stage == "tuned" && (step % path_every == 0 || step == last)) {
      run.path.push_back({static_cast<double>(now(0)), static_cast<double>(now(1))});
    }
    if (step == 0) start = value;
    if (step % every == 0 || step == last) {
      run.curve.epoch.emplace_back(static_cast<double>(step));
      run.curve.seconds.push_back(run.seconds);
      run.curve.train_loss.emplace_back(value);
      run.curve.validation.emplace_back(value);
    }
    if (step == last) {
      if (value > start) return mark_diverged(run, "the value ended above the one at the start");
      run.value = value;
      return;
    }
    optimizer->zero_grad();
    surface.value(point).backward();
    optimizer->step();
  }
}

}  // namespace

std::optional<Run> execute(const Task& task, const Settings& settings, const Metric& metric,
                           const train::StopRequest& stop) {
  Run run;
  run.stage = settings.stage;
  run.seed = settings.seed;
  run.epochs = settings.epochs;
  if (task.surface() != nullptr) {
    descend(*task.surface(), settings, run, stop);
  } else {
    train_net(task, settings, metric, run, stop);
  }
  if (stop.requested()) return std::nullopt;
  run.bits = bits_of(run);
  seal(run);
  return run;
}

}  // namespace compare
