#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds and runs programs that use xgrad: `check_consumers.sh BUILD_DIR [--installed-only]`.
# Installs BUILD_DIR into a scratch folder, moves it, and also makes a .deb and unpacks it. Then
# builds and runs tests/consumers and examples/embed with these packages, and with the sources
# through add_subdirectory and FetchContent.
set -euo pipefail

if [ $# -lt 1 ] || [ ! -f "$1/CMakeCache.txt" ]; then
  echo "usage: check_consumers.sh BUILD_DIR [--installed-only]; CMake must have configured BUILD_DIR" >&2
  exit 2
fi
build=$(cd "$1" && pwd)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
prefix=$scratch/prefix
from_cache() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
CXX=$(from_cache CMAKE_CXX_COMPILER)
export CXX
jobs=$("$root/scripts/jobs.sh")

heading() { printf '\n== %s (after %d s)\n' "$1" "$SECONDS"; }
fail() {
  echo "check_consumers: $1" >&2
  exit 1
}

# Fails if an installed file contains the pattern.
refuse() { # PATTERN WHY [GREP_OPTION]
  if grep -rnE ${3:-} -- "$1" "$prefix"; then fail "$2"; fi
}

# Fails where a shared library exports nothing or a foreign name, or sets the floating-point mode of
# the programs that load it.
check_library() { # LIBRARY
  local symbols foreign
  symbols=$(nm -D --defined-only "$1" | awk '{print $3}')
  echo "$(grep -c . <<<"$symbols") symbols exported by $(basename "$1")"
  [ -n "$symbols" ] || fail "$1 exports nothing"
  foreign=$(grep -vE '^_Z(N|NK|N[RO]|NK[RO]|T.N|ZN|GV.*)5xgrad' <<<"$symbols" || true)
  [ -z "$foreign" ] || fail "$1 exports what is not xgrad's: $foreign"
  if nm "$1" | grep -q set_fast_math; then fail "$1 turns denormal numbers off when it is loaded"; fi
}

# Fails if a program that includes all of xgrad's headers gets a warning from them.
check_headers() { # COMPILER FLAG...
  local scalar
  for scalar in -DXGRAD_FLOAT -DXGRAD_DOUBLE; do
    "$1" -std=c++20 -O2 -fsyntax-only -Werror -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow \
      -Wold-style-cast -Wcast-qual -Wnon-virtual-dtor -Woverloaded-virtual -Wdouble-promotion -Wformat=2 \
      -Wextra-semi -Wzero-as-null-pointer-constant -Wundef -Wfloat-equal -Wmissing-declarations \
      "${@:2}" "$scalar" "-I$prefix/$include_dir" "$scratch/consumers/all_headers.cpp"
  done
  if "$1" -std=c++17 -fsyntax-only "-I$prefix/$include_dir" "$scratch/consumers/all_headers.cpp" 2>"$scratch/errors"; then
    fail "C++17 is taken"
  fi
  grep -m1 "error:" "$scratch/errors" | grep -q "xgrad needs C++20" || fail "$1: with C++17 another error comes first"
}

# The folders that xgrad.pc names, installed with a prefix other than the configured one.
check_pkgconfig_dirs() { # LIBDIR INCLUDEDIR EXPECTED_LIBDIR EXPECTED_INCLUDEDIR
  local folder=$scratch/pc/build pc
  cmake -S "$root" -B "$folder" -DXGRAD_BUILD_TESTS=OFF -DXGRAD_BUILD_EXAMPLES=OFF \
    "-DCMAKE_INSTALL_LIBDIR=$1" "-DCMAKE_INSTALL_INCLUDEDIR=$2" >/dev/null
  rm -rf "$scratch/pc/root"
  DESTDIR=$scratch/pc/root cmake --install "$folder" --prefix /opt/moved --component pkgconfig >/dev/null
  pc=$(find "$scratch/pc/root" -name xgrad.pc)
  for pair in "libdir $3" "includedir $4"; do
    found=$(pkg-config "--variable=${pair% *}" "$pc")
    [ "$(realpath -m "$found")" = "$(realpath -m "${pair#* }")" ] ||
      fail "LIBDIR=$1 INCLUDEDIR=$2: xgrad.pc names $found, and not ${pair#* }, as its ${pair% *}"
  done
}

# Builds a project that lies at scratch/consumers/NAME and runs its programs.
build_and_run() { # NAME CMAKE_ARGUMENT...
  local folder=$scratch/build/$1 program
  cmake -S "$scratch/consumers/$1" -B "$folder" -DCMAKE_BUILD_TYPE=Release -DCMAKE_UNITY_BUILD=ON "${@:2}" >/dev/null
  cmake --build "$folder" --parallel "$jobs" >/dev/null
  find "$folder" -name CMakeFiles -prune -o -type f -executable \( -name 'app*' -o -name embed \) -print |
    sort >"$scratch/programs"
  [ -s "$scratch/programs" ] || fail "$1 has built no program"
  while read -r program; do "$program"; done <"$scratch/programs"
}

cp -r "$root/tests/consumers" "$scratch/consumers"
cp -r "$root/examples/embed" "$scratch/consumers/embed"

heading "the installed files"
cmake --install "$build" --prefix "$scratch/first" >/dev/null
mv "$scratch/first" "$prefix" # the package must work after it was moved
refuse "$root|$build|$scratch" "an installed file names a path of the build"
refuse "[ \"'=;<]/(usr|opt|home|tmp|lib)" "an installed text file contains an absolute path" -I
refuse "-march|-m(avx|fma)|-O[0-9]|-W[a-z]" "an installed file passes compiler flags on" -I
refuse "-f(stack|cf)-|_FORTIFY_SOURCE|-z,|-pie|-fsanitize" "an installed file passes hardening flags on" -I
refuse "spdlog/|spdlog\.h|xsimd|nlohmann|CLI11|<tbb|zlib\.h|cblas\.h|dnnl\.h" "an installed file needs a private library" -I
[ -z "$(find "$prefix" -name internal)" ] || fail "private headers are installed; see cmake/XgradInstall.cmake"
[ -n "$(find "$prefix" -name xgrad_parameters.py)" ] || fail "the reader for Python is not installed"
find "$prefix" -name '*.hpp' | wc -l | sed 's/$/ headers/'
du -sh "$prefix" | sed 's/\t.*/ in all/'
mapfile -t libraries < <(find "$prefix" -type f -name '*.so*')
for library in "${libraries[@]}"; do check_library "$library"; done
if [ ${#libraries[@]} -gt 0 ] && [ "$(from_cache XGRAD_HARDEN)" = ON ]; then
  "$root/scripts/check_hardening.sh" "${libraries[@]}"
fi

heading "pkg-config"
(
  cd "$scratch/consumers/pkg_config"
  cp ../main.cpp .
  library_dir=$(dirname "$(find "$prefix" -name pkgconfig)")
  export PKG_CONFIG_PATH=$library_dir/pkgconfig LD_LIBRARY_PATH=$library_dir
  ./build.sh
  ./app
  ./app_f64
)

heading "find_package, of the .deb unpacked, in a project with a BLAS, a ZLIB and a TBB of its own"
cpack --config "$build/CPackConfig.cmake" -B "$scratch/deb" >/dev/null
deb=$(echo "$scratch"/deb/*.deb)
dpkg-deb --field "$deb" Package Version Architecture Depends
dpkg-deb --extract "$deb" "$scratch/root"
build_and_run find_package "-DCMAKE_PREFIX_PATH=$scratch/root/usr" \
  "-DCMAKE_PROJECT_consumer_INCLUDE=$scratch/consumers/own_targets.cmake"

heading "find_package: versions and components"
cmake -S "$scratch/consumers/components" -B "$scratch/build/components" "-DCMAKE_PREFIX_PATH=$prefix" >/dev/null

if [ -n "$(find "$prefix" -name xgrad-distributed.cmake)" ]; then
  heading "xgrad::distributed, with find_package and with pkg-config, on one and on two processes"
  build_and_run distributed "-DCMAKE_PREFIX_PATH=$prefix"
  (
    cd "$scratch/consumers/distributed"
    library_dir=$(dirname "$(find "$prefix" -name pkgconfig)")
    export PKG_CONFIG_PATH=$library_dir/pkgconfig LD_LIBRARY_PATH=$library_dir
    ./build.sh
    ./app >/dev/null
    mv digits.safetensors one.safetensors
    run=$(from_cache MPIEXEC_EXECUTABLE)
    if "$run" --version | grep -q "Open MPI\|OpenRTE"; then
      run+=" --allow-run-as-root --oversubscribe --mca btl self,vader --mca oob_tcp_if_include lo"
      run+=" --mca btl_vader_single_copy_mechanism none"
    fi
    # shellcheck disable=SC2086 # the options are words
    timeout 60 $run -n 2 ./app
    cmp digits.safetensors one.safetensors || fail "two processes train differently from one"
  )
fi

heading "examples/embed"
build_and_run embed "-DCMAKE_PREFIX_PATH=$prefix" | tee "$scratch/log"
for line in "debug: [blas] " "info: [train] run started" "info: [train] epoch 1/1000" "info: [train] run stopped"; do
  grep -qF "$line" "$scratch/log" || fail "examples/embed did not log \"$line\""
done

heading "together with spdlog, fmt and OpenMP"
build_and_run neighbours "-DCMAKE_PREFIX_PATH=$prefix"

if [ "${2:-}" = --installed-only ]; then exit 0; fi

heading "public headers: strict warnings, and C++17 is refused"
echo '#include <xgrad/xgrad.hpp>' >"$scratch/consumers/all_headers.cpp"
if [ -n "$(find "$prefix" -name distributed.hpp)" ]; then
  echo '#include <xgrad/distributed.hpp>' >>"$scratch/consumers/all_headers.cpp"
fi
include_dir=$(from_cache CMAKE_INSTALL_INCLUDEDIR)
check_headers g++ -Wuseless-cast -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wnull-dereference
check_headers clang++ -Weverything -Wno-c++98-compat -Wno-c++98-compat-pedantic -Wno-padded -Wno-weak-vtables

heading "the library refuses -ffast-math"
if "$CXX" -std=c++20 -ffast-math '-DXGRAD_VERSION=""' -fsyntax-only "-I$root/include" "$root/core/system.cpp" 2>"$scratch/errors"; then
  fail "a source of the library compiles with -ffast-math"
fi
grep -m1 "error:" "$scratch/errors" | grep "without -ffast-math" || fail "-ffast-math gives another error"

heading "xgrad.pc: absolute and relative folders, another prefix when installed"
destination=$scratch/pc/root/opt/moved
check_pkgconfig_dirs lib/own include/own "$destination/lib/own" "$destination/include/own"
check_pkgconfig_dirs lib/own /abs/include "$destination/lib/own" /abs/include
check_pkgconfig_dirs /abs/lib include/own /abs/lib /opt/moved/include/own
check_pkgconfig_dirs /abs/lib /abs/include /abs/lib /abs/include

for consumer in strict_parent fetch_content; do
  mkdir "$scratch/consumers/$consumer/third_party"
  ln -s "$root" "$scratch/consumers/$consumer/third_party/xgrad"
done

heading "add_subdirectory, in a project with strict settings: shared libraries, hidden symbols, -Ofast"
build_and_run strict_parent "-DCMAKE_CXX_FLAGS_RELEASE=-Ofast -DNDEBUG"
while read -r library; do check_library "$library"; done < <(find "$scratch/build/strict_parent" -type f -name 'libxgrad*.so*')

heading "FetchContent, with examples/embed; all under the thread sanitizer, and on a machine without MPI"
# Without oneTBB: the sanitizer does not see its synchronisation and would report false races.
no_mpi=(-DMPI_SKIP_COMPILER_WRAPPER=ON -DMPI_GUESS_LIBRARY_NAME=none -DPKG_CONFIG_EXECUTABLE=/bin/false)
build_and_run fetch_content -DXGRAD_THREADS=OFF -DXGRAD_F64=OFF -DCMAKE_BUILD_TYPE=Debug \
  "-DCMAKE_CXX_FLAGS=-O1 -g1 -fsanitize=thread" "${no_mpi[@]}"
