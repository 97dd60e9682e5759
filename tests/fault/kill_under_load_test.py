#!/usr/bin/env python3
"""kill -9 at random points of a load, and a server that is stopped for a while."""

import os
import random
import signal
import threading
import unittest

import oracle
from load import Load
from support.server import Server

ROUNDS = int(os.environ.get("RESPRING_FAULT_ROUNDS", "12"))
SEED = int(os.environ.get("RESPRING_FAULT_SEED", random.SystemRandom().randrange(10**6)))


class UnderLoad(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.server.start()
        self.load = Load(self.server, SEED)
        self.addCleanup(self.load.finishing.set)

    def busy(self, seconds):
        """Lets the load run; a waiting that is the test itself."""
        threading.Event().wait(seconds)

    def restart(self):
        self.load.up.clear()
        self.server.kill()
        self.server.start()
        self.load.up.set()

    def test_killed_again_and_again(self):
        dice = random.Random(SEED)
        self.load.start()
        for _ in range(ROUNDS):
            self.busy(dice.uniform(0.02, 0.4))
            self.restart()
        self.load.finish()
        events = oracle.check(self, self.load)
        again = sum(s.connections - 1 for s in self.load.senders)
        print(f"seed {SEED}: {ROUNDS} kills, {events} events, {again} resumptions of senders")
        self.assertGreater(events, 10 * ROUNDS, "there was a load")
        self.assertEqual(self.server.stop(), 0)

    def test_stopped_for_two_seconds(self):
        self.load.start()
        self.busy(0.2)
        self.server.signal(signal.SIGSTOP)
        self.busy(2)
        self.server.signal(signal.SIGCONT)
        self.busy(0.2)
        self.load.finish()
        oracle.check(self, self.load)
        self.assertEqual([c.connections for c in self.load.senders + self.load.readers], [1] * 5,
                         "nobody was cut off")


if __name__ == "__main__":
    unittest.main()
