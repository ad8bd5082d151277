#!/usr/bin/env bash
# Makes the seeds of the fuzz targets with other people's programs (openssl 3, qpdf), by hand:
#
#   tests/fuzz/corpus/make.sh
#
# Keys are new in every run and thrown away, so the files differ; only missing ones are written.
# manifest, device_* and machine_credential are the examples of docs/formats, and are not made here.
# Inputs that a fuzzer found stand beside the seeds as found-*, and are kept.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# put TARGET/NAME < octets
put() {
  mkdir -p "$here/${1%/*}"
  if [ -e "$here/$1" ]; then cat >/dev/null; else cat >"$here/$1"; fi
}

cat >ca.cnf <<'END'
[req]
distinguished_name = dn
[dn]
[ca_ext]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[signer_ext]
keyUsage = critical, nonRepudiation
authorityKeyIdentifier = keyid
crlDistributionPoints = URI:http://pki.example/ca.crl
authorityInfoAccess = OCSP;URI:http://pki.example/ocsp, caIssuers;URI:http://pki.example/ca.cer
certificatePolicies = 2.25.1
subjectAltName = email:ada@example.org, DNS:example.org
[tsa_ext]
extendedKeyUsage = critical, timeStamping
keyUsage = critical, digitalSignature
[ocsp_ext]
extendedKeyUsage = OCSPSigning
noCheck = ignored
[ca]
default_ca = here
[here]
database = index.txt
default_md = sha256
default_crl_days = 30
crl_extensions = crl_ext
crlnumber = crlnumber
certificate = ca.pem
private_key = ca.key
serial = serial
policy = any
new_certs_dir = .
default_days = 30
[any]
commonName = supplied
[crl_ext]
authorityKeyIdentifier = keyid
[tsa]
default_tsa = tsa_here
[tsa_here]
serial = tsa_serial
signer_cert = tsa.pem
signer_key = tsa.key
certs = ca.pem
default_policy = 2.25.2
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500, microsecs:100
ordering = yes
ess_cert_id_alg = sha256
signer_digest = sha256
END
touch index.txt
echo 1000 >serial
echo 01 >crlnumber
echo 01 >tsa_serial

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }
key ca.key
openssl req -x509 -new -key ca.key -subj "/C=XX/O=Example/CN=Root \xd0\x96" -utf8 -days 30 \
  -config ca.cnf -extensions ca_ext -out ca.pem
for name in signer tsa ocsp; do
  key $name.key
  openssl req -new -key $name.key -subj "/CN=$name" -config ca.cnf -out $name.csr
  openssl ca -batch -config ca.cnf -in $name.csr -extensions ${name}_ext -out $name.pem 2>/dev/null
done
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key 2>/dev/null
openssl req -x509 -new -key rsa.key -subj "/CN=rsa" -days 30 -config ca.cnf -sha256 -out rsa.pem

for name in ca signer tsa ocsp rsa; do openssl x509 -in $name.pem -outform DER | put certificate/$name.der; done

openssl ca -config ca.cnf -gencrl 2>/dev/null | openssl crl -outform DER | put crl/empty.crl
openssl ca -config ca.cnf -revoke signer.pem -crl_reason keyCompromise 2>/dev/null
openssl ca -config ca.cnf -gencrl 2>/dev/null | openssl crl -outform DER | put crl/one.crl

openssl ocsp -issuer ca.pem -cert signer.pem -cert tsa.pem -reqout request.der 2>/dev/null
put ocsp_request/two.der <request.der
openssl ocsp -sha256 -no_nonce -issuer ca.pem -cert signer.pem -reqout plain.der 2>/dev/null
put ocsp_request/sha256.der <plain.der
openssl ocsp -index index.txt -rsigner ocsp.pem -rkey ocsp.key -CA ca.pem -reqin request.der \
  -respout answer.der -ndays 3 >/dev/null 2>&1
put ocsp_response/two.der <answer.der
printf '\x30\x03\x0a\x01\x06' | put ocsp_response/unauthorised.der

echo text >text
for hash in sha256 sha512; do
  openssl ts -query -data text -$hash -cert -out query.tsq 2>/dev/null
  put timestamp_request/$hash.tsq <query.tsq
  openssl ts -reply -config ca.cnf -section tsa_here -queryfile query.tsq -out reply.tsr 2>/dev/null
  put timestamp_reply/$hash.tsr <reply.tsr
  openssl ts -reply -in reply.tsr -token_out -out token.der 2>/dev/null
  put cms_parse/token-$hash.der <token.der
  openssl cms -verify -noverify -in token.der -inform DER -out info.der 2>/dev/null
  put tst_info/$hash.der <info.der
done
openssl ts -query -data text -no_nonce -tspolicy 2.25.9 -out query.tsq 2>/dev/null
openssl ts -reply -config ca.cnf -section tsa_here -queryfile query.tsq -out reply.tsr 2>/dev/null
put timestamp_reply/rejected.tsr <reply.tsr

