#!/usr/bin/env python3
"""Holds expected.json against the files: qpdf reads pages, version, encryption and fields; the kind of
cross-reference comes from the bytes. Needs qpdf. Prints differences, exits 1 on any."""
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def last_xref(data):
    origin = data.index(b"%PDF-")
    at = origin + int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    if data[at:at + 4] != b"xref":
        return "stream"
    trailer = data[data.index(b"trailer", at):]
    return "hybrid" if b"/XRefStm" in trailer else "table"


def facts(path, password):
    args = ["--password=" + password] if password else []
    check = subprocess.run(["qpdf", "--check", *args, path], capture_output=True, text=True)
    raw = subprocess.run(["qpdf", "--json=2", "--json-key=pages", "--json-key=acroform", "--json-key=encrypt",
                          "--json-key=qpdf", "--json-object=trailer", *args, path],
                         capture_output=True, text=True, check=True)
    doc = json.loads(raw.stdout)
    data = path.read_bytes()
    types = {"/Tx": "text", "/Btn": "button", "/Ch": "choice", "/Sig": "signature"}
    # A field whose widgets are apart shows up once a widget.
    fields = {f["fullname"]: types[f["fieldtype"]] for f in doc["acroform"]["fields"]}
    return {
        "pages": len(doc["pages"]),
        "pdf_version": doc["qpdf"][0]["pdfversion"],
        "xref": last_xref(data),
        "encrypted": doc["encrypt"]["encrypted"],
        "fields": [{"name": n, "type": t} for n, t in fields.items()],
        "qpdf_check": "clean" if check.returncode == 0 else check.stderr.strip(),
    }


def main():
    expected = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
    bad = 0
    for entry in expected:
        for key, value in facts(HERE / entry["file"], entry.get("password", "")).items():
            want = entry.get(key, "clean" if key == "qpdf_check" else None)
            if key == "fields":
                want = [{"name": f["name"], "type": f["type"]} for f in want]
            if value != want:
                print(f"{entry['file']}: {key} is {value!r}, expected {want!r}")
                bad += 1
    for name in sorted({p.name for p in HERE.glob("*.pdf")} ^ {e["file"] for e in expected}):
        print(f"{name}: only in the folder or only in expected.json")
        bad += 1
    print(f"check.py: {len(expected)} files, {bad} differences")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
