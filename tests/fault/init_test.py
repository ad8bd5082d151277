#!/usr/bin/env python3
"""`tsp init` is killed, at any moment: a second one founds a whole TSP or says that one stands; half
of one never looks whole, and what stood before is not touched."""
import hashlib
import os
import subprocess
import unittest

from house import ALL, KILLED, MODULE, PROXY, House, at_each, phases

INIT = ("init", "--name", "Example Trust Services")


def fingerprint(folder):
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file()}


class Founding(unittest.TestCase):
    def calls(self, **settings):
        with House(template=False) as house:
            run = house.run(*INIT, **settings)
            self.assertEqual(run.status, 0, run)
            self.check_whole(house)
            return run.calls

    def check_whole(self, house, beside=frozenset()):
        """Every part is there and works: the status, the log, an enrolment with key and
        certificate."""
        status = house.ok("status")[0]
        self.assertTrue(status["ok"], status)
        self.assertEqual({row["role"] for row in status["certificates"]},
                         {"root", "issuing", "ocsp", "tsa", "sam"})
        self.assertEqual(len(status["crl"]), 2)
        self.assertEqual(status["audit"]["open_intents"], 0)
        house.check()
        self.assertEqual({path.name for path in house.root.iterdir()} - {"calls"},
                         {"home", "desk"} | beside, "something was left beside HOME")
        house.ok("user", "enroll", "bob", "--common-name", "Bob Weber", "--pin-from", "env:PIN",
                 "--totp-uri-out", "totp", env={"PIN": "246813"})
        house.ok("key", "generate", "--user", "bob")
        house.ok("cert", "issue", "--user", "bob")


class Killed(Founding):
    def story(self, trouble):
        with House(template=False) as house:
            killed = house.run(*INIT, **trouble)
            self.assertEqual(killed.status, KILLED, killed)
            stands = house.home.exists()
            if not stands:
                seen = house.run("status")
                self.assertEqual(seen.status, 9, "a TSP that is not there has a status")
            again = house.run(*INIT)
            self.assertEqual(again.status, 10 if stands else 0, again)
            self.check_whole(house)

    def test_at_a_change_of_a_file(self):
        calls = self.calls(shim={})
        at_each(self, lambda n: self.story({"shim": {"AT": n, "KIND": "kill"}}), phases(calls, 5))

    def test_at_what_the_tokens_write(self):
        calls = self.calls(shim={"CALLS": "stdio"})
        numbers = phases(calls, 2)
        # SoftHSM makes some 24 000 of them, in threes and fours: even by hand every 23rd has to do.
        at_each(self, lambda n: self.story({"shim": {"AT": n, "CALLS": "stdio"}}),
                numbers[::23] if ALL else numbers)


class Existing(unittest.TestCase):
    def test_a_tsp_that_stands_is_not_touched(self):
        with House() as house:
            before = fingerprint(house.home)
            run = house.run(*INIT)
            self.assertEqual((run.status, run.error()["code"]), (10, "already-exists"))
            self.assertEqual(fingerprint(house.home), before)

    def test_a_folder_that_holds_something_is_not_touched(self):
        with House(template=False) as house:
            house.home.mkdir()
            (house.home / "notes").write_text("mine")
            self.assertEqual(house.run(*INIT).status, 10)
            self.assertEqual([path.name for path in house.home.iterdir()], ["notes"])


class FullDisk(Founding):
    def story(self, number):
        with House(template=False) as house:
            pin_out = str(house.desk / "root.pin")
            run = house.run(*INIT, "--root-pin-out", pin_out,
                            shim={"AT": number, "KIND": "enospc", "STAY": 1})
            # A token that cannot be written is an HSM that does not say why it failed.
            self.assertIn((run.status, run.error()["code"]),
                          [(1, "output-failed"), (7, "hsm-unavailable"),
                           (8, "audit-before-signing"), (8, "audit-after-signing")], run)
            again = house.run(*INIT, "--root-pin-out", pin_out)
            self.assertEqual(again.status, 0, again)
            self.check_whole(house)

    def test_it_leaves_nothing(self):
        # The last calls tell the folder that its name is made: that much is then whole.
        calls = self.calls(shim={})
        last = max(n for n, call in enumerate(calls, 1) if " rename " in call)
        numbers = [n for n in phases(calls, 4) if n <= last]
        at_each(self, self.story, numbers)


