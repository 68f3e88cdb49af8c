// SPDX-License-Identifier: MIT
#include "compare_optimizers/comparison.hpp"
#include "support/models.hpp"

#include <fmt/core.h>
#include <sys/utsname.h>

#include <algorithm>
#include <random>
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

/// Returns the widths of the hidden layers, which only mlp has.
std::vector<std::uint64_t> hidden_of(const Plan& plan, const TaskInfo& task) {
  if (plan.model != "mlp" || task.kind == "analytic") return {};
  if (!plan.hidden.empty()) return plan.hidden;
  return {task.split == "published" ? 128u : 64u};
}

ModelInfo describe_model(const Plan& plan, const Task& task) {
  if (task.surface() != nullptr) return {"", "the two coordinates of a point", 2};
  xgrad::Rng rng(0);
  const auto hidden = hidden_of(plan, task.info());
  const auto model = models().at(plan.model)(task.split(1).train, hidden, rng);
  ModelInfo info{plan.model, ::describe(plan.model, model), 0};
  for (const xgrad::Tensor& parameter : model.parameters()) info.parameters += parameter.size();
  return info;
}

Metric metric_of(const Plan& plan, const TaskInfo& task) {
  if (task.kind == "analytic") return {"value", false, false};
  if (plan.by == "loss") return {"loss", false, false};
  if (task.kind == "regression") return {"R²", true, false};
  return {"accuracy", true, true};
}

/// Returns a group without optimizers.
Group empty_group(const Plan& plan, const Task& task, std::optional<std::uint64_t> batch_size) {
  Group group;
  group.task = task.info();
  group.batch_size = batch_size;
  group.model = describe_model(plan, task);
  group.metric = metric_of(plan, group.task);
  const std::uint64_t rows = std::max<std::uint64_t>(1, group.task.train_rows);
  const std::uint64_t batch = std::min(rows, batch_size.value_or(rows));
  group.steps_per_epoch = (rows + batch - 1) / batch;  // a surface has one step
  const bool images = group.task.split == "published";
  group.epochs = plan.epochs.value_or(task.surface() != nullptr ? 500 : images ? 5 : 30);
  if (plan.steps && !plan.epochs) {
    group.epochs = (*plan.steps + group.steps_per_epoch - 1) / group.steps_per_epoch;
  }
  if (task.surface() != nullptr) group.analytic = contours(*task.surface());
  return group;
}

nlohmann::json this_machine() {
  utsname name{};
  uname(&name);
  const std::string system = std::string(name.sysname) + " " + name.machine;
  const std::string determining =
      joined({system, xgrad::simd_name(), xgrad::blas_name(), xgrad::version(), kScalar}, "\n");
  return {{"processor", processor()},
          {"system", system},
          {"instruction_set", xgrad::simd_name()},
          {"blas", xgrad::blas_name()},
          {"cores", std::max(1u, std::thread::hardware_concurrency())},
          {"threads_per_run", 1},
          {"fingerprint", hex(fnv1a(determining))}};
}

// On another machine, sums are rounded in another way, and training enlarges such differences.
constexpr double kTolerance = 0.02;

/// Returns whether two values agree: within the tolerance, or for losses that part of the larger.
bool agree(const Metric& metric, std::optional<double> a, std::optional<double> b) {
  if (!a || !b) return a == b;
  const double scale = metric.higher_is_better ? 1 : std::max({std::abs(*a), std::abs(*b), 1e-6});
  return std::abs(*a - *b) <= kTolerance * scale;
}

}  // namespace

Comparison::Comparison(Plan plan, const std::filesystem::path& data, std::string command)
    : plan_(std::move(plan)), command_(std::move(command)) {
  keep_first_of_equals(plan_.tasks);
  keep_first_of_equals(plan_.optimizers);
  keep_first_of_equals(plan_.batch_sizes);
  for (const std::string& name : plan_.tasks) {
    const Task& task = tasks_.emplace(name, Task(name, plan_.table, data)).first->second;
    for (const std::string& optimizer : plan_.optimizers) grid_for(plan_, name, optimizer);
    for (const std::uint64_t batch : plan_.batch_sizes) {
      const bool is_full = batch == xgrad::datasets::full_batch || task.surface() != nullptr;
      groups_.push_back(empty_group(plan_, task, is_full ? std::nullopt : std::optional(batch)));
      if (task.surface() != nullptr) break;  // it has no rows, so the batch size does not matter
    }
  }
}

