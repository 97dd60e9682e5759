"""Every role its own process, on real servers: what Server is when RESPRING_TEST_ROLES=apart."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

from support import server as one_process
from support.ports import HeldPorts

sys.path.insert(0, str(Path(__file__).parents[2]))
from stack import kinds, places  # noqa: E402  (tests/ is on the path now)

ROLES = ["user", "room", "message", "search", "websocket", "gateway"]
DATABASES = ["meta", "user", "room", "notification", "shard_0", "shard_1"]


def role_of(node):
    return node.partition("-")[0]


class RunningServers:
    """Databases, topics and an index of one test, made on the servers of tests/stack: those that
    everybody shares, or a test's own in `stack`. What is reached in another way than directly, as
    through a proxy, is in `through`: a server's name and the port."""

    def __init__(self, folder, stack=None):
        self.name = "t" + uuid.uuid4().hex[:12]
        self.stack = stack or places.stack_folder()
        self.through = {}
        self.endpoints = kinds.endpoints(self.stack)
        missing = {"mysql", "redis", "kafka", "elasticsearch"} - set(self.endpoints)
        assert not missing, f"not running: {sorted(missing)}; start them with: make stack-up"
        self.mysql = [kinds.server(self.stack, server["name"])
                      for server in self.endpoints["mysql"]]
        for file, text in (("password", self.endpoints["mysql"][0]["password"]), ("key", "k" * 64)):
            (folder / file).write_text(text + "\n", encoding="utf-8")
        for database in DATABASES:
            self.server_of(database).execute(f"CREATE DATABASE {self.name}_{database}")

    def server_of(self, database):
        """The second shard is on another server than everything else."""
        return self.mysql[1 if database == "shard_1" else 0]

    def dsn(self, database):
        server = self.server_of(database)
        port = self.through.get(server.name, server.port)
        return f"mysql://respring@127.0.0.1:{port}/{self.name}_{database}"

    def drop(self):
        for database in DATABASES:
            self.server_of(database).execute(f"DROP DATABASE IF EXISTS {self.name}_{database}")

    def settings(self, folder):
        stores = {}
        for name in ("meta", "user", "room", "notification"):
            stores[name] = self.dsn(name)
            stores[name + "_password_file"] = str(folder / "password")
        stores["shards"] = [{"name": f"shard-{n}", "dsn": self.dsn(f"shard_{n}"),
                             "password_file": str(folder / "password")} for n in (0, 1)]
        redis = self.endpoints["redis"]["url"]
        return {"stores": stores,
                "bus": "kafka://" + self.endpoints["kafka"]["bootstrap"],
                "bus_prefix": self.name + ".",
                "redis": {"pubsub": redis + "/0", "sessions": redis + "/1", "limits": redis + "/2"},
                "search": f"elasticsearch+{self.endpoints['elasticsearch']['url']}/{self.name}",
                "cluster": {"key_file": str(folder / "key")}}


class Server(one_process.Server):
    """A process for each role, reached through the gateway; more than one of those in `twice`."""

    def __init__(self, settings=None, config=None, folder=None, before_exec=None, flags=(),
                 stack=None, twice=()):
        super().__init__(settings, config, folder, before_exec, flags)
        self.servers = RunningServers(self.folder, stack)
        self.nodes = [role for role in ROLES if role != "gateway"]
        self.nodes += [f"{role}-2" for role in twice] + ["gateway"]
        self.processes = {}
        self.held = HeldPorts(2 * len(self.nodes))
        self.ports = self.admin_ports = {}
        self.prepared = False

    def configure(self):
        self.ports = dict(zip(self.nodes, self.held.numbers))
        self.admin_ports = dict(zip(self.nodes, self.held.numbers[len(self.nodes):]))
        peers = {role: ",".join(f"http://127.0.0.1:{port}" for node, port in self.ports.items()
                                if role_of(node) == role)
                 for role in ROLES if role != "gateway"}
        # JSON is YAML, too.
        text = json.dumps({**self.servers.settings(self.folder), "peers": peers})
        (self.folder / "respring.yaml").write_text(text, encoding="utf-8")

    def prepare(self):
        for words in (("migrate", "up"), ("events", "topics", "apply")):
            done = one_process.run(*words, "--config", str(self.folder / "respring.yaml"),
                                   "--set", f"data_dir={self.data}", timeout=60)
            assert done.returncode == 0, done.stderr
        self.prepared = True

    def log_of(self, node):
        return self.folder / f"{node}.log"

    def start_node(self, node):
        words = [one_process.BINARY, "serve", f"--role={role_of(node)}", "--config",
                 str(self.folder / "respring.yaml")]
        settings = {"listen": f"127.0.0.1:{self.ports[node]}",
                    "admin_listen": f"127.0.0.1:{self.admin_ports[node]}",
                    "data_dir": str(self.folder / f"data-{node}"), "io_threads": "1",
                    **self.settings}
        for key, value in settings.items():
            words += ["--set", f"{key}={value}"]
        with open(self.log_of(node), "ab") as log:
            self.processes[node] = subprocess.Popen(
                words, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=log, env=one_process.ENVIRONMENT)

    def start(self, patience=60):
        if not self.ports:
            self.configure()
        if not self.prepared:
            self.prepare()
        for node in self.nodes:
            self.start_node(node)
        self.process = self.processes["gateway"]
        self.port, self.admin_port = self.ports["gateway"], self.admin_ports["gateway"]
        deadline = time.monotonic() + patience
        for node in self.nodes:
            self.wait_for(node, deadline)
        return self

    def wait_for(self, node, deadline):
        """Until it answers that it is ready, its consumers included."""
        while time.monotonic() < deadline:
            if self.processes[node].poll() is not None:
                raise one_process.ServerEnded(self.processes[node].returncode,
                                              f"{self.said()}\n{node}: {self.said_by(node)}")
            try:
                url = f"http://127.0.0.1:{self.admin_ports[node]}/readyz"
                with urllib.request.urlopen(url, timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        raise TimeoutError(f"{node} was not ready in time: {self.said()}")

    def admin_of(self, node, path):
        """(status, text) of a node's admin listener."""
        return one_process.ask(self.admin_ports[node], path)

    def said_by(self, node):
        log = self.log_of(node)
        return log.read_text("utf-8", "replace") if log.exists() else ""

    def said(self):
        return "".join(self.said_by(node) for node in self.nodes)

    def kill_node(self, node):
        self.processes[node].kill()
        self.processes[node].wait(timeout=30)

    def kill(self):
        for node in self.nodes:
            self.kill_node(node)

    def signal(self, number):
        for process in self.processes.values():
            os.kill(process.pid, number)

    def stop(self):
        """SIGTERM, the gateway first; the worst exit code."""
        codes = []
        for node in reversed(self.nodes):
            if self.processes[node].poll() is None:
                self.processes[node].send_signal(signal.SIGTERM)
        for node in reversed(self.nodes):
            codes.append(self.processes[node].wait(timeout=60))
        return max(codes, key=abs)

    def close(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
                process.wait(timeout=30)
        self.held.close()
        self.servers.drop()
        super().close()
