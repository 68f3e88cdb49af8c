#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Uses xgrad as others do: `check_consumers.sh BUILD_DIR [--installed-only]`. Installs that build into
# a scratch folder, moves it, makes a .deb of it and unpacks that; then builds and runs tests/consumers
# and examples/embed against these, and against the sources with add_subdirectory and FetchContent.
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

# Fails where an installed file holds the pattern.
refuse() { # PATTERN WHY [GREP_OPTION]
  if grep -rnE ${3:-} -- "$1" "$prefix"; then fail "$2"; fi
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
mv "$scratch/first" "$prefix" # nothing may remember where it was installed
refuse "$root|$build|$scratch" "an installed file names a path of the build"
refuse "[ \"'=;<]/(usr|opt|home|tmp|lib)" "an installed text holds an absolute path" -I
refuse "-march|-m(avx|fma)|-O[0-9]|-W[a-z]" "an installed file passes compiler flags on" -I
refuse "-f(stack|cf)-|_FORTIFY_SOURCE|-z,|-pie|-fsanitize" "an installed file hardens what consumers build" -I
refuse "spdlog|xsimd|nlohmann|CLI11|<tbb|zlib\.h|cblas\.h" "an installed file needs a private library" -I
refuse "^// .*[Pp]rivate to " "a private header is installed; exclude it in cmake/XgradInstall.cmake" -I
find "$prefix" -name '*.hpp' | wc -l | sed 's/$/ headers/'
du -sh "$prefix" | sed 's/\t.*/ in all/'
while read -r library; do
  symbols=$(nm -D --defined-only "$library" | awk '{print $3}')
  echo "$(wc -l <<<"$symbols") symbols exported by $(basename "$library")"
  foreign=$(grep -vE '^_Z(N|NK|T.N|ZN|GV.*)5xgrad' <<<"$symbols" || true)
  [ -z "$foreign" ] || fail "$library exports what is not xgrad's: $foreign"
  if [ "$(from_cache XGRAD_HARDEN)" = ON ]; then "$root/scripts/check_hardening.sh" "$library"; fi
done < <(find "$prefix" -type f -name '*.so*')

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

heading "find_package, of the .deb unpacked"
cpack --config "$build/CPackConfig.cmake" -B "$scratch/deb" >/dev/null
deb=$(echo "$scratch"/deb/*.deb)
dpkg-deb --field "$deb" Package Version Architecture Depends
dpkg-deb --extract "$deb" "$scratch/root"
build_and_run find_package "-DCMAKE_PREFIX_PATH=$scratch/root/usr"

heading "find_package: versions and components"
cmake -S "$scratch/consumers/components" -B "$scratch/build/components" "-DCMAKE_PREFIX_PATH=$prefix" >/dev/null

heading "examples/embed"
build_and_run embed "-DCMAKE_PREFIX_PATH=$prefix"

heading "beside spdlog, fmt and OpenMP"
build_and_run neighbours "-DCMAKE_PREFIX_PATH=$prefix"

if [ "${2:-}" = --installed-only ]; then exit 0; fi
for consumer in add_subdirectory fetch_content; do
  mkdir "$scratch/consumers/$consumer/third_party"
  ln -s "$root" "$scratch/consumers/$consumer/third_party/xgrad"
done

heading "add_subdirectory"
build_and_run add_subdirectory -DCMAKE_BUILD_TYPE=Debug

heading "FetchContent, with examples/embed; all under the thread sanitizer"
# Without oneTBB: the sanitizer cannot see how it hands work over and would report every part.
build_and_run fetch_content -DXGRAD_THREADS=OFF -DXGRAD_F64=OFF -DCMAKE_BUILD_TYPE=Debug \
  "-DCMAKE_CXX_FLAGS=-O1 -g1 -fsanitize=thread"
