#!/usr/bin/env bash
# units.sh SOURCE: the units are as closed as they claim (systemd-analyze security, at most 1.5 for
# the server), and nothing in them is unknown to systemd.
set -euo pipefail
source=$1
fail() { echo "units: $*" >&2; exit 1; }
command -v systemd-analyze >/dev/null || { echo "skipped: systemd-analyze is not installed"; exit 77; }
systemd-analyze security --help 2>/dev/null | grep -q -- --offline ||
  { echo "skipped: this systemd-analyze looks at running services alone"; exit 77; }
shown=$(systemd-analyze security --offline=yes --threshold=15 "$source/config/systemd/tsp.service") ||
  fail "tsp.service is open wider than 1.5: $(tail -1 <<<"$shown")"
tail -1 <<<"$shown"
unknown=$(systemd-analyze verify "$source"/config/systemd/*.service 2>&1 |
  grep -iE 'unknown|invalid|failed to parse' || true)
[ -z "$unknown" ] || fail "$unknown"
