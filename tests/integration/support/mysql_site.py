"""The databases of a site on MySQL servers, made for one test; nothing else is on a server."""

import json
import sys
import uuid
from pathlib import Path

from support import server as binary
from support.cli import Operator

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from stack import kinds, places  # noqa: E402  (tests/ is on the path now)

SINGLE = ["meta", "user", "room", "notification"]


class MysqlSite:
    """`servers` (two shared ones if not given): shards go to them in turn, the rest to the first."""

    def __init__(self, folder, shards=2, servers=None):
        self.folder = Path(folder)
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        self.name = "t" + uuid.uuid4().hex[:12]
        if servers is None:
            stack = places.stack_folder()
            servers = [kinds.server(stack, s["name"]) for s in kinds.endpoints(stack)["mysql"]]
        self.servers = servers
        self.replicas = {}  # by shard: the server that follows
        self.ports = {}  # by database, where it is reached through something else
        self.shards = []
        self.made = []
        (self.folder / "password").write_text(servers[0].endpoint()["password"] + "\n", "utf-8")
        for name in SINGLE:
            self.make(name)
        for _ in range(shards):
            self.add_shard()
        self.config = self.folder / "respring.yaml"
        self.write()

    def server_of(self, database):
        if database in SINGLE:
            return self.servers[0]
        return self.servers[int(database.rsplit("-", 1)[1]) % len(self.servers)]

    def database(self, name):
        return f"{self.name}_{name.replace('-', '_')}"

    def make(self, name):
        self.server_of(name).execute(f"CREATE DATABASE {self.database(name)}")
        self.made.append(name)

    def add_shard(self):
        self.shards.append(f"shard-{len(self.shards)}")
        self.make(self.shards[-1])

    def dsn(self, name):
        port = self.ports.get(name) or self.server_of(name).endpoint()["port"]
        return f"mysql://respring@127.0.0.1:{port}/{self.database(name)}"

    def write(self):
        password = str(self.folder / "password")
        stores = {name: self.dsn(name) for name in SINGLE}
        stores |= {f"{name}_password_file": password for name in SINGLE}
        stores["shards"] = [{"name": name, "dsn": self.dsn(name), "password_file": password}
                            for name in self.shards]
        for shard in stores["shards"]:
            if follower := self.replicas.get(shard["name"]):
                port = follower.endpoint()["port"]
                shard["replica"] = f"mysql://respring@127.0.0.1:{port}/{self.database(shard['name'])}"
        self.config.write_text(json.dumps({"data_dir": str(self.data), "stores": stores}), "utf-8")

    def query(self, name, sql):
        return self.server_of(name).execute(sql, self.database(name))

    def serve(self, test):
        """A server of this configuration that ends with the test; what it keeps itself is its own."""
        server = binary.Server(config=self.config.read_text("utf-8"))
        test.addCleanup(server.close)
        server.settings["data_dir"] = str(server.data)
        return server.start()

    def operator(self):
        return SiteOperator(self)

    def drop(self):
        for name in self.made:
            self.server_of(name).execute(f"DROP DATABASE IF EXISTS {self.database(name)}")


class SiteOperator(Operator):
    """With the site's configuration."""

    def __init__(self, site):
        super().__init__(site.data)
        self.words = ("--config", str(site.config))

    def __call__(self, *words, **kwargs):
        return super().__call__(*words, *self.words, **{"timeout": 120, **kwargs})

    def dying(self, *words, at):
        """Ends where the failpoint says."""
        before = dict(binary.ENVIRONMENT)
        binary.ENVIRONMENT["RESPRING_FAILPOINT"] = at
        try:
            return self(*words)
        finally:
            binary.ENVIRONMENT.clear()
            binary.ENVIRONMENT.update(before)
