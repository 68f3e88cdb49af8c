#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws the critical-difference diagram of a study as SVG: draw_ranks.py STUDY.json[.xz] >FILE.svg

Each optimizer stands at its average rank. A bar joins those whose ranks differ by less than the
critical difference (Demsar 2006).
"""
import json
import lzma
import sys

with (lzma.open if sys.argv[1].endswith(".xz") else open)(sys.argv[1], "rt") as file:
    across = json.load(file)["across"]
ranks = {row["optimizer"]: row["rank"] for row in across["average_ranks"]}
k, left, width = len(ranks), 120, 520
half = (k + 1) // 2
height = 70 + 14 * len(across["cliques"]) + 20 * half


def x(rank):
    return left + width * (rank - 1) / (k - 1)


def line(x1, y1, x2, y2, style="stroke-width:1"):
    return f'<path d="M{x1:.1f},{y1}L{x2:.1f},{y2}" style="stroke:#666;fill:none;{style}"/>'


def text(at, y, words, anchor="middle"):
    return f'<text x="{at:.1f}" y="{y}" text-anchor="{anchor}">{words}</text>'


parts = [line(x(1), 50, x(k), 50)]
for rank in range(1, k + 1):
    parts += [line(x(rank), 45, x(rank), 50), text(x(rank), 40, rank)]
critical = across["critical_difference"]
parts += [line(x(1), 15, x(1 + critical), 15, "stroke-width:3"),
          text(x(1 + critical) + 6, 19, f"critical difference {critical:.2f}", "start")]
for i, clique in enumerate(across["cliques"]):
    y = 62 + 14 * i
    parts.append(line(x(ranks[clique[0]]) - 4, y, x(ranks[clique[-1]]) + 4, y, "stroke-width:4"))
for i, (name, rank) in enumerate(ranks.items()):  # the better half on the left
    y = 70 + 14 * len(across["cliques"]) + 20 * (i if i < half else k - 1 - i)
    end, anchor = (left - 10, "end") if i < half else (left + width + 10, "start")
    parts += [line(x(rank), 50, x(rank), y), line(x(rank), y, end, y),
              text(end + (-4 if i < half else 4), y + 4, f"{name} {rank:.2f}", anchor)]
print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * left + width} {height}" '
      'style="background:#fff" font-family="sans-serif" font-size="12" fill="#222">'
      f'<title>Average ranks</title>{"".join(parts)}</svg>')
