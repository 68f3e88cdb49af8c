// SPDX-License-Identifier: MIT
// Tests that a child of fork() can continue the training of its parent without the parent's
// threads.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/threads.hpp"
#include "train/runs.hpp"

namespace xgrad::test {
namespace {

/// A net that is large enough for every product and every update to be split over threads.
struct Wide {
  Rng rng{5};
  nn::Sequential model{nn::Linear(64, 1100, rng), nn::ReLU(), nn::Linear(1100, 10, rng)};
  optim::Adam optimizer{model.parameters()};
  datasets::DataLoader loader{datasets::digits(datasets::Split::train), {.batch_size = 256}};

  std::vector<Array> train_an_epoch() {
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      cross_entropy(model(x), y).backward();
      optimizer.step();
    }
    return values_of(model);
  }
};

TEST(ForkTest, AChildContinuesTrainingWithTheBitsOfItsParent) {
  const Threads two(2);
  Wide run;
  run.train_an_epoch();
  std::vector<pid_t> children;
  int pipes[2];
  ASSERT_EQ(pipe(pipes), 0);
  for (int i = 0; i < 10; ++i) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      alarm(120);  // a deadlock becomes a failure
      const std::vector<Array> values = run.train_an_epoch();
      bool written = true;
      for (const Array& value : values) {
        if (i != 0) break;
        const std::size_t bytes = value.size() * sizeof(Scalar);
        std::size_t done = 0;
        while (written && done < bytes) {
          const auto n =
              write(pipes[1], reinterpret_cast<const char*>(value.data()) + done, bytes - done);
          written = n > 0;
          done += written ? static_cast<std::size_t>(n) : 0;
        }
      }
      _exit(written && run.optimizer.step_count() == 12 ? 0 : 1);
    }
    children.push_back(child);
  }
  close(pipes[1]);
  std::string bytes;
  char chunk[4096];
  for (ssize_t n; (n = read(pipes[0], chunk, sizeof chunk)) > 0;) {
    bytes.append(chunk, static_cast<std::size_t>(n));
  }
  close(pipes[0]);
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << "the child did not finish its epoch";
  }
  std::string own;
  for (const Array& value : run.train_an_epoch()) {
    own.append(reinterpret_cast<const char*>(value.data()), value.size() * sizeof(Scalar));
  }
  EXPECT_TRUE(bytes == own);
}

TEST(ForkTest, AChildMayUseThreadsIfItsParentUsedNone) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(120);
    set_num_threads(2);
    Wide run;
    run.train_an_epoch();
    _exit(run.optimizer.step_count() == 6 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace xgrad::test
