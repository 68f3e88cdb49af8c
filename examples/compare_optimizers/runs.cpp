// SPDX-License-Identifier: MIT
#include "compare_optimizers/comparison.hpp"

#include <fmt/core.h>

#include <atomic>
#include <future>

namespace compare {
namespace {

using namespace xgrad;

constexpr std::uint64_t kCurvePoints = 40, kTuningPoints = 10, kPathPoints = 199;

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

double value_of(const train::Evaluation& e, const Metric& metric) {
  return metric.name == "accuracy" ? e.accuracy : metric.name == "R²" ? e.r2 : e.loss;
}

/// Returns the value of a surface, or an empty function: the loss of the data set.
train::Criterion criterion_of(const Task& task) {
  if (task.surface() == nullptr) return {};
  return [value = task.surface()->value](const Tensor& point, const datasets::Target&) {
    return value(slice(point, 0, 0, 1), slice(point, 0, 1, 2));
  };
}

class Recorder : public train::Callback {
 public:
  Recorder(const Parts& parts, const train::Criterion& criterion, const Settings& s,
           const Metric& metric, Run& run, const train::StopRequest& stop)
      : parts_(parts), criterion_(criterion), s_(s), metric_(metric), run_(run), stop_(stop) {}

  void on_begin(train::Run& at) override { record_path(at); }
  void on_loss(train::Run& at) override {
    if (std::isfinite(at.loss)) return;
    const std::string loss = format_number(at.loss);
    diverge(at, fmt::format("the loss is {} at step {}", loss, at.progress.step + 1));
  }
  void on_step(train::Run& at) override {
    run_.seconds = past_ + at.progress.seconds;
    run_.steps = at.progress.step;
    at.stopped = at.stopped || stop_.requested() || (s_.steps && run_.steps >= *s_.steps);
  }
  void on_epoch(train::Run& at) override {
    past_ = run_.seconds;
    const std::uint64_t points = s_.stage == "tuning" ? kTuningPoints : kCurvePoints;
    if (is_due(at, points)) record(at, at.progress.epoch, at.progress.history.back().train_loss);
    record_path(at);
  }
  void on_end(train::Run& at) override {  // records an epoch that the limit of steps cut short
    if (run_.diverged || stop_.requested() || at.progress.rows == 0) return;
    record(at, at.progress.epoch + 1, at.mean_loss());
  }
  double last_loss() const { return last_loss_; }

 private:
  /// Returns whether this epoch is one of about `points` that are recorded. The last one is.
  bool is_due(const train::Run& at, std::uint64_t points) const {
    const std::uint64_t every = (s_.epochs + points - 1) / points, epoch = at.progress.epoch;
    return epoch % every == 0 || epoch == s_.epochs;
  }

  void record_path(train::Run& at) {
    if (!criterion_ || s_.stage != "tuned" || !is_due(at, kPathPoints)) return;
    const optim::EvalParametersGuard guard(at.optimizer);
    const Array& point = at.model.parameters()[0].value();
    run_.path.push_back({static_cast<double>(point(0)), static_cast<double>(point(1))});
  }

  void record(train::Run& at, std::uint64_t epoch, double train_loss) {
    last_loss_ = train_loss;
    const optim::EvalParametersGuard guard(at.optimizer);
    Curve& curve = run_.curve;
    const train::Evaluation validation = train::evaluate(at.model, parts_.validation, criterion_);
    curve.epoch.emplace_back(static_cast<double>(epoch));
    curve.validation_loss.emplace_back(validation.loss);
    curve.validation.emplace_back(value_of(validation, metric_));
    if (s_.stage != "tuning") {
      const train::Evaluation test = train::evaluate(at.model, parts_.test, criterion_);
      curve.seconds.push_back(run_.seconds);
      curve.train_loss.emplace_back(train_loss);
      curve.test_loss.emplace_back(test.loss);
      curve.test.emplace_back(value_of(test, metric_));
    }
    if (std::isfinite(train_loss) && std::isfinite(validation.loss)) return;
    diverge(at, "the loss is not finite after epoch " + std::to_string(epoch));
  }

  void diverge(train::Run& at, const std::string& reason) {
    run_.diverged = at.stopped = true;
    run_.reason = reason;
  }

  const Parts& parts_;
  const train::Criterion& criterion_;  // empty unless the task is a surface
  const Settings& s_;
  const Metric& metric_;
  Run& run_;
  const train::StopRequest& stop_;
  double past_ = 0, last_loss_ = 0;
};

/// The model of a surface: its output is a point, which is its parameter.
class Point : public nn::Module {
 public:
  explicit Point(Array start) : point_(register_parameter("point", std::move(start))) {}
  Tensor forward(const Tensor&) override { return point_; }

 private:
  nn::Parameter point_;
};

nn::Sequential model_for(const Task& task, const Settings& s, const datasets::Dataset& train,
                         Rng& rng) {
  if (task.surface() == nullptr) return models().at(s.model)(train, s.hidden, rng);
  Array start = rng.normal({2}, 0, 0.1);
  for (const std::size_t i : {0u, 1u}) start(i) += static_cast<Scalar>(task.surface()->start[i]);
  return nn::Sequential{Point(start)};
}

}  // namespace

std::optional<Run> execute(const Task& task, const Settings& settings, const Metric& metric,
                           const train::StopRequest& stop) {
  if (stop.requested()) return std::nullopt;
  // Odd in tuning and even afterwards, so that the runs after tuning have new random numbers.
  const std::uint64_t number = 2 * settings.seed + (settings.stage == "tuning" ? 1 : 0);
  Run run;
  run.stage = settings.stage;
  run.seed = settings.seed;
  run.epochs = settings.epochs;
  run.split_seed = task.split_seed(number);
  const Parts parts = task.split(run.split_seed);
  Rng rng(number);
  nn::Sequential net = model_for(task, settings, parts.train, rng);
  const auto optimizer = optimizers().at(settings.optimizer)(net.parameters(), settings.options);
  const std::uint64_t batch_size = settings.batch_size.value_or(datasets::full_batch);
  datasets::DataLoader loader(parts.train, {.batch_size = batch_size, .seed = number});
  const train::Criterion criterion = criterion_of(task);
  Recorder recorder(parts, criterion, settings, metric, run, stop);
  const double start = train::evaluate(net, parts.validation, criterion).loss;
  train::fit(net, *optimizer, loader,
             {.epochs = settings.epochs, .criterion = criterion, .callbacks = {&recorder}});
  if (stop.requested()) return std::nullopt;
  if (!run.diverged && recorder.last_loss() > start) {
    run.diverged = true;
    run.reason = "the loss ended above the one at the start";
  }
  const auto& values = settings.stage == "tuning" ? run.curve.validation : run.curve.test;
  if (!run.diverged && !values.empty()) run.value = values.back();
  run.bits = bits_of(run);
  seal(run);
  return run;
}

void in_parallel(std::size_t count, unsigned threads,
                 const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::once_flag has_failed;
  std::exception_ptr error;
  const auto take = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) work(i);
    } catch (...) {
      next = count;
      std::call_once(has_failed, [&] { error = std::current_exception(); });
    }
  };
  // If no more threads can be started, get() calls take() in this thread.
  std::vector<std::future<void>> all;
  for (std::size_t i = 0; i < std::min<std::size_t>(threads, count); ++i) {
    all.push_back(std::async(take));
  }
  for (std::future<void>& each : all) each.get();
  if (error) std::rethrow_exception(error);
}

}  // namespace compare
