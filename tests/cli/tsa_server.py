#!/usr/bin/env python3
"""A foreign TSA on loopback, made of openssl, for stories: truthful at /tsa, lying elsewhere. Its unit's
certificate does not say where revocations are published; those of other units do: /listed-tsa (a responder
that answers with a web page, and a good list), /hanging-tsa (a responder that hangs; lists that never end, and
that redirect in a loop), /unreachable-tsa (nobody listens). /large-tsa is listed, and its tokens are of 28 KiB.

usage: tsa_server.py FOLDER [SECONDS]   (writes FOLDER/url once it listens, and FOLDER/ca.pem; ends after a
minute or so many seconds)
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


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
HERE = f"http://127.0.0.1:{server.server_port}"
NOWHERE = "http://127.0.0.1:1"
UNITS = {      # by path: where its certificate says that revocations are published
    "/tsa": "",
    "/listed-tsa": f"authorityInfoAccess = OCSP;URI:{HERE}/html\n"
                   f"crlDistributionPoints = URI:{HERE}/ca.crl\n",
    "/large-tsa": f"crlDistributionPoints = URI:{HERE}/ca.crl\n",
    "/hanging-tsa": f"authorityInfoAccess = OCSP;URI:{HERE}/hang\n"
                    f"crlDistributionPoints = URI:{HERE}/endless, URI:{HERE}/loop\n",
    "/unreachable-tsa": f"authorityInfoAccess = OCSP;URI:{NOWHERE}/ocsp\n"
                        f"crlDistributionPoints = URI:{NOWHERE}/crl\n"}
(folder / "openssl.cnf").write_text("""
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[lists]
database = index
default_md = sha256
default_crl_days = 5
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
for number, (path, published) in enumerate(UNITS.items(), 7):
    name = path[1:]
    (folder / f"{name}.ext").write_text(f"""
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
{published}""")
    subject = "/CN=Foreign TSU" if path == "/tsa" else f"/CN={name[:-4].title()} TSU"
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject,
            "-keyout", f"{name}.key", "-out", "tsu.csr", "-config", "openssl.cnf")
    openssl("x509", "-req", "-in", "tsu.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "10", "-out",
            f"{name}.pem", "-extfile", f"{name}.ext", "-set_serial", str(number))
# What makes the tokens of /large-tsa large: a certificate that nobody needs.
(folder / "ballast.ext").write_text(f"nsComment = {'x' * 24000}\n")
openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Ballast", "-keyout",
        "ballast.key", "-out", "ballast.csr", "-config", "openssl.cnf")
openssl("x509", "-req", "-in", "ballast.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "10", "-out",
        "ballast.pem", "-extfile", "ballast.ext", "-set_serial", "99")
(folder / "large.pem").write_text((folder / "ca.pem").read_text() + (folder / "ballast.pem").read_text())
(folder / "index").write_text("")
openssl("ca", "-gencrl", "-name", "lists", "-keyfile", "ca.key", "-cert", "ca.pem", "-config", "openssl.cnf",
        "-out", "crl.pem")
openssl("crl", "-in", "crl.pem", "-outform", "DER", "-out", "ca.crl")
lock = threading.Lock()


def reply(query, unit="tsa"):
    with lock:
        (folder / "query").write_bytes(query)
        openssl("ts", "-reply", "-queryfile", "query", "-signer", f"{unit}.pem", "-inkey",
                f"{unit}.key", "-chain", "large.pem" if unit == "large-tsa" else "ca.pem", "-config", "openssl.cnf", "-out", "reply")
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
        if self.path in UNITS:
            answer = reply(asked, self.path[1:])
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
        self.answer(kind, answer)

    def do_GET(self):
        if self.path == "/loop":
            self.send_response(302)
            self.send_header("Location", "/loop")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/endless":
            self.send_response(200)
            self.send_header("Content-Type", "application/pkix-crl")
            self.end_headers()
            try:
                for _ in range(1 << 14):      # 1 GiB
                    self.wfile.write(bytes(1 << 16))
            except OSError:
                pass
        elif self.path == "/ca.crl":
            self.answer("application/pkix-crl", (folder / "ca.crl").read_bytes())
        else:
            self.send_error(404)

    def answer(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server.RequestHandlerClass = Handler
server.daemon_threads = True
(folder / "url.new").write_text(HERE)
(folder / "url.new").rename(folder / "url")
threading.Timer(float(sys.argv[2]) if len(sys.argv) > 2 else 60, server.shutdown).start()
server.serve_forever()
