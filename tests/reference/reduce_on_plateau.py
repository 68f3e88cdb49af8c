#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes reduce_on_plateau.csv: learning rates of PyTorch's ReduceLROnPlateau.

The metrics are given by integer formulas: a loss that falls to a plateau with noise and has a few
values that are not finite, and an accuracy that rises to a plateau.

Run: python3 reduce_on_plateau.py   (no random numbers, so no seed)
"""
import math
import pathlib

import torch

EPOCHS = 80
SETTINGS = [  # factor, patience, threshold, cooldown, min_lr
    (0.1, 10, 1e-4, 0, 0.0),
    (0.5, 2, 1e-4, 0, 0.0),
    (0.5, 0, 0.05, 0, 0.03),
    (0.5, 1, 0.01, 3, 0.0),
    (0.3, 3, 0.0, 2, 0.01),
]


def loss(epoch):
    if epoch in (12, 25):
        return math.nan if epoch == 12 else math.inf
    return 0.3 + 1 / (1 + epoch) + epoch * 7919 % 101 / 2000


def accuracy(epoch):
    return 0.9 - 0.5 / (1 + epoch) + epoch * 7907 % 103 / 4000


def main():
    lines = [
        f"# reduce_on_plateau.py, PyTorch {torch.__version__}, no random numbers",
        "factor,patience,threshold,cooldown,min_lr,is_accuracy,epoch,metric,lr_after",
    ]
    for factor, patience, threshold, cooldown, min_lr in SETTINGS:
        for is_accuracy in (0, 1):
            optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.4)
            schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
                optimizer, mode="max" if is_accuracy else "min", factor=factor, patience=patience,
                threshold=threshold, cooldown=cooldown, min_lr=min_lr)
            for epoch in range(EPOCHS):
                metric = accuracy(epoch) if is_accuracy else loss(epoch)
                schedule.step(metric)
                numbers = (factor, patience, threshold, cooldown, min_lr, is_accuracy, epoch,
                           metric, optimizer.param_groups[0]["lr"])
                lines.append(",".join(map(repr, numbers)))
    path = pathlib.Path(__file__).with_suffix(".csv")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
