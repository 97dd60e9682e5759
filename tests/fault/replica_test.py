#!/usr/bin/env python3
"""The shard that gets a slot has a replica: it is waited for, and can take the shard's place."""

import contextlib
import os
import random
import signal
import sys
import tempfile
import time
import unittest
from pathlib import Path

import oracle
from load import Load
from moves import Operator
from support.mysql_site import MysqlSite

sys.path.insert(0, str(Path(__file__).parent))
from stack import kinds, places  # noqa: E402  (support.mysql_site put tests/ on the path)

SEED = int(os.environ.get("RESPRING_FAULT_SEED", random.SystemRandom().randrange(10**6)))


class Replica(unittest.TestCase):
    def setUp(self):
        stack = self.enterContext(contextlib.ExitStack())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(
            prefix="respring-replica-", dir=places.memory())))
        first, second, self.follower = (stack.enter_context(kinds.server(folder, f"mysql-{n}"))
                                        for n in (1, 2, 3))
        source = second.endpoint()
        self.follower.execute(
            f"CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT={source['port']}, "
            f"SOURCE_USER='respring', SOURCE_PASSWORD='{source['password']}', "
            "SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1; START REPLICA")
        self.site = MysqlSite(folder, 2, [first, second])
        self.site.replicas["shard-1"] = self.follower
        self.site.write()
        operator = self.site.operator()
        self.assertEqual(operator("migrate", "up").code, 0)
        self.server = self.site.serve(self)
        self.operator = Operator(self.server)
        here = lambda rooms: self.operator.where(rooms[-1])[1] == "shard-0"  # noqa: E731
        self.load = Load(self.server, SEED, enough=here)
        self.addCleanup(self.load.finishing.set)
        self.load.start()
        self.room = self.load.rooms[-1]
        self.slot = self.operator.where(self.room)[0]
        deadline = time.monotonic() + 60
        count = f"SELECT COUNT(*) FROM message WHERE slot={self.slot}"
        while not int(self.site.query("shard-0", count)):
            self.assertLess(time.monotonic(), deadline, "nobody writes into the room that moves")

    def finish(self):
        self.load.finish()
        events = oracle.check(self, self.load)
        self.assertEqual([w for s in self.load.senders for w in s.wrong], [])
        print(f"seed {SEED}: {events} events")

    def move(self, *more, failpoint=None):
        return self.operator.start("shard", "move", "--slot", str(self.slot), "--to", "shard-1",
                                   "--attempts", "9", *more, failpoint=failpoint)

    def wait_until_it_says(self, mover, words):
        said = ""
        while words not in said:
            line = mover.stderr.readline()
            self.assertTrue(line, said)
            said += line
        return said

    def rows_on(self, server):
        return server.execute(f"SELECT COUNT(*) FROM message WHERE slot={self.slot}",
                              self.site.database("shard-1")).strip()

    def test_what_is_committed_is_on_the_replica(self):
        code = self.move(failpoint="move.commit.after_commit:kill").wait(120)
        self.assertEqual(code, -signal.SIGKILL)
        # Nobody writes there yet: the writers wait for a target that has not been opened.
        there = self.rows_on(self.follower)
        self.assertGreater(int(there), 0)
        self.assertGreaterEqual(int(there), int(self.rows_on(self.site.servers[1])))
        for move in self.operator.open_moves(self.slot):
            self.operator.run("shard", "resume", move["id"])
        self.finish()

    def test_a_replica_that_is_behind_is_waited_for_before_writes_are_stopped(self):
        self.follower.execute("STOP REPLICA SQL_THREAD")
        mover = self.move()
        self.wait_until_it_says(mover, "waits: the replica of shard-1 is behind")
        acked = self.load.acked()
        while self.load.acked() < acked + 50:
            self.assertIsNone(mover.poll(), "writes go on, and the move waits")
        self.follower.execute("START REPLICA SQL_THREAD")
        self.assertEqual(mover.wait(120), 0, mover.stderr.read())
        self.finish()

    def test_the_copy_keeps_the_lag_in_bounds_and_that_can_be_changed(self):
        self.follower.execute("STOP REPLICA SQL_THREAD")
        mover = self.move("--max-lag", "1")
        self.wait_until_it_says(mover, "waits: the replica of shard-1 is more than 1 ms behind")
        move = self.operator.open_moves(self.slot)[0]
        self.assertEqual((move["stage"], move["most_lag_ms"]), ("copy", 1))
        self.operator.ask("shard", "throttle", move["id"], "--max-lag", "0")
        self.wait_until_it_says(mover, "waits: the replica of shard-1 is behind")
        self.follower.execute("START REPLICA SQL_THREAD")
        self.assertEqual(mover.wait(120), 0, mover.stderr.read())
        code, _, said = self.operator.run("shard", "move", "--slot", str(self.slot), "--to",
                                          "shard-0", "--max-lag", "1")
        self.assertEqual(code, 4, said)
        self.assertIn("stores.shards[].replica", said)
        self.finish()


if __name__ == "__main__":
    unittest.main()
