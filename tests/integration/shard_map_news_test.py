#!/usr/bin/env python3
"""A new version of the shard map is told to the nodes, where they share a server for pub/sub."""

import re
import tempfile
import time
import unittest

from support.cli import Operator
from support.server import Server
from support import apart  # noqa: F401  (puts tests/ on the path)
from stack.redis import Redis


class MapNews(unittest.TestCase):
    def test_nodes_know_a_new_map_long_before_they_would_have_looked(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="respring-redis-"))
        redis = self.enterContext(Redis(folder))
        url = f"redis.pubsub=redis://127.0.0.1:{redis.port}/0"
        server = Server({"redis.pubsub": url.split("=")[1]})
        self.addCleanup(server.close)
        server.start()
        operator = Operator(server.data)
        slowest = 0
        for turn in range(6):  # a node looks by itself every two seconds
            target = ("shard-1", "shard-0")[turn % 2]
            moved = operator.json("shard", "move", "--slot", "7", "--to", target, "--set", url)
            begun = time.monotonic()
            self.assertEqual(moved.code, 0, moved)
            while self.version(server) != turn + 2:
                self.assertLess(time.monotonic() - begun, 5)
                time.sleep(0.01)
            slowest = max(slowest, time.monotonic() - begun)
        self.assertLess(slowest, 0.5)

    def version(self, server):
        _, text = server.admin("/metrics")
        return int(re.search(r"^respring_shard_map_version (\d+)", text, re.MULTILINE)[1])


if __name__ == "__main__":
    unittest.main()
