#!/usr/bin/env python3
"""The store's disk is nearly full, full, or cannot be written, under a running server: what is kept
back is for signing, revocation and the audit log; where no record can be written nothing is signed;
and the service goes on when there is space again."""
import http.client
import shutil
import tempfile
import unittest

from server import House, Server, json, os, own_command, pathlib, socket, subprocess, time
from house import open_intents, results

SPACE_LOW = 14
BEFORE = (8, "audit-before-signing")


def sign(house, name="doc.pdf", level="B-B"):
    house.put_document(name)
    return own_command(house, "sign", name, "--user", "alice", "--pin-from", f"file:{house.pin}",
                       "--otp", house.code(), "--level", level, "--force")


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def granted(reply):
    """Of an RFC 3161 reply: PKIStatus 0."""
    said = subprocess.run(["openssl", "ts", "-reply", "-in", "/dev/stdin", "-text"], input=reply, capture_output=True)
    return b"Status: Granted" in said.stdout


class KeptBack(unittest.TestCase):
    def setUp(self):
        self.house = House()
        self.free = self.house.root / "free"
        self.house.next_code()
        self.addCleanup(self.house.__exit__)

    def serve(self, *words):
        server = Server(self.house, *words, shim={"FREE_FILE": self.free}).__enter__()
        self.addCleanup(server.__exit__)
        return server

    def test_below_it_only_signing_revocation_and_audit_go_on(self):
        house, server = self.house, self.serve()
        serial = house.ok("cert", "list")[0]["certificates"]
        serial = next(each["serial"] for each in serial if each["role"] == "signer")
        self.free.write_text("1000000")
        for _ in range(20):
            status, answer = server.call("key generate", user="alice")
            self.assertEqual((status, answer["error"]["code"], answer["error"]["exit"]),
                             (507, "space-low", SPACE_LOW), answer)
        self.assertIn("make room", answer["error"]["hint"])
        for operation, request in (("user enroll", {"user": "bob"}), ("user resume", {"user": "alice"}),
                                   ("group add", {"group": "bank"}),
                                   ("timestamp", {"imprint": "00" * 32})):
            self.assertEqual(server.call(operation, **request)[0], 507, operation)
        self.assertEqual(own_command(house, "key", "generate", "--user", "alice").status, SPACE_LOW)
        # What reads, what signs with its time-stamp, what belongs to the log, what revokes.
        self.assertEqual(server.call("user list")[0], 200)
        run = sign(house, level="B-T")
        self.assertEqual(run.status, 0, run)
        for words in (("audit", "checkpoint"), ("crl", "issue"), ("user", "suspend", "alice"),
                      ("cert", "revoke", serial, "--reason", "superseded", "--yes")):
            run = own_command(house, *words)
            self.assertEqual(run.status, 0, run)
        refused = [record for record in house.records() if record["details"].get("reason") == "space-low"]
        self.assertTrue(1 <= len(refused) <= 3, refused)  # one a minute, the rest is counted

    def test_an_alarm_is_raised_and_ends(self):
        house, server = self.house, self.serve()
        self.free.write_text("1000000")
        server.wait(lambda: "event=space state=low free=" in server.said(), 10)
        status, text = server.ask("GET", "/healthz")
        self.assertEqual((status, json.loads(text)["space"]), (200, "low"))
        self.assertIn(b"\ntsp_space_low 1\n", server.ask("GET", "/metrics")[1])
        run = own_command(house, "status")
        space = run.objects()[0]["space"]
        self.assertEqual((run.status, space["ok"], space["free"] < space["kept_back"]), (1, False, True))
        self.free.unlink()
        server.wait(lambda: "event=space state=enough" in server.said(), 10)
        self.assertEqual(json.loads(server.ask("GET", "/healthz")[1])["space"], "enough")
        self.assertIn(b"\ntsp_space_low 0\n", server.ask("GET", "/metrics")[1])
        self.assertTrue(own_command(house, "status").objects()[0]["space"]["ok"])
        self.assertEqual(server.call("key generate", user="alice")[0], 200)

    def test_relying_parties_get_no_time_stamps_and_fill_no_log(self):
        port = free_port()
        house, server = self.house, self.serve("--listen", f"127.0.0.1:{port}")

        def ask(path, body, media):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("POST", path, body, {"Content-Type": media})
            answer = connection.getresponse()
            octets = answer.read()
            connection.close()
            return answer.status, octets
        query = subprocess.run(["openssl", "ts", "-query", "-digest", "00" * 32, "-sha256"],
                               capture_output=True, check=True).stdout
        self.free.write_text("1000000")
        size = house.ok("audit", "verify")[0]["size"]
        before = len(server.said())
        for _ in range(50):
            status, answer = ask("/tsa", query, "application/timestamp-query")
            self.assertEqual((status, granted(answer)), (200, False))
            ask("/ocsp", b"garbage", "application/ocsp-request")
        self.assertLess(house.ok("audit", "verify")[0]["size"], size + 5)
        self.assertLess(server.said()[before:].count("\n"), 20)

    def test_in_one_process_it_is_the_same(self):
        house = self.house
        self.free.write_text("1000000")
        shim = {"FREE_FILE": self.free}
        run = house.run("key", "generate", "--user", "alice", shim=shim)
        self.assertEqual((run.status, run.error()["code"]), (SPACE_LOW, "space-low"), run)
        run = house.sign(house.put_document(), code=house.code(), shim=shim)
        self.assertEqual(run.status, 0, run)


