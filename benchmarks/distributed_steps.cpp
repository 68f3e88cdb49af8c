// SPDX-License-Identifier: MIT
// Measures the steps of a training run on one or several processes:
//
//   distributed_steps NET BATCH SHARDS STEPS
//   mpirun -n 4 distributed_steps mlp 512 8 100
//
// NET is mlp (784-1000-500-100-10), lenet (LeNet-5) or wide (784-4096-4096-10). With 0 shards, it
// measures an ordinary step of one process. Each process has one thread. Prints one line: the
// median time of a step, the time of the fastest step, the median time of a step that was spent in
// exchanges, in which a process also waits for the others, and the bytes that a process sends per
// step.
#include <xgrad/distributed.hpp>
#include <xgrad/xgrad.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

using namespace xgrad;

namespace {

double seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + std::ptrdiff_t(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

/// Measures the operations of another group.
class TimedGroup : public train::ProcessGroup {
 public:
  explicit TimedGroup(train::ProcessGroup& group) : group_(group) {}
  int rank() const override { return group_.rank(); }
  int size() const override { return group_.size(); }
  void all_to_all(std::span<const std::byte> send, const std::vector<std::size_t>& send_sizes,
                  std::span<std::byte> receive,
                  const std::vector<std::size_t>& receive_sizes) override {
    const double begin = seconds();
    group_.all_to_all(send, send_sizes, receive, receive_sizes);
    time += seconds() - begin;
    bytes += double(send.size() - send_sizes[std::size_t(rank())]);
  }
  void all_gather(std::span<std::byte> all, const std::vector<std::size_t>& sizes) override {
    const double begin = seconds();
    group_.all_gather(all, sizes);
    time += seconds() - begin;
    bytes += double(sizes[std::size_t(rank())] * std::size_t(size() - 1));
  }
  double time = 0, bytes = 0;

 private:
  train::ProcessGroup& group_;
};

nn::Sequential make_net(const std::string& name, Rng& rng) {
  if (name == "lenet") {
    return nn::Sequential(nn::Conv2d(1, 6, 5, rng, {.padding = 2}), nn::Tanh(), nn::MaxPool2d(2),
                          nn::Conv2d(6, 16, 5, rng), nn::Tanh(), nn::MaxPool2d(2), nn::Flatten(),
                          nn::Linear(400, 120, rng), nn::Tanh(), nn::Linear(120, 84, rng),
                          nn::Tanh(), nn::Linear(84, 10, rng));
  }
  if (name == "wide") {
    return nn::Sequential(nn::Flatten(), nn::Linear(784, 4096, rng), nn::ReLU(),
                          nn::Linear(4096, 4096, rng), nn::ReLU(), nn::Linear(4096, 10, rng));
  }
  return nn::Sequential(nn::Flatten(), nn::Linear(784, 1000, rng), nn::ReLU(),
                        nn::Linear(1000, 500, rng), nn::ReLU(), nn::Linear(500, 100, rng),
                        nn::ReLU(), nn::Linear(100, 10, rng));
}

void run(distributed::World& world, const std::string& name, std::size_t batch_size,
         std::size_t shards, std::size_t steps) {
  Rng rng(1);
  nn::Sequential model = make_net(name, rng);
  optim::Adam optimizer(model.parameters());
  const std::size_t rows = 4 * batch_size;
  Labels y = Labels::from_shape({rows});
  for (std::size_t i = 0; i < rows; ++i) y(i) = std::int32_t(rng.below(10));
  datasets::DataLoader loader(datasets::Dataset(rng.normal({rows, 1, 28, 28}), y, 10),
                              {.batch_size = batch_size});
  TimedGroup group(world);
  std::optional<train::ShardedStep> step;
  if (shards > 0) {
    step.emplace(model, optimizer, loader, train::ShardOptions{.shards = shards, .world = &group});
  }
  const train::Criterion criterion = nn::SoftmaxCrossEntropy{};
  std::vector<double> times, exchanges;
  double sent = 0;
  while (times.size() < steps) {
    group.time = group.bytes = 0;
    double begin = seconds();
    for (auto& batch : loader) {
      if (step) {
        (*step)(batch, criterion);
      } else {
        optimizer.zero_grad();
        criterion(model(batch.x), batch.y).backward();
        optimizer.step();
      }
      times.push_back(seconds() - begin);
      exchanges.push_back(group.time);
      sent = group.bytes;
      group.time = group.bytes = 0;
      begin = seconds();
    }
  }
  if (step) step->finish();
  if (world.rank() != 0) return;
  std::printf("%-6s batch %5zu shards %3zu processes %3d  step %8.3f ms  fastest %8.3f ms  ",
              name.c_str(), batch_size, shards, world.size(), 1e3 * median(times),
              1e3 * *std::min_element(times.begin(), times.end()));
  std::printf("exchange %8.3f ms  sent %8.3f MB\n", 1e3 * median(exchanges), sent / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  set_num_threads(1);
  try {
    auto world = distributed::World::mpi(argc, argv);
    if (argc != 5) throw OptionError("usage: distributed_steps NET BATCH SHARDS STEPS");
    run(world, argv[1], std::stoul(argv[2]), std::stoul(argv[3]), std::stoul(argv[4]));
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "distributed_steps: %s\n", e.what());
    return 1;
  }
}
