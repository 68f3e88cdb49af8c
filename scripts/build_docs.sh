#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the API reference with Doxygen: build/docs/html/index.html. Warnings are errors, for
# example an undocumented public name or a broken link.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p build/docs
doxygen docs/Doxyfile
echo "The API reference is in build/docs/html/index.html."
