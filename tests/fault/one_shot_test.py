#!/usr/bin/env python3
"""`tsp sign --one-shot` is killed, or its HSM fails, at any moment: the key is nowhere afterwards, no
approval makes two of them, no serial is used twice, no signature is without its record, and the next
one works."""
import unittest

from house import KILLED, House, at_each, open_intents, phases, results
from issue_test import check_serials

DEVICE_REMOVED, GENERAL_ERROR = 0x32, 0x05


def token_objects(house):
    return sorted(path.name for path in (house.home / "tokens").rglob("*.object"))


def check_keys(house, records, kept):
    """Nothing of a one-shot key is kept, and what is on record of each fits together."""
    assert (house.rows("SELECT id FROM keys"), token_objects(house)) == kept, "a key was kept"
    made = [r for r in results(records, "key.generate") if r["details"].get("one_shot")]
    gone = [r["subject"] for r in results(records, "key.destroy")]
    approvals = [r["details"]["approval"] for r in made]
    keys = [r["subject"] for r in made]
    assert len(approvals) == len(set(approvals)), "two keys of one approval"
    assert len(gone) == len(set(gone)) and set(gone) <= set(keys), "destroyed twice, or never made"
    certified = [r["details"]["key"] for r in results(records, "cert.issue")
                 if r["details"]["profile"] == "short-lived"]
    assert len(certified) == len(set(certified)) and set(certified) <= set(keys)
    signed = {r["details"]["key"] for r in results(records, "sign")}
    assert signed & set(keys) <= set(gone), "a key that signed has no end on record"
    return len(made)


class Story(unittest.TestCase):
    def calls(self, **settings):
        with House() as house:
            run = house.sign(house.put_document(), "--one-shot", code=house.next_code(), **settings)
            self.assertEqual(run.status, 0, run)
            return run.calls

    def check(self, house, kept, names=("doc.pdf", "doc-signed.pdf")):
        records = house.check(names)
        check_serials(house, records)
        return records, check_keys(house, records, kept)

    def afterwards(self, house, kept, document, code, accepted):
        again = house.sign(document, "--one-shot", code=code, to="-again")
        self.assertEqual(again.status, 5 if accepted else 0, again)
        fresh = house.sign(document, "--one-shot", code=house.next_code(), to="-again2")
        self.assertEqual(fresh.status, 0, fresh)
        self.check(house, kept, ("doc.pdf", "doc-signed.pdf", "doc-again.pdf", "doc-again2.pdf"))
        self.assertEqual(house.tries_left(), 5)


class Killed(Story):
    def story(self, trouble):
        with House() as house:
            document = house.put_document()
            kept = (house.rows("SELECT id FROM keys"), token_objects(house))
            before = len(house.records())
            code = house.next_code()
            killed = house.sign(document, "--one-shot", code=code, **trouble)
            self.assertEqual(killed.status, KILLED, killed)
            records, made = self.check(house, kept)
            self.assertLessEqual(made, 1)
            self.assertLessEqual(len(open_intents(records)), 1)
            accepted = bool(results(records[before:], "sign.authorize"))
            self.assertLessEqual(made, int(accepted))
            self.afterwards(house, kept, document, code, accepted)

    def test_at_a_change_of_a_file(self):
        at_each(self, lambda n: self.story({"shim": {"AT": n, "KIND": "kill"}}),
                phases(self.calls(shim={}), 10))

    def test_in_the_middle_of_a_write(self):
        at_each(self, lambda n: self.story({"shim": {"AT": n, "KIND": "torn"}}),
                phases(self.calls(shim={}), 4))

    def test_at_a_call_of_the_hsm(self):
        at_each(self, lambda n: self.story({"hsm": {"AT": n, "KIND": "kill"}}),
                phases(self.calls(hsm={}), 8))


class Gone(Story):
    def story(self, trouble):
        with House() as house:
            document = house.put_document()
            kept = (house.rows("SELECT id FROM keys"), token_objects(house))
            before = len(house.records())
            code = house.next_code()
            run = house.sign(document, "--one-shot", code=code, hsm=trouble)
            records, made = self.check(house, kept)
            self.assertEqual(open_intents(records), [], run)
            if run.status != 0:
                # A flipped MAC of the PIN's verifier is a wrong PIN.
                self.assertIn(run.error()["code"],
                              ("hsm-unavailable", "tampered", "factor-refused"), run)
                self.assertFalse((house.desk / "doc-signed.pdf").exists())
            # The process lived: the end of what it made is on record.
            self.assertEqual(len(results(records, "key.destroy")), made, run)
            accepted = bool(results(records[before:], "sign.authorize"))
            self.afterwards(house, kept, document, code, accepted)

    def test_the_device_is_removed(self):
        at_each(self, lambda n: self.story({"AT": n, "CKR": DEVICE_REMOVED, "STAY": 1}),
                phases(self.calls(hsm={}), 6))

    def test_one_call_fails(self):
        at_each(self, lambda n: self.story({"AT": n, "CKR": GENERAL_ERROR}),
                phases(self.calls(hsm={}), 4))

    def test_a_flipped_bit_in_a_signature_is_seen(self):
        count = len(self.calls(hsm={"FUNCTION": "C_Sign"}))
        at_each(self, lambda n: self.story({"AT": n, "FUNCTION": "C_Sign", "KIND": "flip"}),
                range(1, count + 1))


if __name__ == "__main__":
    unittest.main()
