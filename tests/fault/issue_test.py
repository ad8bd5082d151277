#!/usr/bin/env python3
"""`tsp cert issue`, `cert revoke` and `crl issue` are killed, at any moment: no serial and no CRL
number twice, no certificate signed without its row, and the next one works."""
import re
import subprocess
import unittest

from house import KILLED, House, at_each, open_intents, phases, results

ISSUE = ("cert", "issue", "--user", "alice", "-o", "alice.pem")
CRLS = ("crl", "issue")
REVOKE = ("cert", "revoke", "--reason", "keyCompromise")


def openssl(*words, data=None):
    done = subprocess.run(["openssl", *words], input=data, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode() + done.stderr.decode()


def crl_number(path):
    text = openssl("crl", "-in", str(path), "-noout", "-crlnumber")
    return int(re.search(r"crlNumber=(?:0x)?([0-9A-Fa-f]+)", text).group(1), 16)


def check_serials(house, records):
    """Each serial was reserved once, is in the store, and was signed once at most."""
    rows = dict(house.rows("SELECT serial, state FROM certificates"))
    reserved = [r["subject"] for r in results(records, "cert.issue", "intent")]
    issued = [r["subject"] for r in results(records, "cert.issue")]
    assert len(reserved) == len(set(reserved)), "a serial was reserved twice"
    assert len(issued) == len(set(issued)), "a serial was given twice"
    for serial in reserved:
        assert serial in rows, f"the serial {serial} has no row"
        whole = rows[serial] in ("valid", "revoked")
        assert whole == (serial in issued), f"{serial} is {rows[serial]}"


def check_crls(house, records):
    """Numbers only rise, and a CRL that lies in HOME is whole and the newest or the one before."""
    for name in ("root", "issuing"):
        of_ca = [r for r in records if r["event"] == "crl.issue" and r["subject"] == name]
        tried = [r["details"]["number"] for r in of_ca if r["outcome"] == "intent"]
        done = [r["details"]["number"] for r in of_ca if r["outcome"] == "done"]
        assert tried == sorted(set(tried)), f"CRL numbers of {name}: {tried}"
        assert done == sorted(set(done)), f"CRL numbers of {name}: {done}"
        path = house.home / "crl" / f"{name}.crl"
        seen = openssl("crl", "-in", str(path), "-noout", "-verify", "-CAfile",
                       str(house.home / "ca" / f"{name}.pem"))
        assert "verify OK" in seen, seen
        assert crl_number(path) in done[-2:], f"the CRL of {name} is not one on record"


class Killed(unittest.TestCase):
    def check(self, house):
        records = house.check(["alice.pem"])
        check_serials(house, records)
        check_crls(house, records)
        return records

    def story(self, words, trouble, kind="kill"):
        with House() as house:
            before = len(house.records())
            words = self.whole(words, house)
            killed = house.run(*words, **trouble)
            self.assertEqual(killed.status, KILLED, killed)
            records = self.check(house)
            self.assertLessEqual(len(open_intents(records)), 1)
            output = house.desk / "alice.pem"
            if output.exists():
                serial = openssl("x509", "-in", str(output), "-noout", "-serial")
                on_record = [r["subject"] for r in results(records[before:], "cert.issue")]
                self.assertEqual([serial.strip().split("=")[1].lower()], on_record)
                output.unlink()
            self.next_works(house, words)
            self.check(house)

    @staticmethod
    def whole(words, house):
        """The words with the serial number that `cert revoke` takes."""
        if words != REVOKE:
            return words
        return (*words, house.ok("user", "show", "alice")[0]["certificates"][0])

    def next_works(self, house, words):
        if words[:len(REVOKE)] == REVOKE:
            again = house.run(*words)
            self.assertIn(again.status, (0, 10), again)
            house.ok(*CRLS)
            text = openssl("crl", "-in", str(house.home / "crl/issuing.crl"), "-noout", "-text")
            self.assertIn(words[-1].upper(), text.replace(":", "").upper())
        else:
            house.ok(*words)

    def kill(self, words, library, most):
        with House() as house:
            run = house.run(*self.whole(words, house), **{library: {}})
            self.assertEqual(run.status, 0, run)
            self.check(house)
        at_each(self, lambda n: self.story(words, {library: {"AT": n, "KIND": "kill"}}),
                phases(run.calls, most))

    def test_issuing_at_a_change_of_a_file(self):
        self.kill(ISSUE, "shim", 10)

    def test_issuing_at_a_call_of_the_hsm(self):
        self.kill(ISSUE, "hsm", 5)

    def test_a_crl_at_a_change_of_a_file(self):
        self.kill(CRLS, "shim", 10)

    def test_a_crl_at_a_call_of_the_hsm(self):
        self.kill(CRLS, "hsm", 4)

    def test_revoking_at_a_change_of_a_file(self):
        self.kill(REVOKE, "shim", 8)

    def test_revoking_at_a_call_of_the_hsm(self):
        self.kill(REVOKE, "hsm", 3)


class AtTheCall(unittest.TestCase):
    def test_a_serial_is_reserved_before_the_hsm_signs(self):
        with House() as house:
            killed = house.run(*ISSUE, hsm={"AT": 1, "FUNCTION": "C_Sign", "KIND": "kill"})
            self.assertEqual(killed.status, KILLED, killed)
            self.assertEqual(house.rows("SELECT state FROM certificates WHERE role = 'signer' "
                                        "ORDER BY created_at DESC")[0], ("reserved",))
            intent = house.records()[-1]
            self.assertEqual((intent["event"], intent["outcome"]), ("cert.issue", "intent"))

    def test_a_crl_number_is_reserved_before_the_hsm_signs(self):
        with House() as house:
            killed = house.run(*CRLS, hsm={"AT": 1, "FUNCTION": "C_Sign", "KIND": "kill"})
            self.assertEqual(killed.status, KILLED, killed)
            reserved = house.records()[-1]["details"]["number"]
            self.assertGreater(house.ok(*CRLS)[0]["crls"][0]["number"], reserved)


if __name__ == "__main__":
    unittest.main()
