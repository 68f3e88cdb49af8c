#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks the pages of docs/how-to/: applies the diff of every page to one copy of the tree, builds
# the test programs that the pages name, and runs the tests that they name.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
tree=build/how_to/tree
build=build/how_to/build
rm -rf "$tree"
mkdir -p "$tree"
tar --exclude='./build*' --exclude=./.git -cf - . | tar -xf - -C "$tree"

fail() {
  echo "check_how_to: $*" >&2
  exit 1
}

programs=()
tests=()
for page in docs/how-to/*.md; do
  diff=$(sed -n '/^```diff$/,/^```$/ { /^```/d; p; }' "$page")
  files=$(grep -c '^+++ ' <<<"$diff" || true)
  [ "$files" -ge 1 ] && [ "$files" -le 4 ] || fail "$page: its diff must change one to four files, but it changes $files"
  patch --directory="$tree" --strip=1 --fuzz=0 --forward --silent --no-backup-if-mismatch <<<"$diff" ||
    fail "$page: its diff must apply to the sources, but it does not; update the page"
  named=$(sed -n 's/^Build `\(test_[a-z0-9_]*\)` and run it with `--gtest_filter=\([^`]*\)`.*/\1 \2/p' "$page")
  [ -n "$named" ] || fail "$page: it must name a test: Build \`test_...\` and run it with \`--gtest_filter=...\`"
  programs+=("${named% *}")
  tests+=("${named#* }")
done

if command -v clang-format >/dev/null; then "$tree/scripts/format.sh" --check; fi
cmake -S "$tree" -B "$build" -DXGRAD_WERROR=ON -DCMAKE_UNITY_BUILD=ON -DXGRAD_BUILD_EXAMPLES=OFF -DXGRAD_INSTALL=OFF
cmake --build "$build" --parallel "$(scripts/jobs.sh)" --target "${programs[@]}"
for i in "${!programs[@]}"; do
  run=("$build/tests/${programs[i]}" --gtest_brief=1 "--gtest_filter=${tests[i]}")
  "${run[@]}" --gtest_list_tests | grep -q '^  ' || fail "${programs[i]} has no test ${tests[i]}"
  "${run[@]}"
done
echo "Every diff of docs/how-to applies, and its tests pass."
