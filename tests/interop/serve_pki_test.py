#!/usr/bin/env python3
"""`tsp serve --listen` as relying parties see it: openssl ocsp, openssl ts, openssl crl and curl.

usage: serve_pki_test.py --program TSP --template FOLDER
"""
import argparse
import base64
import concurrent.futures
import http.client
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tsp_home import Failed, Tsp

OCSP, TSA = "application/ocsp-request", "application/timestamp-query"
MALFORMED = bytes.fromhex("30030a0101")
UNAUTHORIZED = bytes.fromhex("30030a0106")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, tsp, settings=""):
        self.tsp, self.port = tsp, free_port()
        (tsp.home / "tsp.yaml").write_text(settings)
        self.log = open(tsp.folder / "serve.log", "ab")
        self.process = subprocess.Popen(
            [tsp.program, "serve", "--socket", tsp.home / "run" / "tsp.sock", "--listen",
             f"127.0.0.1:{self.port}"], env=tsp.env | {"TSP_SOCKET": ""}, cwd=tsp.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log)
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if self.get("/healthz").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise Failed("the server does not answer\n" + self.lines())

    def lines(self):
        return (self.tsp.folder / "serve.log").read_text()

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            answer.octets = answer.read()
            return answer
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.ask("GET", path, None, {k.replace("_", "-"): v for k, v in headers.items()})

    def post(self, path, body, media):
        return self.ask("POST", path, body, {"Content-Type": media} if media else {})

    def raw(self, octets, patience=15):
        """What comes back for octets that need be no HTTP."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=patience) as connection:
            try:
                connection.sendall(octets)
                got = b""
                while piece := connection.recv(65536):
                    got += piece
            except (ConnectionResetError, BrokenPipeError):
                pass
            return got

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(40)
        self.log.close()
        return status


class Checks:
    def __init__(self, tsp, server):
        self.tsp, self.server, self.here = tsp, server, tsp.folder
        self.failures, self.checked = [], 0

    def expect(self, condition, what):
        self.checked += 1
        if not condition:
            self.failures.append(what)

    def same(self, got, wanted, what):
        self.expect(got == wanted, f"{what}: {got!r}, not {wanted!r}")

    def run(self, *words):
        done = subprocess.run([str(word) for word in words], cwd=self.here, capture_output=True,
                              text=True, timeout=60)
        return done.stdout + done.stderr

    def openssl_ocsp(self, *words):
        return self.run("openssl", "ocsp", "-issuer", self.tsp.issuing(), "-CAfile", self.tsp.root(),
                        *words)

    def asked(self, *words):
        """The DER of openssl's question, to be sent by other ways."""
        path = self.here / "question.der"
        self.openssl_ocsp(*words, "-reqout", path)
        return path.read_bytes()

    def certificate_of(self, user):
        for each in self.tsp.ok("cert", "list", "--json"):
            for row in each.get("certificates", [each]):
                if row.get("user") == user or row.get("owner") == user:
                    path = self.here / f"{user}.pem"
                    path.write_text(self.tsp.ok("cert", "export", row["serial"]))
                    return row["serial"], path
        raise Failed(f"{user} has no certificate")


