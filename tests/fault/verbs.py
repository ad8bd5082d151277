"""The verbs that change a TSP, as rows for the tests of trouble: how each is called, and what must
hold after it was killed or failed."""
from issue_test import check_crls, crl_number, openssl

NEW_PIN = "975310"


class Verb:
    """How a verb is called, and what must hold after trouble. `done`: its record is there."""
    words = ()
    event = ""

    def prepare(self, house):
        return {}

    def check(self, house, done):
        pass

    def next(self, house, done):
        house.ok(*self.words, **self.prepare(house))

    # What may lie on the desk that was not there before.
    files = ()


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
    files = ("bob.totp",)

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
                            house.next_code(), "--level", "B-T", "-o", f"{pin}-signed.pdf", env={"PIN": pin})
            assert run.status == (0 if right else 5), f"PIN {pin}: {run}"
        if done:
            house.pin.write_text(NEW_PIN + "\n")

    def next(self, house, done):
        house.ok("user", "pin", "alice", "--pin-from", f"file:{house.pin}", "--new-pin-from",
                 "env:NEW", env={"NEW": "864202"})


class UserActivate(Verb):
    words = ("user", "activate", "bob", "--enrolment-code-from", "env:CODE", "--pin-from", "env:PIN",
             "--totp-uri-out", "bob.totp")
    event = "user.activate"
    files = ("bob.totp",)

    def prepare(self, house):
        made = house.ok("user", "enroll", "bob", "--common-name", "Bob Weber",
                        "--enrolment-code-out", "-")[0]
        self.settings = {"env": {"CODE": made["enrolment_code"], "PIN": NEW_PIN}}
        return self.settings

    def check(self, house, done):
        seen = house.ok("user", "show", "bob")[0]
        assert seen["state"] == ("active" if done else "registered"), seen
        assert [f["type"] for f in seen["factors"]] == (["pin", "totp"] if done else []), seen
        # The code is used up with the change, and only then.
        assert len(house.rows("SELECT user_name FROM enrolments")) == 1 - done
        secret = house.desk / "bob.totp"
        assert secret.exists() or not done, "activated, but the secret is lost"
        if secret.exists():
            assert secret.read_text().startswith("otpauth://totp/"), secret.read_text()

    def next(self, house, done):
        (house.desk / "bob.totp").unlink(missing_ok=True)
        again = house.run(*self.words, **self.settings)
        assert again.status == (11 if done else 0), again


class UserRemove(Verb):
    words = ("--yes", "user", "remove", "alice")
    event = "user.remove"

    def check(self, house, done):
        seen = house.ok("user", "show", "alice")[0]
        assert seen["state"] == ("removed" if done else "active"), seen
        assert len(seen["factors"]) == (0 if done else 2), seen
        states = {house.ok("cert", "show", serial)[0]["state"] for serial in seen["certificates"]}
        assert states == {"revoked" if done else "valid"}, states
        states = {house.ok("key", "show", key)[0]["state"] for key in seen["keys"]}
        assert states == {"destroyed" if done else "active"}, states
        signed = house.sign(house.put_document(), code=house.next_code())
        assert signed.status == (11 if done else 0), signed

    def next(self, house, done):
        again = house.ok(*self.words)[0]
        assert again["changed"] == (not done), again
        assert house.ok("user", "show", "alice")[0]["state"] == "removed"


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
    files = ("note.txt", "note.txt.tsr")

    def prepare(self, house):
        (house.desk / "note.txt").write_text("noted")
        return {}

    def check(self, house, done):
        token = house.desk / "note.txt.tsr"
        assert not token.exists() or done, "a time-stamp without its record"
        if token.exists():
            assert token.read_bytes()[0] == 0x30
            token.unlink()


class CrlIssue(Verb):
    words = ("crl", "issue")
    event = "crl.issue"

    def check(self, house, done):
        check_crls(house, house.records())


class CrlPublish(Verb):
    words = ("crl", "publish", "web")
    event = "crl.publish"
    files = ("web",)

    def prepare(self, house):
        house.offset += 25 * 3600  # the lists are due
        return {}

    def check(self, house, done):
        check_crls(house, house.records())
        for path in house.desk.glob("web/*/*"):
            assert path.suffix in (".crl", ".cer"), f"{path.name} was left"
            kind = "crl" if path.suffix == ".crl" else "x509"
            openssl(kind, "-inform", "DER", "-in", str(path), "-noout")

    def next(self, house, done):
        house.ok(*self.words)
        assert len(list(house.desk.glob("web/*/*"))) == 4
        for name in ("root.crl", "issuing.crl"):
            kept = (house.home / "crl" / name).read_bytes()
            assert (house.desk / "web/crl" / name).read_bytes() == kept, f"{name} in HOME is older"


class CrlPublishAgain(CrlPublish):
    """Over what was published before; a hidden whole file may stay until the next time."""

    def prepare(self, house):
        house.ok(*self.words)
        return super().prepare(house)

    def check(self, house, done):
        check_crls(house, house.records())
        for path in house.desk.glob("web/*/*"):
            kind = "x509" if ".cer" in path.name else "crl"
            openssl(kind, "-inform", "DER", "-in", str(path), "-noout")


class CertRevoke(Verb):
    event = "cert.revoke"

    def prepare(self, house):
        serial = house.ok("user", "show", "alice")[0]["certificates"][0]
        self.words = ("cert", "revoke", serial, "--reason", "keyCompromise")
        return {}

    def check(self, house, done):
        state = dict(house.rows("SELECT serial, state FROM certificates"))[self.words[2]]
        assert (state == "revoked") == done, state
        signed = house.sign(house.put_document(), code=house.next_code())
        assert signed.status == (11 if done else 0), signed

    def next(self, house, done):
        again = house.run(*self.words)
        assert again.status == (10 if done else 0), again
        house.ok("crl", "issue")
        text = openssl("crl", "-in", str(house.home / "crl/issuing.crl"), "-noout", "-text")
        assert self.words[2].upper() in text.upper(), text


class Checkpoint(Verb):
    words = ("audit", "checkpoint", "-o", "head.note")
    event = "audit.checkpoint"
    files = ("head.note",)

    def check(self, house, done):
        note = house.desk / "head.note"
        for path in ([note] if note.exists() else []) + list(house.home.glob("checkpoints/*.note")):
            seen = house.run("audit", "verify", "--checkpoint", str(path))
            assert seen.status == 0, f"{path.name}: {seen}"
        note.unlink(missing_ok=True)
