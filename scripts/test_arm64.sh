#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Cross-compiles xgrad for ARM64 Linux and runs test programs and train_mnist under QEMU, as a
# Cortex-A72. Needs the packages of `install_dependencies.sh arm64`.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build/arm64
programs=(core autograd autograd_f64 nn optim datasets train)

scripts/arm64_sysroot.sh
cmake -S . -B "$build" -DCMAKE_TOOLCHAIN_FILE=cmake/arm64-linux.cmake -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_UNITY_BUILD=ON -DXGRAD_WERROR=ON
cmake --build "$build" --parallel "$(scripts/jobs.sh)" \
  --target "${programs[@]/#/test_}" train_mnist
printf '\n== tests (after %d s)\n' "$SECONDS"

emulate() { qemu-aarch64 -cpu cortex-a72 -L build/arm64-sysroot "$@"; }

# Property tests take long under QEMU. Death tests start the program again, which QEMU cannot do without
# binfmt_misc.
filter="$(scripts/slow_tests.sh):*PropertyTest*.*:*DeathTest.*"
for program in "${programs[@]}"; do
  emulate "$build/tests/test_$program" --gtest_brief=1 --gtest_filter="$filter"
  printf 'test_%s (after %d s)\n' "$program" "$SECONDS"
done

# One epoch, after which the accuracy is 94.7 % on x86-64.
emulate "$build/examples/train_mnist" --epochs 1 | tee "$build/train_mnist.log"
accuracy=$(sed -n 's/^epoch 1\/1 .*test accuracy \([0-9.]*\) .*/\1/p' "$build/train_mnist.log")
if ! awk -v accuracy="$accuracy" 'BEGIN { exit !(accuracy >= 94 && accuracy <= 100) }'; then
  echo "test_arm64: the accuracy after an epoch must be at least 94 %, got \"$accuracy\"" >&2
  exit 1
fi
printf 'All tests for ARM64 passed (after %d s).\n' "$SECONDS"
