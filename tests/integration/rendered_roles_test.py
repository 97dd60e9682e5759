"""What `manifests render` gives each role is enough: it starts with these settings alone, on real servers, and the
platform works. So the table of roles, from which they and the network policies derive, leaves nothing out."""

import json
import subprocess
import time
import unittest

from support import apart
from support.people import Person
from support.server import BINARY, ENVIRONMENT, run

# In the order of the binary's table: each has the next port.
TABLE = ["gateway", "user", "room", "message", "search", "notification", "websocket"]


def without_secrets(settings):
    """Files of secrets are the manifests' own business."""
    if isinstance(settings, list):
        return [without_secrets(one) for one in settings]
    if not isinstance(settings, dict):
        return settings
    return {key: without_secrets(value) for key, value in settings.items() if not key.endswith("_file")}


class RenderedServer(apart.Server):
    """Each role with its own rendered file, moved to ports and folders of the test."""

    def configure(self):
        super().configure()
        config = without_secrets(self.servers.settings(self.folder))
        del config["cluster"]
        values = {"ingress": {"enabled": False}, "secrets": {"cluster": "cluster", "databases": "databases"},
                  "config": {**config, "io_threads": 1}}
        (self.folder / "values.yaml").write_text(json.dumps(values), "utf-8")
        done = run("manifests", "render", "--env", "staging", "--target", "systemd", "--values",
                   str(self.folder / "values.yaml"), "--out", str(self.folder / "root"))
        assert done.returncode == 0, done.stderr
        for secret, name, source in (("cluster", "key", "key"), ("databases", "password", "password")):
            (self.folder / "secrets" / secret).mkdir(parents=True)
            text = (self.folder / source).read_text("utf-8")
            (self.folder / "secrets" / secret / name).write_text(text, "utf-8")

    def rendered(self, role):
        text = (self.folder / "root/etc/respring" / f"{role}.yaml").read_text("utf-8")
        text = text.replace("/etc/respring/secrets", str(self.folder / "secrets"))
        text = text.replace("/var/lib/respring", str(self.folder / "data"))
        for index, other in enumerate(TABLE):
            if other in self.ports:
                text = text.replace(f"127.0.0.1:{8080 + index}\"", f"127.0.0.1:{self.ports[other]}\"")
                text = text.replace(f"127.0.0.1:{9090 + index}\"", f"127.0.0.1:{self.admin_ports[other]}\"")
        return text

    def start_node(self, node):
        file = self.folder / f"{node}.yaml"
        file.write_text(self.rendered(apart.role_of(node)), "utf-8")
        with open(self.log_of(node), "ab") as log:
            self.processes[node] = subprocess.Popen(
                [BINARY, "serve", f"--role={apart.role_of(node)}", "--config", str(file)],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                env=ENVIRONMENT)


class RenderedRoles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = RenderedServer()
        cls.addClassCleanup(cls.server.close)
        cls.server.start()

    def test_the_platform_works(self):
        minji, youngho = (Person(self.server, name) for name in ("김민지", "박영호"))
        room = minji.group("등산", youngho)
        with youngho.connect() as socket:
            minji.send(room, "온라인커뮤니티에서 만나요")
            event = socket.expect("event")
            self.assertIn("온라인커뮤니티", json.dumps(event, ensure_ascii=False))
        self.assertEqual(youngho.entry(room)["unread"], 1)
        deadline = time.monotonic() + 60
        hits, answer = [], None
        while not hits and time.monotonic() < deadline:
            time.sleep(0.05)  # below the limit of requests
            answer = minji.get("/v1/search", q="커뮤니티")
            # An engine that has just been started may be too slow for its first search.
            hits = answer.json["items"] if answer.status == 200 else []
        self.assertEqual(len(hits), 1, answer)

    def test_no_role_knows_a_database_that_is_not_its_own(self):
        own = {"user": {"user"}, "room": {"room"}, "message": {"meta", "shard_0", "shard_1"}}
        for role in apart.ROLES:
            text = self.server.rendered(role)
            named = {name for name in apart.DATABASES if f"_{name}\"" in text}
            self.assertEqual(named, own.get(role, set()), role)
            self.assertEqual("password_file" in text, role in own, role)

    def test_a_role_without_one_of_its_servers_says_so(self):
        """Else a table that lists too much would pass, too."""
        for role, line in (("message", "bus:"), ("user", "  pubsub:"), ("websocket", "  message:")):
            text = "\n".join(one for one in self.server.rendered(role).splitlines() if not one.startswith(line))
            file = self.server.folder / f"{role}-less.yaml"
            file.write_text(text, "utf-8")
            done = run("serve", f"--role={role}", "--config", str(file), timeout=30)
            self.assertEqual(done.returncode, 78, (role, line, done.stderr[-500:]))


if __name__ == "__main__":
    unittest.main()
