#!/usr/bin/env python3
"""What passed through the server's processes and may not stay in them: PINs and signature activation
data."""
import os
import re
import unittest

from csc_test import Story


def memory_of(pid):
    """The octets of what a process may write."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            begin, end, rights = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line).groups()
            if not rights.startswith("rw"):
                continue
            memory.seek(int(begin, 16))
            try:
                yield memory.read(int(end, 16) - int(begin, 16))
            except OSError:
                continue  # of a device, not of the process's own


@unittest.skipUnless(os.geteuid() == 0, "only root sees the memory of what nobody may look into")
class Memory(Story):
    def assert_nowhere(self, *secrets):
        for pid in self.server.children():
            for octets in memory_of(pid):
                for secret in secrets:
                    self.assertNotIn(secret, octets, f"of process {pid} of {self.server.children()}")

    def test_no_pin_and_no_sad_stays_in_a_process(self):
        order = self.order("one", "two")
        self.assertTrue(any(b"uid:0" in octets for octets in memory_of(self.server.children()[0])))
        sad = self.ok("credentials/authorize", order)["SAD"]
        shown = f'"id": "PIN", "value": "{self.pin}"'.encode()
        self.ok("signatures/signHash", self.signing(sad, "one"))
        self.ok("signatures/signHash", self.signing(sad, "two"))
        self.assert_nowhere(shown, sad.encode())


del Story  # its stories are csc_test's

if __name__ == "__main__":
    unittest.main()
