// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/core/threads.hpp>

namespace xgrad::test {

/// Sets the number of threads until the end of the scope.
class Threads {
 public:
  explicit Threads(int count) : before_(num_threads()) { set_num_threads(count); }
  ~Threads() { set_num_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

}  // namespace xgrad::test
