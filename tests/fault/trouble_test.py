#!/usr/bin/env python3
"""The disk is full, or the HSM goes, in the middle of a verb: the exit status says which, what the
verb changes is changed whole or not at all, no intent stays open that can be closed, and the next
run works. (Signing and issuing: disk_test.py, hsm_test.py.)"""
import re
import unittest

from disk_test import AFTER, BEFORE, HSM, OTHER, OUTPUT
from house import House, at_each, open_intents, phases, results
from hsm_test import DEVICE_REMOVED
from verbs import (CertRevoke, Checkpoint, CrlIssue, CrlPublish, KeyDestroy, KeyGenerate, Timestamp,
                   UserActivate, UserEnroll, UserPin, UserRemove)


class Trouble(unittest.TestCase):
    library, trouble, answers = "", {}, []

    def story(self, make, number):
        verb = make()
        with House() as house:
            settings = verb.prepare(house)
            before = len(house.records())
            there = {path.name for path in house.desk.iterdir()}
            run = house.run(*verb.words, **{self.library: {"AT": number, **self.trouble}}, **settings)
            records = house.check(there | set(verb.files))
            done = bool(results(records[before:], verb.event))
            if run.status == 0:
                self.assertTrue(done or verb.event not in self.recorded(records), "no record")
            else:
                error = run.error()
                self.assertEqual(error["exit"], run.status)
                self.assertIn((run.status, error["code"]), self.answers, error)
                self.assertNotIn("fault of the program", error["hint"])
            self.judge(records, run)
            verb.check(house, done)
            verb.next(house, done)
            house.check()
            self.assertTrue(house.ok("status")[0]["store"]["ok"])

    @staticmethod
    def recorded(records):
        return {r["event"] for r in records}

    def judge(self, records, run):
        pass

    def meet(self, make, most):
        verb = make()
        with House() as house:
            settings = verb.prepare(house)
            run = house.run(*verb.words, **{self.library: {}}, **settings)
            self.assertEqual(run.status, 0, run)
        self.assertTrue(run.calls)
        at_each(self, lambda n: self.story(make, n), phases(run.calls, most))


class FullDisk(Trouble):
    library, trouble = "shim", {"KIND": "enospc", "STAY": 1}
    answers = [OUTPUT, BEFORE, AFTER, HSM, OTHER]

    def judge(self, records, run):
        self.assertLessEqual(len(open_intents(records)), 1)

    def test_key_generate(self):
        self.meet(KeyGenerate, 4)

    def test_key_destroy(self):
        self.meet(KeyDestroy, 4)

    def test_user_enroll(self):
        self.meet(UserEnroll, 5)

    def test_user_pin(self):
        self.meet(UserPin, 4)

    def test_user_activate(self):
        self.meet(UserActivate, 5)

    def test_a_secret_is_kept_with_a_change_that_comes_to_light(self):
        # What an fsync could not make last is in the file, and the next process finds it there.
        verb = UserActivate()
        with House() as house:
            settings = verb.prepare(house)
            calls = house.run(*verb.words, shim={}, **settings).calls
        at_each(self, lambda n: self.story(UserActivate, n),
                [n for n, call in enumerate(calls, 1) if re.search(r" fsync .*-wal$", call)])

    def enroll_on_bad_disk(self, where, number):
        """What is said where the change may come to light; nothing where it failed before or not at all."""
        with House() as house:
            run = house.run("user", "enroll", "bob", "--common-name", "Bob Weber", "--pin-from", "env:PIN",
                            "--totp-uri-out", where, shim={"AT": number, "KIND": "eio"} if number else {},
                            env={"PIN": "246813"})
            if not number:
                return [n for n, call in enumerate(run.calls, 1) if re.search(r" fsync .*-wal$", call)]
            if run.status == 0 or (run.status, run.error()["code"]) not in (BEFORE, AFTER):
                return []
            self.assertEqual((house.desk / "totp").exists(), where == "totp")
            self.assertNotIn("otpauth", run.out + run.err)
            return [run.error()["hint"]]

    def test_a_secret_that_did_not_come_out_is_said_to_be_lost(self):
        for where, said in (("-", "what it hands out is lost"),
                            ("totp", "delete what was handed out where it does not")):
            hints = [hint for number in self.enroll_on_bad_disk(where, 0)
                     for hint in self.enroll_on_bad_disk(where, number)]
            self.assertTrue(hints)
            for hint in hints:
                self.assertIn(said, hint)

    def test_user_remove(self):
        self.meet(UserRemove, 5)

    def test_timestamp(self):
        self.meet(Timestamp, 5)

    def test_crl_issue(self):
        self.meet(CrlIssue, 5)

    def test_crl_publish(self):
        self.meet(CrlPublish, 4)

    def test_cert_revoke(self):
        self.meet(CertRevoke, 5)

    def test_checkpoint(self):
        self.meet(Checkpoint, 4)


class HsmGone(Trouble):
    library, trouble, answers = "hsm", {"CKR": DEVICE_REMOVED, "STAY": 1}, [HSM]

    def judge(self, records, run):
        self.assertEqual(open_intents(records), [], run)

    def test_key_generate(self):
        self.meet(KeyGenerate, 4)

    def test_user_enroll(self):
        self.meet(UserEnroll, 3)

    def test_user_pin(self):
        self.meet(UserPin, 3)

    def test_user_activate(self):
        self.meet(UserActivate, 3)

    def test_user_remove(self):
        self.meet(UserRemove, 3)

    def test_timestamp(self):
        self.meet(Timestamp, 4)

    def test_crl_issue(self):
        self.meet(CrlIssue, 4)

    def test_crl_publish(self):
        self.meet(CrlPublish, 3)

    def test_cert_revoke(self):
        self.meet(CertRevoke, 4)

    def test_key_destroy(self):
        self.meet(KeyDestroy, 3)

    def test_checkpoint(self):
        self.meet(Checkpoint, 3)


if __name__ == "__main__":
    unittest.main()
