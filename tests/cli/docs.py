#!/usr/bin/env python3
"""Help, man pages, completions and README say what the program does.

usage: docs.py SOURCE_DIR TSP

Each test is one fact; programs that are not installed (zsh, fish, systemd) are left out.
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

    def test_roles_tell_of_every_command_and_of_no_other(self):
        text = (SOURCE / "docs/roles.md").read_text()
        operations = re.findall(r"^\| `([^`]+)` \| .* \| (?:signers|pki) \|", text, re.M)
        elsewhere = set(re.findall(r"`(?:tsp )?([a-z -]+)`", text.split("## What signing asks for")[1]))
        paths = [row["command"] for row in commands()]
        for path in paths:
            told = any(name == path or name.startswith(path + " ") for name in operations)
            self.assertTrue(told or path in elsewhere, path)
        for name in operations:
            self.assertTrue(any(name == path or name.startswith(path + " ") for path in paths), name)

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
        self.assertEqual(set(self.complete("user", "")), self.verbs_of("user"))
        self.assertEqual(self.complete("--home", "x", "user", "su"), ["suspend"])
        self.assertIn("--user", self.complete("sign", "--u"))
        self.assertIn("--user", self.complete("key", "generate", "--u"))
        self.assertEqual(self.complete("key", "generate", "--algorithm", "rsa-3"), ["rsa-3072"])
        self.assertEqual(self.complete("--color", "al"), ["always"])

    def verbs_of(self, noun):
        return {row["command"].split()[1] for row in commands()
                if row["command"].startswith(noun + " ")}

    def test_every_shell_is_told_of_each_noun_once_with_all_its_verbs(self):
        bash, zsh, fish = (run([TSP, "completion", shell]).stdout for shell in ("bash", "zsh", "fish"))
        nouns = {row["command"].split()[0] for row in commands() if " " in row["command"]}
        for noun in sorted(nouns):
            verbs = re.findall(rf'^    {noun}\) verbs=\((.*)\) ;;$', zsh, re.M)
            self.assertEqual([set(line.split()) for line in verbs], [self.verbs_of(noun)], noun)
            # Twice in bash: the case is asked with and without a verb.
            verbs = re.findall(rf'^    "{noun} "\) candidates="(.*)" ;;$', bash, re.M)
            self.assertEqual([set(line.split()) for line in verbs], [self.verbs_of(noun)] * 2, noun)
            self.assertEqual(len(re.findall(rf"__fish_use_subcommand -f -a {noun} ", fish)), 1, noun)

    def complete_zsh(self, *words):
        """What the function for zsh hands to the shell, whatever was typed of the last word."""
        script = ("compadd() { shift; print -l -- $@ }; _describe() { print -l -- ${(P)2} }; "
                  "_files() { print FILES }; words=(tsp $@); CURRENT=$#words; "
                  f"set --; source {SOURCE}/completions/_tsp")
        done = run(["zsh", "-f", "-c", script, "zsh", *words])
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout.splitlines()

    def test_zsh_offers_nouns_verbs_options_and_choices(self):
        if not shutil.which("zsh"):
            self.skipTest("zsh is not installed")
        self.assertIn("version:print the program's version", self.complete_zsh("ver"))
        self.assertIn("suspend", self.complete_zsh("user", "su"))
        self.assertEqual(set(self.complete_zsh("user", "su")), self.verbs_of("user"))
        self.assertIn("--user", self.complete_zsh("sign", "--u"))
        self.assertIn("rsa-3072", self.complete_zsh("key", "generate", "--algorithm", "rsa-3"))
        self.assertEqual(self.complete_zsh("sign", "agree"), ["FILES"])

    def test_fish_offers_nouns_verbs_options_and_choices(self):
        if not shutil.which("fish"):
            self.skipTest("fish is not installed")

        def complete(line):
            script = f"source {SOURCE}/completions/tsp.fish; complete -C '{line}'"
            done = run(["fish", "--no-config", "-c", script])
            self.assertEqual((done.returncode, done.stderr), (0, ""), line)
            return [offered.split("\t")[0] for offered in done.stdout.splitlines()]
        self.assertEqual(complete("tsp ver"), ["version"])
        self.assertIn("suspend", complete("tsp user su"))
        self.assertIn("--user", complete("tsp sign --u"))
        self.assertIn("rsa-3072", complete("tsp key generate --algorithm rsa-3"))

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

    # What the README tells to type, besides its block of commands, and the test that does it.
    RUN_BY = {
        r"\./scripts/demo": "package.demo",
        r"\./scripts/test": "",                     # is running
        r'export PATH="\$PWD/build/release/apps/tsp:\$PATH"': "package.demo",
        r"cmake --install build/release --prefix PREFIX": "package.install",
        r"cpack -G DEB": "package.deb",
        r"tsp( [a-z]+)*( doc\.pdf| COMMAND)?": "cli.docs",
        r"man tsp(-sign)?": "cli.docs",
    }

    def test_every_command_of_the_readme_has_a_test_that_runs_it(self):
        text = re.sub(r"```sh\n.*?```", "", (SOURCE / "README.md").read_text(), flags=re.S)
        told = [re.split(r" {2,}", line)[0] for line in re.findall(r"^ {4}(\S.*)", text, re.M)]
        # One word is a name, unless it is a program of this tree; an option is no command.
        told += [word for word in re.findall(r"`([^`]+)`", text)
                 if (" " in word or word.startswith("./")) and not word.startswith("-")]
        self.assertIn("./scripts/demo", told)
        tests = {name for path in SOURCE.glob("tests/*/CMakeLists.txt")
                 for name in re.findall(r"NAME ([\w.]+)", path.read_text())}
        for command in told:
            by = [test for what, test in self.RUN_BY.items() if re.fullmatch(what, command)]
            self.assertTrue(by, f"README: no test runs `{command}`")
            self.assertLessEqual(set(by) - {""}, tests, command)

    def test_the_program_is_built_where_the_readme_says(self):
        self.assertIn("`build/release/apps/tsp/tsp`", (SOURCE / "README.md").read_text())
        self.assertIn('program="$PWD/build/release/apps/tsp"', (SOURCE / "scripts/demo").read_text())
        self.assertIn("preset=release", (SOURCE / "scripts/test").read_text())

    def test_the_scripts_know_the_options_that_the_documents_name(self):
        for page in (SOURCE / "README.md", SOURCE / "CONTRIBUTING.md"):
            for script, option in re.findall(r"scripts/(test|bootstrap|soak|demo)\b[^`\n]*?(--[a-z]+)",
                                             page.read_text()):
                self.assertIn(option, (SOURCE / "scripts" / script).read_text(), f"{script} {option}")

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


class Units(unittest.TestCase):
    def test_systemd_understands_them(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd is not installed")
        units = sorted((SOURCE / "config/systemd").glob("*.*"))
        done = run(["systemd-analyze", "verify", *units])
        # The program and its pages are not installed on the machine that tests.
        said = [line for line in (done.stdout + done.stderr).splitlines()
                if line.startswith("tsp-") and "Command 'man " not in line
                and "Command tsp is not executable" not in line]
        self.assertEqual(said, [])

    def test_the_commands_they_start_exist(self):
        started = [line for unit in (SOURCE / "config/systemd").glob("*.service")
                   for line in re.findall(r"^(?:# *)?ExecStart=(\S.*)", unit.read_text(), re.M)]
        self.assertTrue(started)
        for line in started:
            command = line.replace("${CACHE_DIRECTORY}", "web")
            self.assertTrue(command.startswith("tsp "), line)
            words = command.split()[1:3]
            page = run([TSP, "help", words[0]] if words[0] == "serve" else [TSP, "help", *words]).stdout
            done = run(["bash", "-c", command + (" --dry-run" if "--dry-run" in page else "")],
                       env={"CREDENTIALS_DIRECTORY": "/nonexistent"})
            self.assertEqual(done.returncode, 9, f"{line}\n{done.stderr}")   # there is no such TSP

    def test_the_default_configuration_is_read_without_a_word(self):
        with tempfile.TemporaryDirectory() as home:
            shutil.copy(SOURCE / "config/tsp.yaml", f"{home}/tsp.yaml")
            os.chmod(f"{home}/tsp.yaml", 0o600)
            done = run([TSP, "config", "show", "--origin"], env={"TSP_HOME": home})
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertNotIn("tsp.yaml:", done.stdout)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
