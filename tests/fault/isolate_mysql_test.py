#!/usr/bin/env python3
"""The same with every database on MySQL, the shards on one server and the rest on another."""

import sys
import unittest

from isolate_test import CLEAN, Isolation
from move_mysql_test import MysqlServer
from moves import FORWARD


class IsolationOnMysql(Isolation):
    # Where a step's work is done and its answer is not: what a successor finds differs only there.
    places = [place for place in [*FORWARD, *CLEAN] if place.endswith("after_commit")]

    def make_server(self):
        return MysqlServer()


if __name__ == "__main__":
    unittest.main(argv=sys.argv if len(sys.argv) > 1 else [sys.argv[0], "IsolationOnMysql"])
