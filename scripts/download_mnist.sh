#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fetches the four MNIST files into DIR (default: data/mnist), from the first mirror that answers.
# Each file is checked against the MD5 of its uncompressed content before it gets its name.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dir=${1:-$root/data/mnist}
read -ra mirrors <<<"${XGRAD_MNIST_MIRRORS:-https://ossci-datasets.s3.amazonaws.com/mnist https://storage.googleapis.com/cvdf-datasets/mnist}"
declare -A md5=(
  [train-images-idx3-ubyte]=6bbc9ace898e44ae57da46a324031adb
  [train-labels-idx1-ubyte]=a25bea736e30d166cdddb491f175f624
  [t10k-images-idx3-ubyte]=2646ac647ad5339dbf082846283269ea
  [t10k-labels-idx1-ubyte]=27ae3e4e09519cfbb04c329615203637
)

is_good() { # FILE.gz NAME
  [ "$(gzip -dc "$1" 2>/dev/null | md5sum | cut -d' ' -f1)" = "${md5[$2]}" ]
}

fetch() { # URL FILE
  if command -v curl >/dev/null; then
    curl --fail --silent --location --connect-timeout 10 --max-time 300 --output "$2" "$1"
  else
    wget --quiet --timeout=10 --tries=1 --output-document="$2" "$1"
  fi
}

if ! command -v curl >/dev/null && ! command -v wget >/dev/null; then
  echo "download_mnist: neither curl nor wget is installed" >&2
  exit 1
fi
mkdir -p "$dir"
part=$(mktemp "$dir/.download.XXXXXX")
trap 'rm -f "$part"' EXIT
for name in train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte; do
  file=$dir/$name.gz
  if [ -f "$file" ] && is_good "$file" "$name"; then continue; fi
  for mirror in "${mirrors[@]}"; do
    if fetch "$mirror/$name.gz" "$part" && is_good "$part" "$name"; then
      chmod 644 "$part"
      mv "$part" "$file"
      continue 2
    fi
  done
  echo "download_mnist: $name.gz cannot be fetched from any of: ${mirrors[*]}" >&2
  exit 1
done
echo "MNIST is in $dir"
