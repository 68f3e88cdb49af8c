#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program examples/train_mnist.cpp as users of PyTorch would write it.

    pytorch_mnist.py MNIST_FOLDER [--dataloader]

Trains a 784-128-10 network with Adam and batch size 64 for 5 epochs. Prints the test accuracy
after each epoch. The data set is a tensor in memory that is indexed with a random permutation.
With --dataloader, batches come from a TensorDataset and a DataLoader.
"""
import gzip
import pathlib
import sys

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

EPOCHS = 5
BATCH_SIZE = 64


def read_idx(folder, name):
    """Reads an IDX file, plain or .gz, with either spelling of MNIST's file names."""
    for path in sorted(pathlib.Path(folder).glob(name.replace("-idx", "?idx") + "*")):
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            content = file.read()
        dimensions = content[3]
        shape = np.frombuffer(content, ">i4", dimensions, offset=4)
        return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)
    sys.exit(f"pytorch_mnist: {folder} contains no file {name}")


def load(folder, part):
    """Returns the pixels, divided by 255, and the labels of the part "train" or "t10k"."""
    images = read_idx(folder, f"{part}-images-idx3-ubyte")
    labels = read_idx(folder, f"{part}-labels-idx1-ubyte")
    return (torch.from_numpy(images.reshape(len(images), -1).astype(np.float32) / 255),
            torch.from_numpy(labels.astype(np.int64)))


def tensor_batches(x, y):
    """Yields the batches of one shuffled epoch."""
    for rows in torch.randperm(len(x)).split(BATCH_SIZE):
        yield x[rows], y[rows]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    torch.manual_seed(0)
    x, y = load(sys.argv[1], "train")
    test_x, test_y = load(sys.argv[1], "t10k")
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = None
    if "--dataloader" in sys.argv[2:]:
        loader = DataLoader(TensorDataset(x, y), batch_size=BATCH_SIZE, shuffle=True)

    for epoch in range(1, EPOCHS + 1):
        total = 0
        for images, labels in loader or tensor_batches(x, y):
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
        with torch.no_grad():
            correct = (model(test_x).argmax(1) == test_y).sum().item()
        print(f"epoch {epoch}/{EPOCHS}  train loss {total / len(x):.4f}  "
              f"test accuracy {100 * correct / len(test_y):.2f} %", flush=True)


main()
