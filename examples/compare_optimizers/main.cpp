// SPDX-License-Identifier: MIT
// Compares optimizers on a task: tunes each, trains it with new seeds, writes tables and a report.
// Exit status: 0 on success, 1 on an error, 2 for a wrong option, 130 after Ctrl-C.
#include "compare_optimizers/report.hpp"
#include "compare_optimizers/study.hpp"
#include "compare_optimizers/summary_file.hpp"
#include "support/command_line.hpp"
#include "support/program.hpp"

#include <xgrad/core/file.hpp>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <thread>

using namespace compare;

namespace {

xgrad::train::StopRequest stop;
void on_interrupt(int) { stop.request(); }

struct Options {
  Plan plan;
  Jobs jobs;
  std::filesystem::path out = "comparison", data;
  std::string shard, by = "accuracy";
  std::optional<double> target;
  bool resume = false, dry_run = false;
};

[[noreturn]] void refuse(const std::string& text) { throw xgrad::OptionError("[compare] " + text); }

bool is_positive(double value) { return value > 0; }
bool is_fraction(double value) { return value >= 0.01 && value <= 0.9; }

/// Returns the command line, quoted for a shell.
std::string command_line(int count, char** words) {
  const char* const plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=.,:/@%";
  std::string line;
  for (int i = 0; i < count; ++i) {
    const std::string word = words[i];
    line += i == 0 ? "" : " ";
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) line += c == '\'' ? "'\\''" : std::string(1, c);
    line += '\'';
  }
  return line;
}

