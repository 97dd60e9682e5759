"""docs/operations.md once more, with every database on MySQL."""

import re
import unittest
from unittest import mock

import runbook_test
from support import server as binary
from support.mysql_site import SINGLE, MysqlSite

TWO = """stores:
  shards:
    - {name: shard-0, dsn: "sqlite:shard-0.db"}
    - {name: shard-1, dsn: "sqlite:shard-1.db"}
"""


class RunbookOnServers(runbook_test.Runbook):
    restoring = "Restore a shard on MySQL"

    def back_up(self):
        """The section's first block."""
        (self.folder / "backup").mkdir()
        server = self.site.server_of("shard-1").endpoint()
        (self.folder / "shard-1.cnf").write_text(
            f"[client]\nhost=127.0.0.1\nport={server['port']}\nuser=respring\n"
            f"password={server['password']}\n", "utf-8")
        self.words = {"respring_shard_1": self.site.database("shard-1")}
        self.follow(self.restoring, blocks=slice(0, 1))

    def first_configuration(self):
        self.site = MysqlSite(self.folder, 3)
        self.addCleanup(self.site.drop)
        places = {f"RESPRING_STORES__{name.upper()}": self.site.dsn(name) for name in SINGLE}
        places |= {f"{key}_PASSWORD_FILE": str(self.folder / "password") for key in places}
        self.enterContext(mock.patch.dict(binary.ENVIRONMENT, places))
        (self.folder / "respring.yaml").write_text(self.here(TWO), "utf-8")
        self.migrate()
        return self.here(TWO)

    def here(self, configuration):
        def server_of(found):
            return f'dsn: "{self.site.dsn(found[1])}", password_file: "{self.folder / "password"}"'
        return re.sub(r'dsn: "sqlite:(shard-\d)\.db"', server_of, configuration)

    def migrate(self):
        self.data.mkdir(mode=0o700, exist_ok=True)
        done = self.operator("migrate", "up")
        self.assertEqual(done.code, 0, done)

    def systemctl(self, verb):
        if verb != "restart":
            return super().systemctl(verb)
        super().systemctl("stop")
        self.migrate()
        return super().systemctl("start")


if __name__ == "__main__":
    unittest.main()
