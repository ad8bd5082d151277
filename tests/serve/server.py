"""A server on a house of its own (tests/fault/house.py), and a client of its socket that keeps to
nobody's rules but its own."""
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "fault"))
from house import CLOCK, MODULE, PROGRAM, PROXY, SHIM, House  # noqa: E402
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import openapi  # noqa: E402

INTERFACE = openapi.Interface()


class Connection(http.client.HTTPConnection):
    """HTTP over the Unix socket."""

    def __init__(self, path, timeout=30):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Server:
    def __init__(self, house, *words, env=None, hsm=None, shim=None):
        self.house, self.words = house, words
        self.socket = house.home / "run/tsp.sock"
        self.log = house.root / "serve.log"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TSP_")}
        environment.update(TSP_HOME=str(house.home), LC_ALL="C.UTF-8", **(env or {}))
        preload = []
        if house.offset:
            preload.append(CLOCK)
            environment["TSP_TEST_CLOCK"] = str(house.offset)
        if shim is not None:
            preload.insert(0, SHIM)
            environment.update(TSP_FAULT_UNDER=str(house.root))
            environment.update({f"TSP_FAULT_{k}": str(v) for k, v in shim.items()})
        if hsm is not None:
            environment.update(TSP_HSM_MODULE=PROXY, TSP_P11_REAL=MODULE)
            environment.update({f"TSP_P11_{k}": str(v) for k, v in hsm.items()})
        if preload:
            environment["LD_PRELOAD"] = ":".join(preload)
        self.environment = environment

    def __enter__(self):
        self.begin = len(self.said_ever())
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([PROGRAM, "serve", *self.words], env=self.environment,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait(lambda: "Serving at" in self.said(), 60)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def said_ever(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def said(self):
        """Since it was started."""
        return self.said_ever()[self.begin:]

    def wait(self, condition, seconds):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(f"it did not come: {self.said()[-2000:]}")
            time.sleep(0.02)

    def ask(self, method, path, body=None, headers=None, timeout=30):
        """Status and octets of one request over a connection of its own; the answer is held against
        docs/openapi/tsp.json."""
        status, _, octets = self.exchange(method, path, body, headers, timeout)
        return status, octets

    def exchange(self, method, path, body=None, headers=None, timeout=30):
        """The same, with the answer's header between them."""
        if headers is None and path.startswith("/csc/"):
            headers = {"Content-Type": "application/json"}
        connection = Connection(self.socket, timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            octets = answer.read()
        finally:
            connection.close()
        INTERFACE.check(method, path, answer.status, answer.headers.get("Content-Type"), octets, body)
        return answer.status, answer.headers, octets

    def post(self, path, body, **settings):
        status, text = self.ask("POST", path, json.dumps(body), **settings)
        return status, json.loads(text) if text else None

    def call(self, operation, **request):
        return self.post("/tsp/v1/call", {"operation": operation, "request": request})

    def raw(self, octets, timeout=10):
        """What comes back to octets that may be anything, until the server closes or is silent."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(timeout)
            sock.connect(str(self.socket))
            try:
                sock.sendall(octets)
                sock.shutdown(socket.SHUT_WR)
                out = b""
                while part := sock.recv(65536):
                    out += part
                return out
            except (BrokenPipeError, ConnectionResetError, socket.timeout):
                return b""

    def children(self):
        """Processes by the order they were made in: the front first."""
        text = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True)
        return [int(pid) for pid in text.stdout.split()]

    def memory_of_front(self):
        """Resident anonymous memory, in MiB."""
        status = pathlib.Path(f"/proc/{self.children()[0]}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+) kB", status).group(1)) / 1024

    def settled(self):
        """Every worker has logged in. SoftHSM rewrites a token's file at each login: whoever kills a
        process in the middle of that has no token any more."""
        try:
            text = self.ask("GET", "/metrics", timeout=5)[1].decode()
        except OSError:
            return False
        ready = {kind: int(count) for kind, count in re.findall(r'tsp_workers{kind="(\w+)"} (\d+)', text)}
        cores = os.cpu_count()
        return ready == {"approvals": cores, "signatures": cores, "pki": 1}

    def well(self):
        try:
            return self.ask("GET", "/healthz", timeout=5)[0] == 200
        except OSError:
            return False


def own_command(house, *words, **settings):
    """A command of the house that goes by the server."""
    return house.run(*words, env={"TSP_SOCKET": str(house.home / "run/tsp.sock")}, **settings)


__all__ = ["Connection", "House", "INTERFACE", "PROGRAM", "Server", "json", "own_command", "os", "pathlib", "signal",
           "socket", "subprocess", "time"]
