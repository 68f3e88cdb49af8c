#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Draws the charts of docs/guide: `draw_guide.sh [FOLDER]`. The default folder is docs/guide/plots.
# Needs gnuplot (gnuplot-nox) and a build: it looks for guide_03_paths and 09_targets in $PATH,
# build/release and build/dev.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${1:-$root/docs/guide/plots}
for build in release dev; do
  PATH=$PATH:$root/build/$build/docs/snippets:$root/build/$build/examples
done
for program in gnuplot guide_03_paths 09_targets; do
  if ! command -v "$program" >/dev/null; then
    echo "draw_guide: $program is not found; see the first lines of this script" >&2
    exit 1
  fi
done
mkdir -p "$out"
gnuplot -e "out = '$out'" "$root/docs/guide/plots/plots.gp"
for plot in "$out"/*.svg; do
  echo "$plot: $(wc -c <"$plot") bytes"
done