def check_ocsp(checks, server):
    _, alice = checks.certificate_of("alice")
    for words in ([], ["-no_nonce"]):
        for digest in ("-sha1", "-sha256"):
            told = checks.openssl_ocsp(digest, "-cert", alice, "-url", server.url("/ocsp"), *words)
            checks.expect("Response verify OK" in told and "alice.pem: good" in told, f"ocsp: {told}")
            checks.expect("Nonce Verify error" not in told, f"nonce: {told}")
            if not words:
                checks.expect("no nonce" not in told, f"the nonce is missing: {told}")
    told = checks.openssl_ocsp("-serial", "0x4123456789abcdef", "-url", server.url("/ocsp"))
    checks.expect("Response verify OK" in told and ": unknown" in told, f"unknown: {told}")

    question = checks.asked("-cert", alice, "-no_nonce")
    first = server.post("/ocsp", question, OCSP)
    checks.same(first.status, 200, "POST /ocsp")
    checks.same(first.getheader("Content-Type"), "application/ocsp-response", "its type")
    for encoded in (urllib.parse.quote(base64.b64encode(question).decode(), safe=""),
                    base64.b64encode(question).decode()):
        got = server.get("/ocsp/" + encoded)
        checks.same(got.octets, first.octets, "GET and POST, made before")
    control = got.getheader("Cache-Control") or ""
    age = re.search(r"max-age=(\d+)", control)
    checks.expect(age and 0 < int(age[1]) <= 12 * 3600, f"Cache-Control of OCSP: {control}")
    for name in ("ETag", "Expires", "Last-Modified", "Date"):
        checks.expect(got.getheader(name), f"OCSP by GET has no {name}")
    again = server.get("/ocsp/" + encoded, If_None_Match=got.getheader("ETag"))
    checks.same((again.status, again.octets), (304, b""), "OCSP with its ETag")
    by_curl = checks.run("curl", "-sS", "-o", "curl.der", "-w", "%{http_code} %{content_type}",
                         server.url("/ocsp/" + urllib.parse.quote(base64.b64encode(question).decode(), safe="")))
    checks.same(by_curl, "200 application/ocsp-response", "OCSP by curl")
    told = checks.openssl_ocsp("-cert", alice, "-no_nonce", "-respin", "curl.der")
    checks.expect("alice.pem: good" in told, f"what curl fetched: {told}")

    with_nonce = checks.asked("-cert", alice)
    one, two = (server.post("/ocsp", with_nonce, OCSP) for _ in range(2))
    checks.same(one.getheader("Cache-Control"), "no-store", "OCSP with a nonce")
    checks.expect(one.octets != two.octets, "a nonce's answer was given twice")

    root = checks.here / "question.der"
    checks.run("openssl", "ocsp", "-issuer", checks.tsp.root(), "-cert", checks.tsp.issuing(),
               "-reqout", root)
    checks.same(server.post("/ocsp", root.read_bytes(), OCSP).octets, UNAUTHORIZED, "the root's")


def check_revocation(checks, server):
    """By an in-process command beside the server: the very next answer."""
    serial, alice = checks.certificate_of("alice")
    question = checks.asked("-cert", alice, "-no_nonce")
    encoded = "/ocsp/" + urllib.parse.quote(base64.b64encode(question).decode(), safe="")
    before = server.get(encoded)
    crl_before = server.get("/crl/issuing.crl")
    checks.tsp.ok("cert", "revoke", serial, "--reason", "keyCompromise", "--yes")
    after = server.get(encoded, If_None_Match=before.getheader("ETag"))
    checks.same(after.status, 200, "the old ETag after a revocation")
    (checks.here / "after.der").write_bytes(after.octets)
    told = checks.openssl_ocsp("-cert", alice, "-no_nonce", "-respin", "after.der")
    checks.expect("alice.pem: revoked" in told and "keyCompromise" in told, f"revoked: {told}")
    crl = server.get("/crl/issuing.crl", If_None_Match=crl_before.getheader("ETag"))
    checks.same(crl.status, 200, "the CRL after a revocation")
    (checks.here / "issuing.crl").write_bytes(crl.octets)
    told = checks.run("openssl", "crl", "-inform", "DER", "-in", "issuing.crl", "-CAfile",
                      checks.tsp.issuing(), "-noout", "-text")
    checks.expect(serial.upper() in told.upper(), "the CRL does not name the certificate")


def check_tsa(checks, server):
    (checks.here / "data").write_bytes(b"what is stamped\n")
    for digest in ("-sha256", "-sha384", "-sha512"):
        for more in ([], ["-cert"]):
            checks.run("openssl", "ts", "-query", "-data", "data", digest, "-out", "q.tsq", *more)
            told = checks.run("curl", "-sS", "-H", f"Content-Type: {TSA}", "--data-binary", "@q.tsq",
                              "-o", "r.tsr", "-w", "%{http_code} %{content_type}", server.url("/tsa"))
            checks.same(told, "200 application/timestamp-reply", "TSA")
            told = checks.run("openssl", "ts", "-verify", "-queryfile", "q.tsq", "-in", "r.tsr",
                              "-CAfile", checks.tsp.root(), "-untrusted", "chain.pem")
            checks.expect("Verification: OK" in told, f"openssl ts {digest} {more}: {told}")
    reply = server.post("/tsa", b"", TSA)
    checks.same(reply.status, 200, "an empty request to the TSA")
    (checks.here / "r.tsr").write_bytes(reply.octets)
    told = checks.run("openssl", "ts", "-reply", "-in", "r.tsr", "-text")
    checks.expect("Status: Rejected" in told and "unsupported" not in told, f"rejection: {told}")


