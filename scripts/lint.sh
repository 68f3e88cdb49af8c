#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks the library and examples/ with clang-tidy (.clang-tidy lists the checks) and cppcheck
# (.cppcheck lists the disabled checks). Any warning is an error. Each library is checked as one
# translation unit and for one instruction set, and the lessons and examples/support as one each, so
# that the headers of xtensor and of the standard library are parsed a dozen times instead of a
# hundred times. tests/, benchmarks/ and docs/snippets/ are not checked, because they would take
# longer than all the rest.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build/lint
jobs=$(scripts/jobs.sh)

heading() { printf '\n== %s (after %d s)\n' "$1" "$SECONDS"; }

heading "cppcheck"
# -Dinline= removes `inline`, because cppcheck 2.10 cannot parse `namespace xgrad::inline f32`.
cppcheck --quiet -j "$jobs" --std=c++20 --language=c++ --enable=warning,performance,portability,style \
  --inline-suppr --suppressions-list=.cppcheck --error-exitcode=1 -I include -Dinline= -DXGRAD_ABI=f32 \
  -DXGRAD_TBB -DXGRAD_OPENBLAS -DXGRAD_X86_LEVELS core autograd nn optim datasets train distributed examples

heading "clang-tidy"
cmake -S . -B "$build" -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_EXPORT_COMPILE_COMMANDS=ON \
  -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=0 -DXGRAD_BUILD_TESTS=OFF -DXGRAD_F64=OFF \
  -DXGRAD_INSTALL=OFF -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
mkdir -p "$build/tidy"
/usr/bin/env python3 - "$build" >"$build/tidy/files" <<'END'
import json, re, sys
folder = sys.argv[1] + "/tidy/"
units = {unit["file"]: unit  # a source that two programs share is checked once
         for unit in json.load(open(sys.argv[1] + "/compile_commands.json"))
         if not re.search(r"xgrad_kernels_(sse2|avx512)|/docs/snippets/", unit["command"])}
for name, pattern in ("lessons", r"/examples/(\d\d_|compare_optimizers/main)"), ("support", "/examples/support/"):
    group = [units.pop(file) for file in list(units) if re.search(pattern, file)]
    file = folder + name + ".cpp"
    with open(file, "w") as source:
        for i, unit in enumerate(group):
            source.write(f'#define main main_{i}\n#include "{unit["file"]}"\n#undef main\n')
    words = [word for unit in group for word in unit["command"].split(" -o ")[0].split()]
    command = " ".join(dict.fromkeys(words)) + " -c " + file
    units[file] = {"directory": group[0]["directory"], "file": file, "command": command}
json.dump(list(units.values()), open(folder + "compile_commands.json", "w"))
print(*units, sep="\n")
END
xargs -P "$jobs" -n 1 clang-tidy -p "$build/tidy" --quiet \
  --header-filter="^$PWD/(include|core|autograd|nn|optim|datasets|train|distributed|examples)/" <"$build/tidy/files" 2>"$build/tidy/log" || {
  grep -E '[Ee]rror' "$build/tidy/log" >&2 || tail -n 20 "$build/tidy/log" >&2
  exit 1
}
printf '\nNo warning (after %d s).\n' "$SECONDS"
