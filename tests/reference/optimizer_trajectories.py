#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes optimizer_trajectories.csv: 50 steps of each of the six update rules, in double.

The update rules follow the table in README.md and are independent of xgrad's code. NAG has its
textbook form: theta is stored, and the gradient is computed at theta - gamma v.

The coefficients of the objective are given by integer formulas and are exact in binary. It is
    J = sum over the parameters p of scale_p/2 sum w (p - target)^2
        + sum tanh(b) + 1/4 sum c^4 + 1/2 (sum u a + sum u b + sum u c)^2.
`small` has gradients near 1e-8, so that it matters where a rule adds epsilon. `late` is part of J
only in steps 11 to 30 and from step 36 on, and `frozen` never is. In the other steps they have no
gradient, and the update rules skip them.

The script fails if the results do not agree with PyTorch's to 1e-12. PyTorch differs
- in Momentum and NAG, because it multiplies by the learning rate outside the velocity. The results
  are equal (for NAG: to the look-ahead point theta - gamma v) until the learning rate changes, and
  different afterwards;
- in Adam, because it counts t for each parameter: `late` differs.

Run: python3 optimizer_trajectories.py   (no random numbers, so no seed)
"""
import pathlib

import numpy as np
import torch

STEPS, CHANGE = 50, 25  # the learning rate is divided by 4 after step 25
GAMMA, RHO, BETA1, BETA2 = 0.9, 0.9, 0.9, 0.999
EPS = {"adagrad": 1e-10, "rmsprop": 1e-8, "adam": 1e-8}
LEARNING_RATE = {"sgd": 0.05, "momentum": 0.02, "nag": 0.02, "adagrad": 0.1, "rmsprop": 0.01,
                 "adam": 0.05}
SHAPES = {"a": (3, 4), "b": (5,), "c": (2, 1, 2), "small": (2, 3), "late": (3,), "frozen": (2,)}
SCALE = {"a": 1.0, "b": 1.0, "c": 1.0, "small": 1e-8, "late": 1.0}
COUPLED = ("a", "b", "c")


def coefficients(formula):
    """Returns an array for each parameter: formula(k, i) for parameter k and flat index i."""
    return {name: np.array([formula(k, i) for i in range(np.prod(shape))]).reshape(shape)
            for k, (name, shape) in enumerate(SHAPES.items())}


START = coefficients(lambda k, i: ((13 * i + 7 * k) % 17 - 8.25) / 8)
TARGET = coefficients(lambda k, i: ((5 * i + 3 * k) % 11 - 4.5) / 8)
WEIGHT = coefficients(lambda k, i: 0.5 + (7 * i + k) % 5 / 4)
COUPLING = coefficients(lambda k, i: ((3 * i + k) % 7 - 3) / 8)


def has_gradient(name, step):
    if name == "late":
        return 11 <= step <= 30 or step >= 36
    return name != "frozen"


def gradient(p, step):
    """Returns the gradient of J for the parameters that have one in this step."""
    coupled = sum(np.sum(COUPLING[name] * p[name]) for name in COUPLED)
    g = {name: SCALE[name] * WEIGHT[name] * (p[name] - TARGET[name])
         for name in p if has_gradient(name, step)}
    for name in COUPLED:
        g[name] += coupled * COUPLING[name]
    g["b"] += 1 - np.tanh(p["b"]) ** 2
    g["c"] += p["c"] ** 3
    return g


def update(rule, theta, state, g, lr, t):
    """Makes one step of one parameter with two state arrays. For NAG, g is the gradient at the
    look-ahead point. Returns the new parameter and the new state."""
    first, second = state
    if rule == "sgd":
        return theta - lr * g, state
    if rule in ("momentum", "nag"):
        v = GAMMA * first + lr * g
        return theta - v, (v, second)
    if rule == "adagrad":
        r = first + g ** 2
        return theta - lr * g / (np.sqrt(r) + EPS[rule]), (r, second)
    if rule == "rmsprop":
        r = RHO * first + (1 - RHO) * g ** 2
        return theta - lr * g / (np.sqrt(r) + EPS[rule]), (r, second)
    m = BETA1 * first + (1 - BETA1) * g
    v = BETA2 * second + (1 - BETA2) * g ** 2
    m_hat, v_hat = m / (1 - BETA1 ** t), v / (1 - BETA2 ** t)
    return theta - lr * m_hat / (np.sqrt(v_hat) + EPS[rule]), (m, v)


def learning_rate(rule, step):
    return LEARNING_RATE[rule] / (1 if step <= CHANGE else 4)


def trajectory(rule, decay):
    """Returns theta after each step, and the points at which the gradients were computed."""
    theta = {name: value.copy() for name, value in START.items()}
    state = {name: (np.zeros(shape), np.zeros(shape)) for name, shape in SHAPES.items()}
    path, points = [], []
    for step in range(1, STEPS + 1):
        carried = GAMMA if rule == "nag" else 0
        at = {name: theta[name] - carried * state[name][0] for name in theta}
        for name, g in gradient(at, step).items():
            # The L2 penalty is part of J, so NAG also takes its gradient at the look-ahead point.
            theta[name], state[name] = update(rule, theta[name], state[name], g + decay * at[name],
                                              learning_rate(rule, step), step)
        path.append(dict(theta))
        points.append(at)
    return path, points


def torch_objective(p, step):
    loss = sum(SCALE[name] / 2 * torch.sum(torch.tensor(WEIGHT[name])
                                           * (p[name] - torch.tensor(TARGET[name])) ** 2)
               for name in p if has_gradient(name, step))
    coupled = sum(torch.sum(torch.tensor(COUPLING[name]) * p[name]) for name in COUPLED)
    return loss + torch.sum(torch.tanh(p["b"])) + torch.sum(p["c"] ** 4) / 4 + coupled ** 2 / 2


def torch_trajectory(rule, decay):
    p = {name: torch.tensor(value, requires_grad=True) for name, value in START.items()}
    common = {"lr": LEARNING_RATE[rule], "weight_decay": decay}
    optimizer = {
        "sgd": lambda: torch.optim.SGD(p.values(), **common),
        "momentum": lambda: torch.optim.SGD(p.values(), momentum=GAMMA, **common),
        "nag": lambda: torch.optim.SGD(p.values(), momentum=GAMMA, nesterov=True, **common),
        "adagrad": lambda: torch.optim.Adagrad(p.values(), eps=EPS["adagrad"], **common),
        "rmsprop": lambda: torch.optim.RMSprop(p.values(), alpha=RHO, eps=EPS["rmsprop"], **common),
        "adam": lambda: torch.optim.Adam(p.values(), betas=(BETA1, BETA2), eps=EPS["adam"],
                                         **common),
    }[rule]()
    path = []
    for step in range(1, STEPS + 1):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(rule, step)
        optimizer.zero_grad(set_to_none=True)
        torch_objective(p, step).backward()
        optimizer.step()
        path.append({name: value.detach().numpy().copy() for name, value in p.items()})
    return path


def agree(x, y):
    return np.allclose(x, y, rtol=1e-12, atol=1e-15)  # atol: for parameters near zero


def check_against_torch(rule, decay, path, points):
    theirs = torch_trajectory(rule, decay)
    # For NAG, PyTorch stores the look-ahead point, at which the next step computes its gradient.
    ours = points[1:] if rule == "nag" else path
    outside = rule in ("momentum", "nag")
    last = CHANGE if outside else len(ours)
    for name in SHAPES:
        if rule == "adam" and name == "late":
            continue
        for step in range(last):
            assert agree(ours[step][name], theirs[step][name]), (rule, decay, name, step + 1)
    assert not outside or not agree(ours[last]["a"], theirs[last]["a"]), "the difference is known"


def main():
    lines = [f"# optimizer_trajectories.py, NumPy {np.__version__}, checked with PyTorch "
             f"{torch.__version__}, no random numbers",
             "# theta after the step, in row-major order, without `frozen`, which never changes;",
             "# with weight decay, only the first and every fifth step",
             "rule,weight_decay,step," + ",".join(
                 f"{name}{i}" for name in SCALE for i in range(START[name].size))]
    for rule in LEARNING_RATE:
        for decay in (0, 0.01):
            path, points = trajectory(rule, decay)
            check_against_torch(rule, decay, path, points)
            for step, theta in enumerate(path, 1):
                assert np.array_equal(theta["frozen"], START["frozen"])
                if decay == 0 or step == 1 or step % 5 == 0:
                    values = np.concatenate([theta[name].ravel() for name in SCALE])
                    lines.append(f"{rule},{decay},{step}," + ",".join(f"{v:.17g}" for v in values))
    table = pathlib.Path(__file__).with_suffix(".csv")
    table.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
