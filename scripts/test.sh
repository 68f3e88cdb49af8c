#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds xgrad and runs its tests: `test.sh [CTest arguments]`, for example `test.sh -R optim`.
# `PRESET=asan-ubsan test.sh` uses another preset of CMakePresets.json and builds in build/PRESET.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${PRESET:-dev}
compilers=()
case $preset in *clang* | asan-ubsan) compilers=(clang) ;; esac

heading() { printf '\n== %s\n' "$1"; }

# Prints a line for each reason in CTest's JUnit file: how many tests were skipped, and why. A test
# that GoogleTest skipped says so in its output; any other gives the reason in its last line.
list_skipped() { # FILE
  awk '
    /<testcase / { skipped = found = 0; last = "it does not say why" }
    /<skipped message="SKIP_/ { skipped = 1 }
    { sub(/^.*<system-out>/, ""); sub(/<\/system-out>$/, "") }
    follows { ++count[$0 == "" ? "it does not say why" : $0]; found = 1 }
    { follows = /: Skipped$/ }
    NF && !/<\/?(testcase|skipped|failure|testsuite)/ { last = $0 }
    /<\/testcase>/ && skipped && !found { ++count[last] }
    END { for (reason in count) printf "%5d  %s\n", count[reason], reason }
  ' "$1" | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\&/g' | sort --key=1,1nr --key=2
}

heading "dependencies"
scripts/install_dependencies.sh tests mpi "${compilers[@]}"
heading "configure: preset $preset"
cmake --preset "$preset"
heading "build"
cmake --build --preset "$preset" --parallel "$(scripts/jobs.sh)"
heading "test"
results=$PWD/build/$preset/tests.xml
rm -f "$results"
status=0
ctest --preset "$preset" --parallel 2 --output-junit "$results" "$@" || status=$?

skipped=
if [ -f "$results" ]; then skipped=$(list_skipped "$results"); fi
if [ -n "$skipped" ]; then printf '\nSkipped tests, and why:\n%s\n' "$skipped"; fi
if [ "$status" -ne 0 ]; then
  printf '\nThe tests of preset %s failed.\n' "$preset" >&2
  exit "$status"
fi
printf '\nAll %stests of preset %s passed.\n' "${skipped:+other }" "$preset"
