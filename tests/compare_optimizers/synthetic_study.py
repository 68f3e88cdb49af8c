# SPDX-License-Identifier: MIT
"""Makes studies with invented numbers for report_test.py. They have the format of study.json, which
docs/study.md describes, but no training stands behind them."""
import json
import math
import random
import statistics

RULES = {  # title, colour, learning rate that suits it, speed, quality
    "sgd": ("SGD", "#E69F00", 0.1, 0.4, 0.96),
    "momentum": ("Momentum", "#56B4E9", 0.05, 0.8, 0.985),
    "nag": ("NAG", "#009E73", 0.05, 0.9, 0.99),
    "adagrad": ("AdaGrad", "#CC79A7", 0.05, 0.7, 0.975),
    "rmsprop": ("RMSProp", "#D55E00", 0.003, 1.1, 0.98),
    "adam": ("Adam", "#0072B2", 0.003, 1.2, 0.99),
    "adamw": ("AdamW", "#7A5FCF", 0.003, 1.2, 0.991),
    "nadam": ("NAdam", "#882255", 0.002, 1.3, 0.988),
    "adadelta": ("Adadelta", "#999933", 1.0, 0.3, 0.93),
    "lion": ("Lion", "#8C564B", 0.0005, 1.0, 0.97),
}
SIX = ["sgd", "momentum", "nag", "adagrad", "rmsprop", "adam"]
TABLES = ["banknote", "breast_cancer", "digits", "ecoli", "glass", "ionosphere", "iris", "letters",
          "satellite", "seeds", "sonar", "spam", "wine", "yeast"]
MATHML = ("<math display=\"block\"><mtable><mtr><mtd><mi>θ</mi></mtd><mtd><mo>←</mo></mtd><mtd><mrow><mi>θ</mi>"
          "<mo>−</mo><mi>η</mi><mfrac><mi>m</mi><mrow><msqrt><mi>v</mi></msqrt><mo>+</mo><mi>ε</mi></mrow></mfrac>"
          "</mrow></mtd></mtr></mtable></math>")


def rules(names):
    return {name: {"title": RULES[name][0], "formula_mathml": MATHML, "formula_text": "theta = theta - lr * g",
                   "intuition": "Each step follows a running average of the gradient, so that it forgets <old> noise.",
                   "color": RULES[name][1]} for name in names}


def summary_of(runs):
    values = [run["value"] for run in runs if not run["diverged"]]
    mean = statistics.fmean(values) if values else None
    error = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else None
    half = None if error is None else 2.5 * error
    return {"mean": mean, "standard_error": error, "interval": None if half is None else [mean - half, mean + half],
            "n": len(values), "diverged": len(runs) - len(values)}


def reached(runs, key):
    values = [run[key] for run in runs if run[key] is not None]
    return {"median": statistics.median(values) if 2 * len(values) > len(runs) else None,
            "reached": len(values), "of": len(runs)}


