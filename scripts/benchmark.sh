#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Measures speed in ROUNDS rounds (default 3), alternating between the competitors, and prints
# medians and ratios:
#
#   benchmark.sh [ROUNDS [FILTER]]           training steps of xgrad, of a hand-written loop, of PyTorch
#                                            and of LibTorch; FILTER is for example "784-128-10 64"
#   benchmark.sh --process [ROUNDS]          whole processes that train on MNIST, xgrad and PyTorch
#   benchmark.sh --native [ROUNDS [FILTER]]  the default build against one with -march=native
#   benchmark.sh --unhardened [ROUNDS [FILTER]]  the default build against one without XGRAD_HARDEN
#
# PyTorch (python3-torch) and LibTorch (libtorch-dev) are measured if they are installed, on one and
# on two threads, with each of Debian's OpenBLAS builds. `install_dependencies.sh benchmark torch`
# installs them. build/benchmark/steps.csv contains every measured step time; benchmarks/table.py
# prints the table from this file.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
mode=steps
case ${1:-} in
  --process | --native | --unhardened) mode=${1#--}; shift ;;
  -*) sed -n '3,15s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
rounds=${1:-3}
filter=${2:-}
build=build/benchmark

build() { # FOLDER TARGET [CMake arguments]
  cmake -S . -B "$1" -DCMAKE_BUILD_TYPE=Release -DXGRAD_BUILD_TESTS=OFF -DXGRAD_BUILD_BENCHMARKS=ON \
    "${@:3}" >/dev/null
  cmake --build "$1" --target "$2" --parallel "$(scripts/jobs.sh)" >/dev/null
}

# Prefer Debian's Python, because python3-torch is installed for it.
python=$(command -v /usr/bin/python3 python3 | head -n 1)
scripts/install_dependencies.sh
case $mode in
  steps)
    build "$build" benchmarks
    "$python" benchmarks/steps.py "$build" "$rounds" "$filter"
    ;;
  process)
    build "$build" train_mnist
    "$python" benchmarks/process.py "$build" "$rounds" "${XGRAD_DATA_DIR:-datasets}/mnist"
    ;;
  native | unhardened)
    flags=-DCMAKE_CXX_FLAGS=-march=native
    if [ $mode = unhardened ]; then flags=-DXGRAD_HARDEN=OFF; fi
    build "$build" xgrad_steps
    build "$build-$mode" xgrad_steps $flags
    "$python" benchmarks/builds.py "$build" "$build-$mode" "$rounds" "$filter"
    ;;
esac
