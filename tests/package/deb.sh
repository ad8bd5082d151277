#!/usr/bin/env bash
# usage: deb.sh CPACK BUILD_DIR SOURCE_DIR
# Makes the Debian package, looks at its face, unpacks it and signs with the program from there.
set -euo pipefail
cpack=$1 build=$2 source=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }

"$cpack" -G DEB --config "$build/CPackConfig.cmake" -B "$work" >"$work/log" 2>&1 ||
  { cat "$work/log"; fail "cpack"; }
deb=$(echo "$work"/tsp_*.deb)
[ -f "$deb" ] || fail "no package was made"
depends=$(dpkg-deb --field "$deb" Depends)
echo "Depends: $depends"
for package in softhsm2 fonts-dejavu-core libc6 libssl3 libsqlite3-0 libqpdf; do
  [[ $depends == *"$package"* ]] || fail "the package does not depend on $package"
done
dpkg-deb --extract "$deb" "$work/root"
outside=$(find "$work/root" -mindepth 1 -maxdepth 1 ! -name usr)
[ -z "$outside" ] || fail "the package writes outside /usr: $outside"
HOME=$work "$work/root/usr/bin/tsp" version </dev/null
"$source/tests/package/first_signature.sh" "$work/root/usr/bin/tsp" \
  "$source/tests/data/pdf/agreement.pdf"
