#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks the pages of docs/how-to/: applies the diff of every page to one copy of the tree, builds
# the test programs that the pages name, and runs all tests of these programs.
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
for page in docs/how-to/*.md; do
  diff=$(sed -n '/^```diff$/,/^```$/ { /^```/d; p; }' "$page")
  files=$(grep -c '^+++ ' <<<"$diff" || true)
  [ "$files" -ge 1 ] && [ "$files" -le 4 ] || fail "$page: its diff must change one to four files, but it changes $files"
  patch --directory="$tree" --strip=1 --fuzz=0 --forward --silent --no-backup-if-mismatch <<<"$diff" ||
    fail "$page: its diff must apply to the sources, but it does not; update the page"
  named=$(grep '^Build `test_' "$page" | grep -o 'test_[a-z0-9_]*' || true)
  [ -n "$named" ] || fail "$page: it must have a line \"Build \`test_...\`\" that names its test programs"
  mapfile -t -O "${#programs[@]}" programs <<<"$named"
done

if command -v clang-format >/dev/null; then "$tree/scripts/format.sh" --check; fi
# -O1, because the programs take longer to compile than to run.
cmake -S "$tree" -B "$build" -DXGRAD_WERROR=ON -DCMAKE_CXX_FLAGS_RELEASE=-O1 -DCMAKE_UNITY_BUILD=ON -DXGRAD_BUILD_EXAMPLES=OFF -DXGRAD_INSTALL=OFF
cmake --build "$build" --parallel "$(scripts/jobs.sh)" --target "${programs[@]}"
for program in "${programs[@]}"; do "$build/tests/$program" --gtest_brief=1; done
echo "Every diff of docs/how-to applies, and the tests pass."
