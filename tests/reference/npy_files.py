#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the files of tests/reference/npy with NumPy 1.24.2: one matrix in every format."""
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent / "npy"
MATRIX = np.array([[0, 1, 2], [3, 100, 0]])

FOLDER.mkdir(exist_ok=True)
for kind, sizes in {"i": "1248", "u": "1248", "f": "248", "b": "1"}.items():
    for size in sizes:
        for order, word in {"<": "little", ">": "big"}.items():
            matrix = MATRIX.astype(order + kind + size)
            if kind in "if":
                matrix[0, 0] = -7
            np.save(FOLDER / f"{kind}{size}-{word}.npy", matrix)
for version in 1, 2, 3:
    with open(FOLDER / f"version-{version}.npy", "wb") as file:
        np.lib.format.write_array(file, MATRIX.astype("f8"), version=(version, 0))
np.save(FOLDER / "fortran.npy", np.asfortranarray(MATRIX.astype("f4")))
np.save(FOLDER / "fortran-cube.npy", np.asfortranarray(np.arange(24, dtype="i2").reshape(2, 3, 4)))
np.save(FOLDER / "halves.npy", np.array([[1 / 3, 2.0**-24, 65504, -2.0**-14]], dtype="f2"))
