#!/usr/bin/env python3
"""The HSM goes, hangs or signs wrongly: exit 7, the intents closed as failed, no try spent, nothing
delivered. And what time and haste do to a signature."""
import unittest

from concurrent.futures import ThreadPoolExecutor

from house import House, at_each, open_intents, phases, results
from issue_test import ISSUE, check_crls, check_serials

DEVICE_REMOVED, SESSION_HANDLE_INVALID, TOKEN_NOT_PRESENT, GENERAL_ERROR = 0x32, 0xb3, 0xe0, 0x05


class Gone(unittest.TestCase):
    def calls(self):
        with House() as house:
            run = house.sign(house.put_document(), code=house.next_code(), hsm={})
            self.assertEqual(run.status, 0, run)
            return run.calls

    def story(self, trouble, calls):
        with House() as house:
            document = house.put_document()
            before = len(house.records())
            code = house.next_code()
            run = house.sign(document, code=code, hsm=trouble)
            records = house.check(["doc.pdf", "doc-signed.pdf"])
            name = calls[trouble["AT"] - 1].split()[1]
            if run.status == 0:
                # What only tidies up, or is asked again, may fail.
                self.assertTrue((house.desk / "doc-signed.pdf").exists())
            else:
                error = run.error()
                answers = [(7, "hsm-unavailable")]
                # SoftHSM says the same of data that was changed.
                if trouble["CKR"] == GENERAL_ERROR and name in ("C_Decrypt", "C_UnwrapKey"):
                    answers.append((3, "tampered"))
                self.assertIn((run.status, error["code"]), answers, f"{name}: {error}")
                self.assertFalse((house.desk / "doc-signed.pdf").exists())
            self.assertEqual(open_intents(records), [], f"{name}: an intent stays open")
            self.assertEqual(house.tries_left(), 5, f"{name}: an outage spent a try")
            accepted = bool(results(records[before:], "sign.authorize"))
            again = house.sign(document, code=code, to="-again")
            self.assertEqual(again.status, 5 if accepted else 0, again)
            fresh = house.sign(document, code=house.next_code(), to="-again2")
            self.assertEqual(fresh.status, 0, fresh)

    def gone(self, answer, most, **more):
        calls = self.calls()
        at_each(self, lambda n: self.story({"AT": n, "CKR": answer, **more}, calls),
                phases(calls, most))

    def test_the_device_is_removed(self):
        self.gone(DEVICE_REMOVED, 8, STAY=1)

    def test_the_session_is_lost(self):
        self.gone(SESSION_HANDLE_INVALID, 4)

    def test_the_token_is_not_there(self):
        self.gone(TOKEN_NOT_PRESENT, 4, STAY=1)

    def test_it_does_not_say_why(self):
        self.gone(GENERAL_ERROR, 4)

    def issue_story(self, number):
        with House() as house:
            run = house.run(*ISSUE, hsm={"AT": number, "STAY": 1})
            records = house.check(["alice.pem"])
            if run.status != 0:
                self.assertEqual((run.status, run.error()["code"]), (7, "hsm-unavailable"), run)
            self.assertEqual(open_intents(records), [])
            check_serials(house, records)
            (house.desk / "alice.pem").unlink(missing_ok=True)
            house.ok(*ISSUE)

    def test_issuing(self):
        with House() as house:
            calls = house.run(*ISSUE, hsm={}).calls
        at_each(self, self.issue_story, phases(calls, 4))

    def test_a_crl_that_was_not_signed_closes_its_intent(self):
        with House() as house:
            run = house.run("crl", "issue", hsm={"AT": 1, "FUNCTION": "C_Sign"})
            self.assertEqual((run.status, run.error()["code"]), (7, "hsm-unavailable"), run)
            records = house.check()
            self.assertEqual(open_intents(records), [])
            self.assertEqual(run.error()["audit_seq"], records[-1]["seq"])
            house.ok("crl", "issue")
            check_crls(house, house.check())

    def test_a_revocation_stands_without_its_crl(self):
        with House() as house:
            serial = house.ok("user", "show", "alice")[0]["certificates"][0]
            run = house.run("cert", "revoke", serial, "--reason", "keyCompromise",
                            hsm={"AT": 1, "FUNCTION": "C_Sign"})
            self.assertEqual(run.status, 7, run)
            self.assertIn("is revoked", run.error()["message"])
            refused = house.sign(house.put_document(), code=house.next_code())
            self.assertEqual((refused.status, refused.error()["code"]), (11, "policy-refused"))

    def test_it_never_answers(self):
        with House() as house:
            document = house.put_document()
            run = house.sign(document, code=house.next_code(), patience=4,
                             hsm={"AT": 1, "FUNCTION": "C_UnwrapKey", "KIND": "hang"})
            self.assertIsNone(run.status)
            self.assertEqual(len(open_intents(house.check(["doc.pdf"]))), 1)
            self.assertEqual(house.sign(document, code=house.next_code()).status, 0)
            self.assertEqual(len(open_intents(house.check())), 1)