class Group:
    """One task with one batch size."""

    def __init__(self, name, kind, seed, seeds=5, epochs=40, diverging=(), tuned=True):
        self.random = random.Random(seed)
        self.name, self.kind, self.seeds, self.epochs = name, kind, seeds, epochs
        self.diverging, self.is_tuned = diverging, tuned
        self.higher = kind != "analytic"
        self.ceiling = self.random.uniform(0.75, 0.99)

    def curve(self, speed, quality, noise):
        tau = self.epochs / (7 * speed)
        top = self.ceiling * quality + self.random.gauss(0, noise)
        epochs = list(range(1, self.epochs + 1))
        rise = [1 - math.exp(-epoch / tau) for epoch in epochs]
        loss = [2.3 * (1 - 0.93 * r) + abs(self.random.gauss(0, 0.01)) + (1 - quality) for r in rise]
        metric = [min(1.0, 0.2 + (top - 0.2) * r + self.random.gauss(0, noise / 3)) for r in rise]
        if self.kind == "analytic":
            metric = loss = [40 * math.exp(-epoch / tau) + (1 - quality) * 0.01 for epoch in epochs]
        return {"epoch": epochs, "train_loss": loss, "validation_loss": [1.05 * x + 0.05 for x in loss],
                "validation": metric, "test_loss": [1.08 * x + 0.05 for x in loss],
                "test": [x - 0.004 for x in metric], "seconds": [0.004 * epoch for epoch in epochs]}

    def run(self, name, stage, seed, target):
        _, _, _, speed, quality = RULES[name]
        if stage == "defaults":
            speed, quality = speed * 0.6, quality - 0.02
        diverged = name in self.diverging and seed % 2 == 1
        curve = self.curve(speed, quality, 0.006)
        first = next((i for i, x in enumerate(curve["validation"]) if (x >= target) == self.higher), None)
        if diverged:
            first = None
            curve = {key: values[:3] for key, values in curve.items()}
            curve["train_loss"][2] = curve["validation_loss"][2] = None
        path = None
        if self.kind == "analytic":
            path = [[-1.5 + 2.5 * (1 - math.exp(-speed * t / 25)), 2 - 1.2 * math.exp(-t / 9) * math.cos(speed * t / 3)
                     - math.exp(-t / 30)] for t in range(80)]
        return {"stage": stage, "seed": seed, "split_seed": seed, "diverged": diverged,
                "value": None if diverged else curve["test"][-1], "seconds": 0.16, "steps": 2 * self.epochs,
                "steps_to_target": None if first is None else 2 * (first + 1),
                "seconds_to_target": None if first is None else curve["seconds"][first],
                "hash": f"{self.random.getrandbits(64):016x}", "curve": curve, "path": path}

    def tuning(self, name):
        """The first point is one that the search has added, the second was given up early, the last diverges."""
        best_lr, quality = RULES[name][2], RULES[name][4]
        points = []
        for step in range(-3, 4):
            lr = float(f"{best_lr * 10 ** (step / 2):.1g}")
            middle = self.ceiling * quality - 0.02 * step * step
            values = [middle + self.random.gauss(0, 0.01) for _ in range(3)]
            values = values if self.higher else [2 - x for x in values]
            runs = [{"value": value, "diverged": False, "epochs": self.epochs, "seed": seed}
                    for seed, value in enumerate(values)]
            mean = statistics.fmean(values)
            if step == -2:
                values, mean, runs = [None] * 3, None, [{**runs[0], "epochs": 3}]
            elif step == 3:
                values, mean, runs = [None] * 3, None, [{**run, "value": None, "diverged": True} for run in runs]
            points.append({"options": {"lr": lr}, "values": values, "mean": mean, "steps": 6 * self.epochs,
                           "extended": step == -3, "kept": mean is not None, "runs": runs})
        return points

    def optimizer(self, name, target):
        every = name in self.diverging and len(self.diverging) > 1
        runs = [self.run(name, stage, seed, target) for stage in ("tuned", "defaults")
                if stage == "defaults" or self.is_tuned for seed in range(1, self.seeds + 1)]
        tuned = [run for run in runs if run["stage"] == "tuned"]
        lr = RULES[name][2]
        return {"name": name, "tuning": self.tuning(name) if self.is_tuned else [],
                "tuned": {"options": {"lr": lr, "weight_decay": 0}, "at_edge": name in ("sgd", "lion"),
                          "code": f"optim::{RULES[name][0]}(model.parameters(), {{.lr = {lr}}})"}
                if self.is_tuned and not every else None,
                "runs": runs,
                "summary": {"tuned": summary_of(tuned), "defaults": summary_of(runs[len(tuned):]), "rank": None,
                            "versus_best": None, "steps_to_target": reached(tuned, "steps_to_target"),
                            "seconds_to_target": reached(tuned, "seconds_to_target"),
                            "still_improving": name == "sgd", "tuned_worse_than_defaults": name == "rmsprop",
                            "seconds_per_step": 1e-5 * (2 + len(name))}}

    def rank(self, optimizers):
        ranked = sorted((each for each in optimizers if each["summary"]["tuned"]["mean"] is not None),
                        key=lambda each: each["summary"]["tuned"]["mean"], reverse=self.higher)
        alike = []
        for position, each in enumerate(ranked):
            summary = each["summary"]
            summary["rank"] = position + 1
            if position:
                difference = summary["tuned"]["mean"] - ranked[0]["summary"]["tuned"]["mean"]
                half = 0.006 if self.higher else 0.0002
                p = math.exp(-6 * (difference / half) ** 2 / 4)
                summary["versus_best"] = {"difference": difference, "interval": [difference - half, difference + half],
                                          "p": p / 4, "p_holm": p, "significant": p < 0.05}
                if p >= 0.05:
                    alike.append(each["name"])
        best = ranked[0]["name"] if ranked else None
        text = f"{best} has the best mean." if best else "No tuned run has finished."
        advice = [f"More seeds: with {self.seeds}, a difference below 0.6 points cannot be seen.",
                  "sgd: still improving at the end, so more --epochs may change the order.",
                  "sgd: the setting is at the edge of the [grid], so a wider --grid may do better."]
        return ranked + [each for each in optimizers if each not in ranked], \
            {"best": best, "indistinguishable": alike, "sentence": text, "advice": advice if best else []}

    def json(self, names):
        target = 0.5 if self.kind == "analytic" else round(0.97 * self.ceiling, 3)
        optimizers, conclusion = self.rank([self.optimizer(name, target) for name in names])
        metric = {"classification": {"name": "accuracy", "higher_is_better": True, "percent": True},
                  "regression": {"name": "R²", "higher_is_better": True, "percent": False},
                  "analytic": {"name": "value", "higher_is_better": False, "percent": False}}[self.kind]
        rows = self.random.randrange(100, 5000)
        xs, ys = [-2 + 4 * i / 60 for i in range(61)], [-1 + 4 * i / 60 for i in range(61)]
        return {
            "task": {"name": self.name, "title": self.name.replace("_", " ").capitalize(), "kind": self.kind,
                     "classes": [f"class {i}" for i in range(3)] if self.kind == "classification" else [],
                     "features": 4, "train_rows": rows, "validation_rows": rows // 4, "test_rows": rows // 3,
                     "split": "published" if self.name == "digits" else "redrawn"},
            "batch_size": None if self.kind == "analytic" else 64,
            "model": {"name": "mlp", "description": "4-64-3, ReLU", "parameters": 515},
            "epochs": self.epochs, "steps_per_epoch": 2, "metric": metric,
            "target": {"value": target, "reason": "97 % of the best validation value of the tuning runs"},
            "analytic": {"x_range": [-2, 2], "y_range": [-1, 3], "minimum": [1, 1],
                         "z": [[math.log10((1 - x) ** 2 + 100 * (y - x * x) ** 2 + 1e-3) for x in xs] for y in ys]}
            if self.kind == "analytic" else None,
            "comparisons": len(names) * (len(names) - 1) // 2, "optimizers": optimizers, "conclusion": conclusion}


def across(groups, names):
    """Average ranks, their critical difference, and profiles of the steps to the target."""
    ranks = {name: [] for name in names}
    ratios = {name: [] for name in names}
    for group in groups:
        medians = {each["name"]: each["summary"]["steps_to_target"]["median"] for each in group["optimizers"]}
        fastest = min((value for value in medians.values() if value), default=None)
        for each in group["optimizers"]:
            ranks[each["name"]].append(each["summary"]["rank"])
            if fastest and medians[each["name"]]:
                ratios[each["name"]].append(medians[each["name"]] / fastest)
    order = sorted(names, key=lambda name: statistics.fmean(ranks[name]))
    average = {name: statistics.fmean(ranks[name]) for name in order}
    difference = 3.164 * math.sqrt(len(names) * (len(names) + 1) / (6 * len(groups)))
    cliques = []
    for i, first in enumerate(order):
        members = [name for name in order[i:] if average[name] - average[first] <= difference]
        if len(members) > 1 and not (cliques and members[-1] == cliques[-1][-1]):
            cliques.append(members)
    steps = [1 + 0.1 * i for i in range(40)]
    return {"average_ranks": [{"optimizer": name, "rank": average[name]} for name in order],
            "critical_difference": difference, "friedman_p": 1e-6, "tasks": len(groups), "cliques": cliques,
            "profiles": [{"optimizer": name, "ratio": steps, "fraction":
                          [sum(ratio <= step for ratio in ratios[name]) / len(groups) for step in steps]}
                         for name in order]}


def study(names, *groups):
    made = json.loads(json.dumps([group.json(names) for group in groups]),
                      parse_float=lambda text: float(f"{float(text):.5g}"))
    return {"format": "xgrad-study", "version": 1, "complete": True, "progress": None, "hash": "5d41402abc4b2a76",
            "program": {"version": "1.4.0", "scalar": "float",
                        "command": "compare_optimizers --task " + ",".join(group.name for group in groups)},
            "machine": {"processor": "AMD EPYC 9B14", "instruction_set": "avx512", "blas": "OpenBLAS 0.3.21",
                        "threads_per_run": 1, "fingerprint": "0f3a5c7e9b1d2f48"},
            "plan": {"tasks": [group.name for group in groups], "optimizers": names, "batch_sizes": [64],
                     "model": "mlp", "hidden": [64], "epochs": None, "steps": None, "search": "grid", "tuning_seeds": 3,
                     "seeds": groups[0].seeds, "grid": []},
            "rules": rules(names), "groups": made,
            "across": across(made, names) if len(made) > 1 else None}


def studies():
    """Returns the studies that the test opens, by name."""
    return {"one": study(SIX, Group("iris", "classification", 1)),
            "many": study(list(RULES), *(Group(name, "classification", 10 + i, seeds=4, epochs=10)
                                         for i, name in enumerate(TABLES))),
            "regression": study(SIX, Group("housing", "regression", 2)),
            "analytic": study(SIX, Group("rosenbrock", "analytic", 3, seeds=2)),
            "diverged": study(SIX, Group("wine", "classification", 4, diverging=("sgd",))),
            "untuned": study(SIX, Group("wine", "classification", 5, seeds=3, tuned=False))}
