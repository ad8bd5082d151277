#!/usr/bin/env python3
"""Workers that die, an HSM that goes and comes back, two servers on one HOME, the end and a reload
in the middle of work: who asks is told, and the service goes on."""
import threading
import unittest

from server import House, PROGRAM, Server, json, os, own_command, signal, subprocess, time


def sign(house, name="doc.pdf", **settings):
    house.put_document(name)
    return own_command(house, "sign", name, "--user", "alice", "--pin-from", f"file:{house.pin}",
                       "--otp", house.code(), "--level", "B-T", "--force", **settings)


class Trouble(unittest.TestCase):
    def sign_again(self, house):
        """Within five seconds, with the same code, which was not used up."""
        back = time.monotonic()
        run = sign(house)
        while run.status in (7, 75) and time.monotonic() - back < 5:
            run = sign(house)
        self.assertEqual(run.status, 0, run)

    def test_a_worker_that_dies_is_replaced_and_what_it_had_is_answered(self):
        with House() as house, Server(house) as server:
            for _ in range(3):
                for pid in server.children()[1:]:
                    os.kill(pid, signal.SIGKILL)
                status, answer = server.call("user list")
                self.assertIn(status, (200, 503), answer)
                server.wait(server.settled, 15)
            self.assertEqual(server.call("user list")[0], 200)

    def test_a_front_that_dies_is_replaced_with_its_workers(self):
        with House() as house, Server(house) as server:
            os.kill(server.children()[0], signal.SIGKILL)
            server.wait(server.settled, 15)
            self.assertEqual(server.call("user list")[0], 200)

    def test_an_hsm_that_goes_is_told_at_once_and_used_again_when_it_is_back(self):
        # CKR_DEVICE_REMOVED, CKR_SESSION_HANDLE_INVALID, CKR_TOKEN_NOT_PRESENT
        for code in (0x32, 0xB3, 0xE0):
            with self.subTest(code=code), House() as house:
                gone = house.root / "gone"
                house.next_code()
                with Server(house, hsm={"WHILE_FILE": gone, "CKR": code}) as server:
                    gone.touch()
                    begun = time.monotonic()
                    run = sign(house)
                    self.assertIn(run.status, (7, 75), run)
                    self.assertLess(time.monotonic() - begun, 10)
                    gone.unlink()
                    self.sign_again(house)
                house.check({"doc.pdf", "doc-signed.pdf"})

    def test_an_hsm_that_hangs_is_told_within_ten_seconds(self):
        with House() as house:
            gone = house.root / "gone"
            house.next_code()
            house.ok("audit", "checkpoint")  # none is due meanwhile, however old the template
            with Server(house, hsm={"WHILE_FILE": gone, "KIND": "hang"}) as server:
                gone.touch()
                begun = time.monotonic()
                run = sign(house)
                self.assertIn(run.status, (7, 75), run)
                self.assertLess(time.monotonic() - begun, 10)
                gone.unlink()
                self.sign_again(house)
            house.check({"doc.pdf", "doc-signed.pdf"})

    def test_the_second_server_on_a_home_is_refused(self):
        with House() as house, Server(house):
            run = house.run("serve")
            self.assertEqual(run.status, 75, run)

    def test_an_end_in_the_middle_of_work_finishes_it(self):
        with House() as house, Server(house) as server:
            answers = []

            def work():
                answers.append(server.call("key generate", user="alice", algorithm="rsa-3072")[0])
            thread = threading.Thread(target=work)
            thread.start()
            server.wait(lambda: server.children(), 1)
            time.sleep(0.1)
            server.process.terminate()
            thread.join(60)
            self.assertEqual(server.process.wait(60), 0)
            self.assertEqual(answers, [200])
            self.assertFalse(server.children())
            house.check(set())

    def test_a_reload_hinders_nobody(self):
        with House() as house, Server(house) as server:
            for _ in range(3):
                server.process.send_signal(signal.SIGHUP)
                for _ in range(50):
                    status, answer = server.call("user list")
                    self.assertEqual(status, 200, answer)

    def test_reloads_that_overtake_each_other_hinder_nobody(self):
        with House() as house, Server(house) as server:
            for _ in range(8):  # faster than a worker logs in
                server.process.send_signal(signal.SIGHUP)
                time.sleep(0.03)
                self.assertEqual(server.call("user list")[0], 200)
            server.wait(server.settled, 30)
            for _ in range(50):
                status, answer = server.call("user list")
                self.assertEqual(status, 200, answer)

    def test_a_worker_that_holds_too_much_is_replaced_and_the_next_signs(self):
        with House() as house:
            house.next_code()
            with Server(house, env={"TSP_SERVE_MEMORY": "1"}) as server:
                before = server.children()
                server.wait(lambda: "MiB and is replaced" in server.said(), 15)
                for _ in range(50):
                    self.assertEqual(server.call("user list")[0], 200)
                run = sign(house)
                self.assertEqual(run.status, 0, run)
                server.wait(lambda: len(set(before) - set(server.children())) >= 2, 15)
                server.wait(server.settled, 15)
                self.assertNotIn("level=error", server.said())

    def test_a_socket_that_was_left_is_replaced_and_another_file_is_not(self):
        with House() as house:
            with Server(house) as server:
                for pid in [server.process.pid, *server.children()]:
                    os.kill(pid, signal.SIGKILL)
                server.process.wait(10)
            self.assertTrue(server.socket.exists())
            with Server(house) as server:
                self.assertEqual(server.call("user list")[0], 200)
            server.socket.unlink(missing_ok=True)
            server.socket.write_text("mine")
            run = house.run("serve")
            self.assertEqual(run.status, 10, run)
            self.assertEqual(server.socket.read_text(), "mine")

    def test_what_cannot_start_says_why_and_ends(self):
        with House() as house:
            (house.home / "secrets/hsm-signers.pin").write_text("wrong\n")
            run = house.run("serve")
            self.assertEqual(run.status, 7, run)
            self.assertEqual(house.run("serve", "--listen", "0.0.0.0:8080").status, 11)
            self.assertEqual(house.run("serve", "--listen", "nonsense").status, 2)
            done = subprocess.run([PROGRAM, "serve", "--json"], capture_output=True, text=True,
                                  env={"TSP_HOME": str(house.root / "none"), "PATH": "/usr/bin"})
            self.assertEqual(done.returncode, 9)
            self.assertEqual(json.loads(done.stdout)["error"]["code"], "not-found")


if __name__ == "__main__":
    unittest.main()
