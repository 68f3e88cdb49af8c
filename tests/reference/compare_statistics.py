#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Computes the statistics of compare_optimizers with NumPy and SciPy, for stored runs.

compare_runs.csv contains the last lines (test loss, accuracy in percent) of
    train_mnist --optimizer NAME --lr LR --seed SEED --epochs 10 --hidden 32 --threads 1
on the bundled digits. For each pair of optimizers below, with 8, 5 and 3 seeds, this script
computes the mean, the standard deviation (n - 1) and the median of the first optimizer, and the
mean and the 95 % percentile bootstrap interval of the paired differences. It uses NumPy, and also
scipy.stats.bootstrap if SciPy is installed. tests/compare_optimizers/statistics_test.cpp compares
the C++ code with the same numbers.

A bootstrap interval is random, so two random number generators give slightly different intervals.
The script measures the standard deviation of each end over 100 repetitions; the allowed difference,
`noise`, is six times the larger one. With few seeds, an end can jump between neighbouring means;
`noise` includes these jumps.

Run: compare_statistics.py          compares with compare_statistics.json
     compare_statistics.py --write  writes compare_statistics.json (NumPy 1.24, SciPy 1.10)
Exit status: 0 if equal, 1 if not, 77 without NumPy.
"""
import csv
import json
import pathlib
import sys

try:
    import numpy as np
except ImportError:
    print("no Python module numpy")
    sys.exit(77)
try:
    from scipy import stats
except ImportError:
    stats = None

FOLDER = pathlib.Path(__file__).resolve().parent
EXPECTED = FOLDER / "compare_statistics.json"
PAIRS = [("adam", "momentum"), ("adagrad", "momentum"), ("sgd", "momentum"), ("adam", "adagrad")]
RESAMPLES = 10_000


def stored(column):
    runs = {}
    with open(FOLDER / "compare_runs.csv", newline="") as file:
        for row in csv.DictReader(file):
            runs.setdefault(row["optimizer"], []).append(float(row[column]))
    return runs


def interval_numpy(differences, seed):
    random = np.random.default_rng(seed)
    drawn = random.integers(0, len(differences), (RESAMPLES, len(differences)))
    return np.percentile(differences[drawn].mean(axis=1), [2.5, 97.5])


def interval_scipy(a, b, seed):
    result = stats.bootstrap(
        (a, b), lambda x, y, axis: np.mean(x - y, axis=axis), paired=True, vectorized=True,
        n_resamples=RESAMPLES, confidence_level=0.95, method="percentile", random_state=seed,
    )
    return np.array([result.confidence_interval.low, result.confidence_interval.high])


def case_of(name, a, b):
    a, b = np.array(a), np.array(b)
    repeated = np.array([interval_numpy(a - b, seed) for seed in range(100)])
    low, high = np.median(repeated, axis=0)
    noise = 6 * repeated.std(axis=0).max() + 1e-12
    return {
        "name": name, "a": list(a), "b": list(b),
        "mean": a.mean(), "stddev": a.std(ddof=1), "median": np.median(a),
        "difference": (a - b).mean(), "low": low, "high": high, "noise": noise,
    }


def cases():
    for column in ("test_accuracy", "test_loss"):
        runs = stored(column)
        for a, b in PAIRS:
            for seeds in (8, 5, 3):
                name = f"{column} of {a} and {b}, {seeds} seeds"
                yield case_of(name, runs[a][:seeds], runs[b][:seeds])


def agrees(case, expected):
    exact = all(
        np.allclose(case[key], expected[key], rtol=0, atol=1e-12)
        for key in ("a", "b", "mean", "stddev", "median", "difference")
    )
    ends = np.array([expected["low"], expected["high"]])
    found = [np.array([case["low"], case["high"]])]
    if stats:
        found.append(interval_scipy(np.array(case["a"]), np.array(case["b"]), 1))
    largest = max(np.abs(interval - ends).max() for interval in found)
    holds = exact and largest <= expected["noise"]
    print(("ok      " if holds else "WRONG   ") + f"{case['name']}: {case['difference']:+.4f} "
          f"[{case['low']:+.4f}, {case['high']:+.4f}], ends differ by {largest:.5f}, "
          f"allowed {expected['noise']:.5f}")
    return holds


def main(arguments):
    computed = list(cases())
    if arguments == ["--write"]:
        EXPECTED.write_text(json.dumps({"cases": computed}, indent=1) + "\n")
        return 0
    if not stats:
        print("no SciPy: only NumPy is compared")
    expected = json.loads(EXPECTED.read_text())["cases"]
    results = [agrees(*pair) for pair in zip(computed, expected)]
    return 0 if all(results) and len(computed) == len(expected) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
