#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the tuning of two studies of the same tasks: search_regret.py GRID.json HALVING.json

Prints, for each task, the part of the grid's steps that halving took, and the mean difference of the
test results of the tuned settings, in points (the unit of the metric times 100).
"""
import json
import sys


def read(name):
    with open(name) as file:
        groups = json.load(file)["groups"]
    return {
        (group["task"]["name"], optimizer["name"]): (
            sum(point["steps"] for point in optimizer["tuning"]),
            optimizer["summary"]["tuned"]["mean"],
        )
        for group in groups
        for optimizer in group["optimizers"]
    }


grid, halving = read(sys.argv[1]), read(sys.argv[2])
rows = {}
for key, (steps, value) in grid.items():
    rows.setdefault(key[0], []).append((halving[key][0], steps, 100 * (halving[key][1] - value)))
print(f"{'task':16} {'steps':>6} {'difference':>10} {'worst':>7}")
for task, row in (rows | {"all": [one for some in rows.values() for one in some]}).items():
    part = sum(one[0] for one in row) / sum(one[1] for one in row)
    differences = [one[2] for one in row]
    print(f"{task:16} {100 * part:4.0f} % {sum(differences) / len(row):+10.2f} {min(differences):+7.2f}")
