#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fuzzes the readers of files, and random graphs: `fuzz.sh [SECONDS [TARGET...]]`. A target is the
# NAME of tests/fuzz/NAME_fuzz.cpp; the default is all targets. The script builds the targets with
# clang and replays their corpora. Then it runs each target for SECONDS (default: 600) on a copy of
# its corpus, one target per processor at the same time. It prints a table and fails if there is a
# finding, whose input is in build/fuzz. An input may take 10 seconds; FUZZ_INPUT_SECONDS changes
# this limit, for machines that are paused at times.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-600}
if ! [[ $seconds =~ ^[0-9]+$ ]]; then
  echo "fuzz: SECONDS must be a whole number, got \"$seconds\"" >&2
  exit 2
fi
targets=("${@:2}")
if [ ${#targets[@]} -eq 0 ]; then
  for source in tests/fuzz/*_fuzz.cpp; do targets+=("$(basename "$source" _fuzz.cpp)"); done
fi

build=build/asan-ubsan
findings=build/fuzz
jobs=$(scripts/jobs.sh)
work=$(mktemp -d)
set -m # each job is a process group, so that it can be killed as a whole
trap 'for job in $(jobs -p); do kill -- "-$job" 2>/dev/null || true; done; rm -r "$work"' EXIT

# It is also a finding if a reader allocates what a header claims, or computes for too long.
limits=(-malloc_limit_mb=64 -rss_limit_mb=1024 -timeout="${FUZZ_INPUT_SECONDS:-10}")
export ASAN_OPTIONS=quarantine_size_mb=32 UBSAN_OPTIONS=print_stacktrace=1
export OPENBLAS_NUM_THREADS=1 # avoids idle BLAS threads in each target

heading() { printf '\n== %s\n' "$1"; }

run() { # TARGET LOG [ARGUMENTS]: the last line of the log is the exit status, not 0 for a finding
  local target=$1 log=$2 status=0
  "$build/tests/fuzz/fuzz_$target" "${limits[@]}" -artifact_prefix="$findings/$target-" \
    -print_final_stats=1 "${@:3}" >"$log" 2>&1 || status=$?
  echo "exit status: $status" >>"$log"
}

fuzz() { # TARGET
  local dictionary=tests/fuzz/dictionaries/$1 with=(-max_total_time="$seconds")
  if [ -f "$dictionary" ]; then with+=(-dict="$dictionary"); fi
  cp -r "tests/fuzz/corpus/$1" "$work/corpus-$1"
  run "$1" "$work/$1" "${with[@]}" "$work/corpus-$1"
}

row() { # TARGET: prints a row of the table
  awk -v target="$1" '
    / cov: / { for (i = 1; i < NF; i++) value[$i] = $(i + 1) }
    /^stat::/ { value[$1] = $2 }
    / Test unit written to / { input = " " $NF }
    END { printf "%-12s %12d %13d %9d %9d  %s\n", target, value["stat::number_of_executed_units:"],
          value["stat::average_exec_per_sec:"], value["cov:"], value["ft:"],
          value["exit"] == 0 ? "none" : "FOUND" input }
    /^exit status: / { value["exit"] = $3 }' "$work/$1"
}

heading "dependencies"
scripts/install_dependencies.sh tests clang
heading "build"
cmake --preset asan-ubsan -DXGRAD_BUILD_EXAMPLES=ON # for the targets of readers of the programs
cmake --build --preset fuzz --parallel "$jobs"
mkdir -p "$findings"

heading "replay the corpora"
for target in "${targets[@]}"; do
  run "$target" "$work/$target" -runs=0 "tests/fuzz/corpus/$target"
  if ! tail -n 1 "$work/$target" | grep -qx 'exit status: 0'; then
    tail -n 40 "$work/$target" >&2
    echo "fuzz: $target fails on its corpus" >&2
    exit 1
  fi
done
echo "${#targets[@]} corpora: no finding."

heading "fuzz: $seconds s for each target"
for target in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
  fuzz "$target" &
done
wait

printf '%-12s %12s %13s %9s %9s  %s\n' target executions executions/s coverage features findings
status=0
for target in "${targets[@]}"; do
  row "$target"
  if ! tail -n 1 "$work/$target" | grep -qx 'exit status: 0'; then
    status=1
    grep -A 30 -m 1 -E 'ERROR|runtime error' "$work/$target" >&2 || tail -n 30 "$work/$target" >&2
  fi
done
exit "$status"
