#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Measures training on several processes of one thread: `distributed_speed.sh BUILD [PROCESSES]...`,
# where BUILD is a build folder with benchmarks (-DXGRAD_BUILD_BENCHMARKS=ON). There should be a core
# for each process. The first line of a net is an ordinary step of one process.
set -euo pipefail

program=$(realpath "$1")/benchmarks/distributed_steps
counts=("${@:2}")
if [ ${#counts[@]} -eq 0 ]; then counts=(1 2 4 8); fi
run=mpirun
if mpirun --version | grep -q "Open MPI"; then
  run+=" --allow-run-as-root --mca btl self,vader --mca oob_tcp_if_include lo --bind-to core"
fi

measure() { # NET BATCH SHARDS STEPS
  $run -n 1 "$program" "$1" "$2" 0 "$4"
  for count in "${counts[@]}"; do
    # shellcheck disable=SC2086 # the options are words
    $run -n "$count" "$program" "$@"
  done
}

measure mlp 512 8 200
measure lenet 256 8 200
measure wide 512 8 20
