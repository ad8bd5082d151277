#!/usr/bin/env python3
"""Real documents through the whole program, judged by other programs: pdfsig, qpdf, openssl.

usage: documents_test.py --program TSP --template FOLDER --data TESTS_DATA

Five signers, one approval each, so that nothing waits for a new one-time code: alice signs every
document of tests/data/pdf in one call (a broken one among them, and two large ones), bob and carol
sign the results again, dave fills the signature fields that are there, and erin signs what is
broken but signable.
"""
import argparse
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import make_pdf
import pdf_signatures
from tsp_home import Failed, Tsp

LIMIT = 65          # seconds for one hostile file: what the jail allows (30 each time) on a busy machine
BROKEN = "broken.pdf"
VISIBLE = "1:36,36,200,60"


class Documents:
    def __init__(self, tsp, data):
        self.tsp, self.here = tsp, tsp.folder
        self.good, self.bad = data / "pdf", data / "pdf" / "bad"
        self.failures = []
        self.checked = 0

    def expect(self, condition, what):
        self.checked += 1
        if not condition:
            self.failures.append(what)

    def stage(self, name):
        folder = self.here / name
        folder.mkdir(exist_ok=True)
        return folder

    # One approval for all `files`; their outputs go to the folder `name` under their own names.
    # Returns the answers by file name.
    def sign(self, user, name, files, *options):
        folder = self.stage(name)
        for file in files:
            (folder / file.name).symlink_to(file)
        inputs = [folder / file.name for file in files]
        done = self.tsp.run("sign", *inputs, "--suffix", ".signed", "--json", *options,
                            *self.tsp.factors(user))
        answers = {}
        for line in done.stdout.splitlines():
            answer = json.loads(line)
            if "input" not in answer:
                raise Failed(f"{name}: {line}")
            answers[pathlib.Path(answer["input"]).name] = answer
        self.expect(len(answers) == len(files), f"{name}: one answer a file\n{done.stderr}")
        for file in files:
            (folder / file.name).unlink()
            signed = folder / f"{file.stem}.signed.pdf"
            if signed.exists():
                signed.rename(folder / file.name)
        leftovers = [p.name for p in folder.iterdir() if p.name not in {f.name for f in files}]
        self.expect(not leftovers, f"{name}: leftovers {leftovers}")
        return done.returncode, answers

    # `signed` is sound as far as others can tell, and holds `count` signatures.
    def judge(self, original, signed, count):
        name = f"{signed.parent.name}/{signed.name}"
        before, after = original.read_bytes(), signed.read_bytes()
        self.expect(after.startswith(before) and len(after) > len(before),
                    f"{name}: the original is not a verbatim prefix")
        report = tool("pdfsig", signed)
        verdicts = re.findall(r"Signature Validation: (.*)", report)
        self.expect(verdicts == ["Signature is Valid."] * count,
                    f"{name}: {count} valid signatures expected, pdfsig says {verdicts}\n{report}")
        self.expect(report.count("Total document signed") == 1,
                    f"{name}: the last signature does not cover everything")
        new = set(warnings(signed)) - set(warnings(original))
        self.expect(not new, f"{name}: qpdf --check finds {sorted(new)}")

    # OpenSSL's opinion of every signature and signature time-stamp.
    def judge_by_openssl(self, signed, stamped):
        name = f"{signed.parent.name}/{signed.name}"
        found = pdf_signatures.signatures(signed.read_bytes())
        self.expect(found and found[-1].covers_all, f"{name}: the last byte range covers the file")
        with tempfile.TemporaryDirectory(dir=self.here) as scratch:
            scratch = pathlib.Path(scratch)
            cms, content, token = (scratch / part for part in ("cms", "content", "token"))
            for index, signature in enumerate(found, 1):
                cms.write_bytes(signature.cms)
                content.write_bytes(signature.content)
                done = openssl("cms", "-verify", "-cades", "-inform", "DER", "-in", cms, "-content",
                               content, "-binary", "-purpose", "any", "-CAfile", self.tsp.root(),
                               "-out", "/dev/null")
                self.expect(done.returncode == 0, f"{name}: openssl cms, signature {index}: {done.stderr}")
                stamp = pdf_signatures.timestamp(signature.cms)
                self.expect((stamp is not None) == (index in stamped),
                            f"{name}: time-stamp of signature {index}")
                if stamp is None:
                    continue
                token.write_bytes(stamp)
                content.write_bytes(pdf_signatures.signature_value(signature.cms))
                done = openssl("ts", "-verify", "-in", token, "-token_in", "-data", content,
                               "-CAfile", self.tsp.root(), "-untrusted", self.tsp.issuing())
                self.expect("Verification: OK" in done.stdout,
                            f"{name}: openssl ts, signature {index}: {done.stdout}{done.stderr}")

    def validate(self, files):
        done = self.tsp.run("validate", "--json", *files)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        self.expect(len(answers) == len(files), f"tsp validate: one answer a file\n{done.stderr}")
        for answer in answers:
            self.expect(answer.get("indication") == "TOTAL-PASSED",
                        f"tsp validate: {json.dumps(answer)[:1500]}")

    # ---- what is signed ----

    def good_documents(self):
        table = json.loads((self.good / "expected.json").read_text())
        signable = [self.good / e["file"] for e in table if e["signable"]]
        refused = [self.good / e["file"] for e in table if not e["signable"]]
        broken = self.here / BROKEN
        broken.write_bytes((self.bad / "truncated-half.pdf").read_bytes())
        pages, big = self.here / "pages.pdf", self.here / "big.pdf"
        make_pdf.pages(1000, pages)
        make_pdf.size(20_000_000, big)
        signable += [pages, big]

        status, first = self.sign("alice", "first", [*refused, *signable, broken], "--level", "B-B")
        self.expect(status == 11 if refused else 1, f"first: exit {status}")
        for file in (*refused, broken):
            code = first[file.name].get("error", {}).get("exit")
            self.expect(code in (1, 11), f"{file.name}: refused with exit {code}")
            self.expect(not (self.here / "first" / file.name).exists(), f"{file.name}: has an output")
        chain, origins = [first], {file.name: file for file in signable}
        done = self.signed_of("first", signable, first)
        for user, name, options in (("bob", "second", ["--level", "B-T", "--reason", "Checked"]),
                                    ("carol", "third", ["--level", "B-B", "--visible", VISIBLE])):
            status, answers = self.sign(user, name, done, *options)
            self.expect(status == 0, f"{name}: exit {status}")
            chain.append(answers)
            done = self.signed_of(name, done, answers)
        return [origins[file.name] for file in done]

    def signed_of(self, name, files, answers):
        for file in files:
            self.expect("error" not in answers[file.name],
                        f"{name}/{file.name}: {answers[file.name].get('error')}")
        return [self.here / name / f.name for f in files if (self.here / name / f.name).exists()]

    # The empty signature field of each form, whatever it is called; the first where several.
    def fields(self):
        table = json.loads((self.good / "expected.json").read_text())
        forms = [self.good / e["file"] for e in table if e["signable"]
                 and any(f["name"] == "Signature1" and f["type"] == "signature" for f in e["fields"])]
        status, answers = self.sign("dave", "fields", forms, "--level", "B-T", "--field", "Signature1")
        self.expect(status == 0, f"fields: exit {status}")
        done = self.signed_of("fields", forms, answers)
        for file in done:
            report = tool("pdfsig", file)
            self.expect("Signature Field Name: Signature1" in report, f"{file.name}: {report}")
        return forms

    # Every hostile file by itself: refused with the exit status that is expected of it, or signable.
    # Nothing is signed here. Returns what is wrong, and whether it can be signed.
    def hostile(self, case):
        file = self.bad / case["file"]
        output = self.here / "hostile.pdf"
        try:
            done = self.tsp.run("sign", file, "--dry-run", "--user", "alice", "--level", "B-B", "-o",
                                output, limit=LIMIT)
            problem = self.hostile_to_validate(case, file)
        except subprocess.TimeoutExpired as slow:
            return f"{file.name}: {slow.cmd[1]} did not end in {slow.timeout} s", False
        if done.returncode == 0:
            return (f"{file.name}: must be refused" if case["sign"] == "refuse" else problem), True
        allowed = {case["exit"]} if "exit" in case else {1, 11}
        sound = done.returncode in allowed and done.stderr.startswith("tsp: ") and not done.stdout
        return problem if sound else f"{file.name}: exit {done.returncode}: {done.stderr}", False

    # No verdict is a good one: an error (what no reader makes sense of, or a password that is
    # missing), or one object that says that there is no valid signature.
    def hostile_to_validate(self, case, file):
        done = self.tsp.run("validate", "--json", file, limit=LIMIT)
        said = f"{file.name}: tsp validate: exit {done.returncode}: {done.stdout[:500]}{done.stderr}"
        lines = done.stdout.splitlines()
        if len(lines) != 1:
            return said
        answer = json.loads(lines[0])
        if "error" in answer:
            password = case.get("exit") == 11
            sound = answer["error"]["exit"] == done.returncode == (11 if password else 1)
        else:
            wanted = {3: "TOTAL-FAILED", 4: "INDETERMINATE"}.get(done.returncode)
            sound = wanted is not None and answer["indication"] == wanted
        return "" if sound else said

    def broken(self):
        cases = json.loads((self.bad / "cases.json").read_text())
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(self.hostile, cases))
        for problem, _ in answers:
            self.expect(not problem, problem)
        odd = [self.bad / case["file"] for case, (_, signable) in zip(cases, answers) if signable]
        refused = [(self.bad / case["file"], case.get("exit")) for case, (_, signable)
                   in zip(cases, answers) if not signable and not case["file"].startswith("bomb-")]
        status, outcome = self.sign("erin", "odd", [*odd, *(file for file, _ in refused)], "--level",
                                    "B-B")
        self.expect(status == 11, f"odd: exit {status}")
        for file, wanted in refused:
            code = outcome[file.name].get("error", {}).get("exit")
            self.expect(code == wanted or (wanted is None and code in (1, 11)),
                        f"odd/{file.name}: refused with exit {code}")
            self.expect(not (self.here / "odd" / file.name).exists(), f"odd/{file.name}: has an output")
        for file in self.signed_of("odd", odd, outcome):
            before = (self.bad / file.name).read_bytes()
            self.expect(file.read_bytes().startswith(before), f"odd/{file.name}: changed earlier bytes")

    def run(self):
        for user, name in (("bob", "Bob Bauer"), ("carol", "Carol Ćwik"), ("dave", "Dave Dubois"),
                           ("erin", "Ελένη Παππά")):
            self.tsp.enroll(user, name, "rsa-3072" if user == "dave" else "ecdsa-p256")
        originals = self.good_documents()
        forms = self.fields()
        self.broken()
        results = []        # original, signed, number of signatures, which of them are time-stamped
        for count, name in enumerate(("first", "second", "third"), 1):
            results += [(file, self.here / name / file.name, count, {2} if count >= 2 else set())
                        for file in originals]
        results += [(file, self.here / "fields" / file.name, 1, {1}) for file in forms]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            jobs = [pool.submit(self.judge, *result[:3]) for result in results]
            jobs += [pool.submit(self.judge_by_openssl, result[1], result[3]) for result in results
                     if result[1].parent.name != "first"]
            for job in jobs:
                job.result()
        self.validate([result[1] for result in results if result[1].parent.name in ("third", "fields")])


def tool(*words):
    """Standard output of a program that may not hang nor talk for ever."""
    done = subprocess.run([str(word) for word in words], capture_output=True, timeout=60, check=False)
    return done.stdout[:1 << 20].decode(errors="replace")


def openssl(*words):
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True,
                          errors="replace", timeout=60, check=False)


def warnings(path):
    done = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, errors="replace",
                          timeout=60, check=False)
    return [re.sub(r"\(.*?offset \d+\)", "", line.replace(str(path), ""))
            for line in done.stderr.splitlines()]


def main():
    parser = argparse.ArgumentParser()
    for name in ("--program", "--template", "--data"):
        parser.add_argument(name, type=pathlib.Path, required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tsp-documents-") as folder:
        documents = Documents(Tsp(given.program.absolute(), given.template, folder), given.data.absolute())
        try:
            documents.run()
        except Failed as failed:
            documents.failures.append(str(failed))
    for failure in documents.failures:
        print(failure)
    print(f"{documents.checked} facts held against, {len(documents.failures)} failures")
    return 1 if documents.failures else 0


if __name__ == "__main__":
    sys.exit(main())
