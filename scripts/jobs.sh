#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Prints how many compilers may run at the same time: one per processor, but at most one per 1.5 GiB
# of available memory. The variable JOBS overrides the result.
set -euo pipefail

jobs=$(nproc)
if [ -r /proc/meminfo ]; then
  fit=$(awk '/^MemAvailable:/ {print int($2 / 1572864)}' /proc/meminfo)
  if [ "$fit" -lt "$jobs" ]; then jobs=$fit; fi
fi
if [ "$jobs" -lt 1 ]; then jobs=1; fi
echo "${JOBS:-$jobs}"
