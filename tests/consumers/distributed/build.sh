#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds main.cpp of this folder without CMake.
set -euo pipefail

mpicxx -std=c++20 -O2 main.cpp -o app $(pkg-config --cflags --libs xgrad_distributed)
