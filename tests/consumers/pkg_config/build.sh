#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds main.cpp of this folder without CMake.
set -euo pipefail

c++ -std=c++20 -O2 main.cpp -o app $(pkg-config --cflags --libs xgrad)
c++ -std=c++20 -O2 main.cpp -o app_f64 $(pkg-config --cflags --libs xgrad_f64)
