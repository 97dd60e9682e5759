#!/usr/bin/env python3
"""Running it: exit codes, refusals to start, signals, the admin listener, kill -9 and restart."""

import re
import signal
import socket
import sqlite3
import tempfile
import time
import unittest

from support.case import Patient
from support.people import PASSWORD, Person
from support.http import Client
from support.server import Server, ServerEnded, run


class Operation(Patient):
    def serve(self, settings=None, **more):
        server = Server(settings, **more)
        self.addCleanup(server.close)
        return server

    def ends(self, server, code):
        """It does not come up, ends with that code, and says why."""
        with self.assertRaises(ServerEnded) as ended:
            server.start()
        self.assertEqual(ended.exception.code, code, ended.exception.said)
        return ended.exception.said


class Refusals(Operation):
    def test_a_second_one_on_the_same_folder(self):
        first = self.serve().start()
        second = self.serve({"data_dir": str(first.data)})
        said = self.ends(second, 4)
        self.assertIn(str(first.data), said)
        self.assertEqual(first.admin("/readyz")[0], 200, "the first is not disturbed")

    def test_an_unknown_role(self):
        done = run("serve", "--role=gateway,barista", cwd=tempfile.gettempdir())
        self.assertEqual(done.returncode, 64)
        self.assertIn("barista", done.stderr)
        self.assertEqual(run("serve", "--no-such-flag").returncode, 64)
        self.assertEqual(run("no-such-command").returncode, 64)

    def test_a_wrong_configuration_names_the_line_and_the_nearest_key(self):
        for text, line, hint in (
                ("log:\n  level: info\nlimitz:\n  sends_per_user: off\n", 3, "limits"),
                ("limits:\n  sends_per_usr: off\n", 2, "sends_per_user"),
                ("listen: 127.0.0.1:0\nlog:\n  level: loud\n", 3, "loud"),
                ("limits:\n  sends_per_user: fast\n", 2, "fast"),
                ("http:\n  header_timeout: 1ms\n", 2, "header_timeout"),
                ("listen: [\n", None, None), ("io_threads: 1\nio_threads: 2\n", 2, "io_threads")):
            with self.subTest(text=text):
                said = self.ends(self.serve(config=text), 78)
                if line:
                    self.assertRegex(said, rf"respring\.yaml:{line}\b")
                if hint:
                    self.assertIn(hint, said)
        self.assertEqual(run("serve", "--config", "/no/such/file.yaml").returncode, 78)

    def test_a_port_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            for key in ("listen", "admin_listen"):
                said = self.ends(self.serve({key: f"127.0.0.1:{port}"}), 2)
                self.assertIn(str(port), said)

    def test_a_folder_that_cannot_be_made(self):
        with tempfile.NamedTemporaryFile() as file:
            self.ends(self.serve({"data_dir": f"{file.name}/data"}), 2)

    def test_a_newer_schema_is_not_touched(self):
        server = self.serve().start()
        self.assertEqual(server.stop(), 0)
        for path in (server.data / f"{name}.db" for name in ("user", "room", "shard-0", "shard-1")):
            with self.subTest(path=path.name):
                self.raise_schema(path, 1000)
                before = path.read_bytes()
                said = self.ends(server, 4)
                self.assertIn("newer", said)
                self.assertEqual(path.read_bytes(), before, "nothing was changed")
                self.raise_schema(path, -1000)
        server.start()

    def raise_schema(self, path, by):
        database = sqlite3.connect(path)
        with database:
            tables = [name for name, in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%migration%'")]
            self.assertEqual(len(tables), 1, tables)
            if by > 0:
                database.execute(f"CREATE TABLE saved AS SELECT * FROM {tables[0]}")
                database.execute(
                    f"UPDATE {tables[0]} SET version = version + {by} WHERE version = "
                    f"(SELECT max(version) FROM {tables[0]})")
            else:
                database.execute(f"DELETE FROM {tables[0]}")
                database.execute(f"INSERT INTO {tables[0]} SELECT * FROM saved")
                database.execute("DROP TABLE saved")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()


class Signals(Operation):
    def test_sigterm_tells_clients_to_come_back_and_ends_with_0(self):
        server = self.serve().start()
        minji = Person(server, "김민지")
        room = minji.group("마지막 말")
        sockets = [minji.connect() for _ in range(20)]
        minji.send(room, "내리기 직전")
        begun = time.monotonic()
        server.signal(signal.SIGTERM)
        for client in sockets:
            self.assertGreaterEqual(client.expect("reconnect")["after_ms"], 0)
            self.assertEqual(client.closed_with(), 1001)
            client.socket.close()
        self.assertEqual(server.process.wait(timeout=30), 0, server.said())
        self.assertLess(time.monotonic() - begun, 10)
        server.start()
        self.assertEqual(len(minji.log(room)), 2)

    def test_half_open_clients_do_not_hold_it_up(self):
        server = self.serve({"http.header_timeout": "10m"}).start()
        half_open = socket.create_connection(("127.0.0.1", server.port))
        self.addCleanup(half_open.close)
        half_open.sendall(b"GET / HTTP/1.1\r\n")
        self.assertEqual(server.stop(), 0, "long before that")

    def test_sigint_ends_with_0(self):
        server = self.serve().start()
        server.signal(signal.SIGINT)
        self.assertEqual(server.process.wait(timeout=20), 0)

    def test_sighup_reads_again_what_reloads(self):
        server = self.serve(config="log:\n  level: info\n").start()
        path = server.folder / "respring.yaml"
        minji = Person(server, "김민지")
        path.write_text("log:\n  level: debug\n", encoding="utf-8")
        server.signal(signal.SIGHUP)
        self.soon(lambda: "config.reloaded" in server.said())
        minji.get("/v1/users/me")
        self.soon(lambda: "http.request" in server.said())
        self.assertIn("log.level", server.said())
        path.write_text("log:\n  level: debug\nio_threads: 7\n", encoding="utf-8")
        server.signal(signal.SIGHUP)
        self.soon(lambda: "config.needs_restart" in server.said())
        self.assertIn("io_threads", server.said())
        path.write_text("log:\n  level: deafening\n", encoding="utf-8")
        server.signal(signal.SIGHUP)
        self.soon(lambda: "config.reload_refused" in server.said())
        self.assertIn("deafening", server.said())
        self.assertEqual(minji.get("/v1/users/me").status, 200)

    def test_sighup_changes_limits(self):
        server = self.serve(config="limits:\n  sends_per_user: off\n")
        server.settings.clear()  # flags win over the file
        server.start()
        minji = Person(server, "김민지")
        room = minji.group("한도")
        text = "limits:\n  sends_per_user: 1/min burst 1\n"
        (server.folder / "respring.yaml").write_text(text, encoding="utf-8")
        server.signal(signal.SIGHUP)
        self.soon(lambda: "config.reloaded" in server.said())
        self.assertIn(429, [minji.try_send(room, f"글 {n}").status for n in range(3)])


class Admin(Operation):
    def test_health_and_metrics(self):
        server = self.serve().start()
        minji = Person(server, "김민지")
        room = minji.group("측정")
        minji.send(room, "비밀스러운 글")
        with minji.connect():
            self.assertEqual(server.admin("/livez"), (200, "ok\n"))
            status, text = server.admin("/readyz?verbose")
            self.assertEqual(status, 200)
            self.assertIn("shards", text)
            status, text = server.admin("/metrics")
            self.assertEqual(status, 200)
        names = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
        self.assertTrue(names)
        self.assertFalse([n for n in names if not n.startswith(("respring_", "process_"))], names)
        self.assertRegex(text, r'respring_http_requests_total\{[^}]*route="/v1/users"')
        for line in text.splitlines():
            self.assertRegex(line, r"^(#.*|[a-z_]+(\{.*\})? [-+0-9.eInfNa]+( \d+)?)$")
        for secret in (minji.id, room, minji.handle, minji.token, "비밀"):
            self.assertNotIn(secret, text, "labels are bounded and tell nothing of people")
        self.assertEqual(server.admin("/none")[0], 404)
        self.assertEqual(Client(server).request("GET", "/metrics", checked=False).status, 404)

    def test_draining_makes_it_unready_and_sends_clients_away(self):
        server = self.serve().start()
        minji = Person(server, "김민지")
        with minji.connect() as client:
            self.assertEqual(server.admin("/admin/drain", "POST")[0], 202)
            client.expect("reconnect")
        self.assertEqual(server.admin("/readyz")[0], 503)
        self.assertEqual(server.admin("/livez")[0], 200)
        self.assertEqual(server.stop(), 0)


class Crashes(Operation):
    def test_kill_9_and_restart_keeps_everything(self):
        server = self.serve().start()
        minji, youngho = Person(server, "김민지"), Person(server, "박영호")
        room, direct = minji.group("남는 것", youngho), minji.direct(youngho)
        seqs = [minji.send(room, f"글 {n}")["seq"] for n in range(10)]
        minji.edit(room, seqs[0], "고친 글")
        minji.erase_message(room, seqs[1])
        youngho.react(room, seqs[2], "👍")
        youngho.put(f"/v1/rooms/{room}/read", {"seq": seqs[4]})
        youngho.put(f"/v1/rooms/{room}/preferences", {"pinned": True})
        minji.put(f"/v1/users/me/blocks/{youngho.id}")
        invite = minji.post(f"/v1/rooms/{room}/invites").json["code"]
        log, entry = minji.log(room), youngho.entry(room)
        server.kill()
        server.start()
        self.assertEqual(minji.log(room), log, "sessions and logs are as they were")
        self.assertEqual(youngho.entry(room), entry)
        self.assertEqual(youngho.try_send(direct, "막힌 말").status, 403)
        late = Person(server, "나중 사람")
        self.assertEqual(late.post(f"/v1/invites/{invite}").status, 200)
        self.assertEqual(minji.log_in().status, 201)

    def test_damaged_database_is_said_and_nothing_is_served(self):
        server = self.serve().start()
        self.assertEqual(server.stop(), 0)
        path = server.data / "user.db"
        path.write_bytes(b"this is no database" * 1000)
        said = self.ends(server, 2)
        self.assertIn("user", said)

    def test_files_are_private(self):
        server = self.serve().start()
        self.assertEqual(server.data.stat().st_mode & 0o777, 0o700)
        Person(server, "김민지")
        self.assertEqual(server.stop(), 0)
        everything = b"".join(p.read_bytes() for p in server.data.rglob("*") if p.is_file())
        self.assertNotIn(PASSWORD.encode(), everything)
        self.assertNotIn(PASSWORD.encode(), server.log_path.read_bytes())


if __name__ == "__main__":
    unittest.main()
