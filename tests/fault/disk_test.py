#!/usr/bin/env python3
"""The disk is full or broken, from any moment on or for one moment: the exit status says what could
not be written, nothing is signed without its record, and nothing is half."""
import unittest

from house import House, at_each, open_intents, phases, results
from issue_test import ISSUE, check_crls, check_serials

# exit status and code of what may come of a failed write
OUTPUT = (1, "output-failed")
BEFORE = (8, "audit-before-signing")
AFTER = (8, "audit-after-signing")
HSM = (7, "hsm-unavailable")  # a token's file could not be written or read
# EIO from a call that is not the store's has no name of its own.
OTHER = (1, "failed")


class Trouble(unittest.TestCase):
    def judge(self, run, records, event, answers):
        """The error is well formed and fits the log. Returns it."""
        error = run.error()
        self.assertEqual(error["exit"], run.status)
        self.assertIn((run.status, error["code"]), answers, error)
        self.assertNotIn("fault of the program", error["hint"])
        intents = results(records, event, "intent")
        if error["code"] == "audit-before-signing":
            self.assertIn("not", error["hint"], error)
        if error["code"] == "audit-after-signing":
            self.assertIn("HSM was called", error["message"], error)
            self.assertTrue(intents, "the HSM was called without an intent")
        return error

    def calls(self, *words, prepare=lambda house: ()):
        with House() as house:
            run = house.run(*words, *prepare(house), shim={})
            self.assertEqual(run.status, 0, run)
            return run.calls


class Signing(Trouble):
    def story(self, trouble):
        with House() as house:
            document = house.put_document()
            before = len(house.records())
            run = house.sign(document, code=house.next_code(), shim=trouble)
            records = house.check(["doc.pdf", "doc-signed.pdf"])
            new = records[before:]
            delivered = (house.desk / "doc-signed.pdf").exists()
            if run.status == 0:
                self.assertTrue(delivered)
            else:
                self.judge(run, new, "sign", [OUTPUT, BEFORE, AFTER, HSM, OTHER])
            again = house.sign(document, code=house.next_code(), to="-again")
            self.assertEqual(again.status, 0, again)
            house.check(["doc.pdf", "doc-signed.pdf", "doc-again.pdf"])
            self.assertEqual(house.tries_left(), 5)

    def signing_calls(self):
        with House() as house:
            run = house.sign(house.put_document(), code=house.next_code(), shim={})
            self.assertEqual(run.status, 0, run)
            return run.calls

    def test_the_disk_is_full_from_a_call_on(self):
        at_each(self, lambda n: self.story({"AT": n, "KIND": "enospc", "STAY": 1}),
                phases(self.signing_calls(), 12))

    def test_the_disk_fails_for_one_call(self):
        at_each(self, lambda n: self.story({"AT": n, "KIND": "eio"}),
                phases(self.signing_calls(), 6))

    def full_at(self, commit):
        """The call that syncs this commit: the log's head, the try, approval and intents, results."""
        with House() as house:
            probe = house.sign(house.put_document(), code=house.next_code(), shim={})
            commits = [n for n, call in enumerate(probe.calls, 1)
                       if call.split(" ", 1)[1] == f"fsync {house.home}/tsp.db-wal"]
        return commits[("head", "try", "intents", "results").index(commit)]

    def test_a_full_disk_before_the_intent_calls_no_hsm(self):
        number = self.full_at("intents")
        with House() as house:
            before = len(house.records())
            run = house.sign(house.put_document(), code=house.next_code(),
                             shim={"AT": number, "KIND": "enospc", "STAY": 1})
            self.assertEqual((run.status, run.error()["code"]), BEFORE, run)
            self.assertIn("the HSM was not called", run.error()["hint"])
            records = house.check(["doc.pdf"])[before:]
            self.assertFalse(results(records, "sign"))
            # The try was durable before; what a failed fsync had written comes to light whole or not at all.
            self.assertIn((house.tries_left(), len(open_intents(records))), ((4, 0), (5, 1)))

    def test_a_full_disk_before_the_result_keeps_the_signature_back(self):
        number = self.full_at("results")
        with House() as house:
            before = len(house.records())
            run = house.sign(house.put_document(), code=house.next_code(),
                             shim={"AT": number, "KIND": "enospc", "STAY": 1})
            self.assertEqual((run.status, run.error()["code"]), AFTER, run)
            records = house.check(["doc.pdf"])[before:]
            # What a failed fsync had written may come to light again: the result, not the signature.
            self.assertEqual(len(open_intents(records)) + len(results(records, "sign")), 1)

    def test_a_full_disk_under_the_output_says_so(self):
        calls = self.signing_calls()
        number = next(n for n, call in enumerate(calls, 1) if " write " in call and "desk" in call)
        with House() as house:
            before = len(house.records())
            run = house.sign(house.put_document(), code=house.next_code(),
                             shim={"AT": number, "KIND": "enospc"})
            self.assertEqual((run.status, run.error()["code"]), OUTPUT, run)
            records = house.check(["doc.pdf"])
            self.assertEqual(len(results(records[before:], "sign")), 1)

    def test_three_documents_each_fail_for_themselves(self):
        names = ("a.pdf", "b.pdf", "c.pdf")
        with House() as house:
            probe = house.sign(*map(house.put_document, names), code=house.next_code(), shim={})
            links = [n for n, call in enumerate(probe.calls, 1) if " link " in call]
        with House() as house:
            documents = [house.put_document(name) for name in names]
            run = house.sign(*documents, code=house.next_code(),
                             shim={"AT": links[1], "KIND": "enospc"})
            self.assertEqual(run.status, 1, run)
            self.assertEqual(["error" in each for each in run.objects()], [False, True, False])
            error = run.objects()[1]["error"]
            self.assertEqual(error["code"], "output-failed")
            self.assertIn("the signature was made and is on record", error["hint"])
            house.check()
            self.assertFalse((house.desk / "b-signed.pdf").exists())


class Issuing(Trouble):
    def story(self, trouble):
        with House() as house:
            before = len(house.records())
            run = house.run(*ISSUE, shim=trouble)
            records = house.check(["alice.pem"])
            check_serials(house, records)
            check_crls(house, records)
            if run.status != 0:
                self.judge(run, records[before:], "cert.issue",
                           [OUTPUT, BEFORE, AFTER, HSM, OTHER])
            (house.desk / "alice.pem").unlink(missing_ok=True)
            house.ok(*ISSUE)
            check_serials(house, house.check(["alice.pem"]))

    def test_the_disk_is_full_from_a_call_on(self):
        at_each(self, lambda n: self.story({"AT": n, "KIND": "enospc", "STAY": 1}),
                phases(self.calls(*ISSUE), 8))

    def test_the_disk_fails_for_one_call(self):
        at_each(self, lambda n: self.story({"AT": n, "KIND": "eio"}),
                phases(self.calls(*ISSUE), 4))


if __name__ == "__main__":
    unittest.main()
