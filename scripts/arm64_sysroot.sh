#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Downloads Debian's arm64 packages that xgrad needs and unpacks them: `arm64_sysroot.sh [FOLDER]`,
# build/arm64-sysroot without one. The toolchain file cmake/arm64-linux.cmake compiles against this
# folder, and QEMU runs programs in it. apt gets a state of its own, so that the packages and
# architectures of this machine stay as they are. Does nothing if the folder is complete.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
sysroot=${1:-build/arm64-sysroot}
packages=(libxtensor-dev xtl-dev libxsimd-dev libopenblas-dev libtbb-dev zlib1g-dev nlohmann-json3-dev
          libboost-dev libspdlog-dev libfmt-dev libcli11-dev libpng-dev libgtest-dev)
if [ -e "$sysroot/complete" ]; then exit 0; fi

rm -rf "$sysroot"
mkdir -p "$sysroot"
sysroot=$(cd "$sysroot" && pwd)
state=$sysroot/apt
mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
: >"$state/status"
run_apt() {
  apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Sandbox::User=root \
    -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" "$@"
}
run_apt update
run_apt install --download-only --yes --no-install-recommends "${packages[@]}"
for package in "$state"/cache/archives/*.deb; do
  dpkg-deb --extract "$package" "$sysroot"
done
rm -r "$state"

# What the packages' own scripts would have done: links to the chosen BLAS. Links to absolute paths
# would leave the folder.
for file in lib/aarch64-linux-gnu/libopenblas.so{,.0} include/aarch64-linux-gnu/{cblas,openblas_config}.h; do
  ln -s "openblas-pthread/${file##*/}" "$sysroot/usr/$file"
done
find "$sysroot" -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
  ln -sfr "$sysroot$(readlink "$link")" "$link"
done
touch "$sysroot/complete"
