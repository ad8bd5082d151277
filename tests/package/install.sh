#!/usr/bin/env bash
# usage: install.sh CMAKE BUILD_DIR SOURCE_DIR
# Installs into a prefix of its own, moves the tree, and signs with the program there.
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
# Everything that the source has to give, under the name it has there.
expected=(bin/tsp lib/tsp/libtsp_draw.so lib/tsp/libtsp_read.so share/tsp/tsp.yaml share/tsp/common-pins.txt
  share/man/man1/tsp.1 share/bash-completion/completions/tsp share/zsh/vendor-completions/_tsp
  share/fish/vendor_completions.d/tsp.fish lib/systemd/system/tsp-crl.service
  lib/systemd/system/tsp-crl.timer share/doc/tsp/README.md share/doc/tsp/CHANGELOG.md
  share/doc/tsp/copyright)
while read -r file; do
  case "$file" in
    config/profiles/*) expected+=("share/tsp/${file#config/}") ;;
    config/systemd/tsp.sysusers) expected+=(lib/sysusers.d/tsp.conf) ;;
    config/systemd/tsp.tmpfiles) expected+=(lib/tmpfiles.d/tsp.conf) ;;
    config/systemd/*) expected+=("lib/systemd/system/${file##*/}") ;;
    man/*) expected+=("share/man/man1/${file##*/}") ;;
    docs/*) expected+=("share/doc/tsp/${file#docs/}") ;;
  esac
done < <(cd "$source" && find config/profiles config/systemd man docs -type f ! -name '.*')
for path in "${expected[@]}"; do
  [ -s "moved/$path" ] || fail "$path is not installed"
done
[ ! -e moved/share/tsp/systemd ] || fail "the units are installed twice"
[ ! -e moved/bin/tsp-data-path ] || fail "the build tree's pointer to its data was installed"
if grep -rlF --exclude-dir=bin --exclude='*.so' "$source" moved; then fail "these files name the source folder"; fi
# Debug information may name the source; what is shipped carries none.
if grep -q '^CMAKE_BUILD_TYPE:STRING=Release$' "$build/CMakeCache.txt" &&
  grep -lF "$source/" moved/bin/tsp moved/lib/tsp/libtsp_draw.so moved/lib/tsp/libtsp_read.so; then
  fail "the program names the source folder"
fi
# Modules look symbols up in their own libraries first: but for tables of functions no variable of a
# library has a copy in the program. And nothing writes to code.
readelf -rW moved/bin/tsp >relocations
if copies=$(grep _COPY relocations | grep -vE ' _ZT[VTIS]'); then
  fail "the program has copies of its libraries' variables: $copies"
fi
for file in moved/bin/tsp moved/lib/tsp/*.so; do
  readelf -dW "$file" | grep -q TEXTREL && fail "$file is written to when it is loaded"
  readelf -dW "$file" | grep -q 'FLAGS.*NOW' || fail "$file is not bound before it runs"
done
HOME=$work TSP_HOME=$work/home moved/bin/tsp version </dev/null
[ ! -e "$work/home" ] || fail "'tsp version' made a home"
"$source/tests/package/first_signature.sh" "$work/moved/bin/tsp" "$source/tests/data/pdf/agreement.pdf"
