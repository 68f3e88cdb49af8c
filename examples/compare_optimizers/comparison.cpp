// SPDX-License-Identifier: MIT
#include "compare_optimizers/comparison.hpp"

#include "compare_optimizers/registry.hpp"
#include "compare_optimizers/summary.hpp"
#include "support/models.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <thread>

namespace compare {
namespace {

const char* const kScalar = sizeof(xgrad::Scalar) == sizeof(float) ? "float" : "double";

std::string processor() {
  std::ifstream stream("/proc/cpuinfo");
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

template <class T>
void keep_first_of_equals(std::vector<T>& list) {
  std::set<T> known;
  std::erase_if(list, [&](const T& each) { return !known.insert(each).second; });
}

ModelInfo describe_model(const Plan& plan, const Task& task) {
  if (task.surface() != nullptr) return {"", "the two coordinates of a point", 2};
  xgrad::Rng rng(0);
  const Settings s = base_settings(plan, task, {}, plan.optimizers.front());
  const auto model = model_named(plan.model)(task.split(1).train, s.hidden, rng);
  ModelInfo info{plan.model, ::describe(plan.model, model), 0};
  for (const xgrad::Tensor& parameter : model.parameters()) info.parameters += parameter.size();
  return info;
}

}  // namespace

Machine this_machine() {
  Machine machine;
  machine.processor = processor();
  utsname name{};
  if (uname(&name) == 0) machine.system = std::string(name.sysname) + " " + name.machine;
  machine.instruction_set = xgrad::simd_name();
  machine.blas = xgrad::blas_name();
  machine.cores = std::max(1u, std::thread::hardware_concurrency());
  machine.fingerprint = hex(fnv1a(machine.system + "\n" + machine.instruction_set + "\n" +
                                  machine.blas + "\n" + xgrad::version() + "\n" + kScalar));
  return machine;
}

Settings final_settings(Settings settings, const std::string& stage, std::uint64_t seed,
                        const Options& tuned) {
  settings.stage = stage;
  settings.seed = seed;
  settings.options = tuned;
  if (stage == "defaults")
    settings.options = {{"lr", default_options(settings.optimizer).at("lr")}};
  return settings;
}

Comparison::Comparison(Plan plan, const std::filesystem::path& data, std::string command)
    : plan_(std::move(plan)), command_(std::move(command)) {
  keep_first_of_equals(plan_.tasks);
  keep_first_of_equals(plan_.optimizers);
  keep_first_of_equals(plan_.batch_sizes);
  for (const std::string& name : plan_.tasks) {
    const auto [place, is_new] = tasks_.emplace(name, Task(name, plan_.table, data));
    const Task& task = place->second;
    for (const std::string& optimizer : plan_.optimizers) grid_for(plan_, name, optimizer);
    models_[&task] = describe_model(plan_, task);
    for (const std::uint64_t batch : plan_.batch_sizes) {
      const bool is_full = batch == xgrad::datasets::full_batch || task.surface() != nullptr;
      keys_.push_back({&task, is_full ? std::nullopt : std::optional(batch)});
      if (task.surface() != nullptr) break;  // it has no rows, so the batch size does not matter
    }
  }
}

Metric Comparison::metric_of(const Task& task) const {
  if (task.surface() != nullptr) return {"value", false, false};
  if (plan_.by == "loss") return {"loss", false, false};
  if (task.info().kind == "regression") return {"R²", true, false};
  return {"accuracy", true, true};
}

double Comparison::work_of(const Settings& s) const {
  const Task& task = tasks_.at(s.task);
  const auto steps = static_cast<double>(steps_per_epoch(task.info(), s.batch_size) * s.epochs);
  const auto rows = static_cast<double>(task.info().train_rows * s.epochs);
  const double uses = s.model == "mlp" ? 1 : 40;  // how often a parameter is used for a row
  return 20'000 * steps + 6 * uses * rows * static_cast<double>(models_.at(&task).parameters);
}

std::pair<std::uint64_t, double> Comparison::total() const {
  std::uint64_t runs = 0;
  double work = 0;
  const auto seeds = static_cast<double>(plan_.tuning_seeds);
  for (const Settings& s : next({})) {
    // Each run with the defaults has a twin with the tuned options. Halving begins with short runs;
    // the others are about as many, and all together take about a third of the grid's steps.
    const bool is_default = s.stage == "defaults", halves = !is_default && plan_.search != "grid";
    runs += is_default || halves ? 2 : 1;
    work += work_of(s) * (is_default ? 2 : halves ? 3 * seeds : 1);
  }
  return {runs, work};
}

Optimizer Comparison::collect(const Key& key, const std::string& name, const FindRun& find) const {
  const Settings base = base_settings(plan_, *key.task, key.batch_size, name);
  Optimizer result = search(plan_, base, metric_of(*key.task), find);
  const Options tuned = result.tuned.value_or(Tuned()).options;
  for (const std::string stage : {"tuned", "defaults"}) {
    if (stage == "tuned" && !result.tuned) continue;
    for (std::uint64_t seed = 1; seed <= plan_.seeds; ++seed) {
      const Run* const run = find(final_settings(base, stage, seed, tuned));
      if (run != nullptr) result.runs.push_back(*run);
    }
  }
  return result;
}

Group Comparison::group(const Key& key, const FindRun& find) const {
  Group group;
  group.task = key.task->info();
  group.batch_size = key.batch_size;
  group.model = models_.at(key.task);
  group.epochs = base_settings(plan_, *key.task, key.batch_size, plan_.optimizers[0]).epochs;
  group.steps_per_epoch = steps_per_epoch(group.task, key.batch_size);
  group.metric = metric_of(*key.task);
  if (key.task->surface() != nullptr) group.analytic = contours(*key.task->surface());
  for (const std::string& name : plan_.optimizers) {
    group.optimizers.push_back(collect(key, name, find));
  }
  summarise(group, key.task->overlap(), plan_.target);
  for (Optimizer& optimizer : group.optimizers) {
    for (Run& run : optimizer.runs) seal(run);  // summarise() sets when they reached the target
  }
  return group;
}

std::vector<Settings> Comparison::next(const Journal& journal) const {
  std::vector<Settings> missing;
  const FindRun find = [&](const Settings& settings) {
    const Run* const run = journal.find(settings);
    if (run == nullptr) missing.push_back(settings);
    return run;
  };
  for (const Key& key : keys_) {
    for (const std::string& name : plan_.optimizers) collect(key, name, find);
  }
  std::stable_sort(missing.begin(), missing.end(),
                   [&](const Settings& a, const Settings& b) { return work_of(a) > work_of(b); });
  return missing;
}

std::optional<Run> Comparison::make(const Settings& settings,
                                    const xgrad::train::StopRequest& stop) const {
  const Task& task = tasks_.at(settings.task);
  return execute(task, settings, metric_of(task), stop);
}

Study Comparison::study(const Journal& journal) const {
  Study study;
  study.program = {xgrad::version(), kScalar, command_, 0};
  study.machine = this_machine();
  study.plan = plan_;
  study.rules = nlohmann::json::object();
  for (const std::string& name : plan_.optimizers) study.rules[name] = look_of(name);
  const FindRun find = [&](const Settings& settings) {
    const Run* const run = journal.find(settings);
    study.complete = study.complete && run != nullptr;
    if (run != nullptr) study.program.seconds.value += run->seconds;
    return run;
  };
  for (const Key& key : keys_) study.groups.push_back(group(key, find));
  study.across = summarise_across(study.groups);
  return study;
}

}  // namespace compare
