#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the API reference with Doxygen: build/docs/html/index.html. A warning is an error: a public
# name without a word on it, a link that leads nowhere.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p build/docs
doxygen docs/Doxyfile
echo "The API reference is in build/docs/html/index.html."
