# SPDX-License-Identifier: MIT
"""Reads the parameter files and checkpoints of xgrad, or any safetensors file, with NumPy alone.

    from xgrad_parameters import read_parameters
    weight = read_parameters("net.safetensors")["0.weight"]

`python3 xgrad_parameters.py FILE` prints the name, the dtype and the shape of each tensor.
"""
import json
import math
import struct
import sys

import numpy as np

_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
           "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?"}


def _read(path):
    """Returns the header and the bytes after it.

    A file consists of 8 bytes with the length of the header; a JSON header with the dtype, the shape
    and the position of each tensor; and the data. Numbers are little-endian.
    """
    with open(path, "rb") as file:
        content = file.read()
    length = struct.unpack("<Q", content[:8])[0] if len(content) >= 8 else len(content)
    if length > len(content) - 8:
        raise ValueError(f"{path}: not a safetensors file, or cut short")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def read_metadata(path):
    """Returns the texts of the file as a dict.

    In a checkpoint, "xgrad_checkpoint" is a JSON object with everything that is not an array. In a
    parameter file, "xgrad_encoder" is a JSON object with the columns and the scaling of the training
    data and the names of the classes, if the file was saved with them.
    """
    return _read(path)[0].get("__metadata__", {})


def read_parameters(path, prefix=""):
    """Returns the tensors as a dict from names to NumPy arrays.

    With a prefix, returns only the tensors whose names begin with it, by the rest of their names:
    read_parameters("run.checkpoint", "model.").

    Raises ValueError if the file is cut short, a tensor does not have the size of its shape, or NumPy
    lacks its dtype.
    """
    header, data = _read(path)
    arrays = {}
    for name, entry in header.items():
        if name == "__metadata__" or not name.startswith(prefix):
            continue
        if entry["dtype"] not in _DTYPES:
            raise ValueError(f"{path}: \"{name}\" has dtype {entry['dtype']}, which NumPy does not have")
        dtype = np.dtype(_DTYPES[entry["dtype"]])
        begin, end = entry["data_offsets"]
        if not 0 <= begin <= end <= len(data) or end - begin != math.prod(entry["shape"]) * dtype.itemsize:
            raise ValueError(f"{path}: cut short or damaged: \"{name}\" does not have the size of its shape")
        array = np.frombuffer(data[begin:end], dtype).reshape(entry["shape"])
        arrays[name[len(prefix) :]] = array.astype(dtype.newbyteorder("="))
    return arrays


if __name__ == "__main__":
    for name, array in read_parameters(sys.argv[1]).items():
        print(name, array.dtype, array.shape)
