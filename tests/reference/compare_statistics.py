#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Computes the statistics of compare_optimizers with SciPy, for stored runs.

compare_runs.csv contains the last lines (test loss, accuracy in percent) of
    train_mnist --optimizer NAME --lr LR --seed SEED --epochs 10 --hidden 32 --threads 1
on the bundled digits. For pairs of optimizers and for 8, 5 and 3 seeds, this script computes
Student's t test of the paired differences, without and with the correction of Nadeau and Bengio
(2003) for a test part of one fifth and a training part of 64 % of the rows. For all optimizers, it
computes the ranks, Friedman's test, the critical difference of Nemenyi (Demsar 2006) and Holm's
correction. tests/compare_optimizers/statistics_test.cpp compares the C++ code with the numbers.

Run: compare_statistics.py          compares with compare_statistics.json
     compare_statistics.py --write  writes compare_statistics.json (SciPy 1.10)
Exit status: 0 if equal, 1 if not, 77 without NumPy or SciPy.
"""
import csv
import json
import pathlib
import sys

try:
    import numpy as np
    from scipy import stats
except ImportError:
    print("no Python module numpy or scipy")
    sys.exit(77)

FOLDER = pathlib.Path(__file__).resolve().parent
EXPECTED = FOLDER / "compare_statistics.json"
PAIRS = [("adam", "momentum"), ("adagrad", "momentum"), ("sgd", "momentum"), ("adam", "adagrad")]
OVERLAP = 0.2 / 0.64


def stored(column):
    runs = {}
    with open(FOLDER / "compare_runs.csv", newline="") as file:
        for row in csv.DictReader(file):
            runs.setdefault(row["optimizer"], []).append(float(row[column]))
    return runs


def t_test(differences, overlap):
    n, center = len(differences), differences.mean()
    error = differences.std(ddof=1) * np.sqrt(1 / n + overlap)
    low, high = stats.t.interval(0.95, n - 1, center, error)
    p = 2 * stats.t.sf(abs(center) / error, n - 1)
    if overlap == 0:
        assert np.isclose(p, stats.ttest_1samp(differences, 0).pvalue)
    return {"standard_error": error, "low": low, "high": high, "p": p}


def cases():
    for column in ("test_accuracy", "test_loss"):
        runs = stored(column)
        for first, second in PAIRS:
            for seeds in (8, 5, 3):
                a, b = np.array(runs[first][:seeds]), np.array(runs[second][:seeds])
                yield {
                    "name": f"{column} of {first} and {second}, {seeds} seeds",
                    "a": list(a), "b": list(b), "mean": a.mean(), "stddev": a.std(ddof=1),
                    "median": np.median(a), "upper": np.percentile(a, 80),
                    "difference": (a - b).mean(), "plain": t_test(a - b, 0),
                    "corrected": t_test(a - b, OVERLAP),
                }


def holm(p):
    """Holm's correction of the comparisons of the best of k with the others, times k / 2."""
    k, last, result = len(p) + 1, 0, [0] * len(p)
    for place, i in enumerate(np.argsort(p)):
        last = max(last, min(1, p[i] * (k - 1 - place) * k / 2))
        result[i] = last
    return result


def ranking():
    runs = stored("test_accuracy")
    table = np.array([runs[name] for name in sorted(runs)])[:, :8].T  # a row for each seed
    ranks = np.array([stats.rankdata(-row) for row in table])
    k, n = ranks.shape[1], ranks.shape[0]
    best = np.argmax(table.mean(axis=0))
    p = [stats.ttest_rel(table[:, i], table[:, best]).pvalue for i in range(k) if i != best]
    differences = []
    for count in range(2, 21):
        q = stats.studentized_range.ppf(0.95, count, 1e6) / np.sqrt(2)
        differences.append(q * np.sqrt(count * (count + 1) / 6))
    return {
        "table": table.tolist(), "ranks": ranks.tolist(), "p": p, "holm": holm(p),
        "friedman_p": stats.friedmanchisquare(*table.T).pvalue, "critical": differences,
    }


def differs(a, b, name):
    if isinstance(a, dict):
        return any([differs(a[key], b[key], f"{name}.{key}") for key in a])
    if isinstance(a, (list, tuple)):
        return any([differs(x, y, f"{name}[{i}]") for i, (x, y) in enumerate(zip(a, b))])
    if isinstance(a, str) or np.isclose(a, b, rtol=1e-6, atol=1e-12):
        return False
    print(f"WRONG {name}: {a}, expected {b}")
    return True


def main(arguments):
    computed = {"overlap": OVERLAP, "cases": list(cases()), "ranking": ranking()}
    if arguments == ["--write"]:
        EXPECTED.write_text(json.dumps(computed, indent=1) + "\n")
        return 0
    wrong = differs(computed, json.loads(EXPECTED.read_text()), "")
    print("the numbers differ" if wrong else f"ok: {len(computed['cases'])} cases and a ranking")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
