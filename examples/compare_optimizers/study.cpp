// SPDX-License-Identifier: MIT
#include "compare_optimizers/study.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <thread>
#include <utility>

namespace compare {
namespace {

std::vector<std::string> protocol() {
  return {
      "The validation set is drawn from the training data with a fixed seed, so it is the same for "
      "all runs.",
      "In tuning, each point of the grid is trained once, with seed 0. The point with the best "
      "validation result after the last epoch wins.",
      "Then the winning options and the default options are trained with the same new seeds. With "
      "one seed, all optimizers start from the same weights and see the same batches.",
      "No choice uses the test set. Only these last runs are evaluated on it: after every epoch "
      "for their curves, but only the value after the last epoch counts.",
      "The difference to the best is paired by seed. Its 95 % interval is a percentile bootstrap "
      "interval with 10,000 resamples. A difference whose interval does not contain 0 is called "
      "significant. With five seeds such intervals are too narrow (they contain the true value "
      "about 84 times in 100), and the best was chosen from the same runs: read \"significant\" as "
      "\"worth a second look\".",
      "A run counts as failed if its loss is not finite, or if its mean training loss in the last "
      "epoch is above the validation loss of the untrained network. Paired differences leave out "
      "its seed, and its optimizer ranks below those with fewer failed runs.",
      "Steps and seconds to the target are counted to the end of the epoch that reached it."};
}

std::string processor() {
  std::ifstream stream("/proc/cpuinfo");
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

std::vector<std::pair<std::string, std::string>> machine() {
  return {{"xgrad", xgrad::version()},
          {"processor", processor()},
          {"cores", std::to_string(std::thread::hardware_concurrency())},
          {"BLAS", xgrad::blas_name()},
          {"kernels", xgrad::simd_name()},
          {"threads per run", "1"}};
}

}  // namespace

Study::Study(Plan plan, Metric by, std::optional<double> target, const std::filesystem::path& data)
    : plan_(std::move(plan)), by_(by), target_(target) {
  std::vector<std::string>& names = plan_.optimizers;  // keeps the first of equal names
  for (std::size_t i = names.size(); i-- > 0;) {
    const auto here = names.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(names.begin(), here, *here) != here) names.erase(here);
  }
  for (std::string& task : plan_.tasks) {
    const std::string name = std::exchange(task, printable(task));
    if (!tasks_.contains(task)) tasks_[task] = load_task(name, plan_.table, data);
  }
  for (const auto& [task, batch] : keys()) {
    const std::vector<RunSettings> runs = on_data(tuning_stage(plan_, task, batch));
    tuning_.insert(tuning_.end(), runs.begin(), runs.end());
  }
}

std::size_t Study::final_runs() const {
  return 2 * keys().size() * plan_.optimizers.size() * plan_.seeds;
}

/// An analytic task has only one key: its function has no rows, so the batch size does not matter.
std::vector<Study::Key> Study::keys() const {
  std::vector<Key> result;
  for (const std::string& task : plan_.tasks) {
    const bool is_analytic = tasks_.at(task).surface != nullptr;
    for (const std::size_t batch : plan_.batch_sizes) {
      const Key key{task, is_analytic ? xgrad::datasets::full_batch : batch};
      if (std::find(result.begin(), result.end(), key) == result.end()) result.push_back(key);
    }
  }
  return result;
}

Metric Study::metric(const std::string& task) const {
  return tasks_.at(task).surface != nullptr ? Metric::loss : by_;
}

double Study::target(const std::string& task) const {
  if (target_) return *target_;
  if (tasks_.at(task).surface != nullptr) return 0.01;
  if (by_ == Metric::loss) return 0.2;
  return task == "mnist" ? 0.97 : task == "fashion-mnist" ? 0.85 : 0.95;
}

std::vector<RunSettings> Study::on_data(std::vector<RunSettings> runs) const {
  for (RunSettings& run : runs) run.data = tasks_.at(run.task).data;
  return runs;
}

double Study::seconds_of(RunSettings settings) const {
  const Task& task = tasks_.at(settings.task);
  const Budget whole = settings.budget;
  settings.budget.seconds = 0.1;
  const xgrad::train::StopRequest never;
  const std::optional<Run> probe = execute(task, settings, never);
  if (!probe || probe->epochs.empty()) return 0;
  const std::size_t rows = task.train ? task.train->size() : 1;
  const double batches = std::ceil(static_cast<double>(rows) /
                                   static_cast<double>(std::min(rows, settings.batch_size)));
  double steps = HUGE_VAL;
  if (whole.epochs) steps = static_cast<double>(*whole.epochs) * batches;
  if (whole.steps) steps = std::min(steps, static_cast<double>(*whole.steps));
  const double per_step = probe->seconds / static_cast<double>(probe->epochs.back().step);
  return std::min(steps * per_step, whole.seconds.value_or(HUGE_VAL));
}

double Study::estimate() const {
  double seconds = 0;
  for (const auto& [task, batch] : keys()) {
    std::map<std::string, double> known;  // by optimizer
    for (const RunSettings& s : tuning_) {
      if (s.task != task || s.batch_size != batch) continue;
      if (!known.contains(s.optimizer)) {
        known[s.optimizer] = seconds_of(s);
        seconds += 2 * static_cast<double>(plan_.seeds) * known[s.optimizer];
      }
      seconds += known[s.optimizer];
    }
  }
  return seconds;
}

std::vector<RunSettings> Study::finals(const std::map<Key, std::vector<Run>>& tuned) const {
  std::vector<RunSettings> result;
  for (const auto& [task, batch] : keys()) {
    std::map<std::string, std::vector<Run>> by_optimizer;
    for (const Run& run : tuned.at({task, batch})) {
      by_optimizer[run.settings.optimizer].push_back(run);
    }
    std::map<std::string, xgrad::optim::OptionMap> winners;
    for (const auto& [optimizer, runs] : by_optimizer) {
      if (const auto best = winner(runs, metric(task)); !best.empty()) winners[optimizer] = best;
    }
    const std::vector<RunSettings> runs = on_data(final_stage(plan_, task, batch, winners));
    result.insert(result.end(), runs.begin(), runs.end());
  }
  return result;
}

std::optional<Comparison> Study::perform(const Jobs& jobs) {
  std::map<Key, std::vector<Run>> all;
  const auto make = [&](const std::vector<RunSettings>& settings) {
    for (Run& run : compare::perform(tasks_, settings, jobs)) {
      all[{run.settings.task, run.settings.batch_size}].push_back(std::move(run));
    }
    return !jobs.stop->requested();
  };
  if (!make(tuning_) || !make(finals(all))) return std::nullopt;
  Comparison result;
  result.title = "Optimizers compared";
  result.machine = machine();
  result.protocol = protocol();
  for (const Key& key : keys()) {
    const std::string& task = key.first;
    result.groups.push_back(
        summarise(task, key.second, metric(task), target(task), std::move(all.at(key))));
  }
  return result;
}

}  // namespace compare
