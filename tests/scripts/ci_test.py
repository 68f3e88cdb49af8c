#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks .github/workflows/ci.yml: it parses, calls only existing scripts, and tests every preset."""
import json
import pathlib
import re
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
JOBS = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
COMMANDS = [step["run"] for job in JOBS.values() for step in job["steps"] if "run" in step]


class CiTest(unittest.TestCase):
    def test_every_script_that_it_calls_exists(self):
        called = {path for command in COMMANDS for path in re.findall(r"(?:scripts|tests)/[\w./]+", command)}
        self.assertLessEqual({"scripts/test.sh", "scripts/check_consumers.sh"}, called)
        self.assertEqual([path for path in called if not (ROOT / path).is_file()], [])

    def test_every_preset_is_in_its_matrix(self):
        presets = json.loads((ROOT / "CMakePresets.json").read_text())
        names = {preset["name"] for preset in presets["configurePresets"] if not preset.get("hidden")}
        self.assertEqual(names, {preset["name"] for preset in presets["testPresets"]})
        self.assertEqual(names, set(JOBS["tests"]["strategy"]["matrix"]["preset"]))

    def test_ci_runs_the_fuzz_targets(self):
        self.assertIn("cmake --build --preset fuzz", (ROOT / "scripts/fuzz.sh").read_text())
        self.assertTrue(any("scripts/fuzz.sh" in command for command in COMMANDS))

    def test_every_fuzz_target_is_built_and_has_seeds(self):
        folder = ROOT / "tests/fuzz"
        targets = {source.name.removesuffix("_fuzz.cpp") for source in folder.glob("*_fuzz.cpp")}
        built = set(re.findall(r"xgrad_add_fuzzer\((\w+) ", (folder / "CMakeLists.txt").read_text()))
        self.assertEqual(targets, built)
        self.assertEqual(targets, {seeds.name for seeds in (folder / "corpus").iterdir() if any(seeds.iterdir())})

    def test_every_job_checks_the_sources_out(self):
        for name, job in JOBS.items():
            self.assertIn("actions/checkout", job["steps"][0]["uses"], name)
            self.assertIn("runs-on", job)


if __name__ == "__main__":
    unittest.main()
