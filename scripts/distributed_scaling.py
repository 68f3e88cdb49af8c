#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the tables of docs/distributed.md from the output of distributed_speed.sh:

    distributed_scaling.py FILE [LATENCY BANDWIDTH]

The first table compares the measured steps with the cost model; LATENCY (seconds) and BANDWIDTH
(bytes per second) are those between two processes of the machine. The second table is the speed-up
that the model predicts for two networks, if each process has one thread and one shard, so that the
batch grows with the number of processes.
"""
import math
import re
import sys
from typing import NamedTuple

PARAMETERS = {"mlp": 1_336_610, "lenet": 61_706, "wide": 20_037_642}
TITLES = {"mlp": "784-1000-500-100-10", "lenet": "LeNet-5", "wide": "784-4096-4096-10"}
NETWORKS = {"10 Gbit/s": (20e-6, 1.25e9), "100 Gbit/s": (3e-6, 12.5e9)}
# Seconds per parameter. Both read or write 28 bytes, from a memory of 10 GB/s: Adam reads four
# floats and writes three; an exchange copies, adds and copies the gradients and the parameters.
UPDATE = 2.8e-9
COPY = 2.8e-9


class Run(NamedTuple):
    """A line of distributed_steps; the time is in seconds."""

    net: str
    batch: int
    shards: int
    processes: int
    time: float


def read_runs(path: str) -> list[Run]:
    pattern = re.compile(r"(\w+) +batch +(\d+) +shards +(\d+) +processes +(\d+) +step +([\d.]+) ms")
    runs = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            match = pattern.match(line)
            if match:
                batch, shards, processes = map(int, match.groups()[1:4])
                runs.append(Run(match[1], batch, shards, processes, float(match[5]) / 1e3))
    return runs


def exchange_time(parameters: int, processes: int, latency: float, bandwidth: float) -> float:
    """Returns the time of all messages of a step."""
    slices = (processes - 1) * latency + 4 * parameters * (processes - 1) / processes / bandwidth
    agreements = 2 * math.ceil(math.log2(processes)) * latency
    return 2 * slices + agreements


def step_time(net: str, compute: float, processes: int, latency: float, bandwidth: float) -> float:
    """Returns the time of a step whose forward and backward passes take `compute` seconds."""
    parameters = PARAMETERS[net]
    time = compute + UPDATE * parameters / processes
    if processes > 1:
        time += COPY * parameters + exchange_time(parameters, processes, latency, bandwidth)
    return time


def print_measured(runs: list[Run], compute: dict[str, float], latency: float, bandwidth: float) -> None:
    print("| net | batch | processes | step, ms | speed-up | model, ms |")
    print("|---|---:|---:|---:|---:|---:|")
    for run in runs:
        if run.shards == 0:
            print(f"| {TITLES[run.net]} | {run.batch} | without shards | {1e3 * run.time:.2f} | | |")
            continue
        one = next(r.time for r in runs if r.net == run.net and r.shards > 0 and r.processes == 1)
        work = compute[run.net] * run.shards / run.processes
        model = step_time(run.net, work, run.processes, latency, bandwidth)
        print(f"| {TITLES[run.net]} | {run.batch} | {run.processes} | {1e3 * run.time:.2f} "
              f"| {one / run.time:.2f} | {1e3 * model:.2f} |")


def print_predicted(compute: dict[str, float]) -> None:
    counts = [2**k for k in range(1, 11)]
    print("| net | network | " + " | ".join(f"{count:,}" for count in counts) + " |")
    print("|---|---|" + "---:|" * len(counts))
    for net, time in compute.items():
        one = step_time(net, time, 1, 0, 1)
        for network, (latency, bandwidth) in NETWORKS.items():
            speed_ups = [n * one / step_time(net, time, n, latency, bandwidth) for n in counts]
            print(f"| {TITLES[net]} | {network} | " + " | ".join(f"{s:.3g}" for s in speed_ups) + " |")


def main() -> None:
    runs = read_runs(sys.argv[1])
    latency, bandwidth = (float(x) for x in sys.argv[2:4]) if len(sys.argv) > 2 else (1e-6, 3e9)
    # Seconds for the forward and backward pass of a shard.
    compute = {r.net: r.time / r.shards - UPDATE * PARAMETERS[r.net] / r.shards
               for r in runs if r.shards > 0 and r.processes == 1}
    print_measured(runs, compute, latency, bandwidth)
    print()
    print_predicted(compute)


if __name__ == "__main__":
    main()
