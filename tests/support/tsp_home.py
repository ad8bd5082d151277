"""A copy of the template HOME (tests/support/CMakeLists.txt) and the program, for tests in Python."""
import base64
import hmac
import json
import os
import pathlib
import shutil
import subprocess
import time
import urllib.parse

PIN = "korrekt-pferd"       # of the signers enrolled here


class Failed(Exception):
    pass


def hotp(secret, counter):
    """RFC 4226, six digits; the secret in unpadded base32."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.digest(key, counter.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 15
    return f"{(int.from_bytes(mac[offset:offset + 4], 'big') & 0x7fffffff) % 1000000:06}"


def totp(secret, at):
    """RFC 6238 with SHA-1, six digits, 30 s."""
    return hotp(secret, int(at // 30))


def secret_in(uri):
    """Of an otpauth: URI."""
    return urllib.parse.parse_qs(urllib.parse.urlparse(uri).query)["secret"][0]


class Tsp:
    """One HOME below `folder`. Every signer's one-time code is good once a step: use several."""

    def __init__(self, program, template, folder):
        self.program, self.folder = pathlib.Path(program), pathlib.Path(folder)
        self.home = self.folder / "tsp"
        template = pathlib.Path(template)
        shutil.copytree(template / "home", self.home)
        self.pins = {"alice": self.secret("alice", (template / "pin").read_text().strip())}
        self.seeds = {"alice": (template / "totp").read_text().strip()}
        self.env = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "TSP_HOME": str(self.home),
                    "TSP_SOCKET": "none", "LC_ALL": "C.UTF-8"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]

    def secret(self, name, text):
        path = self.folder / f"{name}.pin"
        path.write_text(text + "\n")
        path.chmod(0o600)
        return path

    def run(self, *words, limit=60):
        return subprocess.run([self.program, *map(str, words)], env=self.env, cwd=self.folder,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit)

    def ok(self, *words, limit=60):
        done = self.run(*words, limit=limit)
        if done.returncode != 0:
            raise Failed(f"tsp {' '.join(map(str, words))}: exit {done.returncode}\n"
                         f"{done.stdout}{done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()] if "--json" in words else done.stdout

    def enroll(self, user, common_name, algorithm="ecdsa-p256"):
        self.pins[user] = self.secret(user, PIN)
        enrolled, = self.ok("user", "enroll", user, "--common-name", common_name, "--pin-from",
                            f"file:{self.pins[user]}", "--totp-uri-out", "-", "--json")
        self.seeds[user] = secret_in(enrolled["totp_uri"])
        self.ok("key", "generate", "--user", user, "--algorithm", algorithm)
        self.ok("cert", "issue", "--user", user)

    def code(self, user, now=None):
        """The user's code of now; waits where the step is about to end."""
        if now is None:
            if time.time() % 30 > 25:
                time.sleep(30 - time.time() % 30)
            now = time.time()
        return totp(self.seeds[user], now)

    def factors(self, user):
        return ["--user", user, "--pin-from", f"file:{self.pins[user]}", "--otp", self.code(user)]

    def root(self):
        return self.home / "ca" / "root.pem"

    def issuing(self):
        return self.home / "ca" / "issuing.pem"
