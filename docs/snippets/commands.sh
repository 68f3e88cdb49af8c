#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the commands that the README and docs/guide show, as a test: `commands.sh EXAMPLES_DIR`.
# Runs in a temporary directory, on the bundled digits.
set -euo pipefail

PATH=$(cd "$1" && pwd):$PATH
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
cd "$scratch"
export XGRAD_DATA_DIR=$scratch # a directory without MNIST, so that train_mnist uses the digits

train_mnist --optimizer adam --epochs 5 --batch-size 1
train_mnist --optimizer adam --epochs 5 --batch-size 64
train_mnist --optimizer adam --epochs 5 --batch-size full

train_mnist --epochs 1 --explain 0.weight[3,20] --at-step 3

# This run is stopped by Ctrl-C, a kill or a power cut:
train_mnist --epochs 20 --save net.safetensors --checkpoint-every 500
# This command resumes it from the last checkpoint:
train_mnist --epochs 20 --save net.safetensors --checkpoint-every 500 --resume net.safetensors.checkpoint
