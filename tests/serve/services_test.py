#!/usr/bin/env python3
"""Authentication and signing as two services: two HOMEs, two sockets, two logs. What crosses between
them is one assertion, and it signs once."""
import base64
import concurrent.futures
import hashlib
import hmac
import http.server
import shutil
import socketserver
import struct
import threading
import unittest
import urllib.parse

from server import House, Server, json, os, signal, time

PIN = "korrekt-pferd"
FACTORS = "pin+hotp"


class Tap:
    """A socket before a server's: passes on and remembers what is posted, and keeps back what
    `keep` says, which is answered as by a server that is busy."""

    def __init__(self, server, path):
        tap = self
        self.server, self.posted, self.keep, self.path = server, [], lambda url: False, path

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.command == "POST":
                    tap.posted.append((self.path, json.loads(body)))
                if tap.keep(self.path):
                    status, answer = 503, json.dumps({"error": {
                        "code": "busy", "message": "kept", "hint": "", "exit": 75, "audit_seq": None}}).encode()
                else:
                    status, answer = tap.server.ask(self.command, self.path, body or None,
                                                {"Content-Type": "application/json"} if body else {})
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = pass_on

            def log_message(self, *_):
                pass

            def address_string(self):
                return "tap"

        class Listener(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True

        self.listener = Listener(str(path), Handler)
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()


def origin(house):
    return house.rows("SELECT value FROM settings WHERE name = 'audit-origin'")[0][0]


def key_of(uri):
    text = urllib.parse.parse_qs(urllib.parse.urlsplit(uri.strip()).query)["secret"][0]
    return base64.b32decode(text + "=" * (-len(text) % 8))


class Pair:
    """An authentication service founded for it, and the template's TSP as a signing service."""

    def __init__(self):
        self.auth, self.sign = House(template=False), House()
        self.auth.ok("init", "--name", "Auth TEST", "--country", "LU")
        self.pin = self.auth.root / "alice.pin"
        self.pin.write_text(PIN + "\n")
        self.pin.chmod(0o600)
        self.known = self.sign.root / "auth.pem"
        shutil.copy(self.auth.home / "ca/sam.pem", self.known)
        self.ids = {"auth": origin(self.auth), "sign": origin(self.sign)}
        self.env_auth = {"TSP_AUTH_SIGNING_SERVICES": "tsp.invalid/0000, " + self.ids["sign"]}
        self.env_sign = {"TSP_SIGN_AUTHENTICATION_SERVICES": f"{self.ids['auth']}={self.known}"}
        for house in (self.auth, self.sign):
            house.ok("group", "set", "default", "--factors-scal1", FACTORS)
        self.counter, self.keys = {}, {}
        self.enroll("alice")
        self.servers = {"auth": Server(self.auth, "--role", "auth", env=self.env_auth),
                        "sign": Server(self.sign, "--role", "sign", env=self.env_sign)}
        self.taps = {}

    def enroll(self, name, group="default"):
        """At the authentication service: a PIN, and codes that need no time."""
        self.auth.ok("user", "enroll", name, "--common-name", name.title(), "--pin-from", f"file:{self.pin}",
                     "--totp-uri-out", "-", "--group", group)
        self.keys[name] = key_of(self.auth.ok("user", "factor", "add", name, "--type", "hotp", "--uri-out",
                                              "-")[0]["uri"])
        self.counter[name] = 0

    def code(self, name="alice"):
        mac = hmac.digest(self.keys[name], struct.pack(">Q", self.counter[name]), "sha1")
        self.counter[name] += 1
        at = mac[-1] & 15
        return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 10 ** 6:06}"

    def __enter__(self):
        for name, server in self.servers.items():
            server.__enter__()
            server.ask("GET", "/tsp/v1/service")
            self.taps[name] = Tap(server, server.house.root / "tap.sock")
        return self

    def __exit__(self, *_):
        for name, server in self.servers.items():
            server.__exit__()
            self.taps[name].close()
        self.auth.__exit__()
        self.sign.__exit__()

    def run(self, *words, user="alice", code=None, **settings):
        """tsp sign as a signer who knows both sockets and neither HOME's secrets."""
        env = {"TSP_SOCKET": str(self.taps["sign"].path), "TSP_AUTH_SOCKET": str(self.taps["auth"].path)}
        return self.sign.run("sign", *words, *(["--user", user] if user else []), "--pin-from",
                             f"file:{self.pin}", "--otp", code or self.code(user or "alice"), "--level",
                             "B-T", env=env, **settings)

    def kept_order(self, name):
        """The body that a signing service was to get, with an assertion that nobody used."""
        tap = self.taps["sign"]
        self.sign.put_document(name)
        tap.keep = lambda url: url == "/tsp/v1/authorize"
        try:
            run = self.run(name)
        finally:
            tap.keep = lambda url: False
        assert run.status == 75, run
        url, body = tap.posted[-1]
        assert url == "/tsp/v1/authorize" and "sealed" not in body, (url, body.keys())
        return body

    def authorize(self, body):
        return self.servers["sign"].post("/tsp/v1/authorize", body)

    def refusal(self, body):
        """Code, exit status and recorded reason."""
        status, answer = self.authorize(body)
        error = answer["error"]
        record = self.record(self.sign, error["audit_seq"])
        assert status != 200 and record["event"] == "sign.authorize" and record["outcome"] == "refused", record
        return error["code"], error["exit"], record["details"]["reason"]

    @staticmethod
    def record(house, seq):
        return next(r for r in house.records() if r["seq"] == seq)


