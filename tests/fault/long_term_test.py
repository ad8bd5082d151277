#!/usr/bin/env python3
"""Trouble on the way to B-LT and B-LTA: a signing or an extension that is killed, or whose disk or
HSM fails, between signature, time-stamp, evidence and the last time-stamp. No half file, no lost
original, no time-stamp without its record; what failed is finished without a new approval, and
what was killed by the next run."""
import hashlib
import re
import shutil
import unittest

from disk_test import AFTER, BEFORE, HSM, OTHER, OUTPUT
from house import (DOCUMENT, KILLED, House, at_each, elements, open_intents, phases, results,
                   signature_and_token)
from hsm_test import DEVICE_REMOVED

MISSING = (4, "evidence-missing")
TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")  # the content type of a time-stamp token


def check_long_term(house, path, level, records):
    """A whole document that is valid at that level, with everything that was made for it on record."""
    seen = house.run("validate", str(path), "--offline")
    assert seen.status == 0, f"{path.name}: {seen}"
    signature = seen.objects()[0]["signatures"][0]
    assert signature["level"] == level, f"{path.name} is {signature['level']}"
    signed = {r["details"]["signature_sha256"] for r in results(records, "sign")}
    stamped = {r["details"]["token_sha256"] for r in results(records, "timestamp")}
    sha256 = lambda octets: hashlib.sha256(octets).hexdigest()
    for contents in re.findall(rb"/Contents\s*<([0-9a-fA-F]{64,})>", path.read_bytes()):
        whole = next(elements(bytes.fromhex(contents.decode())))[2]
        if TST_INFO in whole[:64]:
            assert sha256(whole) in stamped, f"{path.name}: a document time-stamp is not on record"
            continue
        value, token = signature_and_token(whole)
        assert sha256(value) in signed, f"{path.name}: its signature is not on record"
        assert token is None or sha256(token) in stamped, f"{path.name}: its time-stamp is not"


def leftovers(house):
    """Files that nobody asked for: replacing a file goes, for one instant, over a hidden name."""
    return [path for path in house.desk.iterdir() if path.name.startswith(".")]


class Signing(unittest.TestCase):
    def calls(self, level, library):
        with House() as house:
            run = house.sign(house.put_document(), code=house.next_code(), level=level,
                             **{library: {}})
            self.assertEqual(run.status, 0, run)
            check_long_term(house, house.desk / "doc-signed.pdf", level, house.records())
            return run.calls

    def check(self, house, level, before):
        records = house.records()
        verdict = house.run("audit", "verify")
        self.assertEqual(verdict.status, 0, verdict)
        self.assertLessEqual(len(results(records[before:], "sign")), 1)
        self.assertEqual((house.desk / "doc.pdf").read_bytes(), DOCUMENT.read_bytes())
        files = {path.name for path in house.desk.iterdir()}
        self.assertLessEqual(files, {"doc.pdf", "doc-signed.pdf", "doc-signed.pdf.session"})
        if "doc-signed.pdf" in files:
            check_long_term(house, house.desk / "doc-signed.pdf", level, records)
        return records

    def killed(self, level, trouble):
        with House() as house:
            document = house.put_document()
            before = len(house.records())
            code = house.next_code()
            run = house.sign(document, code=code, level=level, **trouble)
            self.assertEqual(run.status, KILLED, run)
            records = self.check(house, level, before)
            self.assertLessEqual(len(open_intents(records)), 1)
            accepted = bool(results(records[before:], "sign.authorize"))
            again = house.sign(document, code=code, level=level, to="-again")
            self.assertEqual(again.status, 5 if accepted else 0, again)
            fresh = house.sign(document, code=house.next_code(), level=level, to="-fresh")
            self.assertEqual(fresh.status, 0, fresh)
            check_long_term(house, house.desk / "doc-fresh.pdf", level, house.records())

    def failed(self, level, trouble):
        """Answers whether a session was left, which then was finished."""
        with House() as house:
            document = house.put_document()
            before = len(house.records())
            run = house.sign(document, code=house.next_code(), level=level, **trouble)
            records = self.check(house, level, before)
            if run.status == 0:
                return False
            error = run.error()
            self.assertIn((run.status, error["code"]), [OUTPUT, BEFORE, AFTER, HSM, OTHER, MISSING])
            self.assertNotIn("fault of the program", error["hint"])
            signatures = results(records[before:], "sign")
            session = house.desk / "doc-signed.pdf.session"
            if not session.exists():
                return False
            self.assertEqual(len(signatures), 1, "a session of what was never signed")
            self.assertIn(str(session.name), error["hint"])
            finished = house.run("sign", "--resume", str(session))
            self.assertEqual(finished.status, 0, finished)
            self.assertFalse(session.exists())
            records = self.check(house, level, before)
            self.assertTrue((house.desk / "doc-signed.pdf").exists())
            self.assertEqual(len(results(records[before:], "sign.authorize")), 1)
            self.assertEqual(len(results(records[before:], "sign")), 1)
            return True

    def kill_at_each(self, level, library, most, kind="kill"):
        calls = self.calls(level, library)
        at_each(self, lambda n: self.killed(level, {library: {"AT": n, "KIND": kind}}),
                phases(calls, most))

    def fail_at_each(self, level, library, most, trouble):
        calls = self.calls(level, library)
        sessions = []
        at_each(self, lambda n: sessions.append(self.failed(level, {library: {"AT": n, **trouble}})),
                phases(calls, most))
        self.assertTrue(any(sessions), "nothing failed behind the signature")

    def test_b_lt_is_killed_at_a_change_of_a_file(self):
        self.kill_at_each("B-LT", "shim", 8)

    def test_b_lta_is_killed_at_a_change_of_a_file(self):
        self.kill_at_each("B-LTA", "shim", 10)

    def test_b_lta_is_killed_in_the_middle_of_a_write(self):
        self.kill_at_each("B-LTA", "shim", 4, kind="torn")

    def test_b_lta_is_killed_at_a_call_of_the_hsm(self):
        self.kill_at_each("B-LTA", "hsm", 8)

    def test_the_disk_fails_once_on_the_way_to_b_lta(self):
        self.fail_at_each("B-LTA", "shim", 12, {"KIND": "eio"})

    def test_the_hsm_fails_on_the_way_to_b_lta(self):
        self.fail_at_each("B-LTA", "hsm", 10, {"CKR": DEVICE_REMOVED})


