"""A TSP of its own for every story of trouble: a copy of the template HOME, a folder of documents,
a clock that can be moved, and what must hold whatever happened.

Settings, from the environment (tests/fault/CMakeLists.txt): TSP_PROGRAM, TSP_SHIM, TSP_P11PROXY, TSP_CLOCK,
TSP_TEMPLATE, TSP_DOCUMENT. TSP_FAULT_ALL=1: at every call, not at some.
"""
import base64
import concurrent.futures
import glob
import hashlib
import hmac
import json
import os
import pathlib
import re
import shutil
import sqlite3
import struct
import subprocess
import tempfile
import time

PROGRAM = os.environ["TSP_PROGRAM"]
SHIM = os.environ["TSP_SHIM"]
PROXY = os.environ["TSP_P11PROXY"]
CLOCK = os.environ["TSP_CLOCK"]
TEMPLATE = pathlib.Path(os.environ["TSP_TEMPLATE"])
DOCUMENT = pathlib.Path(os.environ["TSP_DOCUMENT"])
ALL = os.environ.get("TSP_FAULT_ALL") == "1"


def installed(*patterns):
    for pattern in patterns:
        for path in glob.glob(pattern):
            return path
    raise FileNotFoundError(patterns[0])


MODULE = installed("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/*/softhsm/libsofthsm2.so")
STEP = 30  # seconds that a one-time code stands for
KILLED = -9
PATIENCE = 120


