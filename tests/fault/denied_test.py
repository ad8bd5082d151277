#!/usr/bin/env python3
"""A file may not be read, a folder not be written: exit 13 with the file's name and the reason, and
nothing was made. (The calls are failed by the shim, so that this holds of root, too.)"""
import unittest

from house import House, open_intents


class Denied(unittest.TestCase):
    def story(self, words, under, calls, names=None):
        """Calls of class `calls` below the path `under` fail from the first on. Returns the error."""
        with House() as house:
            document = house.put_document()
            filled = {"HOME": house.home, "DESK": house.desk, "PIN": house.pin}

            def fill(text):
                for name, path in filled.items():
                    text = text.replace(f"@{name}", str(path))
                return text
            words = [document if word == "doc.pdf" else fill(word) for word in words]
            if words[0] == "sign":
                words += ["--user", "alice", "--pin-from", f"file:{house.pin}", "--otp",
                          house.next_code()]
            before = house.records()
            run = house.run(*words, shim={"AT": 1, "KIND": "eacces", "STAY": 1, "CALLS": calls,
                                          "UNDER": fill(under)})
            self.assertTrue(run.calls, "nothing was tried")
            self.assertEqual((run.status, run.objects()[0]["error"]["code"]), (13, "not-permitted"), run)
            error = run.objects()[0]["error"]
            self.assertIn(fill(names or under), error["message"])
            self.assertRegex(error["message"], "Permission denied|readonly database")
            left = [path for path in house.desk.rglob("*") if path.is_file()]
            self.assertEqual([path.name for path in left], ["doc.pdf"])
            records = house.check()
            self.assertEqual(open_intents(records), [])
            self.assertEqual(house.tries_left(), 5)
            return records[len(before):]

    # ---- what is read ----

    def test_a_document_to_sign(self):
        self.assertEqual(self.story(["sign", "doc.pdf"], "@DESK/doc.pdf", "read"), [])

    def test_a_document_to_validate(self):
        self.assertEqual(self.story(["validate", "doc.pdf"], "@DESK/doc.pdf", "read"), [])

    def test_a_file_to_time_stamp(self):
        self.assertEqual(self.story(["timestamp", "doc.pdf"], "@DESK/doc.pdf", "read"), [])

    def test_the_pin(self):
        self.assertEqual(self.story(["sign", "doc.pdf"], "@PIN", "read"), [])

    def test_the_configuration(self):
        self.assertEqual(self.story(["sign", "doc.pdf"], "@HOME/tsp.yaml", "read"), [])

    def test_a_profile(self):
        self.story(["cert", "issue", "--user", "alice", "-o", "@DESK/alice.pem"], "@HOME/profiles",
                   "read")

    def test_the_pin_of_the_hsm(self):
        self.story(["crl", "issue"], "@HOME/secrets/hsm-", "read")

    def test_the_store(self):
        self.assertEqual(self.story(["user", "list"], "@HOME/tsp.db", "open,read"), [])

    def test_the_whole_home(self):
        for words in (["status"], ["sign", "doc.pdf"], ["user", "list"], ["audit", "verify"]):
            self.assertEqual(self.story(words, "@HOME/", "open,read", "@HOME"), [])

    # ---- what is written ----

    def test_the_folder_of_a_signed_document(self):
        self.assertEqual(self.story(["sign", "doc.pdf"], "@DESK", "open,link,rename",
                                    "@DESK/doc-signed.pdf"), [])

    def test_the_folder_of_a_time_stamp(self):
        self.assertEqual(self.story(["timestamp", "doc.pdf"], "@DESK", "open,link,rename",
                                    "@DESK/doc.pdf.tsr"), [])

    def test_the_folder_of_a_certificate(self):
        self.assertEqual(self.story(["cert", "issue", "--user", "alice", "-o", "@DESK/alice.pem"],
                                    "@DESK", "open,link,rename", "@DESK/alice.pem"), [])

    def test_the_folder_of_a_secret(self):
        words = ["user", "enroll", "bob", "--common-name", "Bob Weber", "--pin-from", "file:@PIN",
                 "--totp-uri-out", "@DESK/bob.totp"]
        self.assertEqual(self.story(words, "@DESK", "open,link,rename", "@DESK/bob.totp"), [])

    def test_the_folder_of_a_web_server(self):
        self.story(["crl", "publish", "@DESK/web"], "@DESK/web", "open,link,rename")

    def test_a_store_that_may_only_be_read(self):
        self.assertEqual(self.story(["user", "suspend", "alice"], "@HOME/tsp.db", "open"), [])


if __name__ == "__main__":
    unittest.main()
