#!/usr/bin/env python3
"""Makes a trusted list (ETSI TS 119 612) and has xmlsec1 sign it.

usage: trusted_list.py SPEC.json OUT.xml

All members of SPEC may be left out:
  key, certificate   PEM files of the signer; without them the list is not signed
  operator, territory, type ("EUgeneric"; "EUlistofthelists"), sequence, issued, next_update
                     (null: closed), version, namespace
  pointers           [{location, territory, type, media, signers: [PEM files]}]
  services           [{provider, name, type, certificates: [PEM files], ski, status, from,
                       history: [{type, status, from}], additional: [URI], critical: NAME}]
  xades              false: without signed properties; names: another certificate to name there
  more               XML put into SchemeInformation; prolog: text before the root element
Types and statuses are the last parts of their URIs: "CA/QC", "granted".
"""
import base64
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
from xml.sax.saxutils import escape

TSL = "http://uri.etsi.org/02231/v2#"
TYPES = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/"
SERVICES = "http://uri.etsi.org/TrstSvc/Svctype/"
STATUSES = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
EXCLUSIVE = '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'


def der_of(pem):
    lines = pathlib.Path(pem).read_text().split("-----BEGIN CERTIFICATE-----")[1]
    return base64.b64decode(lines.split("-----END CERTIFICATE-----")[0])


def tag(name, content):
    return f"<{name}>{content}</{name}>"


def names(name, text):
    return tag(name, f'<Name xml:lang="de">de {escape(text)}</Name>'
                     f'<Name xml:lang="en">{escape(text)}</Name>')


def certificates(pems):
    return "".join(tag("DigitalId", tag("X509Certificate", base64.encodebytes(der_of(pem)).decode()))
                   for pem in pems)


def pointer(spec):
    more = tag("OtherInformation", tag("TSLType", TYPES + spec.get("type", "EUgeneric")))
    more += tag("OtherInformation", tag("SchemeTerritory", spec.get("territory", "XX")))
    more += tag("OtherInformation", '<x:MimeType xmlns:x="http://uri.etsi.org/02231/v2/additionaltypes#">'
                + spec.get("media", "application/vnd.etsi.tsl+xml") + "</x:MimeType>")
    identities = tag("ServiceDigitalIdentity", certificates(spec.get("signers", [])))
    return tag("OtherTSLPointer", tag("ServiceDigitalIdentities", identities)
               + tag("TSLLocation", escape(spec["location"])) + tag("AdditionalInformation", more))


def status(spec, service):
    return (tag("ServiceTypeIdentifier", SERVICES + spec.get("type", service.get("type", "CA/QC")))
            + names("ServiceName", service.get("name", "Example CA")),
            tag("ServiceStatus", STATUSES + spec.get("status", "granted"))
            + tag("StatusStartingTime", spec.get("from", "2020-01-01T00:00:00Z")))


def extensions(spec):
    out = "".join('<Extension Critical="true">' + tag("AdditionalServiceInformation",
                  f'<URI xml:lang="en">{uri}</URI>') + "</Extension>" for uri in spec.get("additional", []))
    if "critical" in spec:
        out += f'<Extension Critical="true"><y:{spec["critical"]} xmlns:y="urn:test:ext"/></Extension>'
    return tag("ServiceInformationExtensions", out) if out else ""


def service(spec):
    head, tail = status(spec, spec)
    identity = certificates(spec.get("certificates", []))
    if "ski" in spec:
        identity += tag("DigitalId", tag("X509SKI", spec["ski"]))
    out = tag("ServiceInformation", head + tag("ServiceDigitalIdentity", identity) + tail + extensions(spec))
    history = ""
    for old in spec.get("history", []):
        head, tail = status(old, spec)
        history += tag("ServiceHistoryInstance", head + tag("ServiceDigitalIdentity", tag(
            "DigitalId", tag("X509SKI", "AAAA"))) + tail)
    return tag("TSPService", out + (tag("ServiceHistory", history) if history else ""))


def provider(spec):
    return tag("TrustServiceProvider",
               tag("TSPInformation", names("TSPName", spec.get("provider", "Example TSP")))
               + tag("TSPServices", service(spec)))


def signature(spec):
    if "key" not in spec:
        return ""
    named = hashlib.sha256(der_of(spec.get("names", spec["certificate"]))).digest()
    digest = '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
    properties = reference = ""
    if spec.get("xades", True):
        reference = ('<ds:Reference URI="#signed-properties" Type="http://uri.etsi.org/01903#SignedProperties">'
                     f'<ds:Transforms>{EXCLUSIVE}</ds:Transforms>{digest}<ds:DigestValue/></ds:Reference>')
        properties = (
            f'<ds:Object><xades:QualifyingProperties xmlns:xades="{XADES}" Target="#signature">'
            '<xades:SignedProperties Id="signed-properties"><xades:SignedSignatureProperties>'
            '<xades:SigningTime>2026-11-01T00:00:00Z</xades:SigningTime><xades:SigningCertificateV2>'
            f'<xades:Cert><xades:CertDigest>{digest}<ds:DigestValue>{base64.b64encode(named).decode()}'
            '</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2>'
            '</xades:SignedSignatureProperties></xades:SignedProperties></xades:QualifyingProperties></ds:Object>')
    return (
        '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="signature"><ds:SignedInfo>'
        '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
        '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>'
        '<ds:Reference URI=""><ds:Transforms>'
        '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>'
        f'{EXCLUSIVE}</ds:Transforms>{digest}<ds:DigestValue/></ds:Reference>{reference}</ds:SignedInfo>'
        f'<ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo>{properties}</ds:Signature>')


def list_of(spec):
    next_update = spec.get("next_update", "2030-01-01T00:00:00Z")
    scheme = (
        tag("TSLVersionIdentifier", spec.get("version", 6))
        + tag("TSLSequenceNumber", spec.get("sequence", 1))
        + tag("TSLType", TYPES + spec.get("type", "EUgeneric"))
        + names("SchemeOperatorName", spec.get("operator", "Example Scheme Operator"))
        + tag("SchemeTerritory", spec.get("territory", "XX"))
        + tag("PointersToOtherTSL", "".join(pointer(each) for each in spec.get("pointers", [])))
        + tag("ListIssueDateTime", spec.get("issued", "2026-01-01T00:00:00Z"))
        + tag("NextUpdate", tag("dateTime", next_update) if next_update else "")
        + spec.get("more", ""))
    providers = "".join(provider(each) for each in spec.get("services", []))
    body = tag("SchemeInformation", scheme) + (tag("TrustServiceProviderList", providers) if providers else "")
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + spec.get("prolog", "")
            + f'<TrustServiceStatusList xmlns="{spec.get("namespace", TSL)}" Id="list" '
            'TSLTag="http://uri.etsi.org/19612/TSLTag">' + body + signature(spec) + "</TrustServiceStatusList>\n")


def make(spec, out):
    text = list_of(spec)
    if "key" not in spec:
        pathlib.Path(out).write_text(text)
        return
    with tempfile.NamedTemporaryFile("w", suffix=".xml") as template:
        template.write(text)
        template.flush()
        subprocess.run(["xmlsec1", "--sign", "--privkey-pem", f'{spec["key"]},{spec["certificate"]}',
                        "--id-attr:Id", f"{XADES}:SignedProperties", "--output", out, template.name],
                       check=True, capture_output=True)


if __name__ == "__main__":
    make(json.loads(pathlib.Path(sys.argv[1]).read_text()), sys.argv[2])