class Run:
    """What a command answered: exit status, its JSON objects, and the calls counted."""

    def __init__(self, status, out, err, calls):
        self.status, self.out, self.err, self.calls = status, out, err, calls

    def objects(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def error(self):
        """The JSON error object, whole as the contract says."""
        objects = self.objects()
        assert len(objects) == 1, f"not one object: {self.out!r} {self.err!r}"
        error = objects[0]["error"]
        assert {"code", "message", "hint", "exit", "audit_seq"} <= set(error), error
        return error

    def __repr__(self):
        return f"exit {self.status}: {self.out.strip()} {self.err.strip()}"


class House:
    def __init__(self, template=True):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="tsp-fault-")).resolve()
        self.home = self.root / "home"
        self.desk = self.root / "desk"
        self.desk.mkdir()
        self.offset = 0  # seconds that the house's clock is ahead
        self.check_environment = {}  # what its HSM needs, where it is not the embedded one
        if template:
            shutil.copytree(TEMPLATE / "home", self.home)
            (self.home / "softhsm2.conf").unlink()  # names the template's tokens
            self.seed = base64.b32decode((TEMPLATE / "totp").read_text().strip())
            self.pin = self.root / "pin"
            shutil.copy(TEMPLATE / "pin", self.pin)
            self.pin.chmod(0o600)
            self.ok("status")  # softhsm2.conf names this house's tokens from here on

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root, ignore_errors=True)

    def put_document(self, name="doc.pdf"):
        shutil.copy(DOCUMENT, self.desk / name)
        return str(self.desk / name)

    # The clock, and the codes that go with it.

    def next_code(self):
        """Moves the clock on by a step, so that this code was never used before."""
        self.offset += STEP
        return self.code()

    def code(self):
        counter = int(time.time() + self.offset) // STEP
        mac = hmac.new(self.seed, struct.pack(">Q", counter), "sha1").digest()
        at = mac[-1] & 15
        return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 10 ** 6:06}"

    # Running the program.

    def run(self, *words, shim=None, hsm=None, env=None, patience=PATIENCE):
        """`shim` and `hsm` are settings of the two libraries without their prefix, {} to count."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TSP_")}
        environment.update(TSP_HOME=str(self.home), LC_ALL="C.UTF-8", TSP_SOCKET="none",
                           TSP_TEST_CLOCK=str(self.offset))
        environment.update(self.check_environment)
        environment.update(env or {})
        preload = [CLOCK] if self.offset else []
        log = self.root / "calls"
        log.unlink(missing_ok=True)
        if shim is not None:
            preload.insert(0, SHIM)
            environment.update(TSP_FAULT_UNDER=str(self.root), TSP_FAULT_LOG_FILE=str(log))
            environment.update({f"TSP_FAULT_{k}": str(v) for k, v in shim.items()})
        if hsm is not None:
            environment.update(TSP_HSM_MODULE=PROXY, TSP_P11_REAL=MODULE, TSP_P11_LOG_FILE=str(log),
                               TSP_P11_ONE_COUNT="1")
            environment.update({f"TSP_P11_{k}": str(v) for k, v in hsm.items()})
        if preload:
            environment["LD_PRELOAD"] = ":".join(preload)
        try:
            done = subprocess.run([PROGRAM, "--json", "--no-input", *words], cwd=self.desk,
                                  env=environment, capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, timeout=patience)
            status, out, err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired:
            status, out, err = None, "", "timed out"
        calls = log.read_text().splitlines() if log.exists() else []
        return Run(status, out, err, calls)

    def ok(self, *words, **settings):
        run = self.run(*words, **settings)
        assert run.status == 0, f"{words[:2]}: {run}"
        return run.objects()

    def sign(self, *documents, code, to="-signed", level="B-T", **settings):
        return self.run("sign", *documents, "--user", "alice", "--pin-from", f"file:{self.pin}",
                        "--otp", code, "--suffix", to, "--level", level, **settings)

    # What the house knows.

    def records(self):
        return self.ok("audit", "show")

    def rows(self, query):
        """Rows of a copy of the store, so that looking changes nothing."""
        with tempfile.TemporaryDirectory(dir=self.root) as folder:
            for path in self.root.glob("home/tsp.db*"):
                if not path.name.endswith("-shm"):
                    shutil.copy(path, folder)
            with sqlite3.connect(f"{folder}/tsp.db") as store:
                return store.execute(query).fetchall()

    def tries_left(self):
        return self.ok("user", "show", "alice")[0]["tries_left"]

    # What must hold whatever happened.

    def check(self, expected_files=None):
        """The log is intact, each intent has at most one result, each output is whole and on
        record; the desk holds `expected_files` at most. Returns the records."""
        verdict = self.run("audit", "verify")
        assert verdict.status == 0 and verdict.objects()[0]["intact"], verdict
        records = self.records()
        check_intents(records)
        files = {path.name for path in self.desk.iterdir()}
        # What failed once its signature was there may be finished without a new approval.
        sessions = {name for name in files if name.endswith(".session")}
        for name in sessions:
            session = json.loads((self.desk / name).read_text())
            assert all(document["signature"] for document in session["documents"]), session
            assert (self.desk / name).stat().st_mode & 0o777 == 0o600
        files -= sessions
        if expected_files is not None:
            assert files <= set(expected_files), f"left on the desk: {files - set(expected_files)}"
        for name in files:
            if "-signed" in name or "-again" in name:
                check_document(self.desk / name, records)
        return records


def results(records, event, outcome="done"):
    return [r for r in records if r["event"] == event and r["outcome"] == outcome]


def check_intents(records):
    intents = {r["seq"]: r["event"] for r in records if r["outcome"] == "intent"}
    answered = [(r["details"]["intent"], r["event"]) for r in records if "intent" in r["details"]]
    assert len(answered) == len(set(answered)), "an intent with two results"
    for seq, event in answered:
        assert intents.get(seq) == event, f"a result of intent {seq}, which is none of {event}"


def open_intents(records):
    answered = {r["details"].get("intent") for r in records}
    return [r for r in records if r["outcome"] == "intent" and r["seq"] not in answered]


def check_document(path, records):
    """A whole signed PDF whose signature and time-stamp are on record."""
    data = path.read_bytes()
    assert data.startswith(DOCUMENT.read_bytes()), f"{path.name} does not begin with the original"
    seen = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True)
    assert "Signature is Valid" in seen.stdout, f"{path.name}: {seen.stdout} {seen.stderr}"
    assert "Total document signed" in seen.stdout, seen.stdout
    contents = re.findall(rb"/Contents\s*<([0-9a-fA-F]{64,})>", data)[-1]
    signature, token = signature_and_token(bytes.fromhex(contents.decode()))
    done = {r["details"]["signature_sha256"] for r in results(records, "sign")}
    assert hashlib.sha256(signature).hexdigest() in done, f"{path.name} is not on record"
    if token is not None:
        stamped = {r["details"]["token_sha256"] for r in results(records, "timestamp")}
        assert hashlib.sha256(token).hexdigest() in stamped, f"{path.name}: its time-stamp is not"


def elements(der):
    """(tag, content, whole) of the elements that follow each other in `der`."""
    at = 0
    while at < len(der):
        tag, size, head = der[at], der[at + 1], 2
        if size & 0x80:
            head += size & 0x7f
            size = int.from_bytes(der[at + 2:at + head], "big")
        yield tag, der[at + head:at + head + size], der[at:at + head + size]
        at += head + size


def signature_and_token(cms):
    """Of the one SignerInfo of a CMS SignedData (RFC 5652 5.3), with zeros behind it."""
    content_info = next(elements(cms))[1]
    signed_data = list(elements(list(elements(content_info))[1][1]))[0][1]
    signer = list(elements(list(elements(signed_data))[-1][1]))[0][1]
    fields = list(elements(signer))
    signature = next(content for tag, content, _ in fields if tag == 0x04)
    for attribute in elements(fields[-1][1] if fields[-1][0] == 0xa1 else b""):
        oid, values = elements(attribute[1])
        if oid[1] == bytes.fromhex("2a864886f70d010910020e"):
            return signature, list(elements(values[1]))[0][2]
    return signature, None


def phases(calls, most):
    """Numbers of counted calls, one a run of calls of one kind on one file, at most `most` of them
    evenly spread; with TSP_FAULT_ALL all."""
    if ALL:
        return list(range(1, len(calls) + 1))
    kinds = [re.sub(r"#\d+|[0-9a-f-]{12,}", "*", call.split(" ", 1)[1]) for call in calls]
    edges = [i + 1 for i, kind in enumerate(kinds) if i == 0 or kind != kinds[i - 1]]
    if len(edges) <= most:
        return edges
    return sorted({edges[round(i * (len(edges) - 1) / (most - 1))] for i in range(most)})


def at_each(test, story, numbers):
    """Tells `story` (a function of a call's number) for each number, some at once; every failure
    names its number."""
    def tell(number):
        try:
            story(number)
            return None
        except Exception as error:  # the tests' own assertions, too
            return f"at call {number}: {error}"
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        failures = [failure for failure in pool.map(tell, numbers) if failure]
    if failures:
        test.fail(f"{len(failures)} of {len(numbers)}:\n" + "\n".join(failures[:20]))
