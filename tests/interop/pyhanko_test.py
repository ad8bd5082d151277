#!/usr/bin/env python3
"""Long-term signatures held against pyHanko, which is put into a scratch environment by pip; where that cannot
be had (no registry in reach) the test is skipped, and says why (exit 77).

usage: pyhanko_test.py --venv FOLDER --program TSP --template FOLDER --data TESTS_DATA

FOLDER is made once and used again; pyhanko_checks.py, run by its python, does the work.
"""
import pathlib
import subprocess
import sys
import venv

SKIPPED = 77
WANTED = ["pyhanko[etsi]==0.38.0", "pyhanko-cli==0.6.0"]


def pip(folder, *words, limit):
    return subprocess.run([folder / "bin" / "python", "-m", "pip", *words], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=limit)


def skip(why):
    print(f"pyhanko_test: skipped, {why}")
    sys.exit(SKIPPED)


def prepare(folder):
    """The environment's python, with pyHanko in it."""
    python = folder / "bin" / "python"
    if subprocess.run([python, "-c", "import pyhanko.cli, xsdata"], capture_output=True).returncode == 0 \
            if python.exists() else False:
        return python
    try:
        venv.create(folder, with_pip=True, clear=True)
        done = pip(folder, "install", "--quiet", "--disable-pip-version-check", "--retries", "0", "--timeout", "10",
                   "--only-binary", ":all:", *WANTED, limit=600)
    except (OSError, subprocess.SubprocessError, SystemExit) as error:  # Debian's venv exits without ensurepip
        skip(f"no environment could be made: {error}")
    if done.returncode != 0:
        skip("pip cannot get " + " and ".join(WANTED) + ": " + (done.stderr.strip().splitlines() or ["no reason given"])[-1])
    return python


def main():
    arguments = sys.argv[1:]
    if arguments[:1] != ["--venv"] or len(arguments) != 8:
        sys.exit(__doc__)
    python = prepare(pathlib.Path(arguments[1]).absolute())
    checks = pathlib.Path(__file__).resolve().parent / "pyhanko_checks.py"
    return subprocess.run([python, "-B", checks, *arguments[2:]]).returncode


if __name__ == "__main__":
    sys.exit(main())
