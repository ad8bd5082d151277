#!/usr/bin/env python3
"""A web server that misbehaves on demand, for tests/unit/net.

server.py [CERTIFICATE.pem KEY.pem]   prints its port on 127.0.0.1 and serves until stdin ends
"""
import http.server
import json
import os
import ssl
import sys
import threading
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", content_type="application/octet-stream", **headers):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/redirect-post":
            return self.answer(302, Location="/echo")
        self.echo(body)

    def echo(self, body):
        said = {"method": self.command, "body": body.hex(), "headers": dict(self.headers.items())}
        self.answer(200, json.dumps(said).encode(), "application/json")

    def do_GET(self):
        path = self.path.lstrip("/")
        if path == "bytes":
            self.answer(200, b"\x30\x00")
        elif path == "echo":
            self.echo(b"")
        elif path == "dated":
            same = self.headers["If-None-Match"] == '"v1"'
            self.answer(304 if same else 200, b"" if same else b"list", ETag='"v1"',
                        Last_Modified="Sat, 21 Nov 2020 09:30:00 GMT")
        elif path == "unasked-304":
            self.answer(304)
        elif path == "hang":
            time.sleep(60)
        elif path == "drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(600):
                self.wfile.write(b".")
                time.sleep(0.05)
        elif path == "gigabyte-declared":
            self.send_response(200)
            self.send_header("Content-Length", str(1 << 30))
            self.end_headers()
            self.pour(1 << 30)
        elif path == "gigabyte":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            self.pour(1 << 30)
            self.close_connection = True
        elif path == "headers":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for number in range(1 << 24):
                self.wfile.write(b"X-%d: %s\r\n" % (number, b"y" * 1000))
        elif path == "compressed":
            self.answer(200, b"\x1f\x8b", Content_Encoding="gzip")
        elif path == "closed":
            self.connection.shutdown(2)
            self.close_connection = True
        elif path == "short":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"only this")
            self.close_connection = True
        elif path == "garbage":
            self.wfile.write(b"I am not a web server\r\n")
            self.close_connection = True
        elif path == "html":
            self.answer(200, b"<html>Please log in</html>", "text/html; charset=utf-8")
        elif path == "loop":
            self.answer(302, Location="/loop")
        elif path.startswith("hops/"):
            left = int(path[5:])
            self.answer(302, b"passing", Location=f"/hops/{left - 1}" if left else "/bytes")
        elif path == "to-file":
            self.answer(302, Location="file:///etc/hostname")
        elif path == "to-http":
            self.answer(302, Location="http://127.0.0.1:1/")
        else:
            self.answer(404, b"not here")

    def pour(self, size):
        block = b"\0" * 65536
        for _ in range(size // len(block)):
            self.wfile.write(block)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
