#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Measures speed, ROUNDS times (default 3) with the competitors in turn, and prints medians and ratios:
#
#   benchmark.sh [ROUNDS [FILTER]]           training steps of xgrad, written by hand, of PyTorch and of
#                                            LibTorch; FILTER is for example "784-128-10 64"
#   benchmark.sh --process [ROUNDS]          training on MNIST as a whole process, xgrad and PyTorch
#   benchmark.sh --native [ROUNDS [FILTER]]  xgrad as it is shipped against a -march=native build
#   benchmark.sh --unhardened [ROUNDS [FILTER]]  and against one without XGRAD_HARDEN
#
# PyTorch (python3-torch) and LibTorch (libtorch-dev) are measured where they are installed, on one
# and on two threads with each of Debian's OpenBLAS builds; `install_dependencies.sh benchmark torch` brings
# all of it. Every time of the steps is kept in build/benchmark/steps.csv; benchmarks/table.py prints
# the table from it again.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
mode=steps
case ${1:-} in
  --process | --native | --unhardened) mode=${1#--}; shift ;;
  -*) sed -n '3,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
rounds=${1:-3}
filter=${2:-}
build=build/benchmark

build() { # FOLDER TARGET [CMake arguments]
  cmake -S . -B "$1" -DCMAKE_BUILD_TYPE=Release -DXGRAD_BUILD_TESTS=OFF -DXGRAD_BUILD_BENCHMARKS=ON \
    "${@:3}" >/dev/null
  cmake --build "$1" --target "$2" --parallel "$(scripts/jobs.sh)" >/dev/null
}

# Debian's own Python, which is the one that python3-torch belongs to, before any other.
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
