#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of the fuzz targets: tests/fuzz/corpus/TARGET/seed-*.

The script does not change the inputs that fuzzing found (finding-*).
"""
import gzip
import json
import math
import pathlib
import struct
import zlib

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"


def write(target, **seeds):
    (CORPUS / target).mkdir(parents=True, exist_ok=True)
    for name, content in seeds.items():
        content = content.encode() if isinstance(content, str) else content
        (CORPUS / target / f"seed-{name.replace('_', '-')}").write_bytes(content)


def idx(extents, elements, type_code=8):
    return struct.pack(f">BBBB{len(extents)}I", 0, 0, type_code, len(extents), *extents) + elements


def compressed(content):
    return gzip.compress(content, mtime=0)


def idx_seeds():
    labels, images = idx([5], bytes(range(5))), idx([2, 2, 3], bytes(range(12)))
    promises = {"promise": idx([0xFFFFFFFF], b"few"), "promise_images": idx([65535] * 3, b"few"),
                "overflow": idx([0xFFFFFFFF] * 3, b"few"), "floats": idx([1], bytes(4), 0x0D)}
    write("idx", labels=labels, images=images, gzip=compressed(images), cut_gzip=compressed(labels)[:-6],
          bomb=compressed(idx([2], bytes(100_000))), gzip_promise=compressed(promises["promise"]), **promises)
    write("idx_gzip", labels=labels, images=images, surplus=labels + b"x", cut=images[:-3], **promises)


def csv_seeds():
    table = "a,b,class\n1,-2.5e3,dog\n+.5,7,cat\n"
    write("csv", plain="\0" + table, named="\4class,a\nx,1\ny,2\n", standardized="\x08" + table,
          semicolons="\1" + table.replace(",", ";"), tabs="\2" + table.replace(",", "\t"),
          quoted='\0\ufeff"a, ""b""" , class\r\n\r\n1,"x\ny"\r\n 2 ,"u,v"\r\n', numbers="\0" "0,1,class\n1,2,007\n3,4,7\n",
          data="\x10" "1,2,x\n3,4,y\n", blanks="\x30  1   2\tx \n3 4 \"y\"\n", decimal_commas="\x41a;class\n1,5;x\n",
          tiny="\0a,class\n-1e-400,x\n", times="\x081700000000,x\n1700000001,x\n",
          targets="\x80\1" "a,y\n1,2.5\n3,-4\n", columns="\x90\2" "1,2,3\n4,5,6\n", missing="\x80\4" "a,b,class\n?,red,x\n2,NA,y\n",
          categories="\x80\x08" "a,b,class\n10-19,1,x\n20-29,2,y\n", gzip=b"\0" + compressed(table.encode()),
          gzip_options=b"\x80\x0c" + compressed(b"a,b,class\n10-19,?,x\n20-29,NA,y\n?,3,x\n"),
          gzip_targets=b"\x88\x05" + compressed(b"size,colour,y\n1,red,2.5\n,blue,-4\n3,?,1e3\n"),
          cut_gzip=b"\0" + compressed(table.encode())[:-9], broken='\0a,class\n1,"x', huge="\x08a,class\n3e38,x\n-3e38,y\n", infinite="\0a,class\n1e999,z\n")


def npy(descr, shape, elements, fortran=False, version=1):
    header = f"{{'descr': {descr!r}, 'fortran_order': {fortran}, 'shape': {shape}, }}"
    header += " " * (63 - (6 + 2 + (2 if version == 1 else 4) + len(header)) % 64) + "\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(header)) + header.encode() + elements


