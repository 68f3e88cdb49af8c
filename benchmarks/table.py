#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints a table of the medians and ratios of the times that steps.py has written.

    table.py STEPS_CSV [--markdown]

The numbers 1 and 2 are numbers of threads. "hand" is the hand-written step. With two threads, it is
the faster of two variants: BLAS's threads or its own threads. "x/h" is the time of xgrad divided by
that of the hand-written step. "x1/x2" is the speed-up from a second thread. "best" is the time of a
program with its fastest setting, followed by this setting: the OpenBLAS build, the OpenMP threads
and the OpenBLAS threads. "/xgrad" is that time divided by xgrad's best time. "rate" is the number of
multiplications and additions in the products of a step divided by xgrad's time on one thread, as a
fraction of the rate of a product of 1024 x 1024 matrices on one thread.
"""
import collections
import csv
import statistics
import sys

COLUMNS = ["runner", "net", "batch", "rule", "threads", "microseconds", "blas", "blas_threads",
           "round"]

HEADINGS = ["net, batch, rule", "xgrad 1", "xgrad 2", "hand 1", "hand 2", "x/h 1", "x/h 2",
            "x1/x2", "rate", "PyTorch best", "/xgrad", "LibTorch best", "/xgrad"]

# For each convolutional net, the multiply-adds of a convolution for an image, the first one apart,
# and the widths of the linear layers; see set_layers in cells.hpp.
CONVOLUTIONAL = {
    "lenet": (6 * 25 * 28 * 28, 16 * 6 * 25 * 10 * 10, [400, 120, 84, 10]),
    "2c2d": (32 * 25 * 28 * 28, 64 * 32 * 25 * 14 * 14, [3136, 1024, 10]),
}


def read(path):
    """Returns {cell: {runner: {setting: median}}}, with the cells in the order of the file."""
    times = collections.defaultdict(list)
    with open(path) as file:
        for row in csv.DictReader(file):
            cell = (row["net"], row["batch"], row["rule"])
            setting = (int(row["threads"]), row["blas"], row["blas_threads"])
            times[cell, row["runner"], setting].append(float(row["microseconds"]))
    cells = collections.defaultdict(lambda: collections.defaultdict(dict))
    for (cell, runner, setting), values in times.items():
        cells[cell][runner][setting] = statistics.median(values)
    return cells


def at(medians, threads):
    """Returns the smallest median with `threads` threads, or None if there is none."""
    return min((time for setting, time in medians.items() if setting[0] == threads), default=None)


def least(*times):
    """Returns the smallest of the times that are not None, or None."""
    return min((time for time in times if time is not None), default=None)


def microseconds(time):
    if time is None:
        return "-"
    return f"{time:,.1f}" if time < 100 else f"{time:,.0f}"


def ratio(a, b):
    return f"{a / b:.2f}" if a is not None and b is not None else "-"


def best(medians):
    """Returns the smallest median, and a text with this median and its setting."""
    if not medians:
        return None, "-"
    (threads, blas, blas_threads), time = min(medians.items(), key=lambda item: item[1])
    return time, f"{microseconds(time)} {blas} {threads}/{blas_threads}"


def operations(net, batch):
    """Returns the multiplications and additions of a step. The input needs no gradient."""
    if net in CONVOLUTIONAL:
        first, second, widths = CONVOLUTIONAL[net]
        others = second + sum(a * b for a, b in zip(widths, widths[1:]))
    else:
        widths = [int(width) for width in net.split("-")]
        first, *linear = [a * b for a, b in zip(widths, widths[1:])]
        others = sum(linear)
    return 2 * batch * (2 * first + 3 * others)


def rate(cell, step, product):
    """Returns the text of a step's rate as a fraction of that of the product, given both times."""
    if step is None or product is None:
        return "-"
    return ratio(operations(cell[0], int(cell[1])) / step, 2 * 1024**3 / product)


def line(cell, runners):
    """Returns the texts of one line of the table."""
    x1, x2 = (at(runners["xgrad"], threads) for threads in (1, 2))
    h1, h2 = (least(at(runners["hand"], threads), at(runners["hand_split"], threads))
              for threads in (1, 2))
    x = least(x1, x2)
    pytorch, pytorch_text = best(runners["pytorch"])
    libtorch, libtorch_text = best(runners["libtorch"])
    return [" ".join(cell), *map(microseconds, (x1, x2, h1, h2)), ratio(x1, h1), ratio(x2, h2),
            ratio(x1, x2), rate(cell, x1, at(runners["product"], 1)), pytorch_text,
            ratio(pytorch, x), libtorch_text, ratio(libtorch, x)]


def show(path, markdown):
    """Prints the table, in Markdown if `markdown` is true."""
    lines = [HEADINGS] + [line(cell, runners) for cell, runners in read(path).items()]
    if markdown:
        lines.insert(1, ["---"] * len(HEADINGS))
        for cells in lines:
            print("| " + " | ".join(cells) + " |")
        return
    widths = [max(map(len, column)) for column in zip(*lines)]
    for first, *rest in lines:
        print("  ".join([first.ljust(widths[0]),
                         *(text.rjust(width) for text, width in zip(rest, widths[1:]))]))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    show(sys.argv[1], "--markdown" in sys.argv[2:])