char parse_delimiter(const std::string& text) {
  const std::map<std::string, char> names{
      {"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"\\t", '\t'}, {"space", ' '}};
  if (const auto found = names.find(text); found != names.end()) return found->second;
  if (text.size() == 1) return text[0];
  throw CLI::ValidationError("--delimiter", "a character, tab or space, got \"" + text + "\"");
}

void add_table_options(CLI::App& app, Options& o) {
  TableOptions& table = o.plan.table;
  app.add_option("--label", table.csv.label,
                 "Label column of csv:FILE: its name, or its number from 0 if the columns have no "
                 "names [default: the last]");
  app.add_option_function<std::string>(
         "--header",
         [&table](const std::string& text) {
           using xgrad::datasets::Header;
           table.csv.header = text == "yes"  ? Header::yes
                              : text == "no" ? Header::no
                                             : Header::guess;
         },
         "Whether the first line of csv:FILE contains the names of the columns")
      ->default_str("guess")
      ->check(CLI::IsMember({"guess", "yes", "no"}));
  app.add_option_function<std::string>(
         "--delimiter",
         [&table](const std::string& text) { table.csv.delimiter = parse_delimiter(text); },
         "Character between the fields of csv:FILE, or tab, or space for any run of blanks")
      ->default_str("comma");
  app.add_flag_callback(
      "--decimal-comma", [&table] { table.csv.decimal = ','; },
      "The numbers of csv:FILE have a decimal comma; needs another --delimiter");
  app.add_option("--test-fraction", table.test_fraction,
                 "Fraction of the rows of csv:FILE in the test set")
      ->transform(number("a number from 0.01 to 0.9", is_fraction));
}

void add_options(CLI::App& app, Options& o) {
  app.add_option("tasks", o.plan.tasks, std::string("One or more of ") + kTaskNames);
  add_table_options(app, o);
  app.add_option(
      "--data", o.data,
      "Folder that contains mnist and fashion-mnist [default: $XGRAD_DATA_DIR, or datasets "
      "of the sources]");
  app.add_option("--optimizers", o.plan.optimizers, "Optimizers to compare, separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember(xgrad::optim::names()));
  app.add_option("--batch-size", o.plan.batch_sizes,
                 "Batch sizes, separated by commas, for example 1,64,full")
      ->delimiter(',')
      ->transform(batch_size());
  app.add_option("--hidden", o.plan.hidden, "Widths of the hidden layers, separated by commas")
      ->delimiter(',')
      ->transform(whole_number(1, 1 << 20));
  app.add_option("--epochs", o.plan.budget.epochs, "Epochs of a run (analytic tasks: steps)")
      ->transform(whole_number(1, std::uint64_t{1} << 32));
  app.add_option("--budget-steps", o.plan.budget.steps, "Steps of a run")
      ->transform(whole_number(1, std::uint64_t{1} << 62));
  app.add_option("--budget-seconds", o.plan.budget.seconds, "Training seconds of a run")
      ->transform(number("a finite number above 0", is_positive));
  app.add_option("--grid", o.plan.grid,
                 "[OPTIMIZER.]OPTION=VALUE,... or =LOW:HIGH:COUNT on a log scale; may be repeated")
      ->allow_extra_args(false);
  app.add_option("--seeds", o.plan.seeds, "Number of seeds of the final runs")
      ->transform(whole_number(1, 1000));
  app.add_option("--by", o.by, "Metric that ranks the optimizers: accuracy or loss")
      ->check(CLI::IsMember({"accuracy", "loss"}));
  app.add_option("--target", o.target,
                 "Value of the validation metric for the steps and seconds to the target")
      ->transform(number("a finite number", [](double) { return true; }));
  app.add_option("--jobs", o.jobs.workers,
                 "Runs at the same time, one thread each [default: all cores]")
      ->transform(whole_number(1, 1024));
  app.add_option("--shard", o.shard, "i/n: this process computes the i-th of n parts of the runs");
  app.add_option("--wait", o.jobs.wait, "Seconds to wait for a file of another shard")
      ->transform(number("a finite number of at least 0", [](double value) { return value >= 0; }));
  app.add_option("--out", o.out, "Output folder");
  app.add_flag("--resume", o.resume, "Keep the runs that the output folder already contains");
  app.add_flag("--dry-run", o.dry_run, "Print what would run, but run nothing");
}

/// Reads "i/n" into the jobs.
void parse_shard(const std::string& text, Jobs& jobs) {
  const char* const end = text.data() + text.size();
  std::uint64_t i = 0, n = 0;
  const auto first = std::from_chars(text.data(), end, i);
  const bool has_slash = first.ec == std::errc() && first.ptr != end && *first.ptr == '/';
  const auto second = std::from_chars(has_slash ? first.ptr + 1 : end, end, n);
  if (second.ec != std::errc() || second.ptr != end || i < 1 || i > n) {
    refuse("--shard must be i/n with 1 <= i <= n, got \"" + text + "\"");
  }
  jobs.shard = i - 1;
  jobs.of = n;
}

void finish(Options& o) {
  if (!o.shard.empty()) parse_shard(o.shard, o.jobs);
  if (o.data.empty()) o.data = data_folder();
  o.jobs.folder = o.out / "runs";
  o.jobs.stop = &stop;
}

void prepare(const Options& o) {
  std::error_code failed;
  std::filesystem::create_directories(o.out, failed);
  for (const char* const name : {"summary.csv", "summary.json", "report.html"}) {
    if (!failed) xgrad::require_writable("compare", o.out / name);
  }
  // If two processes start at the same time, only one of them creates the folder.
  const bool is_new = !failed && std::filesystem::create_directory(o.jobs.folder, failed);
  if (failed) {
    throw xgrad::DataError("[compare] " + o.jobs.folder.string() +
                           ": the folder could not be created: " + failed.message());
  }
  if (!is_new && !o.resume && o.shard.empty()) {
    refuse(o.jobs.folder.string() +
           " already exists; use --resume to continue its runs, or another --out");
  }
  xgrad::require_writable("compare", o.jobs.folder / "run");
}

int compare_all(const Options& o, const std::string& command) {
  xgrad::set_num_threads(1);
  Study study(o.plan, o.by == "loss" ? Metric::loss : Metric::accuracy, o.target, o.data);
  std::printf("%zu tuning runs, then up to %zu runs with the winning and the default options\n",
              study.tuning_runs(), study.final_runs());
  if (o.dry_run) {
    const double seconds = study.estimate();
    std::printf("about %.*f s of training", seconds < 10 ? 1 : 0, seconds);
    if (o.jobs.workers > 1) {
      const double each = seconds / o.jobs.workers;
      std::printf("; with %u runs at the same time, %.*f s", o.jobs.workers, each < 10 ? 1 : 0,
                  each);
    }
    std::printf("\n");
    return 0;
  }
  require_output();
  prepare(o);
  std::optional<Comparison> result = study.perform(o.jobs);
  if (!result) {
    std::fprintf(stderr, "stopped; repeat the command with --resume to continue\n");
    return 130;
  }
  std::signal(SIGINT, SIG_DFL);  // all runs are saved; --resume can repeat the rest
  result->command = command;
  for (const Group& group : result->groups) std::printf("\n%s", to_table(group).c_str());
  std::fflush(stdout);
  xgrad::write_file("compare", o.out / "summary.csv", to_csv(*result));
  xgrad::write_file("compare", o.out / "summary.json", to_json(*result));
  write_report(o.out / "report.html", *result, o.jobs.workers);
  std::printf("\n%s\n", (o.out / "report.html").c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGINT, on_interrupt);
  return run_program("compare_optimizers", [&] {
    Options options;
    options.jobs.workers = std::max(1u, std::thread::hardware_concurrency());
    CLI::App app("Compares optimizers: tunes each, then trains it with new seeds.");
    app.option_defaults()->always_capture_default();
    add_options(app, options);
    if (!parse_command_line(app, argc, argv)) return 0;
    finish(options);
    return compare_all(options, command_line(argc, argv));
  });
}
