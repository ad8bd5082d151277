#!/usr/bin/env bash
# usage: demo.sh SOURCE_DIR PROGRAM_DIR
# scripts/demo twice, then the lines it showed typed in by hand: what it shows is all there is to do.
set -euo pipefail
source=$1 program=$2
work=$(mktemp -d)
made=()
trap 'rm -rf "$work" "${made[@]}"' EXIT
exec </dev/null

fail() { echo "FAILED: $*" >&2; cat "$work"/log* >&2; exit 1; }
unset TSP_HOME

for round in 1 2; do
  HOME=$work "$source/scripts/demo" --no-bootstrap --program "$program" >"$work/log$round" 2>&1 ||
    fail "the demo ended with $?"
  signed=$(sed -n 's/^signed file  *//p' "$work/log$round")
  root=$(sed -n 's/^root certificate  *//p' "$work/log$round")
  made+=("$(dirname "$signed")")
  [ -s "$signed" ] && [ -s "$root" ] || fail "its last lines name files that are not there"
  pdfsig -nocert "$signed" | grep -q 'Signature is Valid' || fail "pdfsig does not accept $signed"
  openssl x509 -in "$root" -noout -subject >/dev/null || fail "openssl does not read $root"
  grep -q 'TOTAL-PASSED' "$work/log$round" || fail "the demo did not validate"
  grep -q '^intact' "$work/log$round" || fail "the demo did not verify the log"
done
[ "${made[0]}" != "${made[1]}" ] || fail "the second run has no folder of its own"

# In another folder, with another home: the same commands.
sed -n 's/^\$ //p' "$work/log1" | sed "s#${made[0]}#$work/again#g" >"$work/typed"
(cd "$source" && HOME=$work bash -eu "$work/typed") >"$work/log-typed" 2>&1 ||
  fail "its commands, typed in, end with $?"
[ -s "$work/again/agreement-signed.pdf" ] || fail "its commands, typed in, sign nothing"