class CannotBeWritten(unittest.TestCase):
    """Each write and sync below HOME fails while it lasts."""

    def story(self, kind):
        with House() as house:
            gone = house.root.parent / (house.root.name + "-gone")
            house.next_code()
            trouble = {"WHILE_FILE": gone, "KIND": kind, "CHILDREN": 1}
            try:
                with Server(house, shim=trouble) as server:
                    before = len(house.records())
                    gone.touch()
                    begun = time.monotonic()
                    run = sign(house)
                    self.assertEqual((run.status, run.error()["code"]), BEFORE, run)
                    self.assertLess(time.monotonic() - begun, 10)
                    self.assertEqual(server.call("user list")[0], 200)
                    gone.unlink()
                    self.assertFalse(results(house.records()[before:], "sign"))
                    back = time.monotonic()
                    run = sign(house)
                    while run.status in (8, 75) and time.monotonic() - back < 5:
                        run = sign(house)
                    self.assertEqual(run.status, 0, run)
                records = house.check({"doc.pdf", "doc-signed.pdf"})
                self.assertEqual(len(results(records[before:], "sign")), 1)
            finally:
                gone.unlink(missing_ok=True)

    def test_a_full_disk(self):
        self.story("enospc")

    def test_a_disk_that_fails(self):
        self.story("eio")

    def test_a_file_system_that_became_read_only(self):
        self.story("erofs")


@unittest.skipUnless(os.geteuid() == 0, "only root can mount")
class SmallDisk(unittest.TestCase):
    """A file system of its own, filled until nothing is left."""

    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="tsp-small-"))
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", self.place],
                                 capture_output=True)
        if mounted.returncode != 0:
            self.place.rmdir()
            self.skipTest("no file system can be mounted here")
        self.was, tempfile.tempdir = tempfile.tempdir, str(self.place)

    def tearDown(self):
        tempfile.tempdir = self.was
        subprocess.run(["umount", self.place], check=True)
        self.place.rmdir()

    def leave(self, octets):
        """So that so much is free; the filler is made anew."""
        filler = self.place / "filler"
        filler.unlink(missing_ok=True)
        size = shutil.disk_usage(self.place).free - octets
        with open(filler, "wb") as out:
            os.posix_fallocate(out.fileno(), 0, size)

    def test_it_fills_up_and_is_cleared(self):
        with House() as house:
            house.next_code()
            with Server(house) as server:
                self.leave(40 << 20)
                self.assertEqual(server.call("key generate", user="alice")[0], 507)
                self.assertEqual(sign(house).status, 0)
                before = len(house.records())
                self.leave(0)
                # What the store's log has on disk already is written first.
                done = 0
                status, answer = server.call("crl issue")
                while status == 200 and done < 2000:
                    done += 1
                    status, answer = server.call("crl issue")
                self.assertEqual(status, 503, answer)
                self.assertIn(answer["error"]["code"], ("audit-before-signing", "audit-after-signing"))
                self.assertEqual(server.call("user list")[0], 200)
                (self.place / "filler").unlink()
                self.assertEqual(server.call("crl issue")[0], 200)
                self.assertEqual(server.call("key generate", user="alice")[0], 200)
            records = house.check({"doc.pdf", "doc-signed.pdf"})[before:]
            # Of root and issuing CA each; the call that failed may have made one.
            self.assertIn(len(results(records, "crl.issue")) - 2 * (done + 1), (0, 1))
            self.assertLessEqual(len(open_intents(records)), 1)


if __name__ == "__main__":
    unittest.main()