def changed(body, change):
    octets = bytearray(base64.b64decode(body["assertion"]))
    change(octets)
    return {**body, "assertion": base64.b64encode(bytes(octets)).decode()}


def replace(old, new):
    """One text for another of the same length."""
    def change(octets):
        at = octets.index(old.encode())
        octets[at:at + len(old)] = new.encode()
    return change


class TwoServices(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pair = Pair()
        cls.pair.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.pair.__exit__()

    def test_one_flow_for_the_signer_and_a_part_in_each_log(self):
        pair = self.pair
        pair.sign.put_document("flow.pdf")
        run = pair.run("flow.pdf")
        self.assertEqual(run.status, 0, run)
        receipt, = run.objects()
        alice, = (key for key in pair.sign.ok("key", "list")[0]["keys"] if key["user"] == "alice")
        self.assertEqual(receipt["key"], alice["key"])
        issued = [r for r in pair.auth.records() if r["event"] == "assertion.issue" and r["outcome"] == "done"][-1]
        taken = [r for r in pair.sign.records() if r["event"] == "sign.authorize" and r["outcome"] == "done"][-1]
        for name in ("assertion", "manifest_sha256", "key", "factors"):
            self.assertEqual(issued["details"][name], taken["details"][name])
        self.assertEqual(issued["details"]["audience"], pair.ids["sign"])
        self.assertEqual(taken["details"]["issuer"], pair.ids["auth"])
        self.assertEqual({r["event"] for r in pair.auth.records()} & {"sign", "sign.authorize"}, set())
        self.assertEqual({r["event"] for r in pair.sign.records()} & {"assertion.issue"}, set())
        for house in (pair.auth, pair.sign):
            self.assertTrue(house.ok("audit", "verify")[0]["intact"])

    def test_what_the_signing_service_sees_holds_no_factor(self):
        pair = self.pair
        body = pair.kept_order("sees.pdf")
        self.assertEqual(set(body), {"user", "key", "certificate", "manifest", "assertion"})
        self.assertNotIn(PIN, json.dumps(pair.taps["auth"].posted[-1][1]))

    def test_each_wrong_assertion_has_its_code_its_status_and_its_record(self):
        pair = self.pair
        body, other = pair.kept_order("one.pdf"), pair.kept_order("two.pdf")
        self.assertEqual(pair.refusal({**body, "assertion": "AAAA"}), ("bad-input", 1, "assertion-malformed"))
        self.assertEqual(pair.refusal(changed(body, lambda o: o.append(0))),
                         ("bad-input", 1, "assertion-malformed"))
        strange = pair.ids["auth"][:-1] + ("0" if pair.ids["auth"][-1] != "0" else "1")
        self.assertEqual(pair.refusal(changed(body, replace(pair.ids["auth"], strange))),
                         ("not-permitted", 13, "assertion-issuer"))
        self.assertEqual(pair.refusal(changed(body, replace("alice", "alicf"))),
                         ("factor-refused", 5, "assertion-signature"))
        self.assertEqual(pair.refusal(changed(body, replace("pin+hotp", "pin+ocra"))),
                         ("factor-refused", 5, "assertion-signature"))
        self.assertEqual(pair.refusal({**body, "manifest": other["manifest"]}),
                         ("policy-refused", 11, "assertion-manifest"))
        self.assertEqual(pair.refusal({**body, "user": "nobody"}), ("policy-refused", 11, "assertion-signer"))
        self.assertEqual(pair.refusal({**body, "key": "f" * 32}), ("policy-refused", 11, "assertion-signer"))
        self.assertEqual(pair.authorize(body)[0], 200)  # none of them used it up
        self.assertEqual(pair.refusal(body), ("already-exists", 10, "assertion-used"))

    def test_an_assertion_for_another_signing_service_is_refused(self):
        pair = self.pair
        seen = pair.servers["sign"].ask
        pair.servers["sign"].ask = lambda method, url, *rest, **more: (
            (200, json.dumps({"id": "tsp.invalid/0000", "role": "sign"}).encode())
            if url == "/tsp/v1/service" else seen(method, url, *rest, **more))
        try:
            body = pair.kept_order("audience.pdf")
        finally:
            pair.servers["sign"].ask = seen
        self.assertEqual(pair.refusal(body), ("policy-refused", 11, "assertion-audience"))

    def test_factors_are_asserted_to_known_services_alone(self):
        pair = self.pair
        seen = pair.servers["sign"].ask
        pair.servers["sign"].ask = lambda method, url, *rest, **more: (
            (200, json.dumps({"id": "tsp.invalid/ffff", "role": "sign"}).encode())
            if url == "/tsp/v1/service" else seen(method, url, *rest, **more))
        try:
            pair.sign.put_document("unknown.pdf")
            run = pair.run("unknown.pdf")
        finally:
            pair.servers["sign"].ask = seen
        self.assertEqual((run.status, run.error()["code"]), (11, "policy-refused"))
        record = pair.record(pair.auth, run.error()["audit_seq"])
        self.assertEqual((record["event"], record["details"]["reason"]), ("assertion.issue", "audience-unknown"))

    def test_of_64_at_once_one_gets_an_approval_and_it_signs_once(self):
        pair = self.pair
        body = pair.kept_order("race.pdf")
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            answers = list(pool.map(lambda _: pair.authorize(body), range(64)))
        given = [answer for status, answer in answers if status == 200]
        self.assertEqual(len(given), 1, answers)
        self.assertEqual({answer["error"]["code"] for status, answer in answers if status != 200},
                         {"already-exists"})
        order = {"sad": given[0]["sad"], "manifest": body["manifest"]}
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            signed = list(pool.map(lambda _: pair.servers["sign"].post("/tsp/v1/sign", order), range(16)))
        self.assertEqual([status for status, _ in signed].count(200), 1, signed)

    def test_factors_of_scal_1_are_not_taken_by_the_signing_service(self):
        pair = self.pair
        pair.sign.put_document("direct.pdf")
        run = pair.sign.run("sign", "direct.pdf", "--user", "alice", "--pin-from", f"file:{pair.pin}", "--otp",
                            "123456", "--level", "B-T", env={"TSP_SOCKET": str(pair.taps["sign"].path)})
        self.assertEqual((run.status, run.error()["code"]), (11, "policy-refused"), run)
        self.assertIn("--auth-socket", run.error()["hint"])
        record = pair.record(pair.sign, run.error()["audit_seq"])
        self.assertEqual(record["details"]["reason"], "assertion-needed")

    def test_wrong_factors_are_refused_and_locked_by_the_authentication_service(self):
        pair = self.pair
        pair.enroll("mallory")
        pair.sign.ok("user", "enroll", "mallory", "--common-name", "Mallory", "--factors-elsewhere",
                     env=pair.env_sign)
        pair.sign.ok("key", "generate", "--user", "mallory")
        pair.sign.ok("cert", "issue", "--user", "mallory")
        pair.sign.put_document("wrong.pdf")
        statuses = [pair.run("wrong.pdf", user="mallory", code="000000").status for _ in range(6)]
        self.assertEqual(statuses, [5, 5, 5, 5, 6, 6])
        self.assertTrue(pair.auth.ok("user", "show", "mallory")[0]["locked"])
        self.assertFalse(pair.sign.ok("user", "show", "mallory")[0]["locked"])

    def test_a_signer_without_factors_at_the_signing_service_signs(self):
        pair = self.pair
        pair.enroll("bob")
        refused = pair.sign.run("user", "enroll", "bob", "--common-name", "Bob", "--factors-elsewhere")
        self.assertEqual((refused.status, refused.error()["code"]), (11, "policy-refused"), refused)
        enrolled, = pair.sign.ok("user", "enroll", "bob", "--common-name", "Bob", "--factors-elsewhere",
                                 env=pair.env_sign)
        self.assertEqual((enrolled["state"], enrolled["factors"]), ("active", []))
        pair.sign.ok("key", "generate", "--user", "bob")
        pair.sign.ok("cert", "issue", "--user", "bob")
        pair.sign.put_document("bob.pdf")
        self.assertEqual(pair.run("bob.pdf", user="bob").status, 0)
        pair.sign.put_document("bob2.pdf")
        pair.sign.ok("user", "suspend", "bob")
        run = pair.run("bob2.pdf", user="bob")
        self.assertEqual(run.status, 11, run)

    def test_a_one_shot_key_is_made_under_an_assertion(self):
        pair = self.pair
        pair.sign.put_document("shot.pdf")
        run = pair.run("shot.pdf", "--one-shot")
        self.assertEqual(run.status, 0, run)

    def test_a_code_over_the_documents_is_asked_for_and_checked_by_the_authentication_service(self):
        pair = self.pair
        for house in (pair.auth, pair.sign):
            house.ok("group", "add", "careful", "--api-key-out", "-")
            house.ok("group", "set", "careful", "--factors-scal1", "pin+ocra")
        pair.enroll("olga", "careful")
        uri = pair.auth.root / "olga.uri"
        pair.auth.ok("user", "factor", "add", "olga", "--type", "ocra", "--uri-out", str(uri))
        pair.sign.ok("user", "enroll", "olga", "--common-name", "Olga", "--factors-elsewhere",
                     "--group", "careful", env=pair.env_sign)
        pair.sign.ok("key", "generate", "--user", "olga")
        pair.sign.ok("cert", "issue", "--user", "olga")
        pair.sign.put_document("olga.pdf")
        env = {"TSP_SOCKET": str(pair.taps["sign"].path), "TSP_AUTH_SOCKET": str(pair.taps["auth"].path)}
        run = pair.sign.run("sign", "--prepare", "olga.session", "olga.pdf", "--user", "olga", "--level", "B-T",
                            env=env)
        self.assertEqual(run.status, 12, run)
        challenge = bytes.fromhex(run.objects()[0]["challenge"])
        mac = hmac.digest(key_of(uri.read_text()),
                          b"OCRA-1:HOTP-SHA256-8:QH64\0" + challenge.ljust(128, b"\0"), hashlib.sha256)
        at = mac[-1] & 15
        code = f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 10 ** 8:08}"
        run = pair.sign.run("sign", "--resume", "olga.session", "--pin-from", f"file:{pair.pin}", "--otp", code,
                            env=env)
        self.assertEqual(run.status, 0, run)
        issued = [r for r in pair.auth.records() if r["event"] == "assertion.issue"][-1]
        self.assertEqual(issued["details"]["factors"], "pin+ocra")

    def test_the_authentication_service_signs_nothing(self):
        server = self.pair.servers["auth"]
        for url in ("credential", "one_shot", "check", "refused", "sign", "sign_one_shot", "timestamp", "evidence"):
            status, answer = server.post("/tsp/v1/" + url, {})
            self.assertEqual((status, answer["error"]["code"]), (404, "not-found"), url)
        self.assertEqual(server.ask("POST", "/csc/v2/info", "{}")[0], 501)
        self.assertEqual(server.ask("GET", "/healthz")[0], 200)
        for name, role in (("auth", "auth"), ("sign", "sign")):
            told = json.loads(self.pair.servers[name].ask("GET", "/tsp/v1/service")[1])
            self.assertEqual(told, {"id": self.pair.ids[name], "role": role})

    def test_no_role_without_the_other_service(self):
        for house, role in ((self.pair.auth, "auth"), (self.pair.sign, "sign")):
            run = house.run("serve", "--role", role, "--socket", str(house.root / "none.sock"))
            self.assertEqual((run.status, run.error()["code"]), (2, "usage"), run)


