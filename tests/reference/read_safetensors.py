#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the files that train_mnist saves with train/xgrad_parameters.py, and so both of them.

The script reads the safetensors file with NumPy, runs the network on the test images, and compares
the loss and the accuracy with the last line that train_mnist printed, to the last printed digit. It
also reads the checkpoint, and checks its checksum and its parameters. If the `safetensors` package
is installed, its arrays must have the same bits.

Run: python3 read_safetensors.py TRAIN_MNIST [MNIST_FOLDER]
Without a folder, the script writes one with the digits of datasets/uci/digits.csv.
Exit status: 0 if equal, 1 if not, 77 without NumPy.
"""
import gzip
import importlib.util
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import zlib

try:
    import numpy as np
except ImportError:
    print("no Python module numpy")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "train"))

from xgrad_parameters import read_metadata, read_parameters


def predict(path, x):
    """Applies the linear layers of a parameter file to the rows of x, with ReLU between the layers."""
    arrays = read_parameters(path)
    layers = sorted({int(name.split(".")[0]) for name in arrays})
    for layer in layers:
        x = x @ arrays[f"{layer}.weight"].T + arrays[f"{layer}.bias"]
        if layer != layers[-1]:
            x = np.maximum(x, 0)
    return x


def idx(folder, kind):
    """Reads the images or the labels of MNIST's test set."""
    for path in sorted(pathlib.Path(folder).glob(f"t10k-{kind}*")):
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rb") as file:
            data = file.read()
        shape = struct.unpack(f">{data[3]}I", data[4 : 4 + 4 * data[3]])
        return np.frombuffer(data, "u1", offset=4 + 4 * data[3]).reshape(shape)
    raise FileNotFoundError(f"no t10k-{kind} in {folder}")


def write_digits(folder):
    """Writes the bundled digits in the format of MNIST. Every fifth row is in the test set."""
    table = np.loadtxt(ROOT / "datasets/uci/digits.csv", "u1", delimiter=",", skiprows=1)
    test = np.arange(len(table)) % 5 == 0
    for part, rows in (("train", table[~test]), ("t10k", table[test])):
        images, labels = (15 * rows[:, :-1]).astype("u1"), rows[:, -1]
        header = struct.pack(">4I", 0x0803, len(rows), 8, 8)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        header = struct.pack(">2I", 0x0801, len(rows))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(header + labels.tobytes())


def accuracy_of(path, x, y):
    logits = predict(path, x).astype("f8")
    shifted = logits - logits.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]
    accuracy = (logits.argmax(axis=1) == y).mean()
    return losses.mean(), 100 * accuracy, 100 * np.sqrt(accuracy * (1 - accuracy) / len(y))


def check(what, holds):
    print(("ok      " if holds else "WRONG   ") + what)
    return bool(holds)


def check_checkpoint(path, arrays):
    data = path.read_bytes()
    stored = read_parameters(path)
    state = json.loads(read_metadata(path)["xgrad_checkpoint"])
    crc = struct.unpack("<I", stored["crc32"].tobytes())[0]
    own = read_parameters(path, "model.")
    equal = own.keys() == arrays.keys() and all(np.array_equal(own[name], arrays[name]) for name in arrays)
    moments = [name for name in stored if name.startswith("optimizer.mean.")]
    return [
        check("the checkpoint's checksum", zlib.crc32(data[:-4]) == crc),
        check("the checkpoint's parameters equal the saved ones", equal),
        check("the checkpoint contains Adam's moments", len(moments) == len(arrays)),
        check("the checkpoint contains the history", len(state["progress"]["history"]) == 2),
    ]


def check_damaged(net):
    """Every file that is cut short, and one whose tensor has another size, must be rejected."""
    whole = net.read_bytes()
    damaged = [whole[:end] for end in (0, 7, 8, 100, len(whole) // 2, len(whole) - 1)]
    damaged.append(whole.replace(b"[0,", b"[4,", 1))
    rejected = 0
    for content in damaged:
        net.write_bytes(content)
        try:
            read_parameters(net)
        except ValueError:
            rejected += 1
    return [check("the reader rejects damaged files", rejected == len(damaged))]


def torch_net(tensors):
    """Returns the same network in PyTorch, with these parameters."""
    import torch

    layers = []
    for layer in sorted({int(name.split(".")[0]) for name in tensors}):
        if layers:
            layers.append(torch.nn.ReLU())
        layers.append(torch.nn.Linear(*tensors[f"{layer}.weight"].shape[::-1]))
    net = torch.nn.Sequential(*layers)
    net.load_state_dict(tensors, strict=True)
    return net


def check_package(path, arrays):
    if not importlib.util.find_spec("safetensors"):
        print("no safetensors package: its arrays are not compared")
        return []
    from safetensors.numpy import load_file

    loaded = load_file(path)
    same = loaded.keys() == arrays.keys()
    same = same and all(np.array_equal(loaded[name], arrays[name]) for name in arrays)
    return [check("the safetensors package reads the same arrays", same)]


def main(train_mnist, folder=None):
    with tempfile.TemporaryDirectory() as temporary:
        scratch = pathlib.Path(temporary)
        if not folder:
            folder = scratch
            write_digits(scratch)
        net = scratch / "net.safetensors"
        out = subprocess.run(
            [train_mnist, "--data", folder, "--epochs", "2", "--hidden", "32,16", "--lr", "0.01"]
            + ["--save", net, "--checkpoint-every", "1000000"],
            check=True, capture_output=True, text=True,
        ).stdout
        line = re.findall(r"test loss (\S+)  test accuracy (\S+) ± (\S+) %", out)[-1]
        arrays = read_parameters(net)
        x = idx(folder, "images")
        x = x.reshape(len(x), -1).astype("f4") * np.float32(1 / 255)
        loss, accuracy, error = accuracy_of(net, x, idx(folder, "labels"))
        own = f"{accuracy:.2f} ± {error:.2f} %"
        results = [
            check(f"accuracy {own} of {len(x)} images", (f"{accuracy:.2f}", f"{error:.2f}") == line[1:]),
            check(f"loss {loss:.4f}, printed {line[0]}", abs(loss - float(line[0])) < 1e-4),
            *check_checkpoint(scratch / "net.safetensors.checkpoint", arrays),
            *check_package(net, arrays),
            *check_damaged(net),
        ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
