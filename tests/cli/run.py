#!/usr/bin/env python3
"""Runs one story: a file of commands that a user could have typed, and what must come of them.

usage: run.py --program TSP --template FOLDER --data TESTS_DATA --clock LIBRARY [--served] STORY.txt

With --served a server answers at the socket of the story's HOME, so that what its commands do is
done there: the same output and the same exit statuses must come of it. The server is started again
where the story changes clock, configuration or environment; a story that asks it nothing fails.

A story has a folder of its own, which is its working directory and $HOME, and a copy of the
template TSP as $TSP_HOME ($PIN is a 0600 file with alice's PIN). One line, one step:

  home none | home template        before the first command: no TSP, or the template's copy (default)
  tsp user show alice              any bash command line, pipes and redirections included: exit 0
  exit 9 tsp user show bob         must end with this status, which the command's help has to list
  ! cmp a b                        must fail, with any status but 0; not for tsp, which says why
  stdout 'regex'  stderr 'regex'   the last command wrote it (a regex of Python, ^ and $ by line)
  ! stdout 'regex'                 ... it did not;   stdout empty, stderr empty
  json .user == "alice"            a field of the JSON on its standard output: == != < > and a JSON
  json .keys ~ 'regex'             value; ~ and ! ~ with a regex on the field as text;
  json .a.b[0] exists | absent     json 2 .x looks at the second line's object
  same A B                         two files have the same octets;   prefix A B: B begins with A
  exists FILE   ! exists FILE      mode 600 FILE
  capture NAME .field              the field as $NAME from now on
  capture NAME COMMAND             the command's standard output, without the last line break
  env NAME=VALUE   env -u NAME     for the commands that follow
  file NAME                        makes a file of the lines that follow, up to a line `end`
  type 'text' ...                  the next command has a terminal; these lines are typed into it as
                                   prompts come up (what it shows is its standard output)
  later 90s                        the story's clock goes on (s, m, h, d; -1h: back), or, with
                                   `later minute`, to the beginning of the next minute
  needs PROGRAM                    the story is skipped where the program is not installed
  # a comment

$OTP is a one-time code of alice that was not used before: where the current step's code was, the
story's clock is set forward to the next step, for every later command as well. (The clock is a
library of ours, tests/support/clock.cpp: libfaketime allocates when it is first asked for the time, and so does
not go together with sanitizers.)
"""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

import terminal

SKIPPED = 77
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
ABSENT = object()


class Failed(Exception):
    pass


def field(document, path):
    """The value at .a.b[0] (or . for the whole), or ABSENT."""
    for name, index in re.findall(r"\.([\w-]+)|\[(-?\d+)\]", path):
        try:
            document = document[name] if name else document[int(index)]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return document


class Server:
    """`tsp serve` on the story's HOME, as it is now."""

    def __init__(self, story):
        self.story, self.process, self.made_for = story, None, None
        self.asked = self.begin = 0
        self.place = tempfile.NamedTemporaryFile(prefix="tsp-story-serve-")

    def keep_up(self):
        home = pathlib.Path(self.story.env["TSP_HOME"])
        settings = home / "tsp.yaml"
        wanted = (self.story.environment(), settings.read_bytes() if settings.exists() else b"",
                  (home / "tsp.db").exists() and (home / "tsp.db").stat().st_ino)
        if wanted == self.made_for and self.process and self.process.poll() is None:
            return
        self.stop()
        self.made_for = wanted
        if not wanted[2]:
            return
        self.log = open(self.place.name, "a+b")
        self.process = subprocess.Popen(
            [self.story.program, "serve"], env=self.story.environment(), cwd=self.story.here,
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)
        deadline = time.monotonic() + 60
        while not (home / "run/tsp.sock").exists() or b"Serving at" not in self.said():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failed("the server does not start: " + self.said().decode())
            time.sleep(0.02)

    def said(self):
        """Since it was started."""
        self.log.seek(self.begin)
        return self.log.read()

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=60)
            self.asked += self.said().count(b"event=request")
            self.log.seek(0, 2)
            self.begin = self.log.tell()
            self.log.close()
        self.process = None


