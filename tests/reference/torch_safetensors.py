#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Loads the parameters that train_mnist saves into PyTorch and compares the outputs with xgrad's.

train_mnist trains a network with two hidden layers on the bundled digits and saves it. predict
prints the outputs for the test images with all digits. The script reads the file with the
`safetensors` package if it is installed, and with xgrad_parameters.py otherwise. The outputs of
PyTorch and xgrad must agree to 1e-6 of the largest output.

Run: torch_safetensors.py TRAIN_MNIST PREDICT
Exit status: 0 if equal, 1 if not, 77 without NumPy or PyTorch.
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

from read_safetensors import check, idx, read_parameters, torch_net, write_digits


def tensors_of(path):
    try:
        from safetensors.torch import load_file
    except ImportError:
        print("no safetensors package: xgrad_parameters.py reads the file")
        return {name: torch.tensor(array) for name, array in read_parameters(path).items()}
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
            check(f"largest difference of the outputs: {difference:.1e} of the largest output", difference <= 1e-6),
            check(f"accuracy {accuracy:.3f}, so the net was trained", accuracy > 0.7),
        ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