class ForeignHsm(Founding):
    """Founding on tokens that are there already, which a dead process leaves half filled."""

    def init(self, house, token_of=None, **settings):
        # The module is the proxy in every run, so that all name the same one.
        settings.setdefault("hsm", {})
        settings["env"] = {**self.environment(token_of or house), "HSM_PIN": "9876"}
        return house.run(*INIT, "--hsm-module", PROXY, "--hsm-token", "hsm",
                         "--hsm-pin-from", "env:HSM_PIN", **settings)

    @staticmethod
    def environment(house):
        return {"SOFTHSM2_CONF": str(house.root / "hsm.conf")}

    def make_token(self, house):
        (house.root / "hsm").mkdir()
        (house.root / "hsm.conf").write_text(f"directories.tokendir = {house.root}/hsm\n")
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", "hsm", "--pin", "9876",
                        "--so-pin", "9876"], env={**os.environ, **self.environment(house)},
                       check=True, capture_output=True)

    def check_founded(self, house):
        house.check_environment = {**self.environment(house), "TSP_P11_REAL": MODULE}
        self.check_whole(house, beside={"hsm", "hsm.conf"})

    def story(self, trouble):
        with House(template=False) as house:
            self.make_token(house)
            run = self.init(house, **trouble)
            if trouble["hsm"]["KIND"] == "kill":
                self.assertEqual(run.status, KILLED, run)
            else:
                self.assertEqual((run.status, run.error()["code"]), (7, "hsm-unavailable"), run)
            stands = house.home.exists()
            again = self.init(house)
            self.assertEqual(again.status, 10 if stands else 0, again)
            self.check_founded(house)

    def calls_of_hsm(self):
        with House(template=False) as house:
            self.make_token(house)
            run = self.init(house)
            self.assertEqual(run.status, 0, run)
            self.check_founded(house)
            return run.calls

    def numbers(self, most):
        return phases(self.calls_of_hsm(), most)

    def test_killed_at_a_call(self):
        at_each(self, lambda n: self.story({"hsm": {"AT": n, "KIND": "kill"}}), self.numbers(4))

    def test_gone_from_a_call_on(self):
        # The very last calls release the claim, when the TSP stands already.
        calls = self.calls_of_hsm()
        last = max(n for n, call in enumerate(calls, 1) if "C_Sign" in call)
        at_each(self, lambda n: self.story({"hsm": {"AT": n, "KIND": "ckr", "STAY": 1}}),
                [n for n in phases(calls, 3) if n <= last])

    def test_another_tsp_on_the_token_keeps_its_keys(self):
        with House(template=False) as house, House(template=False) as other:
            self.make_token(house)
            killed = self.init(house, hsm={"AT": 1, "FUNCTION": "C_GenerateKey", "KIND": "kill"})
            self.assertEqual(killed.status, KILLED, killed)
            founded = self.init(other, token_of=house)
            self.assertEqual(founded.status, 0, founded)
            refused = self.init(house)
            self.assertEqual((refused.status, refused.error()["code"]), (10, "already-exists"))
            other.check_environment = {**self.environment(house), "TSP_P11_REAL": MODULE}
            self.check_whole(other)

    def test_an_unfinished_founding_keeps_others_off_its_token(self):
        with House(template=False) as house, House(template=False) as other:
            self.make_token(house)
            killed = self.init(house, hsm={"AT": 2, "FUNCTION": "C_GenerateKeyPair",
                                           "KIND": "kill"})
            self.assertEqual(killed.status, KILLED, killed)
            refused = self.init(other, token_of=house)
            self.assertEqual((refused.status, refused.error()["code"]), (10, "already-exists"))
            self.assertFalse(other.home.exists())
            self.assertEqual(self.init(house).status, 0)
            self.check_founded(house)


if __name__ == "__main__":
    unittest.main()
