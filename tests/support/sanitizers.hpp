// SPDX-License-Identifier: MIT
#pragma once

// Defines XGRAD_TEST_ASAN in a build with the address sanitizer and XGRAD_TEST_TSAN in a build with
// the thread sanitizer. gcc 12 and clang 14 report the sanitizers by different macros.

#if defined(__SANITIZE_ADDRESS__)
#define XGRAD_TEST_ASAN
#endif
#if defined(__SANITIZE_THREAD__)
#define XGRAD_TEST_TSAN
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define XGRAD_TEST_ASAN
#endif
#if __has_feature(thread_sanitizer)
#define XGRAD_TEST_TSAN
#endif
#endif