def npy_seeds():
    write("npy", floats=npy("<f4", (2, 2), struct.pack("<4f", 0, 1, -2.5, 3)), labels=npy("<i8", (3,), struct.pack("<3q", 0, 1, 1)),
          bytes=npy("|u1", (2, 1, 2), bytes(4)), doubles=npy(">f8", (1, 2), struct.pack(">2d", 1e300, 0.5)),
          halves=npy("<f2", (2,), struct.pack("<2e", 0.5, 2)), fortran=npy("<i2", (2, 3), struct.pack("<6h", *range(6)), True, 2),
          bools=npy("|b1", (2,), b"\0\1", version=3), empty=npy("<f4", (0, 3), b""), scalar=npy("<f4", (), bytes(4)),
          promise=npy("<f8", (2**20, 2**20), b"few"), overflow=npy("<f8", (2**62, 4), b""), nan=npy("<f4", (1,), b"\0\0\xc0\x7f"),
          quotes=npy("<f4", (2,), bytes(8)).replace(b"'", b'"'),
          nested=b"\x93NUMPY\1\0\x90\1" + b"{'shape': " + b"(" * 390, brackets=b"\x93NUMPY\1\0\x40\0" + b"{,)]}" + b" ," * 29 + b"\n",
          records=npy([("a", "<f4")], (1,), bytes(4)), gzip=compressed(npy("<u2", (1, 1), bytes(2))),
          long_header=b"\x93NUMPY\2\0" + struct.pack("<I", 2**32 - 1) + b"{}", cut=b"\x93NUMPY\1\0")


ENCODER = {"version": 1, "row_shape": [3], "class_names": ["a", "b"], "target_names": [],
           "columns": [{"name": "size", "categories": [], "missing": [2.5]},
                       {"name": "colour", "categories": ["1", "red"], "missing": []}],
           "scaling": [{"mean": [1, 0.5, 0], "stddev": [2, 0, 1e-30]}]}


def row_encoder_seeds():
    whole = ENCODER
    write("row_encoder", whole=json.dumps(whole), version=json.dumps(whole | {"version": 2}),
          shape=json.dumps(whole | {"row_shape": [2**62, 4]}), scaling=json.dumps(whole | {"scaling": [{"mean": [1], "stddev": [-1]}]}),
          cut=json.dumps(whole)[:90], nested='{"version":' + "[" * 200)


def tensor(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def safetensors(header, data):
    text = json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text)) + text + data


def safetensors_seeds():
    floats = {"__metadata__": {"format": "pt"}, "weight": tensor("F32", [1, 2], 0, 8), "bias": tensor("F32", [1], 8, 12)}
    doubles = {"weight": tensor("F64", [1, 2], 0, 16), "bias": tensor("F64", [1], 16, 24)}
    encoder = floats | {"__metadata__": {"xgrad_encoder": json.dumps(ENCODER)}}
    terabytes = {"weight": tensor("F32", [2**20, 2**20], 0, 2**42)}
    write("safetensors", encoder=b"f" + safetensors(encoder, bytes(12)), file=b"f" + safetensors(floats, bytes(12)), doubles=b"f" + safetensors(doubles, bytes(24)),
          promise=b"f" + safetensors(terabytes, b"few"), long_header=b"f" + struct.pack("<Q", 2**32) + b"{}",
          header=b"\x0c" + json.dumps(floats).encode(), empty=b"\x00{}",
          halves=b"\x06" + json.dumps({"weight": tensor("BF16", [1, 2], 0, 4), "bias": tensor("F16", [1], 4, 6)}).encode(),
          overflow=b"\x08" + json.dumps({"weight": tensor("F64", [2**63, 2], 0, 8), "bias": tensor("F32", [0, 2**60], 0, 0)}).encode(),
          gap=b"\x10" + json.dumps({"weight": tensor("F32", [1, 2], 0, 8), "bias": tensor("F32", [1], 12, 16)}).encode(),
          overlap=b"\x08" + json.dumps({"weight": tensor("F32", [1, 2], 0, 8), "bias": tensor("F32", [1], 4, 8)}).encode(),
          twice=b"\x0c" + json.dumps(floats).encode()[:-1] + b',"bias":{}}',
          large=b"f" + safetensors(doubles, struct.pack("<3d", 1e300, 0, 0)),
          nested=b"\x08" + b'{"__metadata__":' + b"[" * 50 + b"]" * 50 + b"}")


