#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the MNIST example and trains it; all arguments go to it: `train_mnist.sh --epochs 10`.
# It reads MNIST from $XGRAD_DATA_DIR/mnist or data/mnist (scripts/download_mnist.sh brings it there)
# and says so where it has to take the bundled digits instead. The build is in build/train.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

heading() { printf '\n== %s\n' "$1"; }

heading "dependencies"
"$root/scripts/install_dependencies.sh"
heading "build"
build=$root/build/train
cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DXGRAD_BUILD_TESTS=OFF
cmake --build "$build" --target train_mnist --parallel "$("$root/scripts/jobs.sh")"
heading "train"
export XGRAD_DATA_DIR=${XGRAD_DATA_DIR:-$root/data}
exec "$build/examples/train_mnist" "$@"
