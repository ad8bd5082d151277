#!/usr/bin/env python3
"""Verbs are killed: what they change is changed whole or not at all, and their next run works. (What
`cert issue`, `cert revoke` and `crl issue` do then: issue_test.py.)"""
import unittest

from house import KILLED, House, at_each, open_intents, phases, results
from verbs import (Checkpoint, CrlPublish, CrlPublishAgain, KeyDestroy, KeyGenerate, Timestamp,
                   UserActivate, UserEnroll, UserPin, UserRemove)


class Killed(unittest.TestCase):
    def story(self, make, trouble):
        verb = make()
        with House() as house:
            settings = verb.prepare(house)
            before = len(house.records())
            killed = house.run(*verb.words, **trouble, **settings)
            self.assertEqual(killed.status, KILLED, killed)
            records = house.check()
            self.assertLessEqual(len(open_intents(records)), 1)
            done = bool(results(records[before:], verb.event))
            verb.check(house, done)
            verb.next(house, done)
            house.check()
            self.assertTrue(house.ok("status")[0]["store"]["ok"])

    def kill(self, make, files, calls):
        for library, most in (("shim", files), ("hsm", calls)):
            if most == 0:      # the HSM has no part in it
                continue
            verb = make()
            with House() as house:
                settings = verb.prepare(house)
                run = house.run(*verb.words, **{library: {}}, **settings)
                self.assertEqual(run.status, 0, run)
            at_each(self, lambda n, lib=library:
                    self.story(make, {lib: {"AT": n, "KIND": "kill"}}), phases(run.calls, most))

    def test_key_generate(self):
        self.kill(KeyGenerate, 6, 4)

    def test_user_enroll(self):
        self.kill(UserEnroll, 6, 2)

    def test_user_pin(self):
        self.kill(UserPin, 5, 2)

    def test_user_activate(self):
        self.kill(UserActivate, 6, 2)

    def test_user_remove(self):
        self.kill(UserRemove, 6, 2)

    def test_key_destroy(self):
        self.kill(KeyDestroy, 7, 2)

    def test_timestamp(self):
        self.kill(Timestamp, 6, 3)

    def test_checkpoint(self):
        self.kill(Checkpoint, 4, 2)

    def test_crl_publish(self):
        self.kill(CrlPublish, 4, 0)

    def test_crl_publish_again(self):
        self.kill(CrlPublishAgain, 4, 0)


if __name__ == "__main__":
    unittest.main()
