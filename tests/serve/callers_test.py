#!/usr/bin/env python3
"""Who may ask for what: users and groups of the kernel, roles of tsp.yaml, API keys."""
import pathlib
import shutil
import sqlite3
import tempfile
import unittest

from server import House, PROGRAM, Server, json, os, subprocess

CLIENT = """
import http.client, json, os, socket, sys
path, uid, method, url, body, headers = json.load(sys.stdin)
os.setgroups([]); os.setgid(uid); os.setuid(uid)
class C(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX); self.sock.connect(path)
c = C("localhost"); c.request(method, url, body, headers); a = c.getresponse()
print(json.dumps([a.status, a.read().decode()]))
"""
RAW = """
import json, os, socket, sys
path, uid, octets = json.load(sys.stdin)
os.setgroups([]); os.setgid(uid); os.setuid(uid)
s = socket.socket(socket.AF_UNIX); s.connect(path); s.settimeout(10); s.sendall(octets.encode())
sys.stdout.write(s.recv(4096).decode())
"""
OFFICER, AUDITOR, SIGNER, GATEWAY, NOBODY, BOTH, OTHER = range(40001, 40008)
ROLES = {"TSP_ROLES_OFFICER": f"user:{OFFICER}, user:{BOTH}", "TSP_ROLES_AUDITOR": f"user:{AUDITOR}, user:{BOTH}",
         "TSP_ROLES_APPLICATION": f"user:{SIGNER}, user:{OTHER}", "TSP_ROLES_GATEWAY": f"user:{GATEWAY}"}


