#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes optimizer_trajectories.csv: 50 steps of each update rule, in double.

The update rules follow their publications and are independent of xgrad's code. NAG has its textbook
form: theta is stored, and the gradient is computed at theta - gamma v.

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
- in Adam, AdamW and NAdam, because it counts t for each parameter: `late` differs. The product of
  the momenta in NAdam also begins at the first step of the parameter;
- in NAdam before PyTorch 2, which multiplies the product of the momenta up to the next step by the
  current momentum a second time, unlike its documentation (github.com/pytorch/pytorch/pull/92699).
  The script checks that the results are equal with this fault, and that they differ without it.
PyTorch 1.13 has no Lion. Lion follows Algorithm 2 of Chen et al. 2023, "Symbolic discovery of
optimization algorithms". Where its sign changes the result, the argument is never near 0.

Weight decay is an L2 penalty, except in AdamW and Lion, where it acts on theta directly.

Run: python3 optimizer_trajectories.py   (no random numbers, so no seed)
"""
import pathlib

import numpy as np
import torch

STEPS, CHANGE = 50, 25  # the learning rate is divided by 4 after step 25
GAMMA, RHO, BETA1, BETA2 = 0.9, 0.9, 0.9, 0.999
LION_BETA1, LION_BETA2 = 0.9, 0.99
MOMENTUM_DECAY = 4e-3  # of NAdam
EPS = {"adagrad": 1e-10, "rmsprop": 1e-8, "adam": 1e-8, "adamw": 1e-8, "nadam": 1e-8,
       "adadelta": 1e-6}
LEARNING_RATE = {"sgd": 0.05, "momentum": 0.02, "nag": 0.02, "adagrad": 0.1, "rmsprop": 0.01,
                 "adam": 0.05, "adamw": 0.05, "nadam": 0.05, "adadelta": 1.0, "lion": 0.02}
DECOUPLED = ("adamw", "lion")
COMMON_STEP_COUNT = ("adam", "adamw", "nadam")
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


def nadam_momentum(t):
    return BETA1 * (1 - 0.5 * 0.96 ** (t * MOMENTUM_DECAY))


def nadam_mean(m, g, t, as_torch_1):
    """Returns the mean of NAdam, which looks ahead to the momentum of the next step."""
    product = np.prod([nadam_momentum(i) for i in range(1, t + 1)])
    now, following = nadam_momentum(t), nadam_momentum(t + 1)
    next_product = product * following * (now if as_torch_1 else 1)
    return following * m / (1 - next_product) + (1 - now) * g / (1 - product)


def lion_direction(m, g):
    c = LION_BETA1 * m + (1 - LION_BETA1) * g
    # The sign must not depend on rounding.
    assert np.all(np.abs(c) > 1e-9 * np.maximum(np.abs(m), np.abs(g)))
    return np.sign(c)


def update(rule, theta, state, g, lr, t, decay, as_torch_1):
    """Makes one step of one parameter with two state arrays. For NAG, g is the gradient at the
    look-ahead point. `decay` is 0 except for rules with decoupled decay. Returns the new parameter
    and the new state."""
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
    if rule == "adadelta":
        r = RHO * first + (1 - RHO) * g ** 2
        d = np.sqrt(second + EPS[rule]) / np.sqrt(r + EPS[rule]) * g
        return theta - lr * d, (r, RHO * second + (1 - RHO) * d ** 2)
    if rule == "lion":
        m = LION_BETA2 * first + (1 - LION_BETA2) * g
        return theta - lr * (lion_direction(first, g) + decay * theta), (m, second)
    m = BETA1 * first + (1 - BETA1) * g
    v = BETA2 * second + (1 - BETA2) * g ** 2
    m_hat = nadam_mean(m, g, t, as_torch_1) if rule == "nadam" else m / (1 - BETA1 ** t)
    v_hat = v / (1 - BETA2 ** t)
    theta = theta - lr * decay * theta
    return theta - lr * m_hat / (np.sqrt(v_hat) + EPS[rule]), (m, v)


def learning_rate(rule, step):
    return LEARNING_RATE[rule] / (1 if step <= CHANGE else 4)


def trajectory(rule, decay, as_torch_1=False):
    """Returns theta after each step, and the points at which the gradients were computed."""
    theta = {name: value.copy() for name, value in START.items()}
    state = {name: (np.zeros(shape), np.zeros(shape)) for name, shape in SHAPES.items()}
    path, points = [], []
    for step in range(1, STEPS + 1):
        carried = GAMMA if rule == "nag" else 0
        at = {name: theta[name] - carried * state[name][0] for name in theta}
        for name, g in gradient(at, step).items():
            # The L2 penalty is part of J, so NAG also takes its gradient at the look-ahead point.
            penalty, decoupled = (0, decay) if rule in DECOUPLED else (decay, 0)
            theta[name], state[name] = update(rule, theta[name], state[name],
                                              g + penalty * at[name], learning_rate(rule, step),
                                              step, decoupled, as_torch_1)
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
    torch.set_default_dtype(torch.float64)  # for the product of the momenta in NAdam
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
        "adamw": lambda: torch.optim.AdamW(p.values(), betas=(BETA1, BETA2), eps=EPS["adamw"],
                                           **common),
        "nadam": lambda: torch.optim.NAdam(p.values(), betas=(BETA1, BETA2), eps=EPS["nadam"],
                                           momentum_decay=MOMENTUM_DECAY, **common),
        "adadelta": lambda: torch.optim.Adadelta(p.values(), rho=RHO, eps=EPS["adadelta"],
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
    if rule == "nadam" and torch.__version__ < "2":
        assert not agree(path[0]["a"], theirs[0]["a"]), "the difference is known"
        path, points = trajectory(rule, decay, as_torch_1=True)
    # For NAG, PyTorch stores the look-ahead point, at which the next step computes its gradient.
    ours = points[1:] if rule == "nag" else path
    outside = rule in ("momentum", "nag")
    last = CHANGE if outside else len(ours)
    for name in SHAPES:
        if rule in COMMON_STEP_COUNT and name == "late":
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
            if rule != "lion":
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
