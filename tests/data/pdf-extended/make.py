#!/usr/bin/env python3
"""Signed by pyHanko and then changed as honest programs do it: pyHanko, PyMuPDF, pypdf, qpdf.

    pip install pyhanko pymupdf pypdf; make.py PDFS TO      (PDFS: tests/data/pdf)

Keys are new in every run and thrown away. README.md names the versions of the files here.
"""
import datetime
import subprocess
import sys

import pymupdf
import pypdf
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pyhanko.keys.internal import (translate_pyca_cryptography_cert_to_asn1,
                                   translate_pyca_cryptography_key_to_asn1)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

PDFS, TO = sys.argv[1:]
NOW = datetime.datetime.now(datetime.timezone.utc)
FROM, UNTIL = NOW - datetime.timedelta(days=1), datetime.datetime(2049, 1, 1)


def name(common):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])


def certificate(common, key, issuer, issuer_key, extensions):
    builder = (x509.CertificateBuilder().subject_name(name(common)).issuer_name(name(issuer))
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(FROM).not_valid_after(UNTIL)
               .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
               .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(
                   issuer_key.public_key()), False))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


def usage(**bits):
    every = dict.fromkeys(("digital_signature", "content_commitment", "key_encipherment",
                           "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
                           "encipher_only", "decipher_only"), False)
    return x509.KeyUsage(**(every | bits))


def keys():
    return ec.generate_private_key(ec.SECP256R1())


ROOT_KEY, SIGNER_KEY = keys(), keys()
TSA_KEY = rsa.generate_private_key(65537, 3072)
ROOT = certificate("TEST Root of pdf-extended", ROOT_KEY, "TEST Root of pdf-extended", ROOT_KEY, [
    (x509.BasicConstraints(True, None), True), (usage(key_cert_sign=True, crl_sign=True), True)])
SIGNER = certificate("Ada Example", SIGNER_KEY, "TEST Root of pdf-extended", ROOT_KEY, [
    (x509.BasicConstraints(False, None), True), (usage(content_commitment=True), True)])
TSA = certificate("TEST TSA of pdf-extended", TSA_KEY, "TEST Root of pdf-extended", ROOT_KEY, [
    (x509.BasicConstraints(False, None), True), (usage(digital_signature=True), True),
    (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING]), True)])
CRL = (x509.CertificateRevocationListBuilder().issuer_name(ROOT.subject).last_update(NOW)
       .next_update(NOW + datetime.timedelta(days=3))
       .add_extension(x509.CRLNumber(1), False)
       .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ROOT_KEY.public_key()),
                      False).sign(ROOT_KEY, hashes.SHA256()))


def asn1(of):
    return translate_pyca_cryptography_cert_to_asn1(of)


def asn1_key(key):
    return translate_pyca_cryptography_key_to_asn1(key)


REGISTRY = SimpleCertificateStore()
REGISTRY.register_multiple([asn1(ROOT)])
SIGN = signers.SimpleSigner(signing_cert=asn1(SIGNER), signing_key=asn1_key(SIGNER_KEY),
                            cert_registry=REGISTRY)
STAMPER = timestamps.DummyTimeStamper(asn1(TSA), asn1_key(TSA_KEY), certs_to_embed=REGISTRY)


def context():
    return ValidationContext(trust_roots=[asn1(ROOT)], crls=[CRL.public_bytes(
        serialization.Encoding.DER)], other_certs=[asn1(SIGNER), asn1(TSA)], allow_fetching=False,
        revocation_mode="require", moment=NOW + datetime.timedelta(seconds=5))


def sign(source, target, field="Ada", stamped=False, **settings):
    with open(source, "rb") as document:
        writer = IncrementalPdfFileWriter(document, strict=False)
        new = settings.pop("new", None)
        signers_meta = signers.PdfSignatureMetadata(
            field_name=field, subfilter=fields.SigSeedSubFilter.PADES,
            validation_context=context() if settings.get("embed_validation_info") else None,
            md_algorithm="sha256", **settings)
        out = signers.PdfSigner(signers_meta, SIGN, timestamper=STAMPER if stamped else None,
                                new_field_spec=new).sign_pdf(writer)
    with open(target, "wb") as file:
        file.write(out.getvalue())


