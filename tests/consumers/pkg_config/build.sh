#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A program built without CMake: `build.sh MAIN.cpp`. $CXX is the compiler.
set -euo pipefail

${CXX:-c++} -std=c++20 -O2 "$1" -o app $(pkg-config --cflags --libs xgrad)
${CXX:-c++} -std=c++20 -O2 "$1" -o app_f64 $(pkg-config --cflags --libs xgrad_f64)
