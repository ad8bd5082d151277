#!/usr/bin/env python3
"""A service provider elsewhere: a real nginx, configured as docs/csc.md says, before `tsp serve`;
CSC v1 and v2 by API key, and a PDF signed by pyHanko's CSC client where pip can install it.

usage: csc_test.py --venv FOLDER (settings as tests/fault/CMakeLists.txt)
"""
import base64
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "serve"))
from server import INTERFACE, House, Server, time  # noqa: E402

SHA256 = "2.16.840.1.101.3.4.2.1"
ECDSA_SHA256 = "1.2.840.10045.4.3.2"


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def nginx_configuration(folder, port, place, public):
    """The server block of docs/csc.md with this test's places in it."""
    text = (HERE.parent.parent / "docs/csc.md").read_text()
    block = re.search(r"```nginx\n(.*?)```", text, re.S).group(1)
    block = (block.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
             .replace("/etc/nginx/tsp.pem", f"{folder}/tls.pem").replace("/etc/nginx/tsp.key", f"{folder}/tls.key")
             .replace("/run/tsp/tsp.sock", str(place)).replace("127.0.0.1:8080", f"127.0.0.1:{public}"))
    temporary = "".join(f"{name}_temp_path {folder}/{name};" for name in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;" if os.geteuid() == 0 else ""
    return (f"{user} daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;"
            f"events {{}} http {{ access_log off; {temporary} {block} }}")


class Csc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House()
        cls.key = cls.house.ok("group", "add", "bank", "--list-credentials", "yes", "--api-key-out", "-")[0]["api_key"]
        cls.house.ok("user", "enroll", "carol", "--common-name", "Carol Weber", "--given-name", "Carol",
                     "--surname", "Weber", "--group", "bank", "--pin-from", f"file:{cls.house.pin}",
                     "--totp-uri-out", str(cls.house.root / "carol.totp"))
        uri = (cls.house.root / "carol.totp").read_text()
        cls.house.seed = base64.b32decode(re.search(r"secret=([A-Z2-7]+)", uri).group(1) + "======"[:0]
                                          + "=" * (-len(re.search(r"secret=([A-Z2-7]+)", uri).group(1)) % 8))
        cls.house.ok("key", "generate", "--user", "carol")
        cls.house.ok("cert", "issue", "--user", "carol")
        cls.port, public = free_port(), free_port()
        me = os.geteuid()
        # Like a proxy's own user: not staff, and nothing without a key.
        cls.server = Server(cls.house, "--listen", f"127.0.0.1:{public}",
                            env={"TSP_ROLES_GATEWAY": f"user:{me}"}).__enter__()
        folder = cls.house.root / "nginx"
        folder.mkdir()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
                        "-keyout", folder / "tls.key", "-out", folder / "tls.pem"], check=True, capture_output=True)
        cls.tls = folder / "tls.pem"
        (folder / "nginx.conf").write_text(nginx_configuration(folder, cls.port, cls.server.socket, public))
        cls.nginx = subprocess.Popen([NGINX, "-p", folder, "-c", folder / "nginx.conf"],
                                     stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.server.wait(cls.listening, 20)

    @classmethod
    def listening(cls):
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", cls.port)) == 0

    @classmethod
    def tearDownClass(cls):
        cls.nginx.terminate()
        cls.nginx.wait(20)
        cls.server.__exit__()
        cls.house.__exit__()

    def ask(self, method, path, body=None, key=True):
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=ssl.create_default_context(cafile=str(self.tls)), timeout=30)
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Authorization"] = "Bearer " + (self.key if key is True else key)
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        status, text = answer.status, answer.read()
        connection.close()
        if path.startswith("/csc/"):
            INTERFACE.check(method, path, status, answer.headers.get("Content-Type"), text)
        return status, json.loads(text) if answer.headers.get_content_type() == "application/json" else text

    def post(self, path, body, **settings):
        return self.ask("POST", path, body, **settings)

    def code(self):
        """One that was not used: the server's clock does not move, so this waits."""
        counter = int(time.time()) // 30
        while counter <= getattr(type(self), "used", 0):
            time.sleep(0.5)
            counter = int(time.time()) // 30
        type(self).used = counter
        return self.house.code()

    def credential(self, version="v2"):
        status, answer = self.post(f"/csc/{version}/credentials/list", {"userID": "carol"})
        self.assertEqual(status, 200, answer)
        return answer["credentialIDs"][0]

    def test_only_what_is_named_passes(self):
        self.assertEqual(self.ask("POST", "/tsp/v1/call", {"operation": "user list"})[0], 404)
        self.assertEqual(self.ask("GET", "/metrics")[0], 404)
        self.assertEqual(self.ask("GET", "/healthz")[0], 404)

    def test_without_a_key_there_is_info_and_nothing_else(self):
        status, answer = self.post("/csc/v2/info", {}, key=False)
        self.assertEqual(status, 200)
        self.assertIn("signatures/signHash", answer["methods"])
        for path in answer["methods"]:
            status, refused = self.post(f"/csc/v2/{path}", {"userID": "carol"}, key=False)
            self.assertEqual((status, refused["error"]), (401, "access_denied"), path)
        self.assertEqual(self.post("/csc/v2/credentials/list", {"userID": "carol"}, key="tsp_FALSE")[0], 401)

    def test_other_groups_signers_are_not_there(self):
        self.assertEqual(self.post("/csc/v2/credentials/list", {"userID": "alice"}), (200, {"credentialIDs": []}))
        # Nor, without the administrator's word for it, are the group's own, by a name alone.
        for listed in ("no", "yes"):
            self.house.ok("group", "set", "bank", "--list-credentials", listed)
            answer = self.post("/csc/v2/credentials/list", {"userID": "carol"})[1]
            self.assertEqual(len(answer["credentialIDs"]), 1 if listed == "yes" else 0)
        alice = self.house.ok("key", "list", "--user", "alice")[0]["keys"][0]["key"]
        for method in ("credentials/info", "credentials/authorize", "signatures/signHash"):
            status, answer = self.post(f"/csc/v2/{method}", {
                "credentialID": alice, "numSignatures": 1, "hashes": [base64.b64encode(bytes(32)).decode()],
                "signAlgo": ECDSA_SHA256, "SAD": "AAAA"})
            self.assertEqual((status, answer["error_description"]), (400, "Invalid parameter credentialID"), method)

    def test_a_hash_is_signed_once_and_by_the_certified_key(self):
        credential = self.credential()
        status, info = self.post("/csc/v2/credentials/info", {"credentialID": credential, "certificates": "chain",
                                                              "certInfo": True, "authInfo": True})
        self.assertEqual(status, 200, info)
        self.assertEqual((info["SCAL"], info["auth"]["expression"], info["key"]["len"]), ("1", "PIN AND OTP", 256))
        digests = [base64.b64encode(hashlib.sha256(text).digest()).decode() for text in (b"one", b"two")]
        status, answer = self.post("/csc/v2/credentials/authorize", {
            "credentialID": credential, "numSignatures": 2, "hashes": digests, "hashAlgorithmOID": SHA256,
            "authData": [{"id": "PIN", "value": self.house.pin.read_text().strip()}, {"id": "OTP", "value": self.code()}]})
        self.assertEqual(status, 200, answer)
        order = {"credentialID": credential, "SAD": answer["SAD"], "hashAlgorithmOID": SHA256, "signAlgo": ECDSA_SHA256}
        status, wrong = self.post("/csc/v2/signatures/signHash", {**order, "hashes": digests, "signAlgo": "1.2.840.10045.4.3.3"})
        self.assertEqual((status, wrong["error_description"][:26]), (400, "Invalid parameter signAlgo"))
        status, signed = self.post("/csc/v2/signatures/signHash", {**order, "hashes": digests})
        self.assertEqual(status, 200, signed)
        folder = self.house.root / "verify"
        folder.mkdir()
        (folder / "cert.der").write_bytes(base64.b64decode(info["cert"]["certificates"][0]))
        subprocess.run(["openssl", "x509", "-inform", "DER", "-in", "cert.der", "-pubkey", "-noout", "-out", "key.pem"],
                       cwd=folder, check=True)
        for text, value in zip((b"one", b"two"), signed["signatures"]):
            (folder / "text").write_bytes(text)
            (folder / "value").write_bytes(base64.b64decode(value))
            subprocess.run(["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "value", "text"],
                           cwd=folder, check=True, capture_output=True)
        status, again = self.post("/csc/v2/signatures/signHash", {**order, "hashes": digests[:1]})
        self.assertEqual((status, again["error_description"]), (400, "Invalid parameter SAD"))

    def test_a_time_stamp_verifies(self):
        digest = hashlib.sha256(b"stamped").digest()
        for version in ("v1", "v2"):
            status, answer = self.post(f"/csc/{version}/signatures/timestamp", {
                "hash": base64.b64encode(digest).decode(), "hashAlgo": SHA256, "nonce": "00aabb"})
            self.assertEqual(status, 200, answer)
            token = self.house.root / "token"
            token.write_bytes(base64.b64decode(answer["timestamp"]))
            done = subprocess.run(["openssl", "ts", "-verify", "-digest", digest.hex(), "-in", token, "-token_in", "-CAfile",
                                   self.house.home / "ca/root.pem", "-untrusted", self.house.home / "ca/issuing.pem"],
                                  capture_output=True, text=True)
            self.assertIn("Verification: OK", done.stdout + done.stderr)

    def test_relying_parties_are_served_beside(self):
        status, text = self.ask("GET", "/crl/issuing.crl", key=False)
        self.assertEqual(status, 200)
        done = subprocess.run(["openssl", "crl", "-inform", "DER", "-noout", "-issuer"], input=text, capture_output=True)
        self.assertEqual(done.returncode, 0)

    def test_pyhanko_signs_a_pdf_with_its_csc_client(self):
        sys.path.insert(0, str(HERE))
        import pyhanko_test
        try:
            python = pyhanko_test.prepare(VENV)
        except SystemExit:
            self.skipTest("pip cannot get pyHanko")
        done = subprocess.run([python, "-c", "import aiohttp"], capture_output=True)
        if done.returncode != 0 and pyhanko_test.pip(VENV, "install", "--quiet", "--only-binary", ":all:",
                                                      "aiohttp", limit=300).returncode != 0:
            self.skipTest("pip cannot get aiohttp")
        document = pathlib.Path(self.house.put_document())
        signed = document.with_name("pyhanko-csc.pdf")
        done = subprocess.run(
            [python, "-B", HERE / "csc_pyhanko.py", f"https://localhost:{self.port}", str(self.tls), self.key,
             self.credential("v1"), self.house.pin.read_text().strip(), self.code(), document, signed],
            capture_output=True, text=True, env={**os.environ, "SSL_CERT_FILE": str(self.tls)})
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        verdict = self.house.ok("validate", str(signed))[0]
        self.assertEqual(verdict["indication"], "TOTAL-PASSED", verdict)
        seen = subprocess.run(["pdfsig", "-nocert", signed], capture_output=True, text=True).stdout
        self.assertIn("Signature is Valid", seen)


if __name__ == "__main__":
    if sys.argv[1:2] != ["--venv"] or len(sys.argv) != 3:
        sys.exit(__doc__)
    VENV = pathlib.Path(sys.argv[2]).absolute()
    NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if NGINX is None:
        print("csc_test: skipped, nginx is not installed")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
