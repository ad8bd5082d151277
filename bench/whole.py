#!/usr/bin/env python3
"""Whole-process runs, printed as ratios of one run; nothing is asserted. See docs/performance.md.

usage: whole.py [--build DIR] [--runs N] [--large SIZE] [--large-runs N] [--archive N] [--only TEXT] [--first]

Takes apps/tsp/tsp and tests/support/tsp_template from the build folder (build/release), founds the
template HOME in a scratch folder inside it, and runs each subject and its ruler in turn, A B A B.
With --first (root only) everything measured runs before other work (SCHED_FIFO): for machines that
are not idle. Printed: medians of wall time and of processor time (children included), and the medians of
the ratios of each turn: a host whose speed changes in the middle changes both sides of a turn.
"""
import argparse
import contextlib
import itertools
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
import make_pdf
from tsp_home import Tsp, hotp, secret_in


def spawn(words, env):
    quiet = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1, 2)]
    words = [str(word) for word in words]
    return os.posix_spawnp(words[0], words, env, file_actions=quiet)


def measure(words, env):
    """(wall, processor) seconds of one run, which must succeed."""
    began = time.perf_counter()
    _, status, used = os.wait4(spawn(words, env), 0)
    wall = time.perf_counter() - began
    if status != 0:
        subprocess.run([str(word) for word in words], env=env, check=False)
        sys.exit(f"whole.py: failed: {' '.join(map(str, words))}")
    return wall, used.ru_utime + used.ru_stime


