// SPDX-License-Identifier: MIT
// Loads and unloads a shared object that links xgrad several times. This program itself does not
// link xgrad.
#include <support/sanitizers.hpp>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace {

/// Loads the plugin, trains in it, and unloads it.
double train_in_the_plugin(int threads) {
  void* const plugin = dlopen(XGRAD_TEST_PLUGIN, RTLD_NOW | RTLD_LOCAL);
  if (plugin == nullptr) {
    ADD_FAILURE() << dlerror();
    return 0;
  }
  const auto train = reinterpret_cast<double (*)(int)>(dlsym(plugin, "train_a_little"));
  const double result = train(threads);
  EXPECT_EQ(dlclose(plugin), 0);
  return result;
}

/// Returns the resident memory of this process in MiB.
double resident() {
  std::ifstream statm("/proc/self/statm");
  double pages = 0;
  statm >> pages >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// Calls `load`, which loads the plugin and returns a result, 25 times. All results must be equal,
/// and the last 20 calls must not increase the memory in use.
template <class Load>
void expect_equal_loads_in_equal_memory(Load load) {
  const double first = load();
  EXPECT_NE(first, -1);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(load(), first);
  [[maybe_unused]] const double before = resident();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(load(), first);
#if !defined(XGRAD_TEST_ASAN) && !defined(XGRAD_TEST_TSAN)
  EXPECT_LT(resident() - before, 4.0) << "MiB more after 20 loads";
#endif
}

TEST(PluginTest, LoadingItAgainGivesEqualResultsWithoutMoreMemory) {
  for (const int threads : {1, 2}) {
    expect_equal_loads_in_equal_memory([&] { return train_in_the_plugin(threads); });
  }
}

// The thread-local memory of the plugin is freed after the plugin was unloaded.
TEST(PluginTest, ItCanBeLoadedAndUnloadedInThreadsThatEnd) {
  for (const int threads : {1, 2}) {
    expect_equal_loads_in_equal_memory([&] {
      double result = 0;
      std::thread([&] { result = train_in_the_plugin(threads); }).join();
      return result;
    });
  }
}

}  // namespace
