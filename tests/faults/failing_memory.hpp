// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

namespace xgrad::test {

/// Which requests for memory fail: one, or all from one on until release().
enum class Shortage { once, lasting };

/// Returns the end of the name of a test that runs with this shortage.
inline std::string name_of_shortage(const ::testing::TestParamInfo<Shortage>& info) {
  return info.param == Shortage::once ? "Once" : "Lasting";
}

/// Makes the n-th request for memory of this process fail, counted from 1 after this call.
void fail_request(long n, Shortage shortage);
/// Lets all further requests succeed. Returns whether a request has failed.
bool release();

/// Returns the largest request for memory, in bytes, since the last call of this function.
std::size_t largest_request();

/// Calls work() with the first request for memory failing, then with the second, and so on, until
/// it makes fewer requests. Above `all` requests, it increases the number in steps of 1 / `all`. It
/// calls before() before each work() and after(threw) after it, without failures. Returns how many
/// calls of work() had a failing request.
template <class Before, class Work, class After>
long fail_each_request(Shortage shortage, Before before, Work work, After after, long all = 50);

}  // namespace xgrad::test

#include <xgrad/core/error.hpp>
#include <xgrad/core/memory.hpp>

#include <new>

template <class Before, class Work, class After>
long xgrad::test::fail_each_request(Shortage shortage, Before before, Work work, After after,
                                    long all) {
  long failures = 0;
  for (long n = 1;; n += 1 + n / all) {
    before();
    release_cached_memory();  // otherwise a later step would make no request
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
      throw;  // any other exception is a bug
    }
    const bool failed = release();
    after(threw);
    if (!failed) return failures;
    ++failures;
  }
}
