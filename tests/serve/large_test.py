#!/usr/bin/env python3
"""A CRL of 50 MB for a hundred readers who take their time: it is in memory once, and honest callers
do not notice."""
import hashlib
import sqlite3
import unittest

from server import House, Server, os, socket, time

SIZE, READERS = 50_000_000, 100


class Large(unittest.TestCase):
    def test_a_large_crl_is_there_once_for_all_who_read_it(self):
        octets = os.urandom(SIZE)
        with House() as house:
            with sqlite3.connect(house.home / "tsp.db") as store:
                store.execute("UPDATE crls SET der = ?, number = number + 1 WHERE ca = 'issuing'", (octets,))
            store.close()
            with Server(house) as server:
                before = server.memory_of_front()
                readers = []
                try:
                    for _ in range(READERS):
                        sock = socket.socket(socket.AF_UNIX)
                        sock.settimeout(60)
                        sock.connect(str(server.socket))
                        sock.sendall(b"GET /crl/issuing.crl HTTP/1.1\r\nHost: x\r\n\r\n")
                        readers.append(sock)
                    for sock in readers:
                        head = sock.recv(4096)
                        self.assertTrue(head.startswith(b"HTTP/1.1 200"), head[:200])
                        self.assertIn(f"Content-Length: {SIZE}".encode(), head)
                    took = []
                    for _ in range(100):
                        begun = time.monotonic()
                        self.assertEqual(server.call("user list")[0], 200)
                        took.append(time.monotonic() - begun)
                    self.assertLess(sorted(took)[98], 0.2, sorted(took)[-5:])
                    self.assertLess(server.memory_of_front(), before + 16)
                    status, whole = server.ask("GET", "/crl/issuing.crl", timeout=60)
                    self.assertEqual((status, hashlib.sha256(whole).digest()),
                                     (200, hashlib.sha256(octets).digest()))
                finally:
                    for sock in readers:
                        sock.close()
                self.assertTrue(server.well())


if __name__ == "__main__":
    unittest.main()
