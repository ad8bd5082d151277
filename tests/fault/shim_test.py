#!/usr/bin/env python3
"""The fault shim counts, kills and fails as it says.

usage: shim_test.py LIBTSP_FAULT
"""
import errno
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

SHIM = ""

# Makes seven calls: open, write, fsync, rename, link, unlink and, in a child, one more open.
STORY = """
import os, sys
fd = os.open("draft", os.O_WRONLY | os.O_CREAT)
os.write(fd, b"0123456789")
os.fsync(fd)
os.rename("draft", "final")
os.link("final", "second")
os.unlink("second")
if "child" in sys.argv and os.fork() == 0:
    os.open("of-child", os.O_WRONLY | os.O_CREAT)
    os._exit(0)
if "child" in sys.argv:
    os.wait()
print("done")
"""


class Shim(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.count_file = self.root / "count"
        self.log_file = self.root / "log"
        self.work = self.root / "files"
        self.work.mkdir()

    def run_story(self, *arguments, command=None, **settings):
        environment = dict(os.environ, LD_PRELOAD=SHIM, TSP_FAULT_UNDER=str(self.work),
                           TSP_FAULT_COUNT_FILE=str(self.count_file),
                           TSP_FAULT_LOG_FILE=str(self.log_file), LC_ALL="C")
        environment.update({f"TSP_FAULT_{name}": str(value) for name, value in settings.items()})
        return subprocess.run(command or [sys.executable, "-c", STORY, *arguments], cwd=self.work,
                              env=environment, capture_output=True, text=True)

    def total(self):
        return int(self.count_file.read_text())

    def files(self):
        return sorted(path.name for path in self.work.iterdir())

    def test_without_a_number_calls_are_counted_and_made(self):
        self.assertEqual(self.run_story().stdout, "done\n")
        self.assertEqual(self.total(), 6)
        self.assertEqual(self.files(), ["final"])
        calls = [line.split()[1] for line in self.log_file.read_text().splitlines()]
        self.assertEqual(calls, ["open", "write", "fsync", "rename", "link", "unlink"])

    def test_a_kill_leaves_what_was_done_before(self):
        expected = [[], ["draft"], ["draft"], ["draft"], ["final"], ["final", "second"]]
        for number, files in enumerate(expected, 1):
            for path in self.work.iterdir():
                path.unlink()
            self.assertEqual(self.run_story(AT=number).returncode, -signal.SIGKILL)
            self.assertEqual(self.files(), files, f"killed at call {number}")
            self.assertEqual(self.total(), number)

    def test_a_number_beyond_the_last_call_disturbs_nothing(self):
        self.assertEqual(self.run_story(AT=7).stdout, "done\n")

    def test_a_torn_write_leaves_half_of_the_bytes(self):
        self.assertEqual(self.run_story(AT=2, KIND="torn").returncode, -signal.SIGKILL)
        self.assertEqual((self.work / "draft").read_bytes(), b"01234")

    def test_a_full_disk_fails_the_call_with_enospc(self):
        run = self.run_story(AT=2, KIND="enospc")
        self.assertIn(os.strerror(errno.ENOSPC), run.stderr)
        self.assertEqual((self.work / "draft").read_bytes(), b"")

    def test_an_input_output_error_fails_an_fsync(self):
        run = self.run_story(AT=1, KIND="eio", CALLS="fsync")
        self.assertIn(os.strerror(errno.EIO), run.stderr)
        self.assertEqual(self.files(), ["draft"])

    def test_only_the_named_classes_are_counted(self):
        self.run_story(CALLS="rename,unlink")
        self.assertEqual(self.total(), 2)

    def test_only_files_under_the_named_folder_are_counted(self):
        self.run_story(UNDER=str(self.work / "fin"))
        self.assertEqual(self.total(), 1)

    def test_a_child_runs_undisturbed_unless_asked(self):
        self.run_story("child")
        self.assertEqual(self.total(), 6)
        self.run_story("child", CHILDREN=1)
        self.assertEqual(self.total(), 7)

    def test_a_full_disk_can_stay_full(self):
        command = ["dd", "if=/dev/zero", "of=out", "bs=1000", "count=5", "conv=notrunc"]
        self.assertNotEqual(
            self.run_story(command=command, AT=3, KIND="enospc", CALLS="write").returncode, 0)
        self.assertEqual((self.work / "out").stat().st_size, 2000)
        self.assertNotEqual(
            self.run_story(command=command, AT=1, KIND="enospc", STAY=1).returncode, 0)

    def test_who_may_not_read_is_told_so(self):
        (self.work / "in").write_text("text")
        story = "import os; os.close(os.open('in', os.O_RDONLY)); print(open('in').read())"
        for number in (1, 2):
            run = self.run_story(command=[sys.executable, "-c", story], AT=number, KIND="eacces",
                                 CALLS="read", UNDER=self.work / "in")
            self.assertIn(os.strerror(errno.EACCES), run.stderr)
        run = self.run_story(command=[sys.executable, "-c", story], UNDER=self.work / "in")
        self.assertEqual((run.stdout, self.total()), ("text\n", 0))

    def test_stdio_is_a_class_of_its_own(self):
        story = ("import ctypes; c = ctypes.CDLL(None); c.fopen.restype = ctypes.c_void_p\n"
                 "file = ctypes.c_void_p(c.fopen(b'out', b'w'))\n"
                 "c.fwrite(b'text', 1, 4, file); c.fflush(file)\n")
        self.run_story(command=[sys.executable, "-c", story], CALLS="stdio,open")
        self.assertEqual(self.total(), 3)
        self.run_story(command=[sys.executable, "-c", story], CALLS="stdio", AT=2)
        self.assertEqual((self.work / "out").read_bytes(), b"")


if __name__ == "__main__":
    SHIM = sys.argv.pop(1)
    unittest.main()
