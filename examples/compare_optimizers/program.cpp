// SPDX-License-Identifier: MIT
#include "compare_optimizers/program.hpp"

#include "compare_optimizers/comparison.hpp"
#ifdef XGRAD_COMPARE_MPI
#include "compare_optimizers/crew.hpp"
#endif
#include "support/command_line.hpp"
#include "support/program.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <thread>

namespace compare {
namespace {

namespace fs = std::filesystem;

xgrad::train::StopRequest interrupted;
void on_interrupt(int) { interrupted.request(); }

struct Input {
  Plan plan;
  Jobs jobs;
  fs::path out = "comparison", data, verify;
  bool resume = false, dry_run = false, live = false, fixed_grid = false;
};

[[noreturn]] void refuse(const std::string& text) { throw xgrad::OptionError("[compare] " + text); }

/// Returns a word of the command line, quoted for a shell.
std::string quoted(const std::string& word) {
  constexpr auto plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=.,:/@%-";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  return "'" + replaced(word, "'", "'\\''") + "'";
}

/// Returns the options that say which data the tasks read.
std::vector<Option> data_options(Input& o) {
  Table& table = o.plan.table;
  return {
      {"--label",
       "Label column of csv:FILE: its name, or its number from 0 if the columns have no names "
       "[default: the last]",
       value(table.label, text())},
      {"--predict", "Columns of numbers of csv:FILE to predict, separated by commas: regression",
       value(table.predict, text()), false, "", "--label"},
      {"--header", "Whether the first line of csv:FILE contains the names of the columns",
       value(table.header, one_of({"guess", "yes", "no"}))},
      {"--delimiter",
       "Character between the fields of csv:FILE, or tab, or space for any run of blanks",
       value(table.delimiter, text())},
      {"--decimal-comma", "The numbers of csv:FILE have a decimal comma; needs another --delimiter",
       flag(table.decimal_comma)},
      {"--test-fraction", "Fraction of the rows in the test set, unless that is published",
       value(table.test_fraction,
             number("a number from 0.01 to 0.9", [](double x) { return x >= 0.01 && x <= 0.9; }))},
      {"tasks", "One or more of " + joined(task_names()),
       value(o.plan.tasks, text(), Words::several)},
      {"--data",
       "Folder that contains mnist, fashion-mnist and uci [default: $XGRAD_DATA_DIR, or datasets "
       "of the sources]",
       value(o.data, path())}};
}

/// Returns the options that say which runs are made.
std::vector<Option> run_options(Input& o) {
  Plan& plan = o.plan;
  return {
      {"--optimizers", "Optimizers to compare, separated by commas",
       value(plan.optimizers, one_of(optimizers().names()))},
      {"--batch-size", "Batch sizes, separated by commas, for example 1,64,full",
       value(plan.batch_sizes, batch_size())},
      {"--model", "Network", value(plan.model, one_of(models().names()))},
      {"--hidden", "Widths of the hidden layers of mlp, separated by commas",
       value(plan.hidden, whole_number(1, 1 << 20))},
      {"--epochs", "Epochs of a run (analytic tasks: steps)",
       value(plan.epochs, whole_number(1, std::uint64_t{1} << 32))},
      {"--budget-steps", "Steps of a run",
       value(plan.steps, whole_number(1, std::uint64_t{1} << 62))},
      {"--grid", "[OPTIMIZER.]OPTION=VALUE,... or =LOW:HIGH:COUNT on a log scale; may be repeated",
       value(plan.grid, text(), Words::several)},
      {"--fixed-grid", "Do not extend a grid whose best point is at its edge", flag(o.fixed_grid)},
      {"--search", "grid: tries each point with each tuning seed; halving: drops bad points early",
       value(plan.search, one_of({"grid", "halving"}))},
      {"--tuning-seeds", "Number of seeds of the tuning runs",
       value(plan.tuning_seeds, whole_number(1, 1000))},
      {"--seeds", "Number of seeds of the final runs", value(plan.seeds, whole_number(1, 1000))},
      {"--by", "Metric that ranks the optimizers; accuracy means R² for regression",
       value(plan.by, one_of({"accuracy", "loss"}))},
      {"--target", "Value of the validation metric for the steps and seconds to the target",
       value(plan.target, number("a finite number", [](double) { return true; }))},
      {"--jobs", "Runs at the same time, one thread each [default: all cores; 1 under mpirun]",
       value(o.jobs.workers, whole_number(1, 1024))},
      {"--out", "Output folder", value(o.out, path())},
      {"--resume", "Keep the runs that the output folder already contains", flag(o.resume)},
      {"--live", "Keep report.html up to date while the study runs", flag(o.live)},
      {"--dry-run", "Print what would run, but run nothing", flag(o.dry_run)},
      {"--verify",
       "Repeat runs of the finished study in this folder, 5 or as many as the argument says, "
       "and compare them",
       value(o.verify, path())}};
}

/// "--verify DIR 3" leaves 3 to the tasks.
int verify_study(const Input& o) {
  const std::string word = o.plan.tasks == Plan().tasks ? "5" : o.plan.tasks.front();
  const std::uint64_t count = parse<std::uint64_t>(word).value_or(0);
  if (count == 0 || o.plan.tasks.size() > 1) {
    refuse(fmt::format(
        "--verify must be followed by a folder and a whole number above 0, got \"{}\"", word));
  }
  require_output();
  const fs::path file = o.verify / "study.json";
  const Study study = parse_study(xgrad::read_file("study", file), xgrad::absolute_name(file));
  const std::string text = Comparison(study.plan, o.data).verify(study, count, o.jobs);
  if (interrupted.requested()) return 130;
  std::printf("%s", text.c_str());
  return 0;
}

/// Returns the journal of the output folder. Throws unless the folder is new or --resume is given.
fs::path prepare(const Input& o) {
  std::error_code failed;
  fs::create_directories(o.out, failed);
  fs::path file = o.out / "runs.jsonl";
  if (failed) {
    throw xgrad::DataError(fmt::format("[compare] {}: the folder could not be created: {}",
                                       o.out.string(), failed.message()));
  }
  for (const char* const name : {"study.json", "report.html", "runs.jsonl"}) {
    xgrad::require_writable("compare", o.out / name);
  }
  // If two processes start at the same time, only one of them creates the file.
  if (std::FILE* const created = std::fopen(file.c_str(), "wx"); created != nullptr) {
    std::fclose(created);
  } else if (!o.resume) {
    refuse(file.string() + " already exists; use --resume to continue its runs, or another --out");
  }
  return file;
}

int compare_all(Input& o, const Comparison& comparison) {
  std::printf("about %llu runs\n", static_cast<unsigned long long>(comparison.total().first));
  if (o.dry_run) {
    const double seconds = comparison.estimate(interrupted);
    std::printf("about %.0f s of training; with %u runs at the same time, %.0f s\n",
                std::ceil(seconds), o.jobs.workers, std::ceil(seconds / o.jobs.workers));
    return 0;
  }
  require_output();
  Journal journal(prepare(o));
  const fs::path report = o.out / "report.html";
  if (o.live) o.jobs.on_progress = [&](const Study& study) { write_report(report, study); };
  if (!comparison.perform(journal, o.jobs)) {
    std::fprintf(stderr, "stopped; repeat the command with --resume to continue\n");
    return 130;
  }
  Study study = comparison.study(journal);
  seal(study);
  for (const Group& group : study.groups) std::printf("\n%s", to_table(group).c_str());
  xgrad::write_file("compare", o.out / "study.json", to_json(study));
  write_report(report, study);
  std::printf("\n%s\n", report.c_str());
  return 0;
}

#ifdef XGRAD_COMPARE_MPI
int compare_with_mpi(Input& o, const Comparison& comparison, int argc, char** argv) {
  auto world = xgrad::distributed::World::mpi(argc, argv);
  if (world.rank() > 0) {
    serve(world, [&](const Settings& s) { return comparison.make(s, interrupted); });
    return 0;
  }
  o.jobs.share = [&](const auto& todo, const MakeRun& make, const AddRun& add) {
    share(world, todo, o.jobs.workers, make, add);
  };
  const int status = compare_all(o, comparison);
  dismiss(world);
  return status;
}
#endif

}  // namespace

int run_study(int argc, char** argv) {
  std::signal(SIGINT, on_interrupt);
  return run_program("compare_optimizers", [&] {
    Input input;
    input.jobs.workers = is_under_mpirun() ? 1 : std::max(1u, std::thread::hardware_concurrency());
    std::vector<Option> all = data_options(input);
    std::ranges::move(run_options(input), std::back_inserter(all));
    const char* const what = "Compares optimizers: tunes each, then trains it with new seeds.";
    if (!parse_command_line(argc, argv, what, all)) return 0;
    xgrad::set_num_threads(1);
    if (input.data.empty()) input.data = data_folder();
    input.plan.extend = !input.fixed_grid;
    input.jobs.stop = &interrupted;
    if (!input.verify.empty()) return verify_study(input);
    std::vector<std::string> words;
    std::transform(argv, argv + argc, std::back_inserter(words), quoted);
    const Comparison comparison(input.plan, input.data, joined(words, " "));
#ifdef XGRAD_COMPARE_MPI
    if (is_under_mpirun()) return compare_with_mpi(input, comparison, argc, argv);
#endif
    return compare_all(input, comparison);
  });
}

}  // namespace compare
