#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the lessons under Valgrind: `memcheck.sh [BUILD_DIR]`, build/dev without one. An error, or
# memory that is lost for good, fails. Valgrind knows no AVX-512, hence the instruction sets.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1:-build/dev}
export XGRAD_SIMD=avx2 OPENBLAS_CORETYPE=Haswell
programs=()
for lesson in 00_hello 01_gradients 02_regression 03_optimizers 04_digits 05_fit_and_resume 06_resume_by_hand; do
  programs+=("$build/examples/$lesson")
done
for page in 01_tensors 02_layers 03_paths 03_rules 04_batches 05_saving 06_embedding 07_fast; do
  programs+=("$build/docs/snippets/guide_$page")
done
