#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fuzzes the readers of files and random graphs: `fuzz.sh [SECONDS [TARGET...]]` builds tests/fuzz
# with clang, replays its corpora, then runs each target for SECONDS (default: 600), as many at once
# as there are processors, on a copy of its corpus. Prints a table; fails on a finding, whose input
# is in build/fuzz. A target is the NAME of tests/fuzz/NAME_fuzz.cpp; all are the default.
# An input may take 10 seconds; FUZZ_INPUT_SECONDS says otherwise, for a machine that stops and goes.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-600}
if ! [[ $seconds =~ ^[0-9]+$ ]]; then
  echo "fuzz: \"$seconds\" is no number of seconds" >&2
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
set -m # each job a group of processes, which ends as one
trap 'for job in $(jobs -p); do kill -- "-$job" 2>/dev/null || true; done; rm -r "$work"' EXIT

# A reader that takes memory for what a file promises, or computes for long, is a finding, too.
limits=(-malloc_limit_mb=64 -rss_limit_mb=1024 -timeout="${FUZZ_INPUT_SECONDS:-10}")
export ASAN_OPTIONS=quarantine_size_mb=32 UBSAN_OPTIONS=print_stacktrace=1
export OPENBLAS_NUM_THREADS=1 # not a hundred idle threads beside each target

heading() { printf '\n== %s\n' "$1"; }

run() { # TARGET LOG [ARGUMENTS]: the log ends with the exit status, which is not 0 for a finding
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

row() { # TARGET: a line of the table from its log
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
cmake --preset asan-ubsan
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
