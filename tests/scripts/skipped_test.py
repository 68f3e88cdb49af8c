#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""scripts/test.sh in a small project of its own: its last lines say which tests were skipped and why,
and it fails if a test fails."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What one skipped test of GoogleTest prints, a program with two of them, and a program that CTest
# skips for its exit status.
GOOGLE_TEST = "echo 'a.cpp:3: Skipped' && echo 'no <cat> & dog' && echo && echo '[  SKIPPED ] A.B (0 ms)'"
PROGRAM = "echo 'a.cpp:3: Skipped' && echo 'no bird' && echo && echo 'a.cpp:9: Skipped' && echo 'no fish' && echo"
LEVEL = "echo 'some output' && echo 'no AVX-512' >&2 && exit 77"


class SkippedTest(unittest.TestCase):
    def run_tests(self, commands, *arguments):
        """Runs test.sh on a project with these tests; returns its exit status and its output."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            shutil.copytree(ROOT / "scripts", root / "scripts")
            shutil.copy(ROOT / "CMakePresets.json", root)
            lines = ["cmake_minimum_required(VERSION 3.25)", "project(small NONE)", "enable_testing()"]
            for name, command in commands.items():
                lines.append(f'add_test(NAME {name} COMMAND sh -c [==[{command}]==])')
                lines.append(f"set_tests_properties({name} PROPERTIES SKIP_RETURN_CODE 77"
                             ' SKIP_REGULAR_EXPRESSION "\\\\[  SKIPPED \\\\]")')
            (root / "CMakeLists.txt").write_text("\n".join(lines) + "\n")
            done = subprocess.run([root / "scripts/test.sh", *arguments], text=True, timeout=120,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                                  env={**os.environ, "XGRAD_NO_INSTALL": "1", "PRESET": "dev"})
            return done.returncode, done.stdout

    def assert_ends(self, output, end):
        self.assertEqual(output[-len(end):], end)

    def test_each_reason_is_a_line_with_the_number_of_tests(self):
        status, output = self.run_tests({"a": GOOGLE_TEST, "b": LEVEL, "c": "exit 77", "d": PROGRAM,
                                         "e": GOOGLE_TEST, "f": "echo fine"})
        self.assertEqual(status, 0)
        self.assert_ends(output, "\nSkipped tests, and why:\n"
                                 "    2  no <cat> & dog\n"
                                 "    1  it does not say why\n"
                                 "    1  no AVX-512\n"
                                 "    1  no bird\n"
                                 "    1  no fish\n"
                                 "\nAll other tests of preset dev passed.\n")

    def test_a_failing_test_is_not_hidden(self):
        status, output = self.run_tests({"a": LEVEL, "b": "exit 3", "c": "echo fine"})
        self.assertEqual(status, 8)  # CTest's own
        self.assert_ends(output, "\nSkipped tests, and why:\n"
                                 "    1  no AVX-512\n"
                                 "\nThe tests of preset dev failed.\n")

    def test_nothing_is_said_if_nothing_was_skipped(self):
        status, output = self.run_tests({"a": "echo fine", "b": LEVEL}, "-R", "a")
        self.assertEqual(status, 0)
        self.assertNotIn("kipped", output)
        self.assert_ends(output, "\nAll tests of preset dev passed.\n")


if __name__ == "__main__":
    unittest.main()
