// SPDX-License-Identifier: MIT
// Measures how much of train_mnist's time is spent on reading the files, on assembling batches, and
// on training, and whether it helps to assemble batches ahead in another thread.
//
//   epoch MNIST_FOLDER [THREADS [HIDDEN_UNITS]]
#include <xgrad/xgrad.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>

using namespace xgrad;

namespace {

/// Returns the seconds that f() takes.
template <class F>
double seconds(F f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Calls use(batch) for each batch of an epoch, while another thread assembles the next batch.
template <class Use>
void use_ahead(datasets::DataLoader& loader, Use use) {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<datasets::Batch> next;
  std::thread producer([&] {
    for (datasets::Batch& batch : loader) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return !next; });
      next = batch;
      changed.notify_one();
    }
  });
  for (std::size_t i = 0; i < loader.batches(); ++i) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return next.has_value(); });
    datasets::Batch batch = std::move(*next);
    next.reset();
    lock.unlock();
    changed.notify_one();
    use(batch);
  }
  producer.join();
}

/// Measures several ways to run an epoch in turn, and keeps the shortest time of each.
class Times {
 public:
  template <class F>
  void measure(const char* name, F f) {
    auto found = std::find_if(times_.begin(), times_.end(),
                              [&](const auto& entry) { return entry.first == name; });
    if (found == times_.end()) {
      found = times_.insert(found, {name, std::numeric_limits<double>::infinity()});
    }
    found->second = std::min(found->second, seconds(f));
  }
  void print() const {
    for (const auto& [name, time] : times_) std::printf("%-45s %7.1f ms\n", name, 1e3 * time);
  }

 private:
  std::vector<std::pair<const char*, double>> times_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s MNIST_FOLDER [THREADS [HIDDEN_UNITS]]\n", argv[0]);
    return 2;
  }
  if (argc > 2) set_num_threads(std::atoi(argv[2]));
  const std::size_t hidden = argc > 3 ? static_cast<std::size_t>(std::atoi(argv[3])) : 128;
  std::optional<datasets::Dataset> data;
  Times times;
  times.measure("reading the training files",
                [&] { data = datasets::mnist(argv[1], datasets::Split::train); });
  datasets::DataLoader loader(*data), shifting(*data, {.transform = datasets::shift(2)});
  Rng rng(0);
  nn::Sequential model(nn::Linear(784, hidden, rng), nn::ReLU(), nn::Linear(hidden, 10, rng));
  optim::Adam optimizer(model.parameters());
  const auto train = [&](const datasets::Batch& batch) {
    optimizer.zero_grad();
    const Tensor loss = cross_entropy(model(batch.x), batch.y);
    loss.backward();
    optimizer.step();
  };
  double checksum = 0;  // keeps the compiler from removing the loops
  const auto read = [&](const datasets::Batch& batch) {
    checksum += static_cast<double>(batch.x.value().data()[0]);
  };

  for (int round = 0; round < 5; ++round) {
    const auto epoch = [&](const char* name, datasets::DataLoader& each, auto use) {
      times.measure(name, [&] {
        for (const datasets::Batch& batch : each) use(batch);
      });
    };
    epoch("one epoch, batches only", loader, read);
    epoch("one epoch, shifted batches only", shifting, read);
    epoch("one epoch of training", loader, train);
    epoch("one epoch of training on shifted batches", shifting, train);
    times.measure("the same, batches made ahead by a thread", [&] { use_ahead(shifting, train); });
  }
  std::printf("784-%zu-10, Adam, batch 64, threads: %d\n", hidden, num_threads());
  times.print();
  return checksum < 0;
}
