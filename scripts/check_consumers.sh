#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Uses xgrad as others do: `check_consumers.sh BUILD_DIR` installs that build into a scratch folder,
# moves it, and builds and runs tests/consumers against it; then the same program with
# add_subdirectory.
set -euo pipefail

if [ $# -lt 1 ] || [ ! -f "$1/CMakeCache.txt" ]; then
  echo "usage: check_consumers.sh BUILD_DIR [--installed-only]; CMake must have configured BUILD_DIR" >&2
  exit 2
fi
build=$(cd "$1" && pwd)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

heading() { printf '\n== %s\n' "$1"; }

# Fails where a file below the prefix holds the pattern.
refuse() { # PATTERN WHY
  if grep -rnE --include='*.hpp' --include='*.cmake' -- "$1" "$prefix"; then
    echo "check_consumers: $2" >&2
    exit 1
  fi
}

build_and_run() { # CONSUMER CMAKE_ARGUMENT...
  cmake -S "$root/tests/consumers/$1" -B "$scratch/$1" -DCMAKE_BUILD_TYPE=Release "${@:2}" >/dev/null
  cmake --build "$scratch/$1" --parallel "$("$root/scripts/jobs.sh")" >/dev/null
  local program
  for program in "$scratch/$1"/consumer*; do "$program"; done
}

heading "the installed files"
cmake --install "$build" --prefix "$scratch/first" >/dev/null
mv "$scratch/first" "$scratch/prefix" # nothing may remember where it was installed
prefix=$scratch/prefix
refuse "$root|$build|$scratch" "an installed file names a path of the build"
refuse "-march|-m(avx|fma)|-O[0-9]|-W[a-z]" "an installed file passes compiler flags on"
refuse "spdlog|xsimd|nlohmann|CLI11|zlib\.h|cblas\.h" "an installed file needs a private library"
refuse "^// .*[Pp]rivate to " "a private header is installed; exclude it in cmake/XgradInstall.cmake"
find "$prefix" -name '*.hpp' | wc -l | sed 's/$/ headers/'

heading "find_package"
build_and_run find_package "-DCMAKE_PREFIX_PATH=$prefix"
if [ "${2:-}" = --installed-only ]; then exit 0; fi
heading "add_subdirectory"
build_and_run add_subdirectory
