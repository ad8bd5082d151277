#!/usr/bin/env python3
"""`tsp sign` is killed, at any moment: no signature without its record, no half file, no code twice,
and the next signature works."""
import pathlib
import unittest

from house import DOCUMENT, KILLED, House, at_each, open_intents, phases, results


def names(count, *suffixes):
    stems = ["a", "b", "c"][:count]
    return [f"{stem}{suffix}.pdf" for stem in stems for suffix in ("", *suffixes)]


class Killed(unittest.TestCase):
    def calls(self, count, **settings):
        with House() as house:
            documents = [house.put_document(name) for name in names(count)]
            run = house.sign(*documents, code=house.next_code(), **settings)
            self.assertEqual(run.status, 0, run)
            house.check(names(count, "-signed"))
            return run.calls

    def story(self, count, trouble):
        with House() as house:
            documents = [house.put_document(name) for name in names(count)]
            before = len(house.records())
            code = house.next_code()
            killed = house.sign(*documents, code=code, **trouble)
            self.assertEqual(killed.status, KILLED, killed)
            # What was told was done: only the store was still to be closed.
            for result in killed.objects() if killed.out else []:
                self.assertIn("audit_seq", result)
                self.assertTrue(pathlib.Path(result["output"]).exists(), result)
            records = house.check(names(count, "-signed"))
            accepted = bool(results(records[before:], "sign.authorize"))
            self.assertLessEqual(len(results(records[before:], "sign")), count)
            # Open is what was cut off, and nothing else: it began last.
            self.assertLessEqual(len(open_intents(records)), count)

            again = house.sign(*documents, code=code, to="-again")
            self.assertEqual(again.status, 5 if accepted else 0, again)
            if accepted:
                self.assertEqual(again.error()["code"], "factor-refused")
            fresh = house.sign(*documents, code=house.next_code(), to="-again2")
            self.assertEqual(fresh.status, 0, fresh)
            self.assertEqual(len(fresh.objects()), count)
            house.check(names(count, "-signed", "-again", "-again2"))
            self.assertEqual(house.tries_left(), 5)
            for name in names(count):
                self.assertEqual((house.desk / name).read_bytes(), DOCUMENT.read_bytes())

    def kill_at_files(self, count, most, kind="kill"):
        calls = self.calls(count, shim={})
        at_each(self, lambda n: self.story(count, {"shim": {"AT": n, "KIND": kind}}),
                phases(calls, most))

    def test_one_document_at_a_change_of_a_file(self):
        self.kill_at_files(1, 14)

    def test_one_document_in_the_middle_of_a_write(self):
        self.kill_at_files(1, 4, kind="torn")

    def test_three_documents_at_a_change_of_a_file(self):
        self.kill_at_files(3, 6)

    def test_one_document_at_a_call_of_the_hsm(self):
        calls = self.calls(1, hsm={})
        at_each(self, lambda n: self.story(1, {"hsm": {"AT": n, "KIND": "kill"}}),
                phases(calls, 8))

    def test_three_documents_at_a_call_of_the_hsm(self):
        calls = self.calls(3, hsm={})
        at_each(self, lambda n: self.story(3, {"hsm": {"AT": n, "KIND": "kill"}}),
                phases(calls, 4))


if __name__ == "__main__":
    unittest.main()
