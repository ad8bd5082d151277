#!/usr/bin/env python3
"""Help, man pages, completions and README say what the program does.

usage: docs.py SOURCE_DIR TSP

Each test is one fact; programs that are not installed (zsh, fish) are left out.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv[1]).absolute()
TSP = pathlib.Path(sys.argv[2]).absolute()


def run(words, **options):
    environment = {"PATH": f"{TSP.parent}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "80",
                   "TSP_HOME": "/nonexistent/tsp", "TSP_SOCKET": "none", "HOME": "/nonexistent"}
    environment.update(options.pop("env", {}))
    return subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env=environment, timeout=60, start_new_session=True, **options)


def commands():
    return json.loads(run([TSP, "help", "--json"]).stdout)["commands"]


def section(text, name):
    return re.search(rf"^{name}\n((?: .*\n|\n)*)", text, re.M).group(1)


class Pages(unittest.TestCase):
    def test_man_and_completions_are_what_make_docs_writes(self):
        with tempfile.TemporaryDirectory() as fresh:
            made = run([SOURCE / "scripts/make-docs", "--into", fresh, TSP])
            self.assertEqual(made.returncode, 0, made.stderr)
            for folder in ("man", "completions"):
                new = {p.name: p.read_text() for p in pathlib.Path(fresh, folder).iterdir()}
                old = {p.name: p.read_text() for p in (SOURCE / folder).iterdir()
                       if p.name != ".gitkeep"}
                self.assertEqual(sorted(old), sorted(new), "run scripts/make-docs")
                for name in new:
                    self.assertEqual(old[name], new[name], f"{name}: run scripts/make-docs")

    def test_man_pages_are_clean_troff(self):
        if not shutil.which("man"):
            self.skipTest("man is not installed")
        for page in sorted((SOURCE / "man").glob("*.1")):
            done = run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page])
            self.assertEqual((done.returncode, done.stderr), (0, ""), page.name)

    def test_every_command_has_a_page_that_the_overview_names(self):
        overview = (SOURCE / "man/tsp.1").read_text().replace("\\-", "-")
        for row in commands():
            page = SOURCE / "man" / f"tsp-{row['command'].replace(' ', '-')}.1"
            self.assertTrue(page.exists(), page.name)
            self.assertIn(f"\\fB{row['command']}\\fR", overview)


class Help(unittest.TestCase):
    def test_every_command_has_help_with_all_its_parts(self):
        for row in commands():
            done = run([TSP, *row["command"].split(), "--help"])
            self.assertEqual((done.returncode, done.stderr), (0, ""), row)
            for part in ("USAGE", "OPTIONS", "GLOBAL OPTIONS", "EXIT STATUS", "EXAMPLES"):
                self.assertRegex(done.stdout, rf"(?m)^{part}$", row["command"])

    def test_every_example_is_understood(self):
        for row in commands():
            text = run([TSP, "help", *row["command"].split()]).stdout
            examples = [line.strip() for line in section(text, "EXAMPLES").splitlines()
                        if line.strip()]
            ours = [line for line in examples if line.startswith("tsp ")]
            self.assertTrue(ours, f"{row['command']} has no example")
            for example in ours:
                # The command alone, without what the shell does, changing nothing.
                line = re.split(r" [|>] ?", example)[0]
                if "--dry-run" in text and "--dry-run" not in line:
                    line += " --dry-run"
                done = run(["bash", "-c", line])
                self.assertNotIn(done.returncode, (2, 126, 127), f"{example}\n{done.stderr}")


class Completions(unittest.TestCase):
    def test_each_shell_reads_its_script(self):
        for shell, name in (("bash", "tsp.bash"), ("zsh", "_tsp"), ("fish", "tsp.fish")):
            if shutil.which(shell):
                done = run([shell, "-n", SOURCE / "completions" / name])
                self.assertEqual((done.returncode, done.stderr), (0, ""), shell)

    def complete(self, *words):
        """What bash offers for the last word."""
        script = (f"source {SOURCE}/completions/tsp.bash; COMP_WORDS=(\"$@\"); "
                  "COMP_CWORD=$(($# - 1)); _tsp; printf '%s\\n' \"${COMPREPLY[@]}\"")
        return run(["bash", "-c", script, "bash", "tsp", *words]).stdout.split()

    def test_bash_offers_nouns_verbs_options_and_choices(self):
        self.assertEqual(self.complete("va"), ["validate"])
        self.assertEqual(self.complete("user", "su"), ["suspend"])
        self.assertEqual(self.complete("--home", "x", "user", "su"), ["suspend"])
        self.assertIn("--user", self.complete("sign", "--u"))
        self.assertIn("--user", self.complete("key", "generate", "--u"))
        self.assertEqual(self.complete("key", "generate", "--algorithm", "rsa-3"), ["rsa-3072"])
        self.assertEqual(self.complete("--color", "al"), ["always"])

    def test_every_command_and_option_stands_in_every_script(self):
        for name in ("tsp.bash", "_tsp", "tsp.fish"):
            script = (SOURCE / "completions" / name).read_text()
            for row in commands():
                for word in row["command"].split():
                    self.assertIn(word, script, name)
                for option in re.findall(r"\[--([\w-]+)", row["usage"]):
                    self.assertIn(option, script, name)


class Documents(unittest.TestCase):
    def test_commands_named_for_newcomers_exist(self):
        names = {row["command"] for row in commands()}
        nouns = {name.split()[0] for name in names}
        for page in (SOURCE / "README.md", SOURCE / "CONTRIBUTING.md"):
            for line in re.findall(r"`tsp ([^`]+)`", page.read_text()):
                words = [w for w in line.split() if not w.startswith("-")]
                if not words or not re.fullmatch(r"[a-z-]+", words[0]):
                    continue
                known = words[0] in names or " ".join(words[:2]) in names or (
                    len(words) == 1 and words[0] in nouns)
                self.assertTrue(known, f"{page.name}: there is no `tsp {line}`")

    def test_the_readme_s_first_signature_works(self):
        block = re.search(r"```sh\n(.*?)```", (SOURCE / "README.md").read_text(), re.S).group(1)
        self.assertIn("tsp sign", block)
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(SOURCE / "tests/data/pdf/agreement.pdf", f"{folder}/doc.pdf")
            done = run(["bash", "-euo", "pipefail", "-c", block], cwd=folder,
                       env={"HOME": folder, "TSP_HOME": f"{folder}/tsp"})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("TOTAL-PASSED", done.stdout)
            self.assertRegex(done.stdout, r"(?m)^intact")
            self.assertTrue(os.path.exists(f"{folder}/doc-signed.pdf"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
