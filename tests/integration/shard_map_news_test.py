#!/usr/bin/env python3
"""A new version of the shard map is told to the nodes, where they share a server for pub/sub."""

import re
import tempfile
import time
import unittest

from support.case import Patient
from support.cli import Operator
from support.server import Server
from support import apart  # noqa: F401  (puts tests/ on the path)
from stack.redis import Redis


class MapNews(Patient):
    def test_nodes_know_a_new_map_long_before_they_would_have_looked(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="respring-redis-"))
        redis = self.enterContext(Redis(folder))
        url = f"redis.pubsub=redis://127.0.0.1:{redis.port}/0"
        server = Server({"redis.pubsub": url.split("=")[1]})
        self.addCleanup(server.close)
        server.start()
        operator = Operator(server.data)
        took = []
        for turn in range(9):
            target = ("shard-1", "shard-0")[turn % 2]
            moved = operator.json("shard", "move", "--slot", "7", "--to", target, "--set", url)
            begun = time.monotonic()
            self.assertEqual(moved.code, 0, moved)
            self.soon(lambda: self.version(server) == turn + 2)
            took.append(time.monotonic() - begun)
        # A node looks by itself every two seconds: without news a quarter of the changes is known as soon as this, and
        # one run in a hundred knows six of nine. A machine that is busy for a moment hides some.
        self.assertGreaterEqual(sum(seconds < 0.5 for seconds in took), 6, took)

    def version(self, server):
        _, text = server.admin("/metrics")
        return int(re.search(r"^respring_shard_map_version (\d+)", text, re.MULTILINE)[1])


if __name__ == "__main__":
    unittest.main()
