#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Times training steps: `benchmark.sh [ROUNDS [FILTER]]`, for example `benchmark.sh 3 "784-128-10 64"`.
# xgrad, the hand-written step and (where python3 has torch) PyTorch run in turn, on one thread and on
# two, ROUNDS times (default 3). Prints medians in microseconds and ratios; every time measured goes to
# build/benchmark/steps.csv.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${1:-3}
filter=${2:-}
build=build/benchmark
csv=$build/steps.csv
cells=benchmarks/cells.txt

scripts/install_dependencies.sh
cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release -DXGRAD_BUILD_TESTS=OFF -DXGRAD_BUILD_EXAMPLES=OFF \
  -DXGRAD_BUILD_BENCHMARKS=ON >/dev/null
cmake --build "$build" --parallel "$(scripts/jobs.sh)" >/dev/null

python=$(command -v /usr/bin/python3 python3 | head -n 1 || true)
if [ -z "$python" ] || ! "$python" -c 'import torch' 2>/dev/null; then
  echo "no PyTorch (python3-torch): compared with the hand-written step only"
  python=
fi

echo "runner,net,batch,rule,threads,microseconds" >"$csv"
for ((round = 1; round <= rounds; ++round)); do
  for threads in 1 2; do
    echo "round $round of $rounds, $threads thread(s)" >&2
    "$build/benchmarks/xgrad_steps" "$cells" "$threads" "$filter" >>"$csv"
    "$build/benchmarks/hand_written" "$cells" "$threads" "$filter" >>"$csv"
    if [ -n "$python" ]; then
      OMP_NUM_THREADS=$threads OPENBLAS_NUM_THREADS=$threads \
        "$python" benchmarks/pytorch_eager.py "$cells" "$threads" "$filter" >>"$csv"
    fi
  done
done

tail -n +2 "$csv" | sort -t, -k1,5 -k6,6g | awk -F, '
  function median(key) { return times[key, int((count[key] + 1) / 2)] }
  function least(a, b) { return a == "" || (b != "" && b < a) ? b : a }
  function ratio(a, b) { return a == "" || b == "" ? "-" : sprintf("%.2f", a / b) }
  { cell = $2 " " $3 " " $4; key = $1 " " $5 " " cell; times[key, ++count[key]] = $6; cells[cell] = 1 }
  END {
    printf "%-33s %9s %9s %9s %9s %9s %9s  %6s %6s  %8s\n", "net, batch, rule", "xgrad 1", "xgrad 2",
      "hand 1", "hand 2", "torch 1", "torch 2", "x/h 1", "x/h 2", "torch/x"
    while ((getline line <"'"$cells"'") > 0) {
      if (!(line in cells)) continue
      x1 = median("xgrad 1 " line); x2 = median("xgrad 2 " line)
      h1 = median("hand 1 " line); h2 = median("hand 2 " line)
      t1 = median("pytorch 1 " line); t2 = median("pytorch 2 " line)
      printf "%-33s %9s %9s %9s %9s %9s %9s  %6s %6s  %8s\n", line, x1, x2, h1, h2, t1, t2,
        ratio(x1, h1), ratio(x2, h2), ratio(least(t1, t2), least(x1, x2))
    }
  }'
