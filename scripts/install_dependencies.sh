#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the Debian packages that xgrad needs: `install_dependencies.sh [tests] [clang] [format]
# [lint] [memcheck] [qemu] [arm64] [consumers] [reference] [benchmark] [docs] [plots] [browser]
# [torch] [mpi]`. Without an argument, it installs what the library and the examples need. Each
# argument adds a set of packages. Debian 12 and Ubuntu 24.04, or later, have all packages, except
# that Ubuntu has Chromium as a snap. If none is missing, the script does nothing and needs no
# network. On other systems, install the same libraries yourself and set XGRAD_NO_INSTALL=1.
set -euo pipefail

packages=(g++ make cmake libxtensor-dev xtl-dev libxsimd-dev libopenblas-dev libdnnl-dev libtbb-dev
          zlib1g-dev nlohmann-json3-dev libboost-dev libspdlog-dev libfmt-dev libcli11-dev
          libpng-dev)
for set in "$@"; do
  case $set in
    tests) packages+=(libgtest-dev) ;;
    clang) packages+=(clang) ;;
    format) packages+=(clang-format) ;;
    lint) packages+=(clang clang-tidy cppcheck python3) ;;
    memcheck) packages+=(valgrind) ;;
    qemu) packages+=(qemu-user) ;;
    arm64) packages+=(g++-aarch64-linux-gnu qemu-user) ;;
    consumers) packages+=(pkg-config dpkg-dev file python3 python3-yaml) ;;
    reference) packages+=(python3 python3-numpy python3-scipy) ;;
    benchmark) packages+=(libbenchmark-dev) ;;
    docs) packages+=(doxygen patch) ;;
    plots) packages+=(gnuplot-nox libjs-vega) ;; # charts of docs/guide and of compare_optimizers
    browser) packages+=(python3 libjs-vega chromium chromium-driver) ;; # tests the report
    torch) packages+=(python3 python3-torch python3-numpy libtorch-dev libopenblas0-pthread
                      libopenblas0-openmp) ;;
    mpi) packages+=(libopenmpi-dev openmpi-bin libmpich-dev mpich) ;; # one of both is enough to build
    *) echo "install_dependencies: \"$set\" must be one of tests, clang, format, lint, memcheck, qemu, arm64, consumers, reference, benchmark, docs, plots, browser, torch, mpi" >&2
       exit 2 ;;
  esac
done

fail() {
  printf 'install_dependencies: %s\n' "$@" >&2
  exit 1
}

is_installed() { # PACKAGE
  case $1 in # programs may be installed without a package
    g++ | make | cmake | clang | clang-format | clang-tidy | cppcheck | valgrind | pkg-config | doxygen | patch) command -v "${1/%clang/clang++}" >/dev/null ;;
    chromium) command -v chromium google-chrome >/dev/null ;;
    chromium-driver) command -v chromedriver >/dev/null ;;
    *) [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
  esac
}

install_missing() {
  local missing=() package run=()
  command -v dpkg-query >/dev/null || fail "this system has no dpkg; install the contents of these Debian packages" \
    "and set XGRAD_NO_INSTALL=1: ${packages[*]}"
  for package in "${packages[@]}"; do
    is_installed "$package" || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
      fail "these packages are missing, and this user cannot install them: ${missing[*]}" \
        "run as root: apt-get install ${missing[*]}"
    fi
    run=(sudo)
  fi
  echo "installing ${missing[*]}"
  run+=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
  "${run[@]}" update
  "${run[@]}" install --yes --no-install-recommends "${missing[@]}" >/dev/null
}

is_older() { # VERSION THAN
  [ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

# Rejects versions of older distributions, which would cause unclear errors later.
check_versions() {
  local cmake xsimd
  cmake=$(cmake --version | sed -n '1s/[^0-9]*\([0-9.]*\).*/\1/p')
  if is_older "$cmake" 3.25; then
    fail "CMake 3.25 or newer is needed, this is $cmake; \`pip install cmake\` or \`snap install --classic cmake\` installs one"
  fi
  xsimd=$(dpkg-query -W -f='${Version}' libxsimd-dev 2>/dev/null || true)
  if [ -n "$xsimd" ] && is_older "${xsimd%%-*}" 8; then
    fail "xsimd 8 or newer is needed, this distribution has $xsimd; Debian 12 and Ubuntu 24.04 have newer ones"
  fi
}

if [ -n "${XGRAD_NO_INSTALL:-}" ]; then exit 0; fi
install_missing
check_versions
