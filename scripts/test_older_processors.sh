#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs test programs as older processors run them, under QEMU: `test_older_processors.sh [BUILD_DIR]`,
# build/dev without one. Haswell has AVX2 and no AVX-512; Nehalem has neither; Core 2 Duo has SSE2 to
# SSSE3 only. OpenBLAS chooses its kernels for these processors, too. The tests that are left out only
# compute for longer.
set -euo pipefail

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${1:-$scripts/../build/dev}" && pwd)
filter=$("$scripts/slow_tests.sh")
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
unset XGRAD_SIMD

fail() { # MESSAGE LOG
  printf 'test_older_processors: %s\n' "$1" >&2
  cat "$2" >&2
  return 1
}

# A program that CTest runs for each instruction set exits with 77 before its first test if the
# processor lacks the set, and runs its tests otherwise.
check_level() { # CPU LEVEL STATUS
  local log=$scratch/level-$1-$2 status=0
  XGRAD_SIMD=$2 qemu-x86_64 -cpu "$1" "$build/tests/test_autograd" --gtest_brief=1 \
    --gtest_filter='NoGradGuardTest.*' >"$log" 2>&1 || status=$?
  if [ "$status" -ne "$3" ]; then fail "$1: XGRAD_SIMD=$2 ends with $status, not $3" "$log"; fi
  if [ "$status" -ne 77 ]; then return; fi
  if grep -q ' ran\. ' "$log"; then fail "$1: XGRAD_SIMD=$2 runs tests" "$log"; fi
  grep -q "supported by this machine, got \"$2\"; using" "$log" || fail "$1: XGRAD_SIMD=$2: no warning" "$log"
}

run_as() { # CPU STATUS_OF_AVX2
  local program log
  check_level "$1" sse2 0
  check_level "$1" avx2 "$2"
  check_level "$1" avx512 77
  for program in core autograd nn optim train; do
    log=$scratch/$program-$1
    if [ $program = train ]; then filter='PortableBitsTest.*'; fi # the others do not depend on kernels
    qemu-x86_64 -cpu "$1" "$build/tests/test_$program" --gtest_brief=1 --gtest_filter="$filter" \
      >"$log" 2>&1 || fail "$1: test_$program ends with $?" "$log"
    printf '%s: test_%s: %s (after %d s)\n' "${1%%,*}" "$program" "$(tail -n 1 "$log")" "$SECONDS"
  done
}

# Haswell without the features that QEMU does not have and says so.
run_as Haswell,-pcid,-x2apic,-tsc-deadline,-hle,-invpcid,-rtm 0 &
processors=($!)
run_as Nehalem 77 &
processors+=($!)
run_as core2duo 77 &
processors+=($!)
failed=0
for processor in "${processors[@]}"; do
  wait "$processor" || failed=1
done
exit "$failed"
