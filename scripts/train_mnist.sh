#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the MNIST example and trains it; all arguments go to it: `train_mnist.sh --epochs 10`.
# It reads MNIST from $XGRAD_DATA_DIR/mnist (default: data/mnist), fetches it there where it is
# missing, and goes on with the bundled digits where that fails. The build is in build/train.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

heading() { printf '\n== %s\n' "$1"; }

has_mnist() { # all four files, under any name that the library takes
  local part
  for part in {train,t10k}-{images,labels}; do
    compgen -G "$XGRAD_DATA_DIR/mnist/$part[-.]idx*" >/dev/null || return 1
  done
}

heading "dependencies"
"$root/scripts/install_dependencies.sh"
heading "build"
build=$root/build/train
cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_UNITY_BUILD=ON -DXGRAD_BUILD_TESTS=OFF
cmake --build "$build" --target train_mnist --parallel "$("$root/scripts/jobs.sh")"
export XGRAD_DATA_DIR=${XGRAD_DATA_DIR:-$root/data}
if [[ " $* " != *" --data"* && " $* " != *" --help "* && " $* " != *" -h "* ]] &&
  ! has_mnist; then
  heading "fetch MNIST"
  { "$root/scripts/install_dependencies.sh" fetch && "$root/scripts/download_mnist.sh" "$XGRAD_DATA_DIR/mnist"; } ||
    echo "going on without MNIST"
fi
heading "train"
exec "$build/examples/train_mnist" "$@"
