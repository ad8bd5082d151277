#!/usr/bin/env python3
"""An SMTP server that misbehaves on demand, for tests/unit/net and tests/cli.

smtp_server.py FOLDER [--tls CERTIFICATE KEY] [--starttls CERTIFICATE KEY] [--user NAME PASSWORD]

Prints its port on 127.0.0.1 and serves until stdin ends. What it takes it writes to FOLDER/1.eml,
FOLDER/2.eml, ... and what it was told, octets of messages left out, to FOLDER/talk. The addressee's
name says how it behaves: refused (550, with the words of the mail), full (452), hang-rcpt, hang-data
(takes the mail and does not answer), drop-data (closes in the middle), pour (talks without end),
hang-quit.
"""
import argparse
import base64
import os
import pathlib
import socketserver
import ssl
import sys
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--tls", nargs=2)
parser.add_argument("--starttls", nargs=2)
parser.add_argument("--user", nargs=2)
options = parser.parse_args()
lock = threading.Lock()
taken = 0


def context(files):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*files)
    return made


class Session(socketserver.BaseRequestHandler):
    def handle(self):
        self.secure = False
        if options.tls:
            self.wrap(options.tls)
        else:
            self.file = self.request.makefile("rb")
        self.to, self.known = "", options.user is None
        self.say("220 test ESMTP")
        while line := self.file.readline():
            text = line.decode(errors="replace").strip()
            with lock, open(options.folder / "talk", "a") as talk:
                talk.write(text + "\n")
            if self.answer(text.split(" ")[0].upper(), text):
                break

    def wrap(self, files):
        self.request = context(files).wrap_socket(self.request, server_side=True)
        self.file = self.request.makefile("rb")
        self.secure = True

    def say(self, text):
        self.request.sendall(text.encode() + b"\r\n")

    def answer(self, verb, text):
        if verb == "EHLO":
            offers = ["test", "SIZE 10000000"]
            if options.starttls and not self.secure:
                offers.append("STARTTLS")
            if options.user:
                offers.append("AUTH PLAIN")
            for offer in offers[:-1]:
                self.say("250-" + offer)
            self.say("250 " + offers[-1])
        elif verb == "STARTTLS" and options.starttls:
            self.say("220 go on")
            self.wrap(options.starttls)
        elif verb == "AUTH":
            wanted = "\0" + "\0".join(options.user)
            words = text.split(" ")
            if len(words) < 3:
                self.say("334 ")
                words = [verb, "PLAIN", self.file.readline().decode().strip()]
            self.known = base64.b64decode(words[2]).decode() == wanted
            self.say("235 welcome" if self.known else "535 5.7.8 no")
        elif verb == "MAIL":
            self.say("250 ok" if self.known else "530 5.7.0 who are you")
        elif verb == "RCPT":
            self.to = text.partition("<")[2].partition("@")[0]
            if self.to == "hang-rcpt":
                time.sleep(60)
            if self.to == "pour":
                while True:
                    self.say("250-" + "x" * 900)
            self.say("452 4.2.2 full" if self.to == "full" else "250 ok")
        elif verb == "DATA":
            self.say("354 go on")
            return self.take()
        elif verb == "QUIT":
            if self.to == "hang-quit":
                time.sleep(60)
            self.say("221 bye")
            return True
        else:
            self.say("500 what")
        return False

    def take(self):
        global taken
        if self.to == "drop-data":
            self.file.readline()
            return True
        mail = b""
        while (line := self.file.readline()) not in (b".\r\n", b""):
            mail += line[1:] if line.startswith(b".") else line
        if self.to == "hang-data":
            time.sleep(60)
        if self.to == "refused":
            self.say("550 5.7.1 I refuse: " + mail.decode(errors="replace").split("\r\n")[-2])
            return False
        with lock:
            taken += 1
            part = options.folder / f".{taken}"
            part.write_bytes(mail)
            part.rename(options.folder / f"{taken}.eml")
        self.say("250 taken")
        return False


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Session)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
