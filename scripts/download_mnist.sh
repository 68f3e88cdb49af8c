#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fetches the four MNIST files: `download_mnist.sh [DIR]` (default: data/mnist). Files that are there
# and good stay. The others come from the first mirror that gives what MNIST is, by the MD5 of the
# uncompressed content; until then a file lies aside, and what is cut short or altered is thrown away.
# XGRAD_MNIST_MIRRORS replaces the mirrors, XGRAD_MNIST_MD5 the sums (for tests).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dir=${1:-$root/data/mnist}
names=(train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte)
read -ra sums <<<"${XGRAD_MNIST_MD5:-6bbc9ace898e44ae57da46a324031adb a25bea736e30d166cdddb491f175f624 \
2646ac647ad5339dbf082846283269ea 27ae3e4e09519cfbb04c329615203637}"
read -ra mirrors <<<"${XGRAD_MNIST_MIRRORS:-https://ossci-datasets.s3.amazonaws.com/mnist \
https://storage.googleapis.com/cvdf-datasets/mnist https://raw.githubusercontent.com/fgnt/mnist/master}"

is_good() { # FILE.gz SUM; gzip must be content with its end, too
  local sum
  [ -f "$1" ] && sum=$(gzip -dc "$1" 2>/dev/null | md5sum) && [ "${sum%% *}" = "$2" ]
}

fetch() { # URL FILE; says on standard output why it failed
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --connect-timeout 10 --speed-limit 1000 --speed-time 20 \
      --output "$2" "$1" 2>&1
  elif command -v wget >/dev/null; then
    wget --no-verbose --timeout=10 --tries=1 --output-document="$2" "$1" 2>&1
  else
    echo "neither curl nor wget is installed"
    return 1
  fi
}

fetch_good() { # NAME.gz SUM; writes why each mirror failed to $failures
  local mirror
  for mirror in "${mirrors[@]}"; do
    if ! fetch "$mirror/$1" "$part" >"$answer"; then
      echo "  $mirror: $(tail -n 1 "$answer")" >>"$failures"
    elif ! is_good "$part" "$2"; then
      echo "  $mirror: gave a file that is cut short or altered" >>"$failures"
    else
      chmod 644 "$part"
      mv "$part" "$dir/$1"
      return 0
    fi
  done
  return 1
}

mkdir -p "$dir"
find "$dir" -maxdepth 1 -name '.download.*' -mmin +60 -delete # of a run that was killed
part=$(mktemp "$dir/.download.XXXXXX")
answer=$(mktemp)
failures=$(mktemp)
trap 'rm -f "$part" "$answer" "$failures"' EXIT
for i in "${!names[@]}"; do
  file=${names[i]}.gz
  if is_good "$dir/$file" "${sums[i]}"; then continue; fi
  : >"$failures"
  if ! fetch_good "$file" "${sums[i]}"; then
    {
      echo "download_mnist: $file could not be fetched:"
      cat "$failures"
      echo "Put the four MNIST files into $dir by hand (.gz or not), or train on the bundled digits."
    } >&2
    exit 1
  fi
done
echo "MNIST is in $dir"
