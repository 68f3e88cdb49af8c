#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Prints a GoogleTest filter without the tests that only compute for long, or start programs again and
# again, for programs that run under QEMU or with a sanitizer.
set -euo pipefail

slow="GemmTest.ALarge*:GemmTest.ASignalHandler*:GemmTest.TheSameThreadCount*:GemmTest.LeavesTheCallers*"
slow+=":LongSumTest.AHundredMillion*:ReadingsTest/*.TheKernelEqualsTheDefinitionInLongDouble:RulesAndProblems/*_rosenbrock"
slow+=":GraphTest.*Chain*:*.TenThousandClassesTrain:*.ReadingAGradientFirstChangesNoBitOfTheStep/*"
slow+=":KilledTest.*:MnistTest.*:SimdLevelsTest.*:ThreadsTest.ModelsTrainedConcurrently*"
slow+=":SmallStackTest.*Fits:DriftTest.*:TrainingTest.EveryOptimizer*"
printf '%s\n' "-$slow"