def checkpoint(optimizer, average=None, **changes):
    validation = {"loss": 0.5, "accuracy": 0.75, "accuracy_stderr": "nan", "count": 30}
    history = [{"train_loss": 0.5, "learning_rate": 0.1, "seconds": 2.0, "validation": None},
               {"train_loss": "inf", "learning_rate": 0.1, "seconds": 2.0, "validation": validation}]
    progress = {"epoch": 2, "step": 1, "seed": 0, "loader": "batch_size 8, shuffle 1, seed 0, drop_last 0 over 120 rows",
                "loader_epoch": 0, "loader_batch": 1, "rows": 8, "loss_sum": 1.5, "seconds": 0.25, "history": history}
    if average:
        progress["average"] = average
    content = {"version": 2, "scalar": "F32", "optimizer": optimizer, "trained": ["0.weight", "0.bias"], "step_count": 1,
               "learning_rate": 0.1, "evaluating": False, "rngs": {"1.rng": [1, 2, 3, 4]}, "progress": progress}
    return json.dumps(content | changes, separators=(",", ":"))


def checkpoint_file(optimizer, *states, **changes):
    """Returns a file like those of save_checkpoint, in which all numbers are 0.

    The fuzz target inserts the checksum.
    """
    shapes = {f"model.{name}": shape for name, shape in (("0.weight", [3, 4]), ("0.bias", [3]))}
    shapes |= {f"optimizer.{state}.{name[6:]}": shape for state in states for name, shape in list(shapes.items())}
    if "average" in changes:
        shapes |= {f"average.{name[6:]}": shape for name, shape in list(shapes.items()) if name.startswith("model.")}
    header, end = {"__metadata__": {"xgrad_checkpoint": checkpoint(optimizer, **changes), "format": "pt", "producer": "xgrad"}}, 0
    for name, shape in shapes.items():
        begin, end = end, end + 4 * math.prod(shape)
        header[name] = tensor("F32", shape, begin, end)
    header["crc32"] = tensor("U8", [4], end, end + 4)
    return safetensors(header, bytes(end + 4))


def checkpoint_seeds():
    adam = "adam, weight_decay 0, beta1 0.9, beta2 0.999, eps 1e-08"
    nag = "nag, weight_decay 0, momentum 0.9"
    write("checkpoint", adam="@" + checkpoint(adam), nag="A" + checkpoint(nag), nag_evaluating="A" + checkpoint(nag, evaluating=True),
          casts="@" + checkpoint(adam, step_count=1e300), rate="@" + checkpoint(adam, learning_rate=-1),
          most_steps="@" + checkpoint(adam, step_count=2**64 - 1), version_1="@" + checkpoint(adam, version=1),
          file=b"\0" + checkpoint_file(adam, "mean", "square_mean"), nag_file=b"\1" + checkpoint_file(nag, "velocity"),
          nag_evaluating_file=b"\1" + checkpoint_file(nag, "velocity", "look_ahead", evaluating=True),
          average_file=b"\0" + checkpoint_file(adam, "mean", "square_mean", average={"decay": 0.9, "steps": 1}),
          surplus=b"\0" + checkpoint_file(adam, "mean", "square_mean", "velocity"), missing=b"\0" + checkpoint_file(adam, "mean"),
          no_state="@" + checkpoint(adam, rngs={"1.rng": [0, 0, 0, 0]}), nested="@" + '{"progress":' + "[" * 50 + "]" * 50 + "}",
          promise=b"\0" + safetensors({"__metadata__": {"xgrad_checkpoint": checkpoint(adam)},
                                       "model.0.weight": tensor("F32", [2**20, 2**20], 0, 2**42)}, b"few!"))


