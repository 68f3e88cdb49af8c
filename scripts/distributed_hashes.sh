#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Shows that training has the same bits on any number of processes: `distributed_hashes.sh BUILD
# [kills]`, where BUILD is a build folder with the programs of the tests. For each net, rule, MPI
# library and number of processes, prints the first digits of the SHA-256 sums of the checkpoint and
# of the parameters after two epochs with dropout, clipping and a smaller last batch. "4, 2" is a run
# that was killed on 4 processes and resumed on 2. Exits with 1 if two sums of a net and a rule
# differ. `kills` instead kills one of 1, 2 or 4 processes at a hundred random moments; each time,
# some number of processes resumes the run.
set -euo pipefail

build=$(realpath "$1")
rules=(sgd momentum nag adagrad rmsprop adam adamw nadam adadelta lion)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

declare -A options=(
  [openmpi]="--allow-run-as-root --oversubscribe --mca btl self,vader --mca oob_tcp_if_include lo --mca btl_vader_single_copy_mechanism none"
  [mpich]="-iface lo")

train() { # MPI PROCESSES ARGUMENT...
  # shellcheck disable=SC2086 # the options are words
  timeout -k 5 300 "mpirun.$1" ${options[$1]} -n "$2" "$build/tests/mpi_program_$1" train \
    "net=$net" "rule=$rule" epochs=2 "${@:3}" >"$scratch/log" 2>&1
}
sum() { sha256sum "$1" | cut -c 1-16; }

status=0
row() { # MPI PROCESSES
  local sums
  sums="$(sum "$scratch/checkpoint")  $(sum "$scratch/parameters")"
  if [ "$sums" != "${expected:=$sums}" ]; then
    status=1
    sums+="  DIFFERS"
  fi
  printf '%-6s %-9s %-8s %-5s %s\n' "$net" "$rule" "$1" "$2" "$sums"
}

# Kills one of some processes at a random moment, and resumes the run, until there were 100 kills.
kill_at_random_moments() { # MPI
  local kills=0 ends=0 whole resume count
  train "$1" 2 "checkpoint=$scratch/whole" || { cat "$scratch/log" >&2; exit 1; }
  whole=$(sum "$scratch/whole")
  rm -f "$scratch/killed"
  while [ "$kills" -lt 100 ]; do
    resume=()
    if [ -e "$scratch/killed" ]; then resume=("resume=$scratch/killed"); fi
    count=$((1 << RANDOM % 3))
    if train "$1" "$count" "checkpoint=$scratch/killed" every=1 "${resume[@]}" \
      kill_rank=$((RANDOM % count)) kill_after=$((RANDOM % 150)); then
      ends=$((ends + 1))  # before the kill
      if [ "$(sum "$scratch/killed")" != "$whole" ]; then status=1; fi
      rm "$scratch/killed"
    elif [ $? -eq 124 ]; then
      echo "distributed_hashes: a job did not end" >&2
      exit 1
    else
      kills=$((kills + 1))
    fi
  done
  printf '%s: %s kills of a process, %s runs that ended, checkpoints %s\n' "$1" "$kills" "$ends" \
    "$([ "$status" -eq 0 ] && echo equal || echo "NOT EQUAL")"
}
if [ "${2:-}" = kills ]; then
  net=mlp rule=nag
  for mpi in openmpi mpich; do
    if [ -x "$build/tests/mpi_program_$mpi" ]; then kill_at_random_moments "$mpi"; fi
  done
  exit "$status"
fi

printf '%-6s %-9s %-8s %-5s %-16s  %s\n' net rule MPI P checkpoint parameters
for net in mlp lenet; do
  for rule in "${rules[@]}"; do
    expected=
    for mpi in openmpi mpich; do
      if [ ! -x "$build/tests/mpi_program_$mpi" ]; then continue; fi
      for count in 1 2 4 8; do
        train "$mpi" "$count" "checkpoint=$scratch/checkpoint" "parameters=$scratch/parameters" ||
          { cat "$scratch/log" >&2; exit 1; }
        row "$mpi" "$count"
      done
      if train "$mpi" 4 "checkpoint=$scratch/killed" every=7 fault=kill; then
        echo "distributed_hashes: the run was not killed" >&2
        exit 1
      fi
      train "$mpi" 2 "resume=$scratch/killed" "checkpoint=$scratch/checkpoint" \
        "parameters=$scratch/parameters" || { cat "$scratch/log" >&2; exit 1; }
      row "$mpi" "4, 2"
    done
  done
done
exit "$status"
