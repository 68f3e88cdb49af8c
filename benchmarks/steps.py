#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures the cells of cells.txt with every program, in several interleaved rounds.

    steps.py BUILD_FOLDER ROUNDS [FILTER]

Writes all times to BUILD_FOLDER/steps.csv and prints a table of medians. scripts/benchmark.sh
builds the programs and runs this one.
"""
import csv
import pathlib
import subprocess
import sys

import settings
import table

HERE = pathlib.Path(__file__).parent
CELLS = HERE / "cells.txt"


def competitors(build):
    """Yields each program, its options that follow the filter, and a setting to run it with."""
    programs = build / "benchmarks"
    for threads in (1, 2):
        yield [programs / "xgrad_steps"], [], settings.system(threads)
        yield [programs / "hand_written"], [], settings.system(threads)
    yield [programs / "hand_written"], ["split"], settings.system(2)
    torch = []
    if settings.has_torch():
        torch.append([sys.executable, HERE / "pytorch_eager.py"])
    else:
        print("skipped: PyTorch (python3-torch) is not installed", file=sys.stderr)
    if (programs / "libtorch").exists():
        torch.append([programs / "libtorch"])
    else:
        print("skipped: LibTorch (libtorch-dev) is not installed", file=sys.stderr)
    for setting in settings.torch_settings() if torch else []:
        for command in torch:
            yield command, [], setting


def cells(wanted):
    """Returns the lines of cells.txt that contain `wanted`."""
    lines = CELLS.read_text().splitlines()
    return [line for line in lines if line and line[0] != "#" and wanted in line]


def measure(command, setting, wanted="", *options):
    """Runs a program on the cells that contain `wanted`. Returns the rows that it prints."""
    run = subprocess.run([*command, CELLS, str(setting.threads), wanted, *options],
                         env=setting.environment(), stdout=subprocess.PIPE, text=True, check=True)
    return list(csv.reader(run.stdout.splitlines()))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    build, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    # Measure one cell with all programs before the next cell, because the speed of a shared machine
    # changes from minute to minute. So times that are compared are measured within seconds.
    programs = list(competitors(build))
    runs = [(*program, cell) for cell in cells(wanted) for program in programs]
    path = build / "steps.csv"
    with open(path, "w") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.COLUMNS)
        for number in range(1, rounds + 1):
            for command, options, setting, cell in runs:
                print(f"round {number} of {rounds}: {pathlib.Path(command[-1]).stem} {setting} {cell}",
                      file=sys.stderr)
                for row in measure(command, setting, cell, *options):
                    writer.writerow([*row, setting.build, setting.blas_threads, number])
                file.flush()
    table.show(path, markdown=False)


if __name__ == "__main__":
    main()
