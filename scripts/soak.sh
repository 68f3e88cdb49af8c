#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs xgrad for longer than a test: `soak.sh [SECONDS [EPOCHS]]`, 600 and 1,000 without them. Eight
# threads predict with one convolutional model while a ninth trains another, then LeNet trains with
# every callback. `PRESET=tsan soak.sh 60 10` runs both under the thread sanitizer. The script fails
# if a thread computes other bits than one thread alone; memory and times are printed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${PRESET:-dev}
[ -e "build/$preset/CMakeCache.txt" ] || cmake --preset "$preset"
cmake --build --preset "$preset" --parallel "$(scripts/jobs.sh)" --target soak
"build/$preset/tests/soak" load "${1:-600}"
"build/$preset/tests/soak" lenet "${2:-1000}"
