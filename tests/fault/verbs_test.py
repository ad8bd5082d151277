#!/usr/bin/env python3
"""`key generate`, `key destroy`, `user enroll`, `user pin` and `timestamp` are killed: what they
change is changed whole or not at all, and their next run works."""
import unittest

from house import KILLED, House, at_each, open_intents, phases, results

NEW_PIN = "975310"


class Verb:
    """How a verb is called, and what must hold after it was killed. `done`: its record is there."""
    words = ()
    event = ""

    def prepare(self, house):
        return {}

    def check(self, house, done):
        pass

    def next(self, house, done):
        house.ok(*self.words, **self.prepare(house))


class KeyGenerate(Verb):
    words = ("key", "generate", "--user", "alice")
    event = "key.generate"

    def check(self, house, done):
        assert len(house.ok("key", "list", "--user", "alice")[0]["keys"]) == 1 + done

    def next(self, house, done):
        key = house.ok(*self.words)[0]["key"]
        house.ok("cert", "issue", "--key", key)


class UserEnroll(Verb):
    words = ("user", "enroll", "bob", "--common-name", "Bob Weber", "--pin-from", "env:PIN",
             "--totp-uri-out", "bob.totp")
    event = "user.enroll"

    def prepare(self, house):
        return {"env": {"PIN": "246813"}}

    def check(self, house, done):
        seen = house.run("user", "show", "bob")
        assert seen.status == (0 if done else 9), seen
        if done:
            assert [f["type"] for f in seen.objects()[0]["factors"]] == ["pin", "totp"], seen
        # The secret is whole or absent, and a signer whose secret nobody has could never sign.
        secret = house.desk / "bob.totp"
        assert secret.exists() or not done, "enrolled, but the secret is lost"
        if secret.exists():
            assert secret.read_text().startswith("otpauth://totp/"), secret.read_text()

    def next(self, house, done):
        (house.desk / "bob.totp").unlink(missing_ok=True)
        again = house.run(*self.words, **self.prepare(house))
        assert again.status == (10 if done else 0), again


class UserPin(Verb):
    event = "user.pin"

    def prepare(self, house):
        self.words = ("user", "pin", "alice", "--pin-from", f"file:{house.pin}", "--new-pin-from",
                      "env:NEW")
        return {"env": {"NEW": NEW_PIN}}

    def check(self, house, done):
        name = house.put_document()
        for pin, right in (("246813", not done), (NEW_PIN, done)):
            run = house.run("sign", name, "--user", "alice", "--pin-from", "env:PIN", "--otp",
                            house.next_code(), "-o", f"{pin}-signed.pdf", env={"PIN": pin})
            assert run.status == (0 if right else 5), f"PIN {pin}: {run}"
        if done:
            house.pin.write_text(NEW_PIN + "\n")

    def next(self, house, done):
        house.ok("user", "pin", "alice", "--pin-from", f"file:{house.pin}", "--new-pin-from",
                 "env:NEW", env={"NEW": "864202"})


class KeyDestroy(Verb):
    event = "key.destroy"

    def prepare(self, house):
        self.words = ("--yes", "key", "destroy",
                      house.ok("key", "list", "--user", "alice")[0]["keys"][0]["key"])
        return {}

    def check(self, house, done):
        key = house.ok("key", "show", self.words[-1])[0]
        assert (key["state"] == "destroyed") == done, key
        signed = house.sign(house.put_document(), code=house.next_code())
        assert signed.status == (11 if done else 0), signed
        if done:
            assert house.rows("SELECT length(blob) FROM keys")[0][0] in (0, None)

    def next(self, house, done):
        again = house.run(*self.words)
        assert again.status == (10 if done else 0), again


class Timestamp(Verb):
    words = ("timestamp", "note.txt")
    event = "timestamp"

    def prepare(self, house):
        (house.desk / "note.txt").write_text("noted")
        return {}

    def check(self, house, done):
        token = house.desk / "note.txt.tsr"
        assert not token.exists() or done, "a time-stamp without its record"
        if token.exists():
            assert token.read_bytes()[0] == 0x30
            token.unlink()


class Killed(unittest.TestCase):
    def story(self, make, trouble):
        verb = make()
        with House() as house:
            settings = verb.prepare(house)
            before = len(house.records())
            killed = house.run(*verb.words, **trouble, **settings)
            self.assertEqual(killed.status, KILLED, killed)
            records = house.check()
            self.assertLessEqual(len(open_intents(records)), 1)
            done = bool(results(records[before:], verb.event))
            verb.check(house, done)
            verb.next(house, done)
            house.check()
            self.assertTrue(house.ok("status")[0]["store"]["ok"])

    def kill(self, make, files, calls):
        for library, most in (("shim", files), ("hsm", calls)):
            verb = make()
            with House() as house:
                settings = verb.prepare(house)
                run = house.run(*verb.words, **{library: {}}, **settings)
                self.assertEqual(run.status, 0, run)
            at_each(self, lambda n, lib=library:
                    self.story(make, {lib: {"AT": n, "KIND": "kill"}}), phases(run.calls, most))

    def test_key_generate(self):
        self.kill(KeyGenerate, 6, 4)

    def test_user_enroll(self):
        self.kill(UserEnroll, 6, 2)

    def test_user_pin(self):
        self.kill(UserPin, 5, 2)

    def test_key_destroy(self):
        self.kill(KeyDestroy, 7, 2)

    def test_timestamp(self):
        self.kill(Timestamp, 6, 3)


if __name__ == "__main__":
    unittest.main()
