#!/usr/bin/env python3
"""A foreign TSA on loopback, made of openssl, for stories: truthful at /tsa, lying elsewhere.

usage: tsa_server.py FOLDER   (writes FOLDER/url once it listens, and FOLDER/ca.pem; ends after a minute)
"""
import http.server
import pathlib
import subprocess
import sys
import threading
import time

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True)


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


(folder / "openssl.cnf").write_text("""
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[tsu]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = us
[us]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
""")
(folder / "serial").write_text("1000\n")
openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "10",
        "-subj", "/CN=Foreign Root", "-keyout", "ca.key", "-out", "ca.pem", "-config", "openssl.cnf",
        "-extensions", "ca")
openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
        "/CN=Foreign TSU", "-keyout", "tsu.key", "-out", "tsu.csr", "-config", "openssl.cnf")
openssl("x509", "-req", "-in", "tsu.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "10", "-out",
        "tsu.pem", "-extfile", "openssl.cnf", "-extensions", "tsu", "-set_serial", "7")
lock = threading.Lock()


def reply(query):
    with lock:
        (folder / "query").write_bytes(query)
        openssl("ts", "-reply", "-queryfile", "query", "-signer", "tsu.pem", "-inkey", "tsu.key",
                "-chain", "ca.pem", "-config", "openssl.cnf", "-out", "reply")
        return (folder / "reply").read_bytes()


def head(der, at):
    """(begin of content, end) of the element at `at`."""
    size, begin = der[at + 1], at + 2
    if size & 0x80:
        begin += size & 0x7f
        size = int.from_bytes(der[at + 2:begin], "big")
    return begin, begin + size


def changed(query, part):
    """The query with the last bit of its message imprint, or of its nonce, another one.

    RFC 3161 2.4.1: SEQUENCE { version INTEGER, messageImprint SEQUENCE { hashAlgorithm,
    hashedMessage OCTET STRING }, reqPolicy OPTIONAL, nonce INTEGER OPTIONAL, ... }"""
    at, ends = head(query, 0)[0], {}
    for index in range(4):
        tag, (_, end) = query[at], head(query, at)
        if index and tag in (0x30, 0x02):
            ends["imprint" if tag == 0x30 else "nonce"] = end
        at = end
        if at == len(query):
            break
    octets = bytearray(query)
    octets[ends[part] - 1] ^= 1
    return bytes(octets)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/hang":
            time.sleep(30)
        if self.path == "/gone":
            self.send_error(404)
            return
        answer, kind = b"<html>hello</html>", "text/html"
        if self.path != "/html":
            kind = "application/timestamp-reply"
        if self.path == "/tsa":
            answer = reply(asked)
        elif self.path == "/other-imprint":
            answer = reply(changed(asked, "imprint"))
        elif self.path == "/other-nonce":
            answer = reply(changed(asked, "nonce"))
        elif self.path == "/truncated":
            answer = reply(asked)[:-20]
        elif self.path == "/flipped":
            octets = bytearray(reply(asked))
            octets[-5] ^= 1
            answer = bytes(octets)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
(folder / "url.new").write_text(f"http://127.0.0.1:{server.server_port}")
(folder / "url.new").rename(folder / "url")
threading.Timer(60, server.shutdown).start()
server.serve_forever()
