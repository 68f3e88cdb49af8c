// SPDX-License-Identifier: MIT
// The program that mpi_test.cpp and scripts/distributed_hashes.sh start with mpirun:
//
//   mpi_program exchange
//   mpi_program throw
//   mpi_program train [KEY=VALUE]...
//
// The keys of `train` are the members of Settings. A fault happens on rank 1, or on rank 0 if it is
// that of a file, in step 10.
#include "distributed/sharded_runs.hpp"
#include "distributed/world_checks.hpp"

#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <map>
#include <string>
#include <thread>

namespace xgrad::test {
namespace {

using Settings = std::map<std::string, std::string>;

Settings parse(int argc, char** argv) {
  Settings settings{{"rule", "adam"},     // name of the rule
                    {"net", "mlp"},       // mlp or lenet
                    {"shards", "8"},      // number of shards
                    {"epochs", "1"},      // number of epochs
                    {"every", "0"},       // number of steps between two checkpoints
                    {"checkpoint", ""},   // file of the checkpoint
                    {"parameters", ""},   // file of the parameters, written at the end
                    {"resume", ""},       // checkpoint with which the run begins
                    {"fault", ""},        // see Fault
                    {"kill_rank", ""},    // rank of a process that is killed
                    {"kill_after", ""}};  // milliseconds after which it is killed
  for (int i = 2; i < argc; ++i) {
    const std::string argument = argv[i];
    const std::size_t split = argument.find('=');
    settings.at(argument.substr(0, split)) = argument.substr(split + 1);
  }
  return settings;
}

train::StopRequest stop;
void on_interrupt(int) { stop.request(); }

/// Does what the key `fault` names.
struct Fault : train::Callback {
  Fault(std::string name, int process) : fault(std::move(name)), rank(process) {}
  void on_step(train::Run& run) override {
    if (run.progress.step != 10) return;
    if (fault == "disk" && rank == 0) {
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit limit{100, 100};
      ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    if (fault == "throw" && rank == 1) throw DataError("[test] the tenth step has failed");
    if (fault == "interrupt" && rank == 1) std::raise(SIGINT);
    if (fault == "kill" && rank == 1) std::raise(SIGKILL);
    if (fault == "exit" && rank == 1) std::_Exit(3);
  }
  std::string fault;
  int rank;
};

void train(distributed::World& world, const Settings& settings) {
  const std::string& fault = settings.at("fault");
  const bool is_different = world.rank() == 1;
  set_num_threads(is_different && fault == "threads" ? 2 : 1);
  ShardedRun run(settings.at("rule"), settings.at("net"), is_different && fault == "seed" ? 2 : 1);
  train::FitOptions options{
      .epochs = std::stoul(settings.at("epochs")),
      .validation = datasets::digits(datasets::Split::test),
      .shards = std::stoul(settings.at("shards")) * (is_different && fault == "shards" ? 2 : 1),
      .world = &world};
  if (settings.at("net") == "lenet") options.validation = options.validation->reshaped({1, 8, 8});
  if (!settings.at("resume").empty()) {
    options.resume = train::load_checkpoint(settings.at("resume"), run.model, *run.optimizer);
  }
  if (settings.at("kill_rank") == std::to_string(world.rank())) {
    std::thread([after = std::chrono::milliseconds(std::stol(settings.at("kill_after")))] {
      std::this_thread::sleep_for(after);
      std::raise(SIGKILL);
    }).detach();
  }
  Fault callback(fault, world.rank());
  run.fit(options, settings.at("checkpoint"), {&callback, &stop}, std::stoul(settings.at("every")));
  if (!settings.at("parameters").empty() && world.rank() == 0) {
    run.optimizer->eval();
    train::save_parameters(settings.at("parameters"), run.model);
  }
}

void run(distributed::World& world, int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  if (command == "exchange") check_world(world);
  if (command == "throw" && world.rank() == 1) throw Error("this process has failed");
  if (command == "throw") check_all_gather(world);  // waits for rank 1
  if (command == "train") train(world, parse(argc, argv));
  if (world.rank() == 0) std::cout << world.size() << " processes\n";
}

}  // namespace
}  // namespace xgrad::test

int main(int argc, char** argv) {
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, xgrad::test::on_interrupt);
  try {
    auto world = xgrad::distributed::World::mpi(argc, argv);
    xgrad::test::run(world, argc, argv);
    return 0;
  } catch (const xgrad::train::OtherProcessError&) {
    return 1;  // the other process reports its error
  } catch (const std::exception& e) {
    std::cerr << "mpi_program: " + std::string(e.what()) + "\n" << std::flush;  // in one write
    return 1;
  }
}