def line(content):
    return json.dumps(content, separators=(",", ":"), sort_keys=True)


def sealed(run):
    """Sets the hash of a run of compare_optimizers: FNV-1a of the run without its hash."""
    value = 14695981039346656037
    for byte in line(run | {"hash": ""}).encode():
        value = (value ^ byte) * 1099511628211 % 2**64
    return run | {"hash": f"{value:016x}"}


def run_file_seeds():
    settings = {"stage": "tuned", "task": "iris", "data": "0", "optimizer": "adam", "model": "mlp", "version": "0.1.0",
                "options": {"beta2": 0.99, "lr": 0.01}, "batch_size": 64, "steps": None, "hidden": [32, 16], "seed": 3, "epochs": 2,
                "test_fraction": 0.2}
    curve = {name: [] for name in ("epoch", "seconds", "train_loss", "validation_loss", "validation", "test_loss", "test")}
    run = {"stage": "tuned", "seed": 3, "split_seed": 6, "epochs": 2, "steps": 20, "diverged": False, "reason": "", "value": 0.75,
           "seconds": 0.5, "steps_to_target": None, "seconds_to_target": None, "bits": "0", "curve": curve | {"epoch": [1.0, 2.0]},
           "path": [[0.5, None]]}
    whole = {"settings": settings, "run": sealed(run)}
    diverged = sealed(run | {"diverged": True, "reason": "the loss is nan", "value": None, "path": [], "curve": curve})
    write("run_file", whole=line(whole), diverged=line({"settings": settings | {"batch_size": None}, "run": diverged}),
          cut=line(whole)[:-9], below_zero=line(whole).replace('"seed":3', '"seed":-3'),
          large=line(whole).replace('"epochs":2', '"epochs":1e300'), nested="[" * 200 + "]" * 200,
          study='{"format":"xgrad-study","version":1,"groups":[]}', version='{"format":"xgrad-study","version":9}')


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width, height, colour, rows, bits=8, interlaced=0, palette=b""):
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + (chunk(b"PLTE", palette) if palette else b"")
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def image_seeds():
    grey = png(2, 2, 0, b"\0\x10\xff\1\x80\x20")
    write("image", grey=grey, colours=png(1, 1, 2, b"\0\1\2\3"), transparent=png(1, 2, 6, b"\0\1\2\3\4" * 2),
          palette=png(4, 1, 3, b"\0\x1b", 2, palette=bytes(range(12))), interlaced=png(2, 2, 0, b"\0\x10\0\xff\0\x80\x20", 8, 1),
          promise=png(4096, 4096, 0, b"few"), large=png(4097, 4096, 0, b"few"), checksum=grey[:-20] + b"\0" + grey[-19:],
          text="P2 # a comment\n3 1\n255\n0 128 255\n", binary=b"P5 2 2 255\n\0\1\2\3", deep=b"P5 1 1 65535\n\1\2",
          text_promise="P2 4096 4096 255\n1", overflow="P5 18446744073709551615 2 255\n1")


def op_number(name):
    """Returns the number of a row of tests/autograd/op_table.hpp, as tests/fuzz/graph_fuzz.cpp computes it."""
    number = 2166136261
    for byte in name.encode():
        number = (number ^ byte) * 16777619 % 2**32
    return (number >> 16) ^ (number & 0xFFFF)


