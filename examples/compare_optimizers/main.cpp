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
  std::string shard, by = "accuracy", header = "guess", delimiter = "comma";
  std::optional<double> target;
  bool resume = false, dry_run = false, decimal_comma = false;
};

[[noreturn]] void refuse(const std::string& text) { throw xgrad::OptionError("[compare] " + text); }

bool is_positive(double value) { return value > 0; }
bool is_not_negative(double value) { return value >= 0; }
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
  refuse("--delimiter must be a character, tab or space, got \"" + text + "\"");
}

std::vector<Option> table_options(Options& o) {
  TableOptions& table = o.plan.table;
  return {
      {"--label",
       "Label column of csv:FILE: its name, or its number from 0 if the columns have no names "
       "[default: the last]",
       value(table.csv.label, text())},
      {"--header", "Whether the first line of csv:FILE contains the names of the columns",
       value(o.header, one_of({"guess", "yes", "no"}))},
      {"--delimiter",
       "Character between the fields of csv:FILE, or tab, or space for any run of blanks",
       value(o.delimiter, text())},
      {"--decimal-comma", "The numbers of csv:FILE have a decimal comma; needs another --delimiter",
       flag(o.decimal_comma)},
      {"--test-fraction", "Fraction of the rows of csv:FILE in the test set",
       value(table.test_fraction, number("a number from 0.01 to 0.9", is_fraction))}};
}

std::vector<Option> plan_options(Options& o) {
  Plan& plan = o.plan;
  return {
      {"tasks", std::string("One or more of ") + kTaskNames,
       value(plan.tasks, text(), Words::several)},
      {"--data",
       "Folder that contains mnist and fashion-mnist [default: $XGRAD_DATA_DIR, or datasets of "
       "the sources]",
       value(o.data, path())},
      {"--optimizers", "Optimizers to compare, separated by commas",
       value(plan.optimizers, one_of(xgrad::optim::names()))},
      {"--batch-size", "Batch sizes, separated by commas, for example 1,64,full",
       value(plan.batch_sizes, batch_size())},
      {"--hidden", "Widths of the hidden layers, separated by commas",
       value(plan.hidden, whole_number(1, 1 << 20))},
      {"--epochs", "Epochs of a run (analytic tasks: steps)",
       value(plan.budget.epochs, whole_number(1, std::uint64_t{1} << 32))},
      {"--budget-steps", "Steps of a run",
       value(plan.budget.steps, whole_number(1, std::uint64_t{1} << 62))},
      {"--budget-seconds", "Training seconds of a run",
       value(plan.budget.seconds, number("a finite number above 0", is_positive))},
      {"--grid", "[OPTIMIZER.]OPTION=VALUE,... or =LOW:HIGH:COUNT on a log scale; may be repeated",
       value(plan.grid, text(), Words::several)},
      {"--seeds", "Number of seeds of the final runs", value(plan.seeds, whole_number(1, 1000))},
      {"--by", "Metric that ranks the optimizers", value(o.by, one_of({"accuracy", "loss"}))},
      {"--target", "Value of the validation metric for the steps and seconds to the target",
       value(o.target, number("a finite number", [](double) { return true; }))}};
}

std::vector<Option> run_options(Options& o) {
  return {{"--jobs", "Runs at the same time, one thread each [default: all cores]",
           value(o.jobs.workers, whole_number(1, 1024))},
          {"--shard", "i/n: this process computes the i-th of n parts of the runs",
           value(o.shard, text())},
          {"--wait", "Seconds to wait for a file of another shard",
           value(o.jobs.wait, number("a finite number of at least 0", is_not_negative))},
          {"--out", "Output folder", value(o.out, path())},
          {"--resume", "Keep the runs that the output folder already contains", flag(o.resume)},
          {"--dry-run", "Print what would run, but run nothing", flag(o.dry_run)}};
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
  xgrad::datasets::CsvOptions& csv = o.plan.table.csv;
  const std::map<std::string, xgrad::datasets::Header> headers{
      {"guess", xgrad::datasets::Header::guess},
      {"yes", xgrad::datasets::Header::yes},
      {"no", xgrad::datasets::Header::no}};
  csv.header = headers.at(o.header);
  csv.delimiter = parse_delimiter(o.delimiter);
  if (o.decimal_comma) csv.decimal = ',';
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
    std::vector<Option> all = table_options(options);
    for (const auto& part : {plan_options(options), run_options(options)}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    if (!parse_command_line(
            argc, argv, "Compares optimizers: tunes each, then trains it with new seeds.", all)) {
      return 0;
    }
    finish(options);
    return compare_all(options, command_line(argc, argv));
  });
}
