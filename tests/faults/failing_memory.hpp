// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace xgrad::test {

/// How memory runs out: for one request, or from one on until release().
enum class Shortage { once, lasting };

/// From here on the n-th request for memory of this process fails, counted from 1.
void fail_request(long n, Shortage shortage);
/// Ends that; whether a request has failed.
bool release();

/// The largest request for memory since this was last asked, in bytes.
std::size_t largest_request();

/// Runs work() with the first request failing, then with the second, until one run needs fewer
/// requests; far out only every fiftieth more. before() comes before each run and
/// after(whether it threw) after it, both with memory. Gives back how many runs had a failure.
template <class Before, class Work, class After>
long fail_each_request(Shortage shortage, Before before, Work work, After after);

}  // namespace xgrad::test

#include <xgrad/core/error.hpp>
#include <xgrad/core/memory.hpp>

#include <new>

template <class Before, class Work, class After>
long xgrad::test::fail_each_request(Shortage shortage, Before before, Work work, After after) {
  long failures = 0;
  for (long n = 1;; n += 1 + n / 50) {
    before();
    release_cached_memory();  // a steady step asks for nothing
    bool threw = false;
    fail_request(n, shortage);
    try {
      work();
    } catch (const std::bad_alloc&) {
      threw = true;
    } catch (const Error&) {
      threw = true;
    } catch (...) {
      release();
      throw;  // nothing else is a clean end
    }
    const bool failed = release();
    after(threw);
    if (!failed) return failures;
    ++failures;
  }
}
