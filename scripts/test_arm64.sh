#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Compiles xgrad for ARM64 Linux and runs test programs and train_mnist under QEMU. Needs Debian's
# packages g++-aarch64-linux-gnu and qemu-user. The tests that are left out only compute for longer, or
# start another program, which QEMU cannot do without binfmt_misc.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build/arm64
scripts/arm64_sysroot.sh
cmake -S . -B "$build" -DCMAKE_TOOLCHAIN_FILE=cmake/arm64-linux.cmake -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_UNITY_BUILD=ON -DXGRAD_WERROR=ON
programs=(test_core test_autograd test_autograd_f64 test_nn test_optim test_datasets test_train)
cmake --build "$build" --parallel "$(scripts/jobs.sh)" --target "${programs[@]}" train_mnist
printf '\n== tests (after %d s)\n' "$SECONDS"

emulate() { qemu-aarch64 -L build/arm64-sysroot "$@"; }
filter=$(scripts/slow_tests.sh)
filter+=":KilledTest.*:*PropertyTest*.*"
for program in "${programs[@]}"; do
  emulate "$build/tests/$program" --gtest_brief=1 --gtest_filter="$filter"
  printf '%s (after %d s)\n' "$program" "$SECONDS"
done
emulate "$build/examples/train_mnist" --epochs 1
printf 'train_mnist (after %d s)\n' "$SECONDS"
