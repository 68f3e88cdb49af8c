// SPDX-License-Identifier: MIT
// A shared object that links xgrad is loaded and let go, again and again. The program itself does
// not link xgrad.
#include <support/sanitizers.hpp>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace {

/// Loads the plugin, trains in it, lets it go.
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

/// Memory that this process has in use, in MiB.
double resident() {
  std::ifstream statm("/proc/self/statm");
  double pages = 0;
  statm >> pages >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// Loads 25 times, with `load` giving the result each time; the last 20 take no more memory.
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

TEST(PluginTest, LoadedTwentyTimesItTrainsAlikeInEqualMemory) {
  for (const int threads : {1, 2}) {
    expect_equal_loads_in_equal_memory([&] { return train_in_the_plugin(threads); });
  }
}

// The thread's own memory of the plugin is freed after the plugin was let go.
TEST(PluginTest, LoadedAndLetGoInThreadsThatEnd) {
  for (const int threads : {1, 2}) {
    expect_equal_loads_in_equal_memory([&] {
      double result = 0;
      std::thread([&] { result = train_in_the_plugin(threads); }).join();
      return result;
    });
  }
}

}  // namespace
