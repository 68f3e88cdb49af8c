#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the MNIST example in build/train and runs it. All arguments are passed to it:
# `train_mnist.sh --epochs 10`. It reads MNIST from datasets/mnist, or from $XGRAD_DATA_DIR/mnist if
# that variable is set.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

heading() { printf '\n== %s\n' "$1"; }

heading "dependencies"
"$root/scripts/install_dependencies.sh"
heading "build"
build=$root/build/train
cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_UNITY_BUILD=ON -DXGRAD_BUILD_TESTS=OFF
cmake --build "$build" --target train_mnist --parallel "$("$root/scripts/jobs.sh")"
heading "train"
exec "$build/examples/train_mnist" "$@"
