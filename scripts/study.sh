#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the studies of docs/results: `study.sh PROGRAM FOLDER [PART...]`. PROGRAM is
# compare_optimizers. The parts are tables, grid, mlp, regimes, lenet and full; the default is all of
# them, in this order. On 16 cores they take about six minutes. A part that was interrupted continues
# at the next call. $XGRAD_DATA_DIR must contain uci, mnist and fashion-mnist.
set -euo pipefail

program=$1 folder=$2
shift 2
parts=("$@")
if [ ${#parts[@]} -eq 0 ]; then parts=(tables grid mlp regimes lenet full); fi
tables=(iris wine glass sonar ionosphere breast_cancer vehicle vowel digits dna spam satellite letter shuttle)
ten=sgd,momentum,nag,adagrad,rmsprop,adam,adamw,nadam,adadelta,lion
brief=(--search halving --tuning-seeds 1 --seeds 3) # for long runs
mkdir -p "$folder"

study() { # NAME ARGUMENT...
  local name=$1 start=$SECONDS
  shift
  "$program" "$@" --resume --out "$folder/$name" >"$folder/$name.txt"
  gzip -9 -k -f "$folder/$name/study.json"
  echo "$name: $((SECONDS - start)) s, $(stat -c %s "$folder/$name/study.json.gz") bytes"
}

for part in "${parts[@]}"; do
  case $part in
    tables) # 14 tables, ten rules; then the six rules that are a part of them
      study ten "${tables[@]}" --optimizers "$ten" --search halving --seeds 10
      mkdir -p "$folder/six"
      cp "$folder/ten/runs.jsonl" "$folder/six/"
      study six "${tables[@]}" --search halving --seeds 10
      "$program" --verify "$folder/ten" 20 >"$folder/verify.txt"
      ;;
    grid) # the same as six, with the whole grid: what halving costs and loses
      mkdir -p "$folder/grid"
      grep '"stage":"\(tuned\|defaults\)"' "$folder/ten/runs.jsonl" >"$folder/grid/runs.jsonl"
      study grid "${tables[@]}" --search grid --seeds 10
      python3 "$(dirname "$0")/search_regret.py" "$folder/grid/study.json" "$folder/six/study.json" >"$folder/regret.txt"
      ;;
    mlp) study mlp mnist fashion-mnist --search halving ;;
    regimes) # per sample, mini-batch and full batch
      study regimes digits --batch-size 1,64,full --search halving --seeds 10
      study per_sample mnist fashion-mnist --batch-size 1 --epochs 2 "${brief[@]}"
      ;;
    lenet) study lenet mnist fashion-mnist --model lenet --epochs 2 "${brief[@]}" --optimizers sgd,momentum,adam ;;
    full) study full mnist fashion-mnist --batch-size full --epochs 20 "${brief[@]}" --optimizers sgd,momentum,adam ;;
    *) echo "study.sh: \"$part\" must be one of tables, grid, mlp, regimes, lenet, full" >&2
       exit 2 ;;
  esac
done