def rss_anon(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as listed:
            found = listed.read().split()
    except OSError:
        return []
    return [deeper for child in found for deeper in (int(child), *children(int(child)))]


def peak(words, env):
    """Highest RssAnon in KiB seen while it ran: of the process, and of any one below it."""
    pid = spawn(words, env)
    own = below = 0
    while os.waitpid(pid, os.WNOHANG)[0] == 0:
        own = max(own, rss_anon(pid))
        below = max([below, *map(rss_anon, children(pid))])
    return own, below


class Bench:
    def __init__(self, given, folder):
        self.given, self.folder = given, folder
        self.program = given.build / "apps" / "tsp" / "tsp"
        self.tool = given.build / "tests" / "support" / "tsp_template"
        subprocess.run([self.tool, folder / "template", ROOT / "config"], check=True)
        self.tsp = Tsp(self.program, folder / "template", folder)
        self.env = self.tsp.env
        self.codes = self.use_counter()
        self.page = folder / "page.pdf"
        make_pdf.pages(1, self.page)
        self.signed = folder / "signed.pdf"

    # A code is good once, and one by the clock comes twice a minute: they come by the counter.
    def use_counter(self):
        self.tsp.ok("group", "set", "default", "--factors-scal1", "pin+hotp")
        added, = self.tsp.ok("user", "factor", "add", "alice", "--type", "hotp", "--uri-out", "-", "--json")
        secret = secret_in(added["uri"])
        return (hotp(secret, counter) for counter in itertools.count())

    def factors(self):
        return ["--user", "alice", "--pin-from", f"file:{self.tsp.pins['alice']}", "--otp", next(self.codes)]

    def sign(self, document, *options):
        def prepare():
            self.signed.unlink(missing_ok=True)
            return [self.program, "sign", document, "-o", self.signed, *options, *self.factors()]
        return prepare

    def sign_many(self, documents, *options):
        def prepare():
            for signed in self.folder.glob("many-*-signed.pdf"):
                signed.unlink()
            return [self.program, "sign", *documents, *options, *self.factors()]
        return prepare

    def compare(self, title, runs, subject, ruler, *beside):
        """Runs all in turn; each is a function that gives command lines (several: added up)."""
        sides = [subject, ruler, *beside]
        seen = [[] for _ in sides]
        for _ in range(runs):
            for side, times in zip(sides, seen):
                lines = side[1]()
                lines = lines if isinstance(lines[0], list) else [lines]
                measured = [measure(line, self.env) for line in lines]
                times.append([sum(column) for column in zip(*measured)])
        wall, processor = ([statistics.median(run[i] for run in times) for times in seen] for i in (0, 1))
        print(f"\n{title} ({runs} runs, medians)")
        print(f"  {'':36} {'wall ms':>9} {'cpu ms':>9}   ratio to the ruler: wall, cpu")
        def ratio_of(at, column):
            return statistics.median(run[column] / max(ruler[column], 1e-4)
                                     for run, ruler in zip(seen[at], seen[1]))
        for at, side in enumerate(sides):
            ratio = "" if at == 1 else f"{ratio_of(at, 0):8.2f} {ratio_of(at, 1):8.2f}"
            print(f"  {side[0]:36} {wall[at] * 1e3:9.2f} {processor[at] * 1e3:9.2f}   {ratio or '   ruler'}")
        return wall

    # ---- subjects ----

    def found(self):
        home = self.folder / "founded"

        def init():
            shutil.rmtree(home, ignore_errors=True)
            return [self.program, "init", "--home", home]
        self.compare("a TSP founded (to stay below 2000 ms)", max(3, self.given.runs // 5),
                     ("tsp init", init), ("openssl genpkey, one P-256 key",
                     lambda: ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                              "-out", self.folder / "any.key"]))

    def software_key(self):
        key, certificate = self.folder / "software.key", self.folder / "software.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-noenc", "-keyout", key, "-out", certificate, "-subj", "/CN=Ruler", "-days", "30"],
                       check=True, capture_output=True)
        return ["openssl", "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-outform", "DER", "-signer",
                certificate, "-inkey", key, "-in", self.page, "-out", self.folder / "ruler.cms"]

    @contextlib.contextmanager
    def server(self):
        """`tsp serve` on the HOME while this is open; answers its socket."""
        socket = self.folder / "socket"
        serving = subprocess.Popen([self.program, "serve", "--socket", socket], env=self.env,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            env = {**self.env, "TSP_SOCKET": str(socket)}
            while subprocess.run([self.program, "status"], env=env, capture_output=True).returncode != 0:
                if serving.poll() is not None:
                    sys.exit("whole.py: tsp serve has ended")
            yield socket
        finally:
            serving.terminate()
            serving.wait()

    def small(self):
        words = self.software_key()
        ruler = ("openssl cms -sign, software key", lambda: words)
        many = [self.folder / f"many-{at}.pdf" for at in range(11)]
        for copy in many:
            shutil.copy(self.page, copy)
        wall = self.compare("one page, ECDSA P-256 (at most 3 times the ruler)", self.given.runs,
                     ("tsp sign, B-B", self.sign(self.page, "--level", "B-B")), ruler,
                     ("tsp sign, B-B, 11 pages in one call", self.sign_many(many, "--level", "B-B")),
                     ("tsp sign, B-T", self.sign(self.page, "--level", "B-T")),
                     ("tsp version", lambda: [self.program, "version"]),
                     ("openssl version", lambda: ["openssl", "version"]))
        each = (wall[2] - wall[0]) / 10
        print(f"  each page after the first {each * 1e3:.2f} ms, {each / wall[1]:.2f} of the ruler; "
              f"what is begun once a call {(wall[0] - each) * 1e3:.2f} ms, {(wall[0] - each) / wall[1]:.2f}")
        with self.server() as socket:
            self.compare("the same with tsp serve", self.given.runs,
                         ("tsp sign, B-B", self.sign(self.page, "--level", "B-B", "--socket", socket)), ruler,
                         ("tsp sign, B-T", self.sign(self.page, "--level", "B-T", "--socket", socket)))

    def large(self):
        big, copy, runs = self.folder / "big.pdf", self.folder / "copy", self.given.large_runs
        make_pdf.size(int(self.given.large.replace("M", "000000")), big)
        digest = ["openssl", "dgst", "-sha256", big]

        def digest_and_copy():
            copy.unlink(missing_ok=True)
            return [digest, ["dd", f"if={big}", f"of={copy}", "bs=1M", "conv=fsync"]]
        sign = self.sign(big, "--level", "B-B")
        self.compare(f"{self.given.large}, signed (at most 1.5 times the ruler)", runs, ("tsp sign, B-B", sign),
                     ("openssl dgst, dd bs=1M conv=fsync", digest_and_copy))
        copy.unlink(missing_ok=True)
        own, below = peak(sign(), self.env)
        print(f"  highest RssAnon: tsp {own / 1024:.1f} MiB, its parser {below / 1024:.1f} MiB (below 64)")
        validate = [self.program, "validate", self.signed]
        self.compare(f"{self.given.large}, validated (at most 1.5 times the ruler)", runs,
                     ("tsp validate", lambda: validate), ("openssl dgst", lambda: digest))
        own, below = peak(validate, self.env)
        print(f"  highest RssAnon: tsp {own / 1024:.1f} MiB, its parser {below / 1024:.1f} MiB")

    def long_term(self):
        """A file of one page at B-LTA, judged; pyHanko where the interop tests have put it."""
        subprocess.run([*map(str, self.sign(self.page, "--level", "B-LTA")())], env=self.env, check=True,
                       capture_output=True)
        file, root = self.folder / "long-term.pdf", self.tsp.root()
        shutil.copy(self.signed, file)
        validate = [self.program, "validate", file, "--offline"]
        pdfsig = ("pdfsig", lambda: ["pdfsig", file])
        self.compare("one page at B-LTA, validated (at most 2 times the ruler)", self.given.runs,
                     ("tsp validate", lambda: validate), pdfsig,
                     ("pdfsig -nocert", lambda: ["pdfsig", "-nocert", file]),
                     ("tsp version", lambda: [self.program, "version"]))
        pyhanko = self.given.build / "pyhanko" / "bin" / "pyhanko"
        if not pyhanko.exists():
            print("  pyHanko is not there: run the test interop.pyhanko first")
            return
        judge = [pyhanko, "sign", "adesverify", "--no-revocation-check", "--trust", root, "--trust-replace", file]
        self.compare("the same (the ruler at least 10 times as slow)", max(3, self.given.runs // 8),
                     ("tsp validate", lambda: validate), ("pyhanko sign adesverify", lambda: judge))

    def signatures(self):
        """A page signed 100 times over, and as it was after 25."""
        files = {count: self.folder / f"{count}-signatures.pdf" for count in (25, 100)}
        current = self.page
        for number in range(1, 101):
            line = self.sign(current, "--level", "B-T")()
            measure(line, self.env)
            current = self.folder / f"signed-{number % 2}.pdf"
            self.signed.replace(current)
            if number in files:
                shutil.copy(current, files[number])
        lines = {count: [self.program, "validate", file, "--offline"] for count, file in files.items()}
        self.compare("100 signatures, validated (at most 5 times the ruler)", max(3, self.given.runs // 4),
                     ("tsp validate, 100 signatures", lambda: lines[100]),
                     ("tsp validate, 25 signatures", lambda: lines[25]))

    def archive(self):
        """Files of one page, signed once and copied, each extended by one document time-stamp of the own TSA."""
        source, folder = self.folder / "archive.pdf", self.folder / "archive"
        subprocess.run([*map(str, self.sign(self.page, "--level", "B-T")())], env=self.env, check=True,
                       capture_output=True)
        shutil.copy(self.signed, source)
        files = [folder / f"{number}.pdf" for number in range(self.given.archive)]

        def laid_out():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for file in files:
                shutil.copy(source, file)
            return [self.program, "ltv-extend", "--due", "30", folder]
        digest = ["openssl", "dgst", "-sha256", *files]
        print(f"\n{len(files)} files of one page, extended (at least 50 a second)")
        for name, words in (("B-T to B-LTA", laid_out()), ("B-LTA again", [self.program, "ltv-extend", *files]),
                            ("nothing due", [self.program, "ltv-extend", "--due", "30", folder]),
                            ("nothing due, as the walk before saw", [self.program, "ltv-extend", "--due", "30",
                                                                     folder]),
                            ("openssl dgst, all of them", digest)):
            wall, processor = measure(words, self.env)
            print(f"  {name:36} {wall * 1e3:9.0f} ms {len(files) / wall:9.0f} a second, "
                  f"{processor * 1e3 / len(files):6.2f} ms of processor each")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--runs", type=int, default=41)
    parser.add_argument("--large", default="200M")
    parser.add_argument("--large-runs", type=int, default=7)
    parser.add_argument("--archive", type=int, default=1000)
    parser.add_argument("--only", default="")
    parser.add_argument("--first", action="store_true")
    given = parser.parse_args()
    given.build = given.build.absolute()
    with tempfile.TemporaryDirectory(dir=given.build, prefix="bench-whole-") as folder:
        bench = Bench(given, pathlib.Path(folder))
        if given.first:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
        for subject in (bench.found, bench.small, bench.large, bench.long_term, bench.signatures,
                        bench.archive):
            if given.only in subject.__name__:
                subject()
    return 0


if __name__ == "__main__":
    sys.exit(main())
