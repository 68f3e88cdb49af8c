#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks with readelf that programs and shared libraries have the protections of
# cmake/XgradHardening.cmake: `check_hardening.sh FILE...`. A small library may have no call that the
# compiler replaces by a checked one, so one file with such a call is enough.
set -euo pipefail

fail() {
  echo "check_hardening: $1" >&2
  exit 1
}

require() { # PATTERN WHAT: fails unless readelf's output for $file contains the pattern
  grep -qE "$1" <<<"$output" || fail "$file has no $2"
}

[ $# -ge 1 ] || fail "no file is given"
checked=false
for file in "$@"; do
  output=$(LC_ALL=C readelf --wide --file-header --program-headers --dynamic --symbols "$file")
  require '^ +Type: +DYN ' "position-independent code"
  require '^ +GNU_RELRO ' "RELRO"
  require 'BIND_NOW|FLAGS_1.*\bNOW\b' "BIND_NOW"
  require '^ +GNU_STACK .* RW +0x' "stack that is not executable"
  require ' UND __stack_chk_fail\b' "stack protector"
  if grep -qE ' UND __[a-z]+_chk\b' <<<"$output"; then checked=true; fi
  echo "$file is hardened"
done
$checked || fail "no file has a call of a checked string or memory function: $*"
