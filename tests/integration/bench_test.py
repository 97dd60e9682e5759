"""bench: the loads that the binary makes against a server."""

import json
import re
import signal
import subprocess
import unittest

from support import server as binary
from support.case import ServerTest
from support.server import Server


class Bench(ServerTest):
    def bench(self, *words, server=None):
        server = server or self.server
        done = binary.run("bench", *words, "--address", f"127.0.0.1:{server.port}",
                          "--admin", f"127.0.0.1:{server.admin_port}", "--json", timeout=120)
        return done, json.loads(done.stdout) if done.stdout else None

    def test_everything_due_is_asked_answered_and_heard(self):
        done, told = self.bench("smoke", "--time", "0.25")
        self.assertEqual(done.returncode, 0, done)
        for name, due in (("send", 20), ("read", 10), ("search", 2)):
            self.assertEqual([told[f"{name}_{what}"] for what in ("due", "answered", "failed", "dropped")],
                             [due, due, 0, 0])
        self.assertEqual((told["deliveries_due"], told["delivered"], told["broken"]), (80, 80, 0))
        self.assertEqual((told["failed_share"], [t["holds"] for t in told["thresholds"]]), (0, [True] * 5))
        self.assertGreater(told["server_cpu_s"], 0)

    def test_connections_that_end_come_again(self):
        done, told = self.bench("reconnect", "--time", "0.05")  # six seconds, two for each visit
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual((told["came_failed"], told["broken"], told["send_failed"]), (0, 0, 0))
        self.assertGreater(told["came"], 500)
        self.assertGreater(told["delivered"], 0)

    def test_what_does_not_hold_is_a_finding(self):
        with_limits = Server({"limits.sends_per_user": "1/s burst 1"})
        self.addCleanup(with_limits.close)
        with_limits.start()
        done, told = self.bench("smoke", "--time", "0.25", server=with_limits)
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual([t["figure"] for t in told["thresholds"] if not t["holds"]], ["failed_share"])
        self.assertGreater(told["send_failed"], 0)

    def test_who_interrupts_it_gets_the_figures_so_far(self):
        process = subprocess.Popen(
            [binary.BINARY, "bench", "stress", "--address", f"127.0.0.1:{self.server.port}", "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=binary.ENVIRONMENT)
        self.addCleanup(process.kill)
        stored = re.compile(r'^respring_sends_total\{result="stored"\} (\d+)', re.MULTILINE)
        before = self.sends(stored)
        self.soon(lambda: self.sends(stored) > before + 20, 60)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        told = json.loads(out)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(told["send_answered"], told["send_due"])
        self.assertIsNone(told["knee_per_s"])

    def sends(self, stored):
        found = stored.search(self.server.admin("/metrics")[1])
        return int(found[1]) if found else 0

    def test_what_wrong_use_gets(self):
        done, _ = self.bench("average", "--time", "0")
        self.assertEqual(done.returncode, 64, done)
        away = binary.run("bench", "smoke", "--address", "127.0.0.1:1")
        self.assertEqual(away.returncode, 5, away)
        self.assertIn("respring serve", away.stderr)


if __name__ == "__main__":
    unittest.main()