class Restarts(unittest.TestCase):
    def test_an_assertion_is_used_whatever_is_killed_and_however_the_clock_stands(self):
        with Pair() as pair:
            first, second = (pair.kept_order(f"{name}.pdf") for name in ("first", "second"))
            server = pair.servers["sign"]
            server.wait(server.settled, 30)
            status, approval = pair.authorize(first)
            self.assertEqual(status, 200, approval)
            for pid in [server.process.pid, *server.children()]:
                os.kill(pid, signal.SIGKILL)
            server.process.wait()
            time.sleep(0.5)

            with Server(pair.sign, "--role", "sign", env=pair.env_sign) as again:
                pair.servers["sign"] = again
                self.assertEqual(pair.refusal(first), ("already-exists", 10, "assertion-used"))
                # The approval that it gave is there, once.
                order = {"sad": approval["sad"], "manifest": first["manifest"]}
                self.assertEqual([again.post("/tsp/v1/sign", order)[0] for _ in range(2)], [200, 403])

                pair.servers["auth"].__exit__()
                pair.auth.offset = 120
                with Server(pair.auth, "--role", "auth", env=pair.env_auth) as ahead:
                    pair.servers["auth"] = pair.taps["auth"].server = ahead
                    early = pair.kept_order("early.pdf")
                    self.assertEqual(pair.refusal(early), ("policy-refused", 11, "assertion-early"))

            pair.sign.offset = 600
            with Server(pair.sign, "--role", "sign", env=pair.env_sign) as later:
                pair.servers["sign"] = later
                self.assertEqual(pair.refusal(second), ("policy-refused", 11, "assertion-expired"))

            for house in (pair.auth, pair.sign):
                house.check()

    def test_files_that_are_no_services_are_refused_at_the_start(self):
        with House() as house:
            place = house.root / "issuing.pem"
            shutil.copy(house.home / "ca/issuing.pem", place)
            for text in (f"x={place}", "x", f"x={house.root}/none", "x=relative.pem"):
                run = house.run("sign", house.put_document(), "--user", "alice", "--pin-from", f"file:{house.pin}",
                                "--otp", "000000", env={"TSP_SIGN_AUTHENTICATION_SERVICES": text})
                self.assertIn(run.status, (1, 9), run)
            good = house.root / "sam.pem"
            shutil.copy(house.home / "ca/sam.pem", good)
            good.chmod(0o666)
            run = house.run("sign", house.put_document(), "--user", "alice", "--pin-from", f"file:{house.pin}",
                            "--otp", "000000", env={"TSP_SIGN_AUTHENTICATION_SERVICES": f"x={good}"})
            self.assertEqual(run.status, 11, run)


if __name__ == "__main__":
    unittest.main()
