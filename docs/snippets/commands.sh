#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The commands that the README and docs/guide show, as a test: `commands.sh FOLDER_OF_THE_EXAMPLES`.
# Runs in a scratch folder, on the bundled digits.
set -euo pipefail

PATH=$(cd "$1" && pwd):$PATH
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
cd "$scratch"
export XGRAD_DATA_DIR=$scratch # without MNIST

train_mnist --optimizer adam --epochs 5 --batch-size 1
train_mnist --optimizer adam --epochs 5 --batch-size 64
train_mnist --optimizer adam --epochs 5 --batch-size full

# Stopped by Ctrl-C, a kill, a power cut:
train_mnist --epochs 20 --save net.safetensors --checkpoint-every 500
# The same command goes on where it stopped:
train_mnist --epochs 20 --save net.safetensors --checkpoint-every 500 --resume net.safetensors.checkpoint
