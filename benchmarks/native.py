#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares a stock build of xgrad with one compiled for this machine (-march=native).

    native.py BUILD_FOLDER NATIVE_BUILD_FOLDER ROUNDS [FILTER]

Prints the medians of both for every cell and their ratio. scripts/benchmark.sh --native builds what
this runs.
"""
import collections
import pathlib
import statistics
import sys

import settings
import steps


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    builds, rounds = [pathlib.Path(folder) for folder in sys.argv[1:3]], int(sys.argv[3])
    times = collections.defaultdict(lambda: ([], []))
    for number in range(1, rounds + 1):
        for threads in (1, 2):
            for which, build in enumerate(builds):
                print(f"round {number} of {rounds}: {build}, {threads} thread(s)", file=sys.stderr)
                command = [build / "benchmarks" / "xgrad_steps"]
                for row in steps.measure(command, settings.system(threads), *sys.argv[4:5]):
                    times[tuple(row[1:5])][which].append(float(row[5]))
    print(f"{'net, batch, rule, threads':38} {'stock':>10} {'native':>10} {'stock/native':>13}")
    ratios = []
    for cell, both in times.items():
        stock, native = map(statistics.median, both)
        ratios.append(stock / native)
        print(f"{' '.join(cell):38} {stock:10,.1f} {native:10,.1f} {ratios[-1]:13.2f}")
    print(f"{'geometric mean':60} {statistics.geometric_mean(ratios):13.2f}")


main()