def graph_seeds():
    # Three inputs, each with rank, extents and seed: two matrices and a vector. The seeds of the matrices
    # keep the values away from kinks and poles, where a wrong gradient would not be noticed.
    def inputs(one, other):
        return bytes([2, 2, 3, 3, one, 2, 3, 3, other, 1, 3, 9])

    # Two images of two channels, an array of the shape `kernel`, and a vector.
    def images(*kernel):
        return bytes([2, 4, 2, 2, 3, 3, 0, len(kernel), *kernel, 1, 1, 2, 2])

    def step(op, *operands, axis=-1, begin=1, end=2, flag=1):
        return op_number(op).to_bytes(2, "big") + bytes([*operands, *[0] * (3 - len(operands)), axis + 4, begin, end, flag])

    write("graph",
          arithmetic=inputs(0, 14) + step("operator+", 0, 1) + step("operator-", 3, 2) + step("operator*", 4, 0) +
          step("operator/", 5, 1) + step("operator-#1", 6),
          functions=inputs(0, 7) + step("exp", 0) + step("sqrt", 3) + step("log", 4) + step("abs", 5) +
          step("tanh", 6) + step("sigmoid", 7),
          kinks=inputs(5, 21) + step("relu", 0) + step("leaky_relu", 1) + step("pow#1", 0, axis=1) +
          step("maximum", 3, 4) + step("minimum", 6, 5),
          reductions=inputs(0, 7) + step("sum#1", 0) + step("mean#1", 1) + step("max#1", 0) +
          step("argmax", 4) + step("operator+", 3, 5) + step("operator+", 7, 6),
          matrices=inputs(0, 35) + step("matmul", 0, 1) + step("linear", 3, 0, 2) + step("transpose", 4),
          shapes=inputs(0, 7) + step("reshape", 0, begin=3, end=3) + step("concatenate", 3, 1) +
          step("slice", 4, begin=1, end=5),
          activations=inputs(0, 7) + step("elu", 0) + step("gelu", 3) + step("silu", 4) + step("softplus", 5) +
          step("where", 5, 1, begin=1) + step("clamp", 7),
          axes=inputs(0, 7) + step("permute", 0, axis=1, begin=0) + step("sum#2", 3, axis=0, begin=1) +
          step("unsqueeze", 1, axis=0) + step("stack", 5, 5, axis=1) + step("var#2", 0, axis=1, begin=0),
          indices=inputs(0, 7) + step("index_select", 0, axis=0, begin=2, flag=0) +
          step("gather", 1, axis=0, begin=2, end=1) + step("matmul", 3, 4),
          more_losses=inputs(0, 7) + step("huber_loss", 0, 1) +
          step("binary_cross_entropy_with_logits", 0, 1) + step("l1_loss", 0, 1),
          # The bias gradient of linear once formed a pointer from null for a batch without rows.
          sum_over_no_rows=bytes([2, 2, 0, 3, 1, 2, 2, 3, 2, 1, 2, 3]) + step("linear", 0, 1, 2) +
          step("sum#1", 3, axis=0) + step("sum#1", 0, axis=0) + step("sum", 3),
          convolution=images(2, 2, 2, 2) + step("conv2d", 0, 1, 2, end=0, flag=0) +
          step("avg_pool2d", 3, begin=0, end=0) + step("sum", 4),
          padded_convolution=images(2, 2, 3, 3) + step("conv2d", 0, 1, 2, begin=2, end=2),
          normalized_images=images(2) + step("batch_norm", 0, 1, 2) +
          step("avg_pool2d", 3, begin=1, end=1, flag=0) + step("batch_norm#1", 3, 1, 2),
          pools=images(2) + step("max_pool2d", 0, begin=1, end=0, flag=0) + step("max_pool2d", 0, begin=1, end=1) +
          step("flatten", 4, begin=1),
          rows=inputs(0, 7) + step("layer_norm", 0, 2, 2) + step("embedding", 1, begin=0, end=2) +
          step("operator+", 3, 3),
          losses=inputs(0, 7) + step("softmax", 0) + step("log_softmax", 1) + step("mse_loss", 3, 4) +
          step("cross_entropy", 4) + step("operator*", 5, 6))


if __name__ == "__main__":
    idx_seeds()
    csv_seeds()
    npy_seeds()
    row_encoder_seeds()
    safetensors_seeds()
    checkpoint_seeds()
    run_file_seeds()
    image_seeds()
    graph_seeds()
