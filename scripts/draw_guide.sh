#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Draws the plots of docs/guide anew: `draw_guide.sh [FOLDER]`, docs/guide/plots without one. Needs
# gnuplot (gnuplot-nox) and a build; guide_03_paths is looked for in $PATH, build/release, build/dev.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${1:-$root/docs/guide/plots}
export PATH=$PATH:$root/build/release/docs/snippets:$root/build/dev/docs/snippets
for program in gnuplot guide_03_paths; do
  if ! command -v "$program" >/dev/null; then
    echo "draw_guide: no $program; see the head of this script" >&2
    exit 1
  fi
done
mkdir -p "$out"
gnuplot -e "out = '$out'" "$root/docs/guide/plots/plots.gp"
for plot in "$out"/*.svg; do
  echo "$plot: $(wc -c <"$plot") bytes"
done
