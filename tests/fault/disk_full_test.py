#!/usr/bin/env python3
"""No room on the disk, then room again: nothing acknowledged is lost, nothing is damaged.

A limit on the size of files stands for the full disk: every write that would make a file grow fails,
for that process only, and no mount is needed.
"""

import resource
import signal
import sqlite3
import threading
import unittest

import oracle
from load import Load
from support.people import new_cid
from support.server import Server


def survive_the_limit():
    """A write beyond the limit then fails (EFBIG) instead of ending the process."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


class DiskFull(unittest.TestCase):
    def setUp(self):
        self.server = Server(before_exec=survive_the_limit)
        self.addCleanup(self.server.close)
        self.server.start()
        self.load = Load(self.server, 1)
        self.addCleanup(self.load.finishing.set)

    def limit(self, size):
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE,
                         (size, resource.RLIM_INFINITY))

    def test_nothing_is_acknowledged_while_it_is_full_and_all_goes_on_afterwards(self):
        owner, room = self.load.owner, self.load.rooms[0]
        cid = new_cid()
        self.limit(4096)
        refused = owner.try_send(room, "자리가 없어요", cid)
        self.assertGreaterEqual(refused.status, 500, refused)
        self.assertEqual(owner.get(f"/v1/rooms/{room}/messages").json["messages"], [], "reading works")
        self.assertEqual(self.server.admin("/livez")[0], 200)
        self.limit(resource.RLIM_INFINITY)
        sent = owner.try_send(room, "자리가 없어요", cid)
        self.assertIn(sent.status, (200, 201), sent)
        self.assertEqual(len(owner.log(room)), 2)

    def test_a_load_goes_through_full_moments(self):
        self.load.start()
        for _ in range(4):
            threading.Event().wait(0.2)
            self.limit(4096)
            threading.Event().wait(0.2)
            self.limit(resource.RLIM_INFINITY)
        self.load.finish()
        oracle.check(self, self.load)
        self.assertEqual(self.server.stop(), 0)
        for path in self.server.data.glob("*.db"):
            with sqlite3.connect(path) as database:
                self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))


if __name__ == "__main__":
    unittest.main()
