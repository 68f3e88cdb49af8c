# SPDX-License-Identifier: MIT
"""Prints values and gradients of the ops of autograd/ops_conv.hpp, computed by PyTorch in double.

    python3 convolutions.py > convolutions.inc

Element i of input k is sin(1 + 0.37 k + 0.7 i). The gradients are those of sum(c y), where element i
of c is cos(0.3 i). tests/autograd/convolution_f64_test.cpp makes the same inputs.
"""
import math
import random

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
random.seed(17)


def inputs(shapes):
    for k, shape in enumerate(shapes):
        size = math.prod(shape)
        values = [math.sin(1 + 0.37 * k + 0.7 * i) for i in range(size)]
        yield torch.tensor(values).reshape(shape).requires_grad_()


def braces(values):
    return "{" + ", ".join(str(v) for v in values) + "}"


def numbers(tensor):
    return braces("%.13g" % v for v in tensor.flatten().tolist())


def show(op, f, shapes, kernel=(1, 1), stride=(1, 1), padding=(0, 0), indices=()):
    x = list(inputs(shapes))
    y = f(*x)
    c = torch.cos(0.3 * torch.arange(y.numel(), dtype=torch.float64)).reshape(y.shape)
    (c * y).sum().backward()
    sizes = ", ".join(braces(s) for s in (kernel, stride, padding))
    print(f'{{"{op}", {braces(map(braces, shapes))}, {sizes}, {braces(indices)},')
    print(f" {numbers(y)},\n {braces(numbers(v.grad) for v in x)}}},")


def conv2d(x, weight, stride, padding):
    show("conv2d", lambda a, w, b: F.conv2d(a, w, b, stride, padding), [x, weight, weight[:1]],
         stride=stride, padding=padding)


def pool(op, x, kernel, stride, padding):
    f = {"max_pool2d": F.max_pool2d, "avg_pool2d": F.avg_pool2d}[op]
    show(op, lambda a: f(a, kernel, stride, padding), [x], kernel, stride, padding)


def pair(low, high):
    return random.randint(low, high), random.randint(low, high)


def extents(kernel, padding):
    return tuple(max(k - 2 * p, 1) + random.randint(0, 4) for k, p in zip(kernel, padding))


def convolutions():
    conv2d((2, 3, 4, 3), (2, 3, 1, 1), (1, 1), (0, 0))
    conv2d((2, 2, 5, 5), (3, 2, 5, 5), (1, 1), (0, 0))  # a kernel as large as the image
    conv2d((1, 2, 7, 7), (2, 2, 2, 2), (3, 4), (0, 0))  # strides above the kernel
    conv2d((1, 1, 8, 8), (2, 1, 5, 5), (1, 1), (2, 2))
    conv2d((2, 2, 6, 6), (2, 2, 4, 2), (2, 1), (1, 3))
    for _ in range(24):
        kernel, padding = pair(1, 5), pair(0, 3)
        channels, out = pair(1, 3)
        x = (random.randint(1, 2), channels) + extents(kernel, padding)
        conv2d(x, (out, channels) + kernel, pair(1, 3), padding)


def poolings():
    for op in ("max_pool2d", "avg_pool2d"):
        pool(op, (2, 2, 4, 6), (2, 2), (2, 2), (0, 0))
        pool(op, (1, 2, 5, 7), (3, 3), (2, 2), (1, 1))
        for _ in range(12):
            kernel = pair(1, 4)
            padding = tuple(random.randint(0, k // 2) for k in kernel)
            pool(op, pair(1, 2) + extents(kernel, padding), kernel, pair(1, 5), padding)


def normalizations():
    for x in ((5, 3), (2, 3, 2, 4), (3, 2, 5), (1, 2, 4, 5)):
        def evaluation(a, w, b):
            mean, variance = torch.full(w.shape, 0.25), torch.full(w.shape, 1.5)
            return F.batch_norm(a, mean, variance, w, b, eps=1e-5)
        show("batch_norm", lambda a, w, b: F.batch_norm(a, None, None, w, b, True, eps=1e-5),
             [x, x[1:2], x[1:2]])
        show("batch_norm_evaluation", evaluation, [x, x[1:2], x[1:2]])
    for x, axes in (((5, 4), 1), ((2, 3, 4), 1), ((2, 3, 4), 2), ((2, 2, 3, 4), 3), ((7,), 1)):
        weight = x[-axes:]
        show("layer_norm", lambda a, w, b: F.layer_norm(a, weight, w, b, 1e-5), [x, weight, weight])


def embeddings():
    indices = [3, 0, 3, 3, 1, 4]
    show("embedding", lambda w: F.embedding(torch.tensor(indices), w), [(5, 3)], indices=indices)


print(f"// Written by convolutions.py with PyTorch {torch.__version__}.")
convolutions()
poolings()
normalizations()
embeddings()
