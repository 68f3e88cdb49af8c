# SPDX-License-Identifier: MIT
"""Computes the calls of PyTorch in tests/autograd/pytorch_*.hpp, in double.

    python3 pytorch_calls.py           writes pytorch_inputs.inc and pytorch_calls.inc
    python3 pytorch_calls.py --tables  prints the tables of docs/pytorch.md
"""
import pathlib
import re
import sys
import tempfile
import textwrap
import warnings

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SEED = 20240301
HERE = pathlib.Path(__file__).parent
PAGE = ("pytorch_ops.hpp", "pytorch_models.hpp", "pytorch_training.hpp")
OTHERS = ("pytorch_axes.hpp",)
LITERAL = r'"(?:[^"\\]|\\.)*"'


def arguments(source, at):
    """Returns the rest of the arguments of a macro: all before the last comma outside of brackets, and the last."""
    begin, depth, commas = at, 1, []
    while depth > 0:
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(source[at], 0)
        if source[at] == "," and depth == 1:
            commas.append(at)
        at += 1
    parts = [source[i:j] for i, j in zip([begin] + [c + 1 for c in commas], commas + [at - 1])]
    return [" ".join(part.split()).replace("( ", "(") for part in parts]


def calls(headers):
    """Yields the text of each call of PyTorch and of xgrad, and the headings between them."""
    for header in headers:
        source = (HERE / "../autograd" / header).read_text()
        for found in re.finditer(rf"// (## .*)|ROW(?:_AFTER)?\(\s*((?:{LITERAL}\s*)+),", source):
            if found[1]:
                yield found[1], None
            else:
                pytorch = "".join(literal[1:-1] for literal in re.findall(LITERAL, found[2]))
                yield pytorch, "; ".join(arguments(source, found.end()))


def inputs():
    generator = torch.Generator().manual_seed(SEED)

    def normal(*shape):
        return torch.randn(shape, generator=generator).requires_grad_()

    def below(limit, *shape):
        return torch.randint(limit, shape, generator=generator)

    return {"x": normal(2, 3, 4), "y": normal(2, 3, 4),
            "p": (normal(2, 3, 4).detach().abs() + 0.3).requires_grad_(),
            "v": normal(4), "m": normal(3, 5), "w": normal(5, 2), "b": normal(2),
            "s": normal(6, 1, 3, 4), "t": normal(5, 4, 2),
            "ties": below(3, 2, 3, 4).sub(1).double().requires_grad_(),
            "logits": normal(6, 4), "target": torch.rand((6, 4), generator=generator).requires_grad_(),
            "index": below(4, 2, 3, 2), "labels": torch.tensor([2, 0, 3, 1, 0, 0]),
            "image": normal(2, 2, 5, 4)}


def fill(model):
    """Writes fixed numbers into all parameters, so that both models start with the same values."""
    k = 0
    for p in model.parameters():
        p.data = torch.tensor([(7 * i % 11 - 5) / 8 for i in range(k, k + p.numel())]).reshape(p.shape)
        k += p.numel()
    return model


def models(folder):
    """Returns the operands that are not tensors."""
    def net():
        return nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))
    first = fill(net())
    return {"torch": torch, "F": F, "nn": nn, "DataLoader": DataLoader, "TensorDataset": TensorDataset,
            "numbers": [1., 2., 3., 4., 5., 6.], "layer": fill(nn.Linear(4, 2)), "net": first, "other": net(),
            "optimizer": torch.optim.SGD(first.parameters(), lr=0.1), "path": folder + "/net.pt"}


def output(layer):
    """Returns the output of a layer in evaluation mode, after one call in training mode."""
    x = inputs()[{nn.Embedding: "index", nn.BatchNorm1d: "x"}.get(type(layer), "image")]
    fill(layer)(x)
    return layer.eval()(x)


def rates(scheduler):
    """Returns the learning rates of the first eight steps."""
    result = []
    for _ in range(8):
        result.append(scheduler.get_last_lr()[0])
        scheduler.step()
    return result


def trained(optimizer):
    """Returns the parameters after three steps on the sum of their fourth powers."""
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    for _ in range(3):
        optimizer.zero_grad()
        sum((p ** 4).sum() for p in parameters).backward()
        optimizer.step()
    return torch.cat([p.flatten() for p in parameters])


def result(call):
    """Returns what a call of PyTorch returns, as a tensor."""
    with tempfile.TemporaryDirectory() as folder:
        names = {**models(folder), **inputs()}
        statements, _, expression = call.rpartition("; ")
        exec(statements, names)
        value = eval(expression, names)
        if isinstance(value, nn.Module):
            value = output(value)
        elif isinstance(value, torch.optim.Optimizer):
            value = trained(value)
        elif hasattr(value, "get_last_lr"):
            value = rates(value)
        return torch.as_tensor(value).detach()


def row(name, value):
    value = torch.as_tensor(value).detach()
    shape = ", ".join(str(n) for n in value.shape)
    numbers = ", ".join(repr(v) for v in value.double().reshape(-1).tolist())
    return f'{{"{name}", {{{shape}}},\n' + textwrap.fill("{" + numbers + "}},", 96, initial_indent="   ",
                                                        subsequent_indent="    ") + "\n"


def write(name, rows):
    (HERE / name).write_text("// SPDX-License-Identifier: MIT\n// Generated by pytorch_calls.py.\n"
                             f"// PyTorch {torch.__version__}, float64, seed {SEED}. {{name, shape, values}}\n" + rows)


def main():
    if "--tables" in sys.argv:
        for pytorch, xgrad in calls(PAGE):
            print(f"\n{pytorch}\n\n| PyTorch | xgrad |\n|---|---|" if xgrad is None else f"| `{pytorch}` | `{xgrad}` |")
        return
    warnings.simplefilter("ignore")  # a scheduler without steps of its optimizer
    torch.set_default_dtype(torch.float64)
    write("pytorch_inputs.inc", "".join(row(name, value) for name, value in inputs().items()))
    write("pytorch_calls.inc", "".join(row(pytorch, result(pytorch))
                                       for pytorch, xgrad in calls(PAGE + OTHERS) if xgrad is not None))


if __name__ == "__main__":
    main()