NAMES = ["a.pdf", "b.pdf", "c.pdf"]


class Extending(unittest.TestCase):
    """Three documents in a folder; two are worked on at once."""

    @classmethod
    def setUpClass(cls):
        cls.house = House()
        document = cls.house.put_document()
        signed = cls.house.sign(document, code=cls.house.next_code(), level="B-T")
        assert signed.status == 0, signed
        cls.signed = cls.house.desk / "doc-signed.pdf"

    @classmethod
    def tearDownClass(cls):
        cls.house.__exit__()

    def archive(self, house):
        """A house like the first, with an archive."""
        shutil.rmtree(house.home)
        shutil.copytree(self.house.home, house.home)
        (house.home / "softhsm2.conf").unlink()
        house.offset = self.house.offset
        house.ok("status")
        for name in NAMES:
            shutil.copy(self.signed, house.desk / name)

    def calls(self, library):
        with House() as house:
            self.archive(house)
            run = house.run("ltv-extend", "--due", "30", str(house.desk), **{library: {}})
            self.assertEqual(run.status, 0, run)
            self.check(house, raised=NAMES)
            return run.calls

    def check(self, house, raised=()):
        """Each file is as it was, or whole at B-LTA. Answers the names of the latter."""
        verdict = house.run("audit", "verify")
        self.assertEqual(verdict.status, 0, verdict)
        records = house.records()
        original = self.signed.read_bytes()
        done = []
        for name in NAMES:
            now = (house.desk / name).read_bytes()
            self.assertTrue(now.startswith(original), f"{name} lost what it was")
            if now == original:
                continue
            check_long_term(house, house.desk / name, "B-LTA", records)
            done.append(name)
        self.assertLessEqual(set(raised), set(done))
        extra = leftovers(house)
        self.assertLessEqual(len(extra), 2)
        for path in extra:
            check_long_term(house, path, "B-LTA", records)
        files = {path.name for path in house.desk.iterdir()} - {path.name for path in extra}
        self.assertEqual(files, set(NAMES))
        return records

    def story(self, trouble):
        with House() as house:
            self.archive(house)
            run = house.run("ltv-extend", "--due", "30", str(house.desk), **trouble)
            told = [each["input"].rsplit("/", 1)[1] for each in run.objects() if each.get("changed")]
            records = self.check(house, raised=told)
            self.assertLessEqual(len(open_intents(records)), 1)
            # The next run does what is left, and the one after it nothing.
            again = house.ok("ltv-extend", "--due", "30", str(house.desk))
            self.assertEqual(len(again), len(NAMES))
            self.check(house, raised=NAMES)
            before = {name: (house.desk / name).read_bytes() for name in NAMES}
            third = house.ok("ltv-extend", "--due", "30", str(house.desk))
            self.assertFalse(any(each["changed"] for each in third), third)
            self.assertEqual(before, {name: (house.desk / name).read_bytes() for name in NAMES})
            return run

    def killed(self, trouble):
        run = self.story(trouble)
        self.assertIn(run.status, (KILLED, 0), run)  # threads: not every run makes as many calls

    def failed(self, trouble):
        run = self.story(trouble)
        for each in run.objects():
            if "error" in each:
                self.assertIn((each["error"]["exit"], each["error"]["code"]),
                              [OUTPUT, BEFORE, AFTER, HSM, OTHER, MISSING], each)
                self.assertNotIn("fault of the program", each["error"]["hint"])

    def test_killed_at_a_change_of_a_file(self):
        at_each(self, lambda n: self.killed({"shim": {"AT": n}}), phases(self.calls("shim"), 10))

    def test_killed_in_the_middle_of_a_write(self):
        at_each(self, lambda n: self.killed({"shim": {"AT": n, "KIND": "torn"}}),
                phases(self.calls("shim"), 4))

    def test_killed_at_a_call_of_the_hsm(self):
        at_each(self, lambda n: self.killed({"hsm": {"AT": n, "KIND": "kill"}}),
                phases(self.calls("hsm"), 6))

    def test_the_disk_fails_once(self):
        at_each(self, lambda n: self.failed({"shim": {"AT": n, "KIND": "eio"}}),
                phases(self.calls("shim"), 8))

    def test_the_hsm_fails_once(self):
        at_each(self, lambda n: self.failed({"hsm": {"AT": n, "CKR": DEVICE_REMOVED}}),
                phases(self.calls("hsm"), 6))


if __name__ == "__main__":
    unittest.main()
