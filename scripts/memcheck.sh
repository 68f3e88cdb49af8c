#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs lessons of examples/ and of docs/guide, and steps of convolutional networks, under Valgrind:
# `memcheck.sh [BUILD_DIR]`. The default is build/dev. The script fails on any error and on
# definitely lost memory; no message is suppressed. The other lessons are left out because they take
# longer. The instruction set is AVX2, because Valgrind does not support AVX-512.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(cd "${1:-$root/build/dev}" && pwd)
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
cd "$scratch" # lessons write files
export XGRAD_SIMD=avx2 OPENBLAS_CORETYPE=Haswell
# With AVX2, oneDNN 2.6 reads 64 bytes beyond a buffer of its own.
export DNNL_MAX_CPU_ISA=AVX

check() { # PROGRAM ARGUMENT...
  printf '\n== %s (after %d s)\n' "$*" "$SECONDS"
  local program=$build/$1
  shift
  valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
    --errors-for-leak-kinds=definite "$program" "$@" >"$scratch/output" || {
    cat "$scratch/output"
    exit 1
  }
}

for program in examples/{00_hello,01_gradients,03_optimizers,06_resume_by_hand} \
  docs/snippets/guide_{01_tensors,02_layers,03_paths,03_rules,05_saving,06_embedding,08_convolution}; do
  check "$program"
done

# Convolutional networks on the first 8 images of MNIST.
mkdir mnist
for part in train t10k; do
  {
    printf '\0\0\10\3\0\0\0\10\0\0\0\34\0\0\0\34'
    head -c $((8 * 28 * 28)) <(gunzip -c "$root/datasets/mnist/$part-images-idx3-ubyte.gz" | tail -c +17)
  } >"mnist/$part-images-idx3-ubyte"
  {
    printf '\0\0\10\1\0\0\0\10'
    head -c 8 <(gunzip -c "$root/datasets/mnist/$part-labels-idx1-ubyte.gz" | tail -c +9)
  } >"mnist/$part-labels-idx1-ubyte"
done
for model in lenet vgg; do
  check examples/train_mnist --data mnist --model "$model" --batch-size 4 --epochs 1 --shift 2 --flip \
    --save "$model"
  check examples/predict "$model" mnist/t10k-images-idx3-ubyte --index 0
done
