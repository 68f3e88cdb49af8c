#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the training steps of two builds of xgrad.

    builds.py BUILD_FOLDER OTHER_BUILD_FOLDER ROUNDS [FILTER]

For every cell of cells.txt, prints the median times of both builds in microseconds and their
ratio. scripts/benchmark.sh --native and --unhardened create the builds and run this program.
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
        for cell in steps.cells(sys.argv[4] if len(sys.argv) > 4 else ""):
            print(f"round {number} of {rounds}: {cell}", file=sys.stderr)
            for threads in (1, 2):
                # Run both builds within seconds of each other, and alternate which runs first.
                for which in (0, 1) if number % 2 else (1, 0):
                    command = [builds[which] / "benchmarks" / "xgrad_steps"]
                    for row in steps.measure(command, settings.system(threads), cell):
                        if row[0] == "xgrad":
                            times[tuple(row[1:5])][which].append(float(row[5]))
    print(f"{'net, batch, rule, threads':38} {builds[0].name:>20} {builds[1].name:>20} {'ratio':>6}")
    ratios = []
    for cell, both in times.items():
        first, second = map(statistics.median, both)
        ratios.append(first / second)
        print(f"{' '.join(cell):38} {first:20,.1f} {second:20,.1f} {ratios[-1]:6.2f}")
    print(f"{'geometric mean':80} {statistics.geometric_mean(ratios):6.3f}")


main()
