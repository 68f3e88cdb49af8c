#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Loads what train_mnist saves into the same net in PyTorch: outputs equal to xgrad's own.

train_mnist trains a net with two hidden layers on the bundled digits and saves it; predict prints
its outputs on the test images with all digits. The file is read with the `safetensors` package
where that is installed, by its 8-byte length and JSON header otherwise. Each output of PyTorch's
net must be xgrad's to 1e-6 of the largest.

Run: torch_safetensors.py TRAIN_MNIST PREDICT
Exit status: 0 equal, 1 not, 77 without NumPy or PyTorch.
"""
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
except ImportError as missing:
    print(f"no Python module {missing.name}")
    sys.exit(77)

from read_safetensors import check, idx, read_safetensors, torch_net, write_digits


def tensors_of(path):
    try:
        from safetensors.torch import load_file
    except ImportError:
        print("no safetensors package: the file is read by hand")
        arrays, _ = read_safetensors(path)
        return {name: torch.tensor(array) for name, array in arrays.items()}
    return load_file(path)


def main(train_mnist, predict):
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        write_digits(folder)
        net = folder / "net.safetensors"
        subprocess.run(
            [train_mnist, "--data", folder, "--epochs", "5", "--hidden", "32,16", "--lr", "0.01"]
            + ["--save", net],
            check=True, stdout=subprocess.DEVNULL,
        )
        images = folder / "t10k-images-idx3-ubyte"
        printed = subprocess.run(
            [predict, net, images, "--logits"], check=True, capture_output=True, text=True
        ).stdout
        own = np.array([line.split() for line in printed.splitlines()], "f4")
        x = idx(folder, "images")
        x = x.reshape(len(x), -1).astype("f4") * np.float32(1 / 255)
        with torch.no_grad():
            outputs = torch_net(tensors_of(net))(torch.tensor(x)).numpy()
        accuracy = (outputs.argmax(axis=1) == idx(folder, "labels")).mean()
        difference = np.abs(outputs - own).max() / np.abs(own).max()
        results = [
            check(f"{own.shape[0]} rows of {own.shape[1]} outputs", own.shape == outputs.shape),
            check(f"PyTorch's outputs: {difference:.1e} of the largest", difference <= 1e-6),
            check(f"accuracy {accuracy:.3f}, so the net was trained", accuracy > 0.7),
        ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
