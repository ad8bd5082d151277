#!/usr/bin/env python3
"""What may come in at the socket: slow, half, huge, false and too many; and honest callers
meanwhile."""
import random
import threading
import unittest

from server import Connection, House, Server, json, os, socket, time

GARBAGE = [
    b"", b"\r\n\r\n", b"GET\r\n\r\n", b"\x00" * 4096, b"\xff\xfe" * 2000, b"GET / HTTP/9.9\r\n\r\n",
    b"POST /tsp/v1/call HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"POST /tsp/v1/call HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /tsp/v1/call HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nabcde",
    b"POST /tsp/v1/call HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /tsp/v1/call HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
    b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
    b"GET / HTTP/1.1\r\nX: \x00\x01\r\n\r\n",
    b"GET /crl/../../etc/passwd HTTP/1.1\r\n\r\n", b"OPTIONS * HTTP/1.1\r\n\r\n",
    b"CONNECT x:1 HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]
BODIES = [
    b"", b"{", b"[]", b"null", b"7", b'"x"', b"{}", b'{"operation":7}', b'{"operation":"user list","operation":"x"}',
    b'{"operation":"user list","request":[]}', b'{"operation":"user list","request":{"x":1}}',
    b'{"operation":"nothing"}', b'{"operation":"user list","request":{},"sealed":"!"}',
    b'{"operation":"user pin","request":{},"sealed":"AAAA"}', b"[" * 100000, b'{"a":' * 5000,
    b'{"operation":"\xff\xfe"}', b'{"operation":"user list","request":{"after":1e999}}',
    b'{"operation":"user show","request":{"user":' + b"9" * 5000 + b"}}", b"\x00" * 1000,
    b'{"user":"' + b"a" * 60000 + b'"}',
]
POSTED = ["/tsp/v1/call", "/tsp/v1/credential", "/tsp/v1/authorize", "/tsp/v1/sign", "/tsp/v1/check",
          "/csc/v2/credentials/authorize", "/csc/v2/signatures/signHash", "/csc/v1/credentials/list"]


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House()
        cls.server = Server(cls.house).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()
        cls.house.__exit__()

    def tearDown(self):
        self.assertTrue(self.server.well())

    def test_what_is_no_http_is_refused_and_closed(self):
        for octets in GARBAGE:
            answer = self.server.raw(octets)
            if answer:
                status = int(answer.split(b" ", 2)[1])
                self.assertTrue(400 <= status < 600, (octets[:60], answer[:80]))

    def test_bodies_that_are_no_requests_are_refused_as_such(self):
        size = self.house.ok("audit", "verify")[0]["size"]
        for path in POSTED:
            for body in BODIES:
                status, text = self.server.ask("POST", path, body)
                self.assertIn(status, (400, 404, 413), (path, body[:60], text[:200]))
                error = json.loads(text)["error"]
                code = error if isinstance(error, str) else error["code"]
                self.assertIn(code, ("usage", "bad-input", "not-found", "invalid_request"), (path, body[:60]))
        self.assertTrue(self.house.ok("audit", "verify")[0]["intact"])
        self.assertLess(self.house.ok("audit", "verify")[0]["size"], size + 20)

    def test_what_is_too_large_is_not_read(self):
        big = 64 << 20
        for path in ("/tsp/v1/call", "/tsp/v1/credential", "/ocsp", "/tsa", "/csc/v2/info"):
            head = f"POST {path} HTTP/1.1\r\nContent-Length: {big}\r\n\r\n".encode()
            self.assertTrue(self.server.raw(head).startswith(b"HTTP/1.1 413"), path)
        chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
        answer = self.server.raw(b"POST /tsp/v1/credential HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 + chunk * 64)
        self.assertTrue(answer == b"" or b" 413 " in answer[:20], answer[:80])
        self.assertLess(self.server.memory_of_front(), 64)

    def test_large_bodies_take_so_much_together_and_no_more(self):
        head = b"POST /tsp/v1/authorize HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 15000000\r\n\r\n{"
        places = []
        try:
            for _ in range(6):
                place = socket.socket(socket.AF_UNIX)
                places.append(place)
                place.settimeout(2)
                place.connect(str(self.server.socket))
                place.sendall(head)
            told = []
            for place in places:
                try:
                    told.append(place.recv(65536)[:12])
                except TimeoutError:
                    told.append(b"is read")
            self.assertEqual(told, 3 * [b"is read"] + 3 * [b"HTTP/1.1 503"])
            self.assertEqual(self.server.call("user list")[0], 200)
        finally:
            for place in places:
                place.close()

    def test_several_requests_at_once_are_answered_in_their_order(self):
        text = b"GET /healthz HTTP/1.1\r\n\r\n" * 20
        self.assertEqual(self.server.raw(text).count(b"HTTP/1.1 200"), 20)

    def test_honest_callers_are_served_beside_a_thousand_idle_and_many_slow_ones(self):
        idle, slow = [], []
        try:
            for _ in range(1000):
                sock = socket.socket(socket.AF_UNIX)
                sock.connect(str(self.server.socket))
                idle.append(sock)
            for _ in range(20):
                sock = socket.socket(socket.AF_UNIX)
                sock.connect(str(self.server.socket))
                sock.send(b"POST /tsp/v1/call HTTP/1.1\r\nContent-Le")
                slow.append(sock)
            took = []
            for _ in range(200):
                begun = time.monotonic()
                status, _ = self.server.call("status")
                took.append(time.monotonic() - begun)
                self.assertEqual(status, 200)
            took.sort()
            self.assertLess(took[197], 0.2, took[-5:])
            self.assertLess(self.server.memory_of_front(), 64)
        finally:
            for sock in idle + slow:
                sock.close()

    def test_a_caller_who_dawdles_is_let_go(self):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(20)
            sock.connect(str(self.server.socket))
            sock.send(b"POST /tsp/v1/call HTTP/1.1\r\nContent-Length: 10\r\n\r\n{")
            begun = time.monotonic()
            self.assertEqual(sock.recv(100), b"")
            self.assertLess(time.monotonic() - begun, 15)

    def flood(self, seed, count):
        """Garbage for the router, for JSON and for what is behind it, many messages a connection."""
        dice = random.Random(seed)
        while count > 0:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(30)
                sock.connect(str(self.server.socket))
                try:
                    while count > 0:
                        batch = b""
                        for _ in range(50):
                            body = (dice.choice(BODIES)[:400] if dice.random() < 0.3
                                    else dice.randbytes(dice.randrange(200)))
                            batch += (f"POST {dice.choice(POSTED)} HTTP/1.1\r\nHost: x\r\nContent-Length: "
                                      f"{len(body)}\r\n\r\n").encode() + body
                        sock.sendall(batch)
                        answered = 0
                        while answered < 50:
                            part = sock.recv(1 << 16)
                            if not part:
                                raise ConnectionResetError
                            answered += part.count(b"HTTP/1.1 ")
                        count -= 50
                except OSError:
                    count -= 50
            self.server.raw(dice.randbytes(300))

    def test_tens_of_thousands_of_garbage_messages_leave_nothing_behind(self):
        self.flood(1, 1000)
        before, size = self.server.memory_of_front(), self.house.ok("audit", "verify")[0]["size"]
        each = int(os.environ.get("TSP_GARBAGE", "20000")) // 4
        threads = [threading.Thread(target=self.flood, args=(seed, each)) for seed in range(4)]
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        took = []
        while any(thread.is_alive() for thread in threads):
            asked = time.monotonic()
            status, answer = self.server.call("status")
            self.assertEqual(status, 200, answer)
            took.append(time.monotonic() - asked)
        took.sort()
        print(f"{4 * each} messages in {time.monotonic() - begun:.1f} s, p99 of status "
              f"{took[int(len(took) * 0.99)] * 1e3:.0f} ms")
        self.assertLess(took[int(len(took) * 0.99)], 0.2, took[-5:])
        self.assertLess(self.server.memory_of_front(), before + 16)
        self.assertLess(self.house.ok("audit", "verify")[0]["size"], size + 100)

    def test_a_connection_is_good_for_many_requests(self):
        connection = Connection(self.server.socket)
        for _ in range(100):
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            self.assertEqual((answer.status, json.loads(answer.read())["ok"]), (200, True))
        connection.close()


if __name__ == "__main__":
    unittest.main()
