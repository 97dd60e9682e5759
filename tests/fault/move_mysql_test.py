#!/usr/bin/env python3
"""The same moves with every database on MySQL, the shards on one server and the rest on another."""

import json
import os
import sys
import unittest
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
import move_test  # noqa: E402
from stack import kinds, places  # noqa: E402  (tests/ is on the path now)
from support.server import Server, run  # noqa: E402

DATABASES = ["meta", "user", "room", "notification", "shard_0", "shard_1"]


class MysqlServer(Server):
    """All roles in one process over databases made for it."""

    def __init__(self):
        super().__init__(config="")
        self.name = "t" + uuid.uuid4().hex[:12]
        folder = places.stack_folder()
        servers = kinds.endpoints(folder)["mysql"]
        self.mysql = [kinds.server(folder, server["name"]) for server in servers]
        (self.folder / "password").write_text(servers[0]["password"] + "\n", encoding="utf-8")
        for database in DATABASES:
            self.server_of(database).execute(f"CREATE DATABASE {self.name}_{database}")
        self.config = json.dumps({"stores": self.stores()})
        (self.folder / "respring.yaml").write_text(self.config, encoding="utf-8")
        done = run("migrate", "up", "--config", str(self.folder / "respring.yaml"),
                   "--set", f"data_dir={self.data}", timeout=300)
        assert done.returncode == 0, done.stderr

    def server_of(self, database):
        return self.mysql[-1 if database.startswith("shard_1") else 0]

    def stores(self):
        def place(database):
            where = self.server_of(database).endpoint()
            return {"dsn": f"mysql://respring@{where['host']}:{where['port']}/{self.name}_{database}",
                    "password_file": str(self.folder / "password")}

        stores = {}
        for name in DATABASES[:4]:
            stores[name] = place(name)["dsn"]
            stores[name + "_password_file"] = place(name)["password_file"]
        stores["shards"] = [{"name": f"shard-{n}", **place(f"shard_{n}")} for n in (0, 1)]
        return stores

    def close(self):
        super().close()
        for database in DATABASES:
            self.server_of(database).execute(f"DROP DATABASE IF EXISTS {self.name}_{database}")


class MovesOnMysql(move_test.Moves):
    def make_server(self):
        return MysqlServer()


class FewMovesOnMysql(MovesOnMysql):
    """Where a step's work is done and its answer is not: what a successor finds differs only there."""

    forward = [place for place in move_test.FORWARD if place.endswith("after_commit")]
    forward.insert(-3, "move.commit.before")


if __name__ == "__main__":
    os.environ.setdefault("RESPRING_FAULT_SEED", str(move_test.SEED))
    unittest.main(argv=sys.argv if len(sys.argv) > 1 else [sys.argv[0], "MovesOnMysql"])