class Wrong(unittest.TestCase):
    def signatures(self):
        """For each C_Sign of a signature: is it the signer's, the TSA's, or a MAC of the house?"""
        with House() as house:
            run = house.sign(house.put_document(), code=house.next_code(),
                             hsm={"FUNCTION": "C_Sign"})
            return len(run.calls)

    def flip(self, number):
        with House() as house:
            document = house.put_document()
            before = len(house.records())
            run = house.sign(document, code=house.next_code(),
                             hsm={"AT": number, "FUNCTION": "C_Sign", "KIND": "flip"})
            self.assertNotEqual(run.status, 0, f"a flipped bit went unseen: {run}")
            records = house.check(["doc.pdf"])
            self.assertFalse((house.desk / "doc-signed.pdf").exists())
            self.assertEqual(open_intents(records), [])
            failed = [(r["event"], r["outcome"]) for r in records[before:]
                      if r["outcome"] in ("failed", "refused")]
            fresh = house.sign(document, code=house.next_code())
            self.assertEqual(fresh.status, 0, fresh)
            return run, failed

    def test_a_flipped_bit_is_seen_wherever_it_is(self):
        at_each(self, self.flip, range(1, self.signatures() + 1))

    def test_a_signature_with_a_flipped_bit_is_not_delivered(self):
        seen = [self.flip(number) for number in range(1, self.signatures() + 1)]
        wrong = [run for run, failed in seen if ("sign", "failed") in failed]
        self.assertEqual(len(wrong), 1)
        self.assertEqual((wrong[0].status, wrong[0].error()["code"]), (7, "hsm-unavailable"))
        self.assertEqual(len([1 for _, failed in seen if ("timestamp", "failed") in failed]), 1)

    def test_a_certificate_with_a_flipped_bit_is_not_issued(self):
        with House() as house:
            before = len(house.ok("cert", "list")[0]["certificates"])
            run = house.run(*ISSUE, hsm={"AT": 1, "FUNCTION": "C_Sign", "KIND": "flip"})
            self.assertEqual((run.status, run.error()["code"]), (7, "hsm-unavailable"), run)
            self.assertEqual(len(house.ok("cert", "list")[0]["certificates"]), before)
            self.assertEqual(open_intents(house.check(["doc.pdf"])), [])

    def test_a_key_wrapped_wrongly_is_not_kept(self):
        with House() as house:
            run = house.run("key", "generate", "--user", "alice",
                            hsm={"AT": 1, "FUNCTION": "C_WrapKey", "KIND": "flip"})
            self.assertNotEqual(run.status, 0, "a key that cannot be unwrapped was taken over")
            self.assertEqual(len(house.ok("key", "list")[0]["keys"]), 1)


class TimeAndHaste(unittest.TestCase):
    def test_a_clock_before_the_certificate_is_told(self):
        with House() as house:
            document = house.put_document()
            house.offset = -400 * 86400
            run = house.sign(document, code=house.code())
            self.assertEqual((run.status, run.error()["code"]), (11, "policy-refused"), run)
            self.assertIn("the clock stands before its certificate begins", run.error()["message"])
            house.offset = 0
            house.check(["doc.pdf"])
            self.assertEqual(house.sign(document, code=house.next_code()).status, 0)
            house.check()

    def test_a_code_is_good_once(self):
        with House() as house:
            document, code = house.put_document(), house.next_code()
            self.assertEqual(house.sign(document, code=code).status, 0)
            again = house.sign(document, code=code, to="-again")
            self.assertEqual((again.status, again.error()["code"]), (5, "factor-refused"), again)
            house.check(["doc.pdf", "doc-signed.pdf"])

    def test_of_two_at_once_with_one_code_one_signs(self):
        for _ in range(3):
            with House() as house, ThreadPoolExecutor(4) as pool:
                document, code = house.put_document(), house.next_code()
                runs = list(pool.map(lambda i: house.sign(document, code=code, to=f"-signed{i}"),
                                     range(4)))
                self.assertEqual(sorted(run.status for run in runs), [0, 5, 5, 5], runs)
                self.assertEqual(len(list(house.desk.glob("*-signed*"))), 1)
                records = house.check()
                self.assertEqual(len(results(records, "sign")), 1)
                self.assertEqual(len(results(records, "sign.authorize")), 1)


if __name__ == "__main__":
    unittest.main()
