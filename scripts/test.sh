#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds xgrad and runs its tests: `test.sh [CTest arguments]`, for example `test.sh -R optim`.
# PRESET=asan-ubsan test.sh builds another preset of CMakePresets.json, in build/PRESET.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${PRESET:-dev}
compilers=()
case $preset in *clang* | asan-ubsan) compilers=(clang) ;; esac

heading() { printf '\n== %s\n' "$1"; }

heading "dependencies"
scripts/install_dependencies.sh tests "${compilers[@]}"
heading "configure: preset $preset"
cmake --preset "$preset"
heading "build"
cmake --build --preset "$preset" --parallel "$(scripts/jobs.sh)"
heading "test"
ctest --preset "$preset" --parallel 2 "$@"
printf '\nAll tests of preset %s passed.\n' "$preset"
