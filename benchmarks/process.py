#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures whole processes that train on MNIST, from start to exit: train_mnist and PyTorch.

    process.py BUILD_FOLDER ROUNDS MNIST_FOLDER

Runs every program with each of its settings, in several interleaved rounds. A setting whose
median time is at least three times that of the best setting is not run again. For each program,
prints the setting with the smallest median of wall-clock seconds, the largest resident memory of
a process, and the accuracy.
scripts/benchmark.sh --process builds the programs and runs this one.
"""
import collections
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

import settings

HERE = pathlib.Path(__file__).parent

# The results of one process.
Run = collections.namedtuple("Run", "seconds megabytes accuracy")


def run(command, setting):
    """Runs `command`, in which THREADS stands for the setting's number of threads."""
    start = time.perf_counter()
    command = [str(word).replace("THREADS", str(setting.threads)) for word in command]
    process = subprocess.Popen(command, env=setting.environment(), stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"process.py: {command[0]} ended with status {process.returncode}")
    accuracy = re.findall(r"test accuracy ([\d.]+)", output)[-1]
    return Run(seconds, usage.ru_maxrss / 1000, float(accuracy))


def programs(build, mnist):
    """Returns {program name: (command, settings to run it with)}."""
    result = {"xgrad": ([build / "examples" / "train_mnist", "--data", mnist, "--threads", "THREADS"],
                        [settings.system(threads) for threads in (1, 2)])}
    if settings.has_torch():
        command = [sys.executable, HERE / "pytorch_mnist.py", mnist]
        result["PyTorch"] = (command, settings.torch_settings())
        result["PyTorch, DataLoader"] = ([*command, "--dataloader"], settings.torch_settings())
    else:
        print("skipped: PyTorch (python3-torch) is not installed", file=sys.stderr)
    return result


def median(runs):
    return statistics.median(each.seconds for each in runs)


def best(by_setting):
    """Returns the setting with the smallest median time, and its runs."""
    return min(by_setting.items(), key=lambda item: median(item[1]))


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    build, rounds, mnist = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    competitors = programs(build, mnist)
    runs = {name: collections.defaultdict(list) for name in competitors}
    for number in range(1, rounds + 1):
        for name, (command, choices) in competitors.items():
            for setting in choices:
                print(f"round {number} of {rounds}: {name} {setting}", file=sys.stderr)
                runs[name][setting].append(run(command, setting))
            limit = 3 * median(best(runs[name])[1])
            choices[:] = [setting for setting in choices if median(runs[name][setting]) < limit]

    columns = "{:20} {:>14} {:>8} {:>7} {:>8} {:>9}"
    print(columns.format("program", "BLAS, threads", "seconds", "/xgrad", "peak MB", "accuracy"))
    _, xgrad = best(runs["xgrad"])
    for name, by_setting in runs.items():
        setting, tried = best(by_setting)
        print(columns.format(name, str(setting), f"{median(tried):.2f}",
                             f"{median(tried) / median(xgrad):.2f}",
                             f"{max(each.megabytes for each in tried):.0f}",
                             f"{tried[-1].accuracy:.2f} %"))


main()
