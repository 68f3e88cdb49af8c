#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures the cost of PyTorch's graph, with the same chain of ops as micro_graph.cpp.

    pytorch_graph.py

Prints the time per op of the forward and of the backward pass in nanoseconds. Each is the
shortest of seven repetitions.
"""
import time

import torch


def chain(x, ops):
    """Returns the result of `ops` ops, which multiply by 1.0001 and add 0.1 in turn."""
    y = x
    for _ in range(ops // 2):
        y = y * 1.0001 + 0.1
    return y


def seconds(run):
    """Returns the seconds that run() takes, and its result."""
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def main():
    torch.set_num_threads(1)
    x = torch.tensor(1.0, requires_grad=True)
    for ops in (1000, 100000):
        times = []
        for _ in range(7):
            forward, y = seconds(lambda: chain(x, ops))
            backward, _ = seconds(y.backward)
            times.append((forward, backward))
        forward, backward = (1e9 * min(column) / ops for column in zip(*times))
        print(f"{ops:7d} ops: forward {forward:5.0f} ns, backward {backward:5.0f} ns per op")


main()
