#!/usr/bin/env bash
# usage: first_signature.sh TSP DOCUMENT.pdf
# What an installed program is for, in a folder of its own: founds a TSP, enrols a signer, signs so
# that it is seen, validates, verifies the log.
set -euo pipefail
tsp=$1 document=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
exec </dev/null
cd "$folder"
umask 077
export HOME=$folder TSP_HOME=$folder/home TSP_SOCKET=none LC_ALL=C.UTF-8
cp "$document" doc.pdf
echo 246813 >pin
"$tsp" init --name "Example Trust Services" --country LU
"$tsp" user enroll alice --common-name "Alice Martin" --pin-from file:pin --totp-uri-out totp
"$tsp" key generate --user alice
"$tsp" cert issue --user alice
code=$(oathtool --totp -b "$(sed -E 's/.*[?&]secret=([A-Z2-7]+).*/\1/' totp)")
"$tsp" sign doc.pdf --user alice --pin-from file:pin --otp "$code" --visible 3:66,212,222,66
pdfsig -nocert doc-signed.pdf | grep -q 'Signature is Valid'
pdftotext -f 3 -l 3 doc-signed.pdf - | grep -q 'Alice Martin'
"$tsp" validate doc-signed.pdf | grep -q 'TOTAL-PASSED'
"$tsp" crl publish web
"$tsp" audit verify | grep -q '^intact'
