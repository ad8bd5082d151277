#!/usr/bin/env bash
# usage: install.sh CMAKE BUILD_DIR SOURCE_DIR
# Installs into a prefix of its own, moves the tree, and runs the program there.
set -euo pipefail
cmake=$1 build=$2 source=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }

"$cmake" --install "$build" --prefix "$work/first" >"$work/log"
while read -r path; do
  case "$path" in
    "$work/first/"*) ;;
    *) fail "installed outside the prefix: $path" ;;
  esac
done < <(sed -nE 's/^-- (Installing|Up-to-date): //p' "$work/log")

mv "$work/first" "$work/moved"
cd "$work"
for path in bin/tsp lib/tsp/libtsp_draw.so lib/tsp/libtsp_read.so share/tsp/common-pins.txt share/tsp/profiles share/doc/tsp/errors.md; do
  [ -e "moved/$path" ] || fail "$path is not installed"
done
[ ! -e moved/bin/tsp-data-path ] || fail "the build tree's pointer to its data was installed"
if grep -rlF --exclude-dir=bin --exclude='*.so' "$source" moved; then fail "these files name the source folder"; fi
# Debug information may name the source; what is shipped carries none.
if grep -q '^CMAKE_BUILD_TYPE:STRING=Release$' "$build/CMakeCache.txt" &&
  grep -lF "$source/" moved/bin/tsp moved/lib/tsp/libtsp_draw.so moved/lib/tsp/libtsp_read.so; then
  fail "the program names the source folder"
fi
HOME=$work TSP_HOME=$work/home moved/bin/tsp version </dev/null
[ ! -e "$work/home" ] || fail "'tsp version' made a home"
