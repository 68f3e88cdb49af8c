#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads a study.json into two pandas tables and prints a summary: read_study.py FILE"""
import json
import sys

import pandas as pd

with open(sys.argv[1]) as file:
    study = json.load(file)
runs, curves = [], []
for group in study["groups"]:
    for optimizer in group["optimizers"]:
        for run in optimizer["runs"]:
            key = {
                "task": group["task"]["name"], "batch_size": group["batch_size"],
                "optimizer": optimizer["name"], "stage": run["stage"], "seed": run["seed"],
            }
            runs.append(key | {"value": run["value"], "seconds": run["seconds"]})
            columns = {name: values for name, values in run["curve"].items() if values}
            curves.append(pd.DataFrame(columns).assign(**key))

runs = pd.DataFrame(runs)
curves = pd.concat(curves)
groups = ["task", "batch_size", "optimizer", "stage"]
print(runs.groupby(groups, dropna=False)["value"].agg(["mean", "std", "count"]).round(4))
last = curves[curves["epoch"] == curves.groupby("task")["epoch"].transform("max")]
print(last.groupby(["task", "optimizer"])["test_loss"].median().round(3))