def check_files(checks, server):
    for ca in ("root", "issuing"):
        crl = server.get(f"/crl/{ca}.crl")
        checks.same((crl.status, crl.getheader("Content-Type")), (200, "application/pkix-crl"), ca)
        (checks.here / "ca.crl").write_bytes(crl.octets)
        told = checks.run("openssl", "crl", "-inform", "DER", "-in", "ca.crl", "-CAfile",
                          checks.tsp.home / "ca" / f"{ca}.pem", "-noout")
        checks.expect("verify OK" in told, f"{ca}.crl: {told}")
        certificate = server.get(f"/ca/{ca}.cer")
        checks.same(certificate.getheader("Content-Type"), "application/pkix-cert", f"{ca}.cer")
        (checks.here / "ca.cer").write_bytes(certificate.octets)
        told = checks.run("openssl", "x509", "-inform", "DER", "-in", "ca.cer", "-noout", "-subject")
        checks.expect("subject=" in told, f"{ca}.cer: {told}")
        for path in (f"/crl/{ca}.crl", f"/ca/{ca}.cer"):
            got = server.get(path)
            head = server.ask("HEAD", path)
            checks.same((head.status, head.octets), (200, b""), f"HEAD {path}")
            for name in ("Content-Length", "ETag", "Last-Modified", "Content-Type"):
                checks.same(head.getheader(name), got.getheader(name), f"{name} of HEAD {path}")
            checks.same(int(head.getheader("Content-Length")), len(got.octets), f"length of {path}")
            checks.expect("max-age=" in (got.getheader("Cache-Control") or ""), f"{path} may not be kept")
            checks.same(server.get(path, If_None_Match=got.getheader("ETag")).status, 304, path)
            checks.same(server.get(path, If_None_Match='"x", W/' + got.getheader("ETag")).status, 304, path)
            checks.same(server.get(path, If_None_Match='"x"').status, 200, path)
            since = server.get(path, If_Modified_Since=got.getheader("Last-Modified"))
            checks.same(since.status, 304, f"{path} since then")
            checks.same(server.get(path, If_Modified_Since="Thu, 01 Jan 1970 00:00:00 GMT").status, 200, path)
            checks.same(server.get(path, If_Modified_Since="yesterday").status, 200, path)
    chain = "".join(checks.run("openssl", "x509", "-inform", "DER", "-in", "ca.cer")
                    for octets in [server.get("/ca/issuing.cer").octets]
                    if (checks.here / "ca.cer").write_bytes(octets))
    (checks.here / "chain.pem").write_text(chain + (checks.tsp.home / "ca" / "tsa.pem").read_text())