cms() { openssl cms -sign -in text -signer signer.pem -inkey signer.key -outform DER "$@"; }
cms -cades -binary | put cms_parse/cades.der
cms -binary -nodetach -certfile ca.pem | put cms_parse/attached.der
cms -binary -stream -nodetach | put cms_parse/ber.der
cms -binary -keyid -noattr | put cms_parse/keyid-no-attributes.der
openssl cms -sign -in text -signer rsa.pem -inkey rsa.key -keyopt rsa_padding_mode:pss \
  -outform DER -binary | put cms_parse/pss.der
openssl asn1parse -in ca.pem -out ca.der >/dev/null
put der_children/certificate.der <ca.der
printf '\x30\x06\x06\x01\x2a\x31\x01\x05' | put der_children/short.der

printf '{"a":[1,-2.5e3,true,null,"\\u0436\\ud83d\\ude00 \xd0\x96"],"b":{"c":{}}}' | put json/all.json
printf '{"a":1,"a":2}' | put json/twice.json
printf '[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]' | put json/deep.json

printf '\x00\x00\x00\x04\x00abc' | put jail_reply/result
printf '\x00\x00\x00\x15\x01\x00\x00\x00\x09bad_input\x00\x00\x00\x00' | put jail_reply/error

cat <<'END' | put profile/everything.yaml
name: everything
role: tsa
subject: service
lifetime: 400d
longest_lifetime: 800d
key_usage: [digitalSignature]
extended_key_usage: [timeStamping]
extended_key_usage_critical: true
private_key_usage: 365d
policies: [test, 2.25.7]
required_subject: [country, organization, common_name]
algorithms: [ecdsa-p256, rsa-3072]
END
printf 'a: &x [1]\nb: *x\n' | put profile/alias.yaml

# A small file to start from: what matters to a fuzzer of PDFs is brevity.
cat >tiny.pdf <<'END'
%PDF-1.7
1 0 obj
<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>/DSS<</Certs[]>>>>
endobj
2 0 obj
<</Type/Pages/Kids[3 0 R]/Count 1>>
endobj
3 0 obj
<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Annots[4 0 R]>>
endobj
4 0 obj
<</FT/Sig/T(s)/Type/Annot/Subtype/Widget/Rect[1 1 9 9]/P 3 0 R/Lock<</Type/SigFieldLock/Action/All>>>>
endobj
trailer
<</Size 5/Root 1 0 R>>
startxref
0
%%EOF
END
qpdf --warning-exit-0 --object-streams=disable tiny.pdf table.pdf 2>/dev/null
qpdf --warning-exit-0 --object-streams=generate tiny.pdf stream.pdf 2>/dev/null
for target in pdf_inspect pdf_prepare pdf_store; do
  put $target/table.pdf <table.pdf
  put $target/stream.pdf <stream.pdf
done

# Single objects, as qpdf writes them.
for object in 1 3 4 trailer; do qpdf --show-object=$object table.pdf | put pdf_value/$object; done

png='iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAYAAABytg0kAAAAFklEQVR4nGP4z8DwH4QZYAwGBoYGAFA3Bv/g1nTTAAAAAElFTkSuQmCC'
echo "$png" | base64 -d | put picture/rgba.png

# Trusted lists, signed by xmlsec1.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout list.key -out list.pem \
  -days 36500 -subj '/CN=TEST seed' 2>/dev/null
cat >national.json <<'END'
{"key": "list.key", "certificate": "list.pem", "services": [
  {"certificates": ["list.pem"], "ski": "AQIDBA==", "status": "withdrawn", "from": "2024-01-01T00:00:00Z",
   "additional": ["http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForeSignatures"],
   "history": [{"status": "granted", "from": "2020-01-01T00:00:00Z"}]},
  {"type": "TSA/QTST", "certificates": ["list.pem"], "critical": "Unknown"}]}
END
cat >lists.json <<'END'
{"key": "list.key", "certificate": "list.pem", "type": "EUlistofthelists", "pointers": [
  {"location": "http://127.0.0.1:1/xx.xml", "signers": ["list.pem"], "territory": "XX"},
  {"location": "http://127.0.0.1:1/xx.pdf", "media": "application/pdf"}]}
END
for list in national lists; do
  python3 -B "$here/../../support/trusted_list.py" $list.json $list.xml
  put trusted_list/$list.xml <$list.xml
done
put xml_signature/xades.xml <national.xml
printf '<a xmlns="urn:a" xmlns:b="urn:b" b:x="1"><!-- c --><b:c xml:lang="en">&lt;<![CDATA[ ]]></b:c></a>' |
  put xml_signature/plain.xml
printf '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a>&z;</a>' | put xml_signature/doctype.xml