double Comparison::work_of(const Settings& s) const {
  const auto group = std::find_if(groups_.begin(), groups_.end(), [&](const Group& each) {
    return each.task.name == s.task && each.batch_size == s.batch_size;
  });
  const auto steps = static_cast<double>(group->steps_per_epoch * s.epochs);
  const auto rows = static_cast<double>(group->task.train_rows * s.epochs);
  const double uses = s.model == "mlp" ? 1 : 40;  // how often a parameter is used for a row
  return 20'000 * steps + 6 * uses * rows * static_cast<double>(group->model.parameters);
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

Settings Comparison::base_settings(const Group& group, const std::string& optimizer) const {
  return {.task = group.task.name,
          .data = group.task.data,
          .optimizer = optimizer,
          .model = group.model.name,
          .version = xgrad::version(),
          .batch_size = group.batch_size,
          .steps = plan_.steps,
          .hidden = hidden_of(plan_, group.task),
          .epochs = group.epochs,
          .test_fraction = group.task.kind == "analytic" ? 0 : plan_.table.test_fraction};
}

Settings Comparison::final_settings(const Group& group, const Optimizer& optimizer,
                                    const std::string& stage, std::uint64_t seed) const {
  Settings s = base_settings(group, optimizer.name);
  s.stage = stage;
  s.seed = seed;
  s.options = {{"lr", default_options(s.optimizer).at("lr")}};
  if (stage == "tuned") s.options = optimizer.tuned.value().options;
  return s;
}

Optimizer Comparison::collect(const Group& group, const std::string& name,
                              const FindRun& find) const {
  Optimizer result = search(plan_, base_settings(group, name), group.metric, find);
  for (const std::string stage : {"tuned", "defaults"}) {
    if (stage == "tuned" && !result.tuned) continue;
    for (std::uint64_t seed = 1; seed <= plan_.seeds; ++seed) {
      const Run* const run = find(final_settings(group, result, stage, seed));
      if (run != nullptr) result.runs.push_back(*run);
    }
  }
  return result;
}

std::vector<Settings> Comparison::next(const Journal& journal) const {
  std::vector<Settings> missing;
  const FindRun find = [&](const Settings& settings) {
    const Run* const run = journal.find(settings);
    if (run == nullptr) missing.push_back(settings);
    return run;
  };
  for (const Group& group : groups_) {
    for (const std::string& name : plan_.optimizers) collect(group, name, find);
  }
  std::ranges::stable_sort(missing, std::greater(), [&](const Settings& s) { return work_of(s); });
  return missing;
}

std::optional<Run> Comparison::make(const Settings& settings,
                                    const xgrad::train::StopRequest& stop) const {
  const Task& task = tasks_.at(settings.task);
  return execute(task, settings, metric_of(plan_, task.info()), stop);
}

Study Comparison::study(const Journal& journal) const {
  Study study;
  double seconds = 0;
  study.machine = this_machine();
  study.plan = plan_;
  study.rules = nlohmann::json::object();
  for (const std::string& name : plan_.optimizers) study.rules[name] = look_of(name);
  const FindRun find = [&](const Settings& settings) {
    const Run* const run = journal.find(settings);
    study.complete = study.complete && run != nullptr;
    if (run != nullptr) seconds += run->seconds;
    return run;
  };
  study.groups = groups_;
  for (Group& group : study.groups) {
    for (const std::string& name : plan_.optimizers) {
      group.optimizers.push_back(collect(group, name, find));
    }
    summarise(group, tasks_.at(group.task.name).overlap(), plan_.target);
    for (Optimizer& optimizer : group.optimizers) {
      for (Run& run : optimizer.runs) seal(run);  // summarise() sets when they reached the target
    }
  }
  study.across = summarise_across(study.groups);
  study.program = {{"version", xgrad::version()},
                   {"scalar", kScalar},
                   {"command", command_},
                   {"seconds", Real(seconds)}};
  return study;
}

std::vector<Record> Comparison::final_runs(const Study& study) const {
  std::vector<Record> runs;
  for (const Group& group : study.groups) {
    if (tasks_.at(group.task.name).info().data != group.task.data) {
      throw xgrad::DataError("[verify] " + group.task.name +
                             ": the data must be those of the study, but their hash differs");
    }
    for (const Optimizer& optimizer : group.optimizers) {
      for (const Run& run : optimizer.runs) {
        runs.push_back({final_settings(group, optimizer, run.stage, run.seed), run});
      }
    }
  }
  return runs;
}

std::string Comparison::verify(const Study& study, std::uint64_t count, const Jobs& jobs) const {
  std::vector<Record> runs = final_runs(study);
  std::shuffle(runs.begin(), runs.end(), std::mt19937_64(std::random_device()()));
  runs.resize(std::min<std::size_t>(runs.size(), count));
  const bool exact = study.machine.at("fingerprint") == this_machine().at("fingerprint");
  const std::string agreement =
      exact ? "be equal bit for bit" : fmt::format("agree within {}", kTolerance);
  std::string text;
  for (const auto& [s, run] : runs) {
    text += fmt::format("{}, {}, {}, seed {}\n", s.task, s.optimizer, s.stage, s.seed);
  }
  in_parallel(runs.size(), jobs.workers, [&](std::size_t i) {
    const auto& [s, run] = runs[i];
    const Metric metric = metric_of(plan_, tasks_.at(s.task).info());
    const std::optional<Run> again = make(s, *jobs.stop);
    if (!again) return;
    if (exact ? run.bits == again->bits : agree(metric, run.value, again->value)) return;
    throw xgrad::DataError(
        fmt::format("[verify] the run of {} on {}, stage {}, with seed {} must {}, but "
                    "its value was {} and is {}",
                    s.optimizer, s.task, s.stage, s.seed, agreement, run.value.value_or(NAN),
                    again->value.value_or(NAN)));
  });
  const std::string result = exact ? "are equal bit for bit: this machine is of the same kind"
                                   : agreement + ": this machine is of another kind";
  return text + fmt::format("{} runs {}\n", runs.size(), result);
}

}  // namespace compare
