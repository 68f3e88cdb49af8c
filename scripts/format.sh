#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Formats every source with clang-format. `format.sh --check` changes nothing, and fails if a source
# is not formatted.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
case ${1:-} in
  --check) mode=(--dry-run --Werror) ;;
  "") mode=(-i) ;;
  *) echo "format: unknown option \"$1\"; the only option is --check" >&2; exit 2 ;;
esac
find . \( -path './build*' -o -path ./.git \) -prune -o -name '*.[chi]pp' -print0 |
  xargs -0 clang-format "${mode[@]}"
