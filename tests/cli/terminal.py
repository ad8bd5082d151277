"""A command on a terminal of its own: what is typed goes in as prompts come up."""
import fcntl
import os
import pty
import select
import signal
import termios
import time

PATIENCE = 20


def controlling_terminal():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def run(words, typed, environment, folder):
    """The exit status and everything the terminal showed. Each text of `typed` is sent, with a line
    break, when a prompt stands there (the output ends with a colon or a bracket and a blank)."""
    leader, follower = pty.openpty()
    child = os.fork()
    if child == 0:
        os.close(leader)
        for stream in (0, 1, 2):
            os.dup2(follower, stream)
        os.close(follower)
        controlling_terminal()
        os.chdir(folder)
        os.execvpe(words[0], words, environment)
    os.close(follower)
    waiting, shown, seen = list(typed), b"", 0
    end = time.monotonic() + PATIENCE
    while True:
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            break
        if waiting and len(shown) > seen and shown.endswith((b": ", b"] ")):
            os.write(leader, waiting.pop(0).encode() + b"\n")
            seen = len(shown)
        if select.select([leader], [], [], 0.05)[0]:
            try:
                more = os.read(leader, 65536)
            except OSError:   # the other side is closed
                break
            if not more:
                break
            shown += more
    _, status = os.waitpid(child, 0)
    os.close(leader)
    return os.waitstatus_to_exitcode(status), shown.replace(b"\r\n", b"\n")