def stamp(source, target):
    with open(source, "rb") as document:
        out = signers.PdfTimeStamper(STAMPER).timestamp_pdf(
            IncrementalPdfFileWriter(document, strict=False), "sha256", context())
    with open(target, "wb") as file:
        file.write(out.getvalue())


def copied(source, target):
    with open(source, "rb") as old, open(target, "wb") as new:
        new.write(old.read())


def by_pymupdf(source, target, change):
    copied(source, target)
    document = pymupdf.open(target)
    change(document)
    document.saveIncr()


def fill_by_pymupdf(document):
    for widget in document[0].widgets():
        if widget.field_name == "place":
            widget.field_value = "Lisbon"
            widget.update()


def fill_by_pypdf(source, target):
    writer = pypdf.PdfWriter(source, incremental=True)
    writer.update_page_form_field_values(writer.pages[0], {"place": "Lisbon"}, auto_regenerate=False)
    with open(target, "wb") as file:
        writer.write(file)


def main():
    def pdf(which):
        return "%s/%s.pdf" % (PDFS, which)

    def made(which):
        return "%s/%s.pdf" % (TO, which)

    long_term = {"stamped": True, "embed_validation_info": True}
    sign(pdf("form-signature"), made("pyhanko-signed"), "Signature1")
    sign(pdf("form-signature-xref-stream"), made("pyhanko-signed-streams"), "Signature1")
    sign(pdf("form-signature"), made("pyhanko-long-term"), "Signature1", **long_term)
    sign(pdf("form-signature-xref-stream"), made("pyhanko-archived-streams"), "Signature1",
         use_pades_lta=True, **long_term)
    stamp(made("pyhanko-archived-streams"), made("pyhanko-archived-again"))
    sign(made("pyhanko-signed"), made("pyhanko-twice-invisible"), "Bea")
    sign(made("pyhanko-signed"), made("pyhanko-twice-visible"), "Bea", new=fields.SigFieldSpec(
        "Bea", box=(300, 100, 500, 160)))
    sign(pdf("form-signature"), made("pyhanko-certified"), "Signature1", certify=True,
         docmdp_permissions=fields.MDPPerm.FILL_FORMS, **long_term)
    by_pymupdf(made("pyhanko-certified"), made("pymupdf-filled-certified"), fill_by_pymupdf)
    by_pymupdf(made("pyhanko-signed"), made("pymupdf-filled"), fill_by_pymupdf)
    by_pymupdf(made("pyhanko-signed"), made("pymupdf-information"),
               lambda document: document.set_metadata({"title": "Another"}))
    by_pymupdf(made("pyhanko-signed"), made("pymupdf-xmp"), lambda document:
               document.set_xml_metadata("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"))
    fill_by_pypdf(made("pyhanko-signed"), made("pypdf-filled"))
    linear = made("linearised")
    subprocess.run(["qpdf", "--linearize", pdf("form-signature"), linear], check=True)
    sign(linear, made("pyhanko-linearised-archived"), "Signature1", use_pades_lta=True, **long_term)
    subprocess.run(["qpdf", "--linearize", "--object-streams=generate", pdf("form-signature"),
                    linear], check=True)
    sign(linear, made("pyhanko-linearised-streams-archived"), "Signature1", use_pades_lta=True,
         **long_term)
    subprocess.run(["rm", linear], check=True)
    with open(TO + "/root.pem", "wb") as file:
        file.write(ROOT.public_bytes(serialization.Encoding.PEM))
    with open(TO + "/root.crl", "wb") as file:
        file.write(CRL.public_bytes(serialization.Encoding.DER))


if __name__ == "__main__":
    main()
