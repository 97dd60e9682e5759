#!/usr/bin/env python3
"""The program `stack` itself, with Redis, which starts at once."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

STACK = Path(__file__).resolve().parent / "stack"
sys.path.insert(0, str(STACK.parents[1]))
from stack.redis import Redis  # noqa: E402  (tests/ is on the path now)


class Program(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(self.stack, "down", "--wipe")

    def stack(self, *arguments, code=0, **environment):
        done = subprocess.run(
            [sys.executable, "-B", STACK, *arguments], capture_output=True, text=True, check=False,
            env={**os.environ, "RESPRING_STACK_DIR": str(self.folder), **environment})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def status(self):
        return json.loads(self.stack("status", "--json")).get("redis", {})

    def endpoints(self):
        return json.loads((self.folder / "endpoints.json").read_text("utf-8"))

    def test_up_twice_is_one_server_and_down_ends_it(self):
        self.stack("up", "redis")
        first = self.status()
        self.assertIn("was up", self.stack("up", "redis"))
        self.assertEqual(self.status()["pid"], first["pid"])
        self.assertEqual(self.endpoints()["redis"]["url"], f"redis://127.0.0.1:{first['port']}")
        self.stack("down")
        self.assertFalse(self.status()["running"])
        self.assertEqual(self.endpoints(), {})
        with self.assertRaises(OSError), socket.create_connection(("127.0.0.1", first["port"])):
            pass

    def test_several_at_once_start_one_server(self):
        starting = [threading.Thread(target=self.stack, args=("up", "redis")) for _ in range(4)]
        for one in starting:
            one.start()
        for one in starting:
            one.join()
        log = (self.folder / "redis" / "server.log").read_text("utf-8")
        self.assertEqual(log.count("Redis is starting"), 1)

    def test_a_killed_server_comes_back_on_its_port(self):
        self.stack("up", "redis")
        before = self.status()
        self.stack("kill", "redis")
        self.assertFalse(self.status()["running"])
        self.stack("up", "redis")
        self.assertEqual(self.status()["port"], before["port"])
        self.assertNotEqual(self.status()["pid"], before["pid"])

    def test_a_port_taken_at_the_last_moment_is_left_to_whoever_has_it(self):
        thief = socket.socket()
        self.addCleanup(thief.close)

        class Raced(Redis):
            def prepare(self):
                super().prepare()
                if thief.getsockname()[1] == 0:
                    thief.bind(("127.0.0.1", self.port))
                    thief.listen()

        with Raced(self.folder / "redis") as server:
            self.assertNotEqual(server.port, thief.getsockname()[1])
            self.assertTrue(server.answers())

    def test_a_paused_server_is_silent_and_can_be_stopped(self):
        self.stack("up", "redis")
        port = self.status()["port"]
        self.stack("pause", "redis")
        with socket.create_connection(("127.0.0.1", port), timeout=0.3) as connection:
            connection.sendall(b"PING\r\n")
            with self.assertRaises(TimeoutError):
                connection.recv(1)
            self.stack("resume", "redis")
            connection.settimeout(10)
            self.assertEqual(connection.recv(7), b"+PONG\r\n")
        self.stack("pause", "redis")
        self.stack("down", "redis")
        self.assertFalse(self.status()["running"])

    def test_what_another_holds_is_left_up(self):
        self.stack("up", "--holder", "a", "redis")
        self.stack("up", "--holder", "b", "redis")
        self.assertIn("left up", self.stack("down", "--holder", "a"))
        self.assertTrue(self.status()["running"])
        self.stack("down", "--holder", "b", "--wipe")
        self.assertEqual(self.status(), {})

    def test_another_process_with_the_pid_of_old_is_left_alone(self):
        self.stack("up", "redis")
        self.stack("kill", "redis")
        file = self.folder / "redis" / "state.json"
        state = json.loads(file.read_text("utf-8"))
        with subprocess.Popen(["sleep", "60"]) as bystander:
            file.write_text(json.dumps({**state, "pid": bystander.pid}), "utf-8")
            self.stack("down", "redis")
            self.assertIsNone(bystander.poll())
            bystander.send_signal(signal.SIGTERM)

    def test_what_is_wrong_is_said(self):
        for names in (["solr"], ["redis=2"], ["redis-1"], ["mysql=0"], ["mysql=x"]):
            self.assertIn("stack: there is", self.stack("up", *names, code=1))
        self.assertIn("`make deps` installs", self.stack("up", "redis", code=1, PATH="/nowhere"))


if __name__ == "__main__":
    unittest.main()
