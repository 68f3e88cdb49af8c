#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Prints a GoogleTest filter without the tests that only compute for long, for programs that run under
# QEMU.
set -euo pipefail

slow="GemmTest.ALarge*:GemmTest.TheSameThreadCount*:GemmTest.LeavesTheCallers*:LongSumTest.AHundredMillion*"
slow+=":ReadingsTest/*.TheKernelEqualsTheDefinitionInLongDouble:RulesAndProblems/*_rosenbrock"
slow+=":GraphTest.*Chain*:*.TenThousandClassesTrain:*.ReadingAGradientFirstChangesNoBitOfTheStep/*"
printf '%s\n' "-$slow"
