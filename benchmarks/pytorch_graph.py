#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What PyTorch's graph costs: the chain of ops on one number that micro_graph.cpp times in xgrad.

    pytorch_graph.py

Prints the nanoseconds of one op, forward and backward, best of several chains.
"""
import time

import torch


def chain(x, ops):
    y = x
    for _ in range(ops // 2):
        y = y * 1.0001 + 0.1
    return y


def seconds(run):
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
