#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs lessons of examples/ and of docs/guide under Valgrind: `memcheck.sh [BUILD_DIR]`. The default
# is build/dev. The script fails on any error and on definitely lost memory; no message is
# suppressed. The other lessons are left out because they take longer. The instruction set is AVX2,
# because Valgrind does not support AVX-512.
set -euo pipefail

build=$(cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../build/dev}" && pwd)
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
cd "$scratch" # lessons write files
export XGRAD_SIMD=avx2 OPENBLAS_CORETYPE=Haswell

for program in examples/{00_hello,01_gradients,03_optimizers,06_resume_by_hand} \
  docs/snippets/guide_{01_tensors,02_layers,03_paths,03_rules,05_saving,06_embedding}; do
  printf '\n== %s (after %d s)\n' "$program" "$SECONDS"
  valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
    --errors-for-leak-kinds=definite "$build/$program" >"$scratch/output" || {
    cat "$scratch/output"
    exit 1
  }
done
