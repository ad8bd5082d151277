#!/usr/bin/env python3
"""The linters find what they are there for: each test plants one fault in a small tree."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import rooms  # noqa: E402
import text  # noqa: E402

HEADER = "// What it is for.\n#pragma once\n"


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("lib/base/CMakeLists.txt", "tsp_room(base RANK 0)\n")
        self.write("lib/crypto/CMakeLists.txt",
                   "tsp_room(crypto RANK 1 USES base LIBS PkgConfig::ARGON2)\n")
        self.write("lib/store/CMakeLists.txt", "tsp_room(store RANK 1 USES base)\n")

    def write(self, name, content):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def found(self, linter):
        return "\n".join(linter.findings(self.root))


class Rooms(Tree):
    def test_a_declared_room_and_an_owned_library_pass(self):
        self.write("lib/crypto/a.cpp", '#include "base/b.h"\n#include <openssl/evp.h>\n')
        self.assertEqual(self.found(rooms), "")

    def test_an_upward_include_is_found(self):
        self.write("lib/base/a.h", HEADER + '#include "crypto/a.h"\n')
        self.assertIn("base includes crypto/a.h", self.found(rooms))

    def test_a_sideways_include_is_found(self):
        self.write("lib/crypto/a.cpp", '#include "store/a.h"\n')
        self.assertIn("lib/crypto/a.cpp:1: crypto includes store/a.h", self.found(rooms))

    def test_a_declared_sideways_use_is_found(self):
        self.write("lib/store/CMakeLists.txt", "tsp_room(store RANK 1 USES base crypto)\n")
        self.assertIn("store (rank 1) uses crypto (rank 1)", self.found(rooms))

    def test_a_library_outside_its_room_is_found(self):
        self.write("lib/store/a.cpp", "#include <openssl/evp.h>\n")
        self.assertIn("<openssl/evp.h> belongs to", self.found(rooms))

    def test_a_library_of_a_room_is_found_in_apps(self):
        self.write("apps/tsp/a.cpp", "#include <sqlite3.h>\n#include <CLI/CLI.hpp>\n")
        self.assertIn("apps/tsp/a.cpp:1", self.found(rooms))
        self.assertNotIn("apps/tsp/a.cpp:2", self.found(rooms))

    def test_a_header_for_tests_is_found_outside_its_room(self):
        self.write("lib/base/weak_for_tests.h", HEADER)
        self.write("lib/base/a.cpp", '#include "base/weak_for_tests.h"\n')
        self.assertEqual(self.found(rooms), "")
        self.write("apps/tsp/a.cpp", '#include "base/weak_for_tests.h"\n')
        self.assertIn("apps/tsp/a.cpp:1: base/weak_for_tests.h is for tests", self.found(rooms))

    def test_a_climbing_include_is_found(self):
        self.write("lib/store/a.cpp", '#include "../crypto/a.h"\n')
        self.assertIn("climbs", self.found(rooms))


class Text(Tree):
    def test_a_plain_file_passes(self):
        self.write("lib/base/a.h", HEADER + "// exit(1) in a comment\n// std::cout too\n")
        self.write("lib/base/a.cpp", 'auto a = "printf(x)";\n::_exit(1);\nx.exit(2);\n')
        self.assertEqual(self.found(text), "")

    def test_printing_in_lib_is_found(self):
        self.write("lib/base/a.cpp", "int a;\nvoid f() { std::printf(\"x\"); }\n")
        self.assertIn("lib/base/a.cpp:2: prints", self.found(text))

    def test_ending_the_process_in_lib_is_found(self):
        self.write("lib/base/a.cpp", "void f() { ::abort(); }\n")
        self.assertIn("ends the process", self.found(text))

    def test_the_environment_in_lib_is_found(self):
        self.write("lib/base/a.cpp", "auto f() { return ::getenv(n); }\n")
        self.assertIn("touches the environment", self.found(text))

    def test_the_jail_may_forget_the_environment_but_not_ask_it(self):
        self.write("lib/jail/environment.cpp", "void f() { *environ = nullptr; }\n")
        self.assertEqual(self.found(text), "")
        self.write("lib/jail/environment.cpp", "auto f() { return ::getenv(n); }\n")
        self.assertIn("touches the environment", self.found(text))
        self.write("lib/jail/other.cpp", "auto f() { return environ; }\n")
        self.assertIn("lib/jail/other.cpp:1: touches", self.found(text))

    def test_printing_in_apps_is_allowed(self):
        self.write("apps/tsp/a.cpp", "void f() { std::printf(\"x\"); }\n")
        self.assertEqual(self.found(text), "")

    def test_a_reminder_is_found_in_any_file(self):
        self.write("docs/a.md", "one\nTO" "DO: two\n")
        self.assertIn("docs/a.md:2: a reminder", self.found(text))

    def test_a_machine_path_is_found(self):
        self.write("scripts/a", "cd /ho" "me/somebody\n")
        self.assertIn("an absolute path", self.found(text))

    def test_a_header_without_comment_or_pragma_is_found(self):
        self.write("lib/base/a.h", "int a();\n")
        self.assertIn("begins with a comment", self.found(text))
        self.assertIn("#pragma once", self.found(text))

    def test_a_long_file_is_found(self):
        self.write("lib/base/a.cpp", "int a();\n" * 401)
        self.write("tests/unit/a.cpp", "int a();\n" * 601)
        self.assertIn("401 lines", self.found(text))
        self.assertIn("601 lines", self.found(text))

    def test_test_data_of_others_is_left_alone(self):
        self.write("tests/data/a.txt", "TO" "DO\n")
        self.assertEqual(self.found(text), "")


if __name__ == "__main__":
    unittest.main()
