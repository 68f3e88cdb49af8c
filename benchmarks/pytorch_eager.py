#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures the training steps of cells.txt in PyTorch's eager mode, on tensors in memory.

    pytorch_eager.py CELLS_FILE THREADS [FILTER]

Prints "pytorch,net,batch,rule,threads,microseconds" for each cell. Measures in the same way as
cells.hpp.
"""
import statistics
import sys
import time

import torch

LEARNING_RATE = 1e-4

RULES = {
    "sgd": lambda p: torch.optim.SGD(p, LEARNING_RATE),
    "momentum": lambda p: torch.optim.SGD(p, LEARNING_RATE, momentum=0.9),
    "nag": lambda p: torch.optim.SGD(p, LEARNING_RATE, momentum=0.9, nesterov=True),
    "adagrad": lambda p: torch.optim.Adagrad(p, LEARNING_RATE),
    "rmsprop": lambda p: torch.optim.RMSprop(p, LEARNING_RATE, alpha=0.9),
    "adam": lambda p: torch.optim.Adam(p, LEARNING_RATE),
}


# The convolutions (in, out, padding) and the widths of the linear layers; see set_layers in cells.hpp.
CONVOLUTIONAL = {
    "lenet": ([(1, 6, 2), (6, 16, 0)], [400, 120, 84, 10]),
    "2c2d": ([(1, 32, 2), (32, 64, 2)], [3136, 1024, 10]),
}


def make_step(net, batch, rule):
    """Returns a function that does one training step."""
    torch.manual_seed(0)
    layers = []
    if net in CONVOLUTIONAL:
        convolutions, widths = CONVOLUTIONAL[net]
        shape = (batch, 1, 28, 28)
        for n_in, n_out, padding in convolutions:
            layers += [torch.nn.Conv2d(n_in, n_out, 5, padding=padding), torch.nn.ReLU(),
                       torch.nn.MaxPool2d(2)]
        layers.append(torch.nn.Flatten())
    else:
        widths = [int(width) for width in net.split("-")]
        shape = (batch, widths[0])
    for n_in, n_out in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    x = torch.rand(shape) * (torch.rand(shape) > 0.8)
    y = torch.randint(0, 10, (batch,))
    optimizer = RULES[rule](model.parameters())
    criterion = torch.nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()

    return step


def microseconds_per_step(step):
    """Returns the time of a step; see the function of the same name in cells.hpp."""
    def run(steps, limit):
        start = time.perf_counter()
        spent = done = 0
        while done < steps and spent < limit:
            step()
            done += 1
            spent = time.perf_counter() - start
        return spent * 1e6 / done

    steps = int(min(max(6e4 / run(float("inf"), 0.2), 1), 5000))
    return statistics.median(run(steps, 1) for _ in range(5))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    torch.set_num_threads(int(sys.argv[2]))
    for line in open(sys.argv[1]):
        if not line.strip() or line.startswith("#"):
            continue
        net, batch, rule = line.split()
        if len(sys.argv) > 3 and sys.argv[3] not in f"{net} {batch} {rule}":
            continue
        time_us = microseconds_per_step(make_step(net, int(batch), rule))
        print(f"pytorch,{net},{batch},{rule},{sys.argv[2]},{time_us:.2f}", flush=True)


main()