def check_garbage(checks, server):
    for path in ("/ocsp", "/tsa"):
        media = OCSP if path == "/ocsp" else TSA
        for wrong in (None, "text/plain", "application/x-www-form-urlencoded"):
            checks.same(server.post(path, b"0\x00", wrong).status, 415, f"{wrong} for {path}")
        checks.same(server.get(path).status, 405, f"GET {path}")
        checks.same(server.get(path).getheader("Allow"), "POST", f"Allow of {path}")
        checks.same(server.ask("PUT", path, b"x").status, 405, f"PUT {path}")
        checks.same(server.post(path, b"x" * (16 * 1024 + 1), media).status, 413, f"too much for {path}")
        checks.same(server.post(path, b"x" * (4 << 20), media).status, 413, f"far too much for {path}")
        for body in (b"", b"\x30", b"\x30\x84\xff\xff\xff\xff", os.urandom(300), b"\x00" * 16384,
                     b"\x30\x80" * 4000):
            got = server.post(path, body, media)
            checks.same(got.status, 200, f"{body[:8]!r} to {path}")
            if path == "/ocsp":
                checks.same(got.octets, MALFORMED, f"{body[:8]!r} to {path}")
    for path in ("A", "%", "%zz", "====", "MEM", "%00", "..%2f..%2fetc", "MEM=" * 500, "%4d%45%4d%3d"):
        checks.same(server.get("/ocsp/" + path).octets, MALFORMED, f"GET /ocsp/{path[:20]}")
    for path in ("/", "/nothing", "/crl/", "/crl/alice.crl", "/crl/../tsp.db", "/ca/root.pem", "/metrics",
                 "/tsp/v1/sign", "/csc/v2/info", "/crl/root.crl?x"):
        checks.same(server.get(path).status, 404, path)
    checks.same(server.post("/crl/root.crl", b"", "text/plain").status, 405, "POST of a CRL")
    absolute = server.raw(f"GET {server.url('/ca/root.cer')} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                          .encode())
    checks.expect(absolute.startswith(b"HTTP/1.1 200"), f"absolute form: {absolute[:80]}")
    for octets in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(200), b"GET\r\n\r\n",
                   b"POST /ocsp HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                   b"POST /ocsp HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                   b"GET /crl/root.crl HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nA: " + b"x" * 20000 + b"\r\n\r\n"):
        got = server.raw(octets)
        checks.expect(re.match(rb"HTTP/1\.1 4(00|04|31)", got) or got == b"", f"{octets[:40]}: {got[:60]}")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(lambda n: server.post("/ocsp", os.urandom(n % 700), OCSP).status, range(400)))
    checks.same(statuses, {200}, "400 times garbage")
    checks.same(server.get("/crl/root.crl").status, 200, "afterwards")


def check_metrics(checks, server):
    text = checks.run("curl", "-sS", "--unix-socket", checks.tsp.home / "run" / "tsp.sock",
                      "http://localhost/metrics")
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    checks.expect(text.endswith("# EOF\n"), "the metrics have no end")
    checks.expect(int(values.get("tsp_checkpoint_age_seconds", -1)) >= 0, "tsp_checkpoint_age_seconds")
    checks.expect(0 < int(values['tsp_crl_next_update_seconds{ca="issuing"}']) <= 72 * 3600, "next CRL")
    checks.same(values["tsp_open_intents"], "0", "tsp_open_intents")
    checks.expect(int(values['tsp_requests_total{verb="ocsp",status="200"}']) > 400, "requests")
    checks.expect(int(values['tsp_refusals_total{reason="bad-input"}']) > 400, "refusals")


def check_upkeep(checks, server):
    """The first checkpoint is made by the server, and covers what came before."""
    end = time.monotonic() + 30
    while (got := server.get("/checkpoint")).status != 200 and time.monotonic() < end:
        time.sleep(0.2)
    checks.same((got.status, got.getheader("Content-Type")), (200, "text/plain; charset=utf-8"), "checkpoint")
    (checks.here / "head.note").write_bytes(got.octets)
    verdict, = checks.tsp.ok("audit", "verify", "--checkpoint", checks.here / "head.note", "--json")
    checks.same(verdict["intact"], True, "the log against its checkpoint")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--template", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tsp = Tsp(options.program, options.template, folder)
        server = Server(tsp)
        checks = Checks(tsp, server)
        try:
            check_files(checks, server)
            check_ocsp(checks, server)
            check_tsa(checks, server)
            check_upkeep(checks, server)
            check_revocation(checks, server)
            check_garbage(checks, server)
            check_metrics(checks, server)
        finally:
            status = server.stop()
        checks.same(status, 0, "the server's end")
        verdict, = tsp.ok("audit", "verify", "--json")
        checks.same((verdict["intact"], verdict["open_intents"]), (True, 0), "the log")
        for failure in checks.failures:
            print(failure)
        if checks.failures:
            print(server.lines()[-4000:])
        print(f"{checks.checked} checks, {len(checks.failures)} failed")
        return 1 if checks.failures else 0


if __name__ == "__main__":
    sys.exit(main())
