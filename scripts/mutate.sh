#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Applies the mistakes of tests/mutants/*.txt to a copy of the tracked files, one at a time, and
# checks that the tests notice each: `mutate.sh [TEXT]`, where TEXT selects the mistakes whose file,
# program or description contains it. Prints a line for each mistake, and exits with 1 if a test
# program passes with a mistake, or if a text does not occur exactly once in its file.
# `mutate.sh --check` builds nothing: it only checks that each text occurs exactly once in its file.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
selected=${1:-}
tree=$PWD/build/mutants/tree
build=$PWD/build/mutants/build
log=$PWD/build/mutants/log

# Each mistake has four lines: "# DESCRIPTION", "FILE PROGRAM", "- OLD", "+ NEW". Prints those that
# were selected.
mistakes() {
  local description place old new
  grep -hv '^$' tests/mutants/*.txt | while IFS= read -r description; do
    IFS= read -r place && IFS= read -r old && IFS= read -r new
    [[ "$place $description" == *"$selected"* ]] || continue
    printf '%s\n' "${description#\# }" "$place" "${old#- }" "${new:2}"
  done
}

# Calls COMMAND for each selected mistake, in $description, $file, $program, $old and $new.
for_each_mistake() { # COMMAND
  while IFS= read -r description <&3; do
    IFS=' ' read -r file program <&3
    IFS= read -r old <&3
    IFS= read -r new <&3
    "$1"
  done 3< <(mistakes)
}

counts=([0]=0 [1]=0)
report() { # WHETHER_GOOD RESULT DETAIL
  printf '%-9s %s: %s: %s\n' "$2" "$file" "$description" "${3:-}"
  counts[$1]=$((counts[$1] + 1))
}

occurs_once() { # TEXT CONTENT
  local rest=${2//"$1"/}
  [ $((${#2} - ${#rest})) -eq ${#1} ]
}
check() {
  if occurs_once "$old" "$(cat "$file")"; then
    counts[0]=$((counts[0] + 1))
  else
    report 1 STALE "this text does not occur exactly once in the file: $old"
  fi
}

# Copies the tracked files, with the changes that are not committed. Each source is compiled by
# itself, so that a mistake costs one small compilation. That the library in double precision is
# compiled as one is a property of its target.
copy_files() {
  [ -d "$tree" ] || git init -q "$tree"
  git -C "$tree" fetch -q "$PWD" HEAD
  git -C "$tree" reset -q --hard FETCH_HEAD
  git diff --binary HEAD | git -C "$tree" apply --allow-empty
  sed -i 's/UNITY_BUILD ON)/UNITY_BUILD OFF)/' "$tree/cmake/XgradLibrary.cmake"
  git -C "$tree" -c user.name=mutate -c user.email=mutate@localhost commit -qam "Compile each source by itself"
}
restore() { git -C "$tree" reset -q --hard; }

build_programs() { # PROGRAM...
  cmake --build "$build" --parallel "$(scripts/jobs.sh)" --target "$@" >"$log" 2>&1
}
run_program() { # PROGRAM
  timeout 300 "$build/tests/$1" --gtest_brief=1 --gtest_fail_fast >"$log" 2>&1
}

# Replaces the text OLD, which must occur once in the file, by NEW.
replace() { # FILE OLD NEW
  local content
  content=$(cat "$tree/$1" && printf x) || return
  occurs_once "$2" "$content" || return
  content=${content/"$2"/"$3"}
  printf '%s' "${content%x}" >"$tree/$1"
}

try() {
  local status=0
  if ! replace "$file" "$old" "$new"; then
    report 1 STALE "this text does not occur exactly once in the file: $old"
  elif ! build_programs "$program"; then
    report 1 BROKEN "does not compile: $new"
  else
    run_program "$program" || status=$?
    if [ "$status" -eq 0 ]; then
      report 1 SURVIVES "$program passes with: $new"
    else
      report 0 noticed "$(sed -n 's/^\[  FAILED  \] \([^ ]*\).*/\1/p' "$log" | grep -m 1 . || echo "$program ends with $status")"
    fi
  fi
  restore
}

if [ "$selected" = --check ]; then
  selected=
  for_each_mistake check
  printf '%d of %d texts occur exactly once in their files\n' "${counts[0]}" $((counts[0] + counts[1]))
  exit $((counts[1] > 0))
fi

mapfile -t programs < <(mistakes | sed -n '2~4 s/.* //p' | sort -u)
[ "${#programs[@]}" -gt 0 ] || { printf 'mutate: no mistake contains "%s"\n' "$selected" >&2; exit 2; }
copy_files
trap restore EXIT
cmake -S "$tree" -B "$build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O1 -DXGRAD_HARDEN=OFF \
  -DXGRAD_BUILD_EXAMPLES=OFF -DXGRAD_INSTALL=OFF >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
build_programs "${programs[@]}" || { cat "$log" >&2; exit 1; }
for program in "${programs[@]}"; do
  run_program "$program" || { printf 'mutate: %s fails without a mistake\n' "$program" >&2; cat "$log" >&2; exit 1; }
done
for_each_mistake try
printf '%d of %d mistakes noticed, after %d s\n' "${counts[0]}" $((counts[0] + counts[1])) "$SECONDS"
[ "${counts[1]}" -eq 0 ]