@unittest.skipUnless(os.geteuid() == 0, "only root can call as others")
class Callers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House()
        cls.key = cls.house.ok("group", "add", "bank", "--api-key-out", "-")[0]["api_key"]
        cls.place = cls.house.root / "tsp.sock"
        cls.house.root.chmod(0o755)
        cls.server = Server(cls.house, "--socket", str(cls.place), env=ROLES)
        cls.server.socket = cls.place
        cls.server.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()
        cls.house.__exit__()

    def as_user(self, uid, method, url, body=None, headers=None):
        headers = {**({"Content-Type": "application/json"} if body is not None else {}), **(headers or {})}
        asked = [str(self.place), uid, method, url, json.dumps(body) if body is not None else None, headers]
        done = subprocess.run(["/usr/bin/python3", "-c", CLIENT], input=json.dumps(asked),
                              capture_output=True, text=True, check=True)
        status, text = json.loads(done.stdout)
        return status, json.loads(text)

    def receipt_for(self, uid, operation, **request):
        status, answer = self.as_user(uid, "POST", "/tsp/v1/call", {"operation": operation, "request": request})
        self.assertEqual(status, 200, answer)
        return answer["receipt"]

    def call_as(self, uid, operation, **request):
        return self.as_user(uid, "POST", "/tsp/v1/call", {"operation": operation, "request": request})[0]

    def test_the_status_tells_that_processes_are_kept_apart(self):
        status = self.receipt_for(AUDITOR, "status")
        self.assertEqual(status["separation"], "processes")
        self.assertFalse([each for each in status["warnings"] if "separation" in each])

    def test_the_receipt_of_a_trial_says_so(self):
        receipt = self.receipt_for(OFFICER, "user suspend", user="alice", dry_run=True)
        self.assertEqual((receipt["dry_run"], receipt["audit_seq"]), (True, None))

    def test_roles_may_do_what_is_theirs_and_nothing_else(self):
        self.assertEqual(self.call_as(OFFICER, "user list"), 200)
        self.assertEqual(self.call_as(OFFICER, "user suspend", user="alice", dry_run=True), 200)
        self.assertEqual(self.call_as(OFFICER, "audit show"), 403)
        self.assertEqual(self.call_as(OFFICER, "group add", group="x"), 403)
        self.assertEqual(self.call_as(AUDITOR, "audit show"), 200)
        self.assertEqual(self.call_as(AUDITOR, "user suspend", user="alice"), 403)
        self.assertEqual(self.call_as(SIGNER, "user list"), 403)
        self.assertEqual(self.call_as(SIGNER, "audit show"), 403)

    def test_who_has_no_role_is_refused_but_for_what_is_anybodys(self):
        self.assertEqual(self.call_as(NOBODY, "user list"), 403)
        self.assertEqual(self.as_user(NOBODY, "GET", "/metrics")[0], 403)
        self.assertEqual(self.as_user(NOBODY, "GET", "/healthz")[0], 200)
        media = {"Content-Type": "application/json"}
        self.assertEqual(self.as_user(NOBODY, "POST", "/csc/v2/info", {}, media)[0], 200)
        self.assertEqual(self.as_user(NOBODY, "POST", "/csc/v2/credentials/list", {"userID": "alice"}, media)[0], 403)
        self.assertEqual(self.call_as(0, "user list"), 403)  # root has no role either

    def test_nobody_is_officer_and_auditor(self):
        self.assertEqual(self.call_as(BOTH, "user list"), 403)
        self.assertEqual(self.call_as(BOTH, "audit show"), 403)

    def test_a_gateway_speaks_for_the_holder_of_a_key_and_for_his_signers_alone(self):
        key = {"X-API-Key": self.key}
        bearer = {"Authorization": "Bearer " + self.key}
        listing = {"userID": "alice"}
        url = "/csc/v2/credentials/list"
        media = {"Content-Type": "application/json"}
        self.assertEqual(self.as_user(GATEWAY, "POST", url, listing, media)[0], 401)
        self.assertEqual(self.as_user(GATEWAY, "POST", "/tsp/v1/call", {"operation": "user list"})[0], 401)
        self.assertEqual(self.as_user(GATEWAY, "POST", url, listing, {"X-API-Key": "tsp_FALSE", **media}),
                         (401, {"error": "invalid_token", "error_description": "The API key is not accepted"}))
        for headers in ({**key, **media}, {**bearer, **media}):
            # alice is of another group: she looks like nobody.
            self.assertEqual(self.as_user(GATEWAY, "POST", url, listing, headers),
                             (200, {"credentialIDs": []}))
        for operation in ("user list", "audit show", "group list"):
            status, _ = self.as_user(GATEWAY, "POST", "/tsp/v1/call",
                                     {"operation": operation, "request": {}}, key)
            self.assertEqual(status, 403)
        asked = {"user": "alice", "key": self.house.ok("key", "list", "--user", "alice")[0]["keys"][0]["key"]}
        status, answer = self.as_user(GATEWAY, "POST", "/tsp/v1/credential", asked, key)
        self.assertEqual((status, answer["error"]["code"]), (400, "factor-refused"))

    def test_an_outsider_cannot_tell_a_signer_from_a_name_that_nobody_has(self):
        """By no door that takes a name and neither the key's number nor the signer's PIN."""
        for url, more in (("/tsp/v1/credential", {}), ("/tsp/v1/credential", {"key": "0123456789"}),
                          ("/tsp/v1/credential", {"dry_run": True}), ("/tsp/v1/one_shot", {"scal": 1}),
                          ("/tsp/v1/one_shot", {"scal": 2})):
            told = [self.as_user(SIGNER, "POST", url, {"user": name, **more}) for name in ("alice", "nobody")]
            self.assertEqual(told[0], told[1])
            self.assertEqual((told[0][0], told[0][1]["error"]["code"]), (400, "input-needed"))
        for version in ("v1", "v2"):
            for name in ("alice", "nobody"):
                self.assertEqual(self.as_user(SIGNER, "POST", f"/csc/{version}/credentials/list", {"userID": name}),
                                 (200, {"credentialIDs": []}))

    def sign_as_outsider(self, *words, pin=None, uid=SIGNER, root=None):
        """`tsp sign` as a user who has no part in the TSP but his socket, and the root that he trusts."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.house.root))
        self.addCleanup(shutil.rmtree, folder)
        shutil.copy(self.house.put_document(), folder / "doc.pdf")
        pin_file = folder / "pin"
        pin_file.write_text(pin or self.house.pin.read_text())
        pin_file.chmod(0o600)
        trusted = {"TSP_CLIENT_ROOT": str(shutil.copy(root, folder / "root.pem"))} if root else {}
        for path in (folder, *folder.iterdir()):
            os.chown(path, uid, uid)
        done = subprocess.run(
            [PROGRAM, "sign", "doc.pdf", "--socket", str(self.place), "--pin-from", "file:pin", "--json", *words],
            cwd=folder, user=uid, group=uid, extra_groups=[], capture_output=True, text=True,
            env={"HOME": str(folder), "TSP_HOME": str(folder / "none"), "LC_ALL": "C.UTF-8", **trusted}, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def forget_code(self):
        """The step's code counts again."""
        with sqlite3.connect(self.house.home / "tsp.db") as store:
            store.execute("UPDATE factors SET last_step = 0")
        store.close()

    def test_an_outsider_signs_with_the_pin_or_with_the_keys_number(self):
        key = self.house.ok("key", "list", "--user", "alice")[0]["keys"][0]["key"]
        for words in (("--key", key), (), ("--one-shot",)):
            self.forget_code()
            status, said = self.sign_as_outsider("--user", "alice", *words, "--otp", self.house.code())
            self.assertEqual(status, 0, said)
            self.assertEqual(json.loads(said)["level"], "B-LT", said)

    def test_factors_go_to_a_module_under_the_root_that_the_signer_trusts_and_to_no_other(self):
        key = self.house.ok("key", "list", "--user", "alice")[0]["keys"][0]["key"]
        other = self.house.root / "other.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
                        "-keyout", self.house.root / "other.key", "-out", other, "-subj", "/CN=Other"],
                       check=True, capture_output=True)
        for root, expected in ((other, 11), (self.house.home / "ca" / "root.pem", 0)):
            self.forget_code()
            before = len(self.house.records())
            status, said = self.sign_as_outsider("--user", "alice", "--key", key, "--otp", self.house.code(), root=root)
            self.assertEqual(status, expected, said)
            if expected:
                self.assertIn("the server's activation module is not trusted", said)
                self.assertFalse([each for each in self.house.records()[before:] if each["event"] == "sign.authorize"])

    def test_a_wrong_pin_and_a_name_that_nobody_has_are_told_alike(self):
        told = [self.sign_as_outsider("--user", name, "--otp", "123456", pin="000001", uid=uid)[0]
                for name, uid in (("alice", SIGNER), ("nobody", OTHER))]
        self.assertEqual(told, [5, 5])

    def test_what_was_refused_is_on_record_once_a_minute(self):
        for _ in range(20):
            self.call_as(SIGNER, "user list")
        refused = [record for record in self.house.records()
                   if record["event"] == "caller.refused" and record["actor"] == f"uid:{SIGNER}"]
        self.assertTrue(1 <= len(refused) <= 4, refused)

    def test_who_has_no_role_is_on_record_and_what_he_sends_is_not_read(self):
        head = b"POST /tsp/v1/authorize HTTP/1.1\r\nHost: x\r\nContent-Length: 15000000\r\n\r\n"
        done = subprocess.run(["/usr/bin/python3", "-c", RAW], capture_output=True, check=True,
                              input=json.dumps([str(self.place), NOBODY, head.decode()]).encode())
        self.assertTrue(done.stdout.startswith(b"HTTP/1.1 403"), done.stdout)

    def test_what_a_caller_says_was_refused_names_no_signer_without_his_key(self):
        key = self.house.ok("key", "list", "--user", "alice")[0]["keys"][0]["key"]
        error = {"code": "policy-refused", "message": "x", "hint": "", "exit": 11, "audit_seq": None}
        # One record a caller and minute.
        for uid, number, subject in ((SIGNER, "nobody-key", ""), (OTHER, key, "alice")):
            status, answer = self.as_user(uid, "POST", "/tsp/v1/refused", {
                "user": "alice", "key": number, "error": error, "failed": "x", "why": "invented " + 1000 * "é"})
            self.assertEqual(status, 200, answer)
            record = [each for each in self.house.records() if each["event"] == "sign.authorize"][-1]
            self.assertEqual(record.get("subject", ""), subject, record)
            self.assertLessEqual(len(record["details"]["detail"].encode()), 512)

    def test_an_imprint_of_another_length_is_refused_before_anything_is_signed(self):
        before = len(self.house.records())
        status, answer = self.as_user(SIGNER, "POST", "/tsp/v1/timestamp", {"hash_algorithm": "sha256", "imprint": "AAAA"})
        self.assertEqual((status, answer["error"]["code"]), (400, "bad-input"), answer)
        records = self.house.records()[before:]
        self.assertEqual([record["outcome"] for record in records if record["event"] == "timestamp"], ["refused"])
        self.assertEqual(self.as_user(AUDITOR, "POST", "/tsp/v1/timestamp", {"hash_algorithm": "sha256", "imprint": "AAAA"})[0], 403)


if __name__ == "__main__":
    unittest.main()
