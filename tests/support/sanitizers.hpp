// SPDX-License-Identifier: MIT
#pragma once

// XGRAD_TEST_ASAN and XGRAD_TEST_TSAN are defined in a build with the address and the thread
// sanitizer. gcc 12 and clang 14 say so in different words.

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
