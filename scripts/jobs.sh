#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Prints how many compilers may run at once: one for each processor, but no more than memory holds
# with 1.5 GiB for each. JOBS overrides.
set -euo pipefail

jobs=$(nproc)
if [ -r /proc/meminfo ]; then
  fit=$(awk '/^MemAvailable:/ {print int($2 / 1572864)}' /proc/meminfo)
  if [ "$fit" -lt "$jobs" ]; then jobs=$fit; fi
fi
if [ "$jobs" -lt 1 ]; then jobs=1; fi
echo "${JOBS:-$jobs}"