class Story:
    def __init__(self, path, program, template, data, clock, served=False):
        self.path, self.template, self.clock = path, template, clock
        self.folder = tempfile.TemporaryDirectory(prefix="tsp-story-")
        self.here = pathlib.Path(self.folder.name)
        self.offset = 0        # the story's clock runs this many seconds ahead
        self.last_step = 0     # of the last one-time code
        self.status = self.out = self.err = None
        self.home = "template"
        self.typed = None
        self.program, self.rows = program, None
        self.server = Server(self) if served else None
        path_variable = f"{program.parent}:/usr/bin:/bin:/usr/sbin:/sbin"
        self.env = {"PATH": path_variable, "HOME": str(self.here), "TSP_SOCKET": "none",
                    "TSP_HOME": str(self.here / "tsp"), "DATA": str(data), "PDF": f"{data}/pdf",
                    "LC_ALL": "C.UTF-8", "TERM": "xterm", "PIN": str(self.here / "pin"),
                    "TOTP": (template / "totp").read_text().strip() if template else ""}
        if served:
            del self.env["TSP_SOCKET"]
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]

    def run(self):
        lines = iter(self.path.read_text().splitlines())
        started = False
        for number, line in enumerate(lines, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            word, _, rest = line.partition(" ")
            if word == "file":
                self.step_file(rest, lines)
                continue
            if not started and word not in ("home", "needs", "env"):
                self.start()
                started = True
            try:
                self.step(word, rest.strip(), line)
            except Failed as failed:
                raise Failed(f"{self.path.name}: {line}\n  {failed}{self.last_words()}") from None

    def start(self):
        if self.home == "template":
            subprocess.run(["cp", "-a", self.template / "home", self.here / "tsp"], check=True)
        shutil.copy(self.template / "pin", self.here / "pin")
        (self.here / "pin").chmod(0o600)

    def last_words(self):
        if self.status is None:
            return ""
        shown = [f"\n  exit {self.status}"]
        for name, text in (("stdout", self.out), ("stderr", self.err)):
            if text:
                shown.append(f"{name}: " + text.decode(errors="backslashreplace")[:3000].rstrip())
        return "\n  ".join(shown)

    def step(self, word, rest, line):
        method = getattr(self, "step_" + word, None)
        if word == "!":
            word, _, after = rest.partition(" ")
            method = getattr(self, "not_" + word, None)
            if method:
                method(after.strip())
            else:
                self.expect(word != "tsp", "say how it fails: exit N tsp …")
                self.command(rest)
                self.expect(self.status != 0, "the command did not fail")
        elif method:
            method(rest)
        else:
            self.command(line)
            self.expect(self.status == 0, "the command failed")

    @staticmethod
    def expect(good, why):
        if not good:
            raise Failed(why)

    def command(self, line):
        self.expect(not re.search(r"(?<!\S)! tsp\b", line), "say how it fails: exit N tsp …")
        if "$OTP" in line:
            self.env["OTP"] = self.code()
        environment = self.environment()
        if self.server and "tsp " in line:
            self.server.keep_up()
        words = ["bash", "-o", "pipefail", "-c", line]
        if self.typed is not None:
            self.status, self.out = terminal.run(words, self.typed, environment, self.here)
            self.err, self.typed = b"", None
            return
        done = subprocess.run(words, cwd=self.here, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, start_new_session=True, timeout=120)
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.check_hints(line)

    def environment(self):
        environment = dict(self.env)
        if self.offset:
            environment["LD_PRELOAD"] = str(self.clock)
            environment["TSP_TEST_CLOCK"] = str(self.offset)
        return environment

    def code(self):
        now = int(time.time()) + self.offset
        if now % 30 >= 25:     # too late: the program would see the next step, or the one after
            time.sleep(30 - now % 30)  # the clock stays, so that it agrees with servers beside
            now += 30 - now % 30
        if now // 30 <= self.last_step:
            forward = (self.last_step + 1) * 30 - now
            self.offset += forward
            now += forward
        self.last_step = now // 30
        return subprocess.run(["oathtool", "--totp", "-b", "--now", f"@{now}", self.env["TOTP"]],
                              check=True, capture_output=True, text=True).stdout.strip()

    def step_home(self, which):
        self.expect(which in ("none", "template"), "home none, or home template")
        self.home = which

    def step_needs(self, program):
        if shutil.which(program) is None:
            print(f"{self.path.name}: skipped, {program} is not installed")
            sys.exit(SKIPPED)

    def step_exit(self, rest):
        status, _, line = rest.partition(" ")
        self.command(line)
        self.expect(self.status == int(status), f"the exit status is not {status}")
        if line.startswith("tsp "):
            row = self.row_of(line)
            self.expect(row is None or self.status in row["exits"],
                        f"the help of this command does not list {status}")

    def row_of(self, line):
        """Of the command table, or None where the line names no command of it."""
        if self.rows is None:
            done = subprocess.run([self.program, "help", "--json"], capture_output=True, check=True,
                                  env=dict(self.env), stdin=subprocess.DEVNULL)
            self.rows = {row["command"]: row for row in json.loads(done.stdout)["commands"]}
        words = line.split()
        for at in range(1, len(words)):
            for name in (" ".join(words[at:at + 2]), words[at]):
                if name in self.rows:
                    return self.rows[name]
        return None

    def check_hints(self, line):
        """What fails as JSON says what to do next."""
        if not line.startswith("tsp ") or b'"error"' not in self.out:
            return
        for text in self.out.decode(errors="replace").splitlines():
            try:
                error = json.loads(text)["error"]
            except (ValueError, KeyError, TypeError):
                continue
            self.expect(not isinstance(error, dict) or error.get("hint"), "the error has no hint")

    def step_env(self, rest):
        for word in shlex.split(self.expand(rest)):
            name, equals, value = word.partition("=")
            if equals:
                self.env[name] = value
            elif name != "-u":
                self.env.pop(name, None)

    def step_file(self, name, lines):
        text = []
        for line in lines:
            if line.strip() == "end":
                break
            text.append(self.expand(line) + "\n")
        (self.here / self.expand(name)).write_text("".join(text))

    def step_type(self, rest):
        self.typed = shlex.split(self.expand(rest))

    def step_later(self, rest):
        if rest == "minute":
            self.offset += 60 - int(time.time() + self.offset) % 60
            return
        self.offset += int(rest[:-1]) * SECONDS[rest[-1]]

    def expand(self, text):
        if "$OTP" in text:
            self.env["OTP"] = self.code()
        return re.sub(r"\$(\w+)", lambda match: self.env.get(match.group(1), match.group(0)), text)

    def searched(self, rest, text):
        if rest == "empty":
            return text == b""
        pattern = self.expand(shlex.split(rest, posix=True)[0])
        return re.search(pattern, text.decode(errors="replace"), re.M) is not None

    def step_stdout(self, rest):
        self.expect(self.searched(rest, self.out), "it is not on standard output")

    def not_stdout(self, rest):
        self.expect(not self.searched(rest, self.out), "it is on standard output")

    def step_stderr(self, rest):
        self.expect(self.searched(rest, self.err), "it is not on standard error")

    def not_stderr(self, rest):
        self.expect(not self.searched(rest, self.err), "it is on standard error")

    def documents(self):
        try:
            return [json.loads(line) for line in self.out.decode().splitlines()]
        except ValueError as error:
            raise Failed(f"standard output is not JSON, one object a line: {error}") from None

    def value(self, path, line=1):
        objects = self.documents()
        return field(objects[line - 1], path) if line <= len(objects) else ABSENT

    def step_json(self, rest):
        which, line = re.match(r"(\d+) +(.*)", rest), 1
        if which:
            line, rest = int(which.group(1)), which.group(2)
        path, _, test = rest.partition(" ")
        value = self.value(path, line)
        operator, _, wanted = test.strip().partition(" ")
        if operator in ("exists", "absent"):
            self.expect((value is ABSENT) == (operator == "absent"), f"{path} is {value!r}")
            return
        self.expect(value is not ABSENT, f"there is no {path}")
        wanted = self.expand(wanted.strip())
        negated = operator == "!"
        if negated or operator == "~":
            text = value if isinstance(value, str) else json.dumps(value)
            pattern = shlex.split(wanted.removeprefix("~").strip())[0]
            self.expect((re.search(pattern, text, re.M) is None) == negated, f"it is {text}")
            return
        wanted = json.loads(wanted)
        good = {"==": lambda: value == wanted, "!=": lambda: value != wanted,
                "<": lambda: value < wanted, ">": lambda: value > wanted}[operator]()
        self.expect(good, f"it is {json.dumps(value)}")

    def step_exists(self, rest):
        for name in shlex.split(self.expand(rest)):
            self.expect((self.here / name).exists(), f"{name} is not there")

    def not_exists(self, rest):
        for name in shlex.split(self.expand(rest)):
            self.expect(not (self.here / name).exists(), f"{name} is there")

    def step_mode(self, rest):
        mode, name = shlex.split(self.expand(rest))
        real = (self.here / name).stat().st_mode & 0o777
        self.expect(real == int(mode, 8), f"its mode is {real:o}")

    def octets(self, rest):
        return [(self.here / name).read_bytes() for name in shlex.split(self.expand(rest))]

    def step_same(self, rest):
        first, second = self.octets(rest)
        self.expect(first == second, "they differ")

    def not_same(self, rest):
        first, second = self.octets(rest)
        self.expect(first != second, "they are the same")

    def step_prefix(self, rest):
        first, second = self.octets(rest)
        self.expect(second.startswith(first) and len(second) > len(first), "it does not")

    def step_capture(self, rest):
        name, _, source = rest.partition(" ")
        if re.fullmatch(r"(\d+ )?[.\[][\w.\[\]-]*", source.strip()):
            number, _, path = source.strip().rpartition(" ")
            value = self.value(path, int(number or 1))
            self.expect(value is not ABSENT, f"there is no {path}")
            self.env[name] = value if isinstance(value, str) else json.dumps(value)
        else:
            self.command(source)
            self.expect(self.status == 0, "the command failed")
            self.env[name] = self.out.decode().rstrip("\n")


def main():
    served = "--served" in sys.argv
    arguments = [each for each in sys.argv[1:] if each != "--served"]
    options = {}
    while arguments and arguments[0].startswith("--"):
        options[arguments[0]] = pathlib.Path(arguments[1]).absolute()
        arguments = arguments[2:]
    if len(arguments) != 1 or set(options) != {"--program", "--template", "--data", "--clock"}:
        sys.exit(__doc__)
    story = Story(pathlib.Path(arguments[0]), options["--program"], options["--template"],
                  options["--data"], options["--clock"], served)
    try:
        story.run()
        if served:
            story.server.stop()
            Story.expect(story.server.asked > 0, "the server was asked nothing")
    except Failed as failed:
        sys.exit(str(failed))
    finally:
        if served:
            story.server.stop()
        story.folder.cleanup()
    return 0


if __name__ == "__main__":
    sys.exit(main())
