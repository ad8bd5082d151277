#!/usr/bin/env python3
"""Attacks on signed PDFs, each named after its publication.

    make.py prepare DATA TO       documents that an attacker prepares, to be signed
    make.py attack SIGNED TO      files made of the signed documents in a folder, which also holds
                                  a certificate, evidence.der

A file's name is the expected verdict, a dot, and the attack: "failed-format-failure.usf-…",
"indeterminate-sig-constraints-failure.isa-…"; "not-passed.…" where more than one verdict is right
(which one a reader of damaged files gives is another test's matter), "passed.…" for benign siblings.

Publications:
  usf, swa, isa    Mladenov et al., 1 Trillion Dollar Refund, CCS 2019 (universal signature
                   forgery, signature wrapping, incremental saving attack)
  shadow-…         Mainka et al., Shadow Attacks: Hiding and Replacing Content in Signed PDFs, NDSS
                   2021 (hide, replace, hide and replace)
  eaa, ssa         Rohlmann et al., Breaking the Specification: PDF Certification, S&P 2021 (evil
                   annotation, sneaky signature)
  mdp              permissions and their bypass, ISO 32000-2 12.8.2, and the same paper, section 6
  range, xref,     byte ranges, cross-reference data and object streams that two readers read in two
  objects, dss,    ways; the security store, metadata, collections and scripts as a cloak;
  collection,      polyglots: Mueller et al., Portable Document Flaws 101 (2020), Wolf,
  metadata,        OMG-WTF-PDF (27C3), Albertini, This PDF is a … (PoC||GTFO)
  polyglot
"""
import os
import sys

import registry
from registry import ATTACKS, PREPARED
from surgery import stream


def write(path, octets):
    with open(path, "wb") as file:
        file.write(octets)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def main():
    command, source, target = sys.argv[1:]
    os.makedirs(target, exist_ok=True)
    if command == "attack":
        registry.EVIDENCE = stream(read(source + "/evidence.der"))
    # They take the evidence when they are loaded.
    import forgery, shadow, tiles, certified, structure, cloaks, roles, stamps  # noqa: E401,F401
    import shapes, fields, siblings, readers, references  # noqa: E401,F401
    if command == "prepare":
        for name, base, make in PREPARED:
            write("%s/%s.pdf" % (target, name), make(read("%s/%s.pdf" % (source, base))))
    else:
        names = set()
        for base, verdict, name, make in ATTACKS:
            assert name not in names, name
            names.add(name)
            try:
                octets = make(read("%s/%s.pdf" % (source, base)))
            except Exception as error:
                sys.exit("%s of %s: %s" % (name, base, error))
            write("%s/%s.%s.pdf" % (target, verdict, name), octets)


if __name__ == "__main__":
    main()
