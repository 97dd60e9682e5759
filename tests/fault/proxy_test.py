#!/usr/bin/env python3
"""The proxy itself: against an echo, and against a real MySQL."""

import asyncio
import json
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

FAULT = Path(__file__).resolve().parent
sys.path[:0] = [str(FAULT), str(FAULT.parent)]

from proxy import Proxy  # noqa: E402  (the path comes first)
from proxy.mysql import Cut, Orders, Watch, ends_with_commit, more_follow  # noqa: E402
from stack.mysql import PASSWORD, USER, Mysql  # noqa: E402
from stack.process import Failure, run  # noqa: E402


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            while data := self.request.recv(65536):
                self.request.sendall(data)
        except OSError:
            pass


class EchoServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


class AgainstAnEcho(unittest.TestCase):
    def setUp(self):
        self.server = EchoServer(("127.0.0.1", 0), Echo)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.proxy = Proxy(*self.server.server_address)
        self.proxy.__enter__()
        self.addCleanup(self.proxy.__exit__)

    def connect(self, timeout=60):
        connection = socket.create_connection(("127.0.0.1", self.proxy.port), timeout=timeout)
        self.addCleanup(connection.close)
        return connection

    def say(self, connection, data):
        connection.sendall(data)
        return self.hear(connection, len(data))

    def hear(self, connection, size):
        heard = b""
        while len(heard) < size:
            piece = connection.recv(65536)
            self.assertTrue(piece, "the connection ended")
            heard += piece
        return heard

    def assert_reset(self, connection):
        with self.assertRaises(ConnectionResetError):
            connection.sendall(b"x")
            self.assertNotEqual(connection.recv(1), b"", "ended, but not by RST")

    def assert_no_connection(self):
        """The reset may come as early as that."""
        with self.assertRaises(ConnectionResetError):
            self.assert_reset(self.connect())
            raise ConnectionResetError

    def test_passes_everything_and_the_end_too(self):
        connection = self.connect()
        data = bytes(range(256)) * 20_000
        sender = threading.Thread(target=connection.sendall, args=(data,))
        sender.start()
        self.assertEqual(self.hear(connection, len(data)), data)
        sender.join()
        connection.shutdown(socket.SHUT_WR)
        self.assertEqual(connection.recv(1), b"")

    def test_cuts_what_is_there_and_serves_what_comes(self):
        old = [self.connect() for _ in range(3)]
        for connection in old:
            self.say(connection, b"here")
        self.proxy.cut()
        for connection in old:
            self.assert_reset(connection)
        self.assertEqual(self.say(self.connect(), b"again"), b"again")
        self.assertEqual(self.proxy.status()["accepted"], 4)

    def test_refuses_new_connections(self):
        old = self.connect()
        self.say(old, b"here")
        self.proxy.refuse()
        self.assert_no_connection()
        self.assertEqual(self.say(old, b"still"), b"still")
        self.proxy.pass_all()
        self.assertEqual(self.say(self.connect(), b"new"), b"new")

    def test_delays_each_way_without_slowing_down_the_flow(self):
        connection = self.connect()
        self.say(connection, b"here")
        self.proxy.delay(ms=500)
        began = time.monotonic()
        for n in range(10):  # all of them under way at the same time
            connection.sendall(b"%d" % n)
        self.assertEqual(self.hear(connection, 10), b"0123456789")
        self.assertGreaterEqual(time.monotonic() - began, 1)
        self.assertLess(time.monotonic() - began, 5, "one after the other they take ten seconds")

    def test_a_black_hole_holds_everything_and_lets_it_go_on(self):
        old = self.connect()
        self.say(old, b"here")
        self.proxy.black_hole()
        new = self.connect()
        for connection in (old, new):
            connection.settimeout(0.3)
            connection.sendall(b"lost?")
            with self.assertRaises(TimeoutError):
                connection.recv(1)
            connection.settimeout(10)
        self.proxy.pass_all()
        for connection in (old, new):
            self.assertEqual(self.hear(connection, 5), b"lost?")

    def test_a_dead_server_is_a_reset(self):
        self.server.shutdown()
        self.server.server_close()
        self.assert_no_connection()

    def test_without_the_protocol_there_is_no_commit_to_lose(self):
        with self.assertRaises(ValueError):
            self.proxy.lose_commit_answers()

    def test_takes_orders_from_another_program(self):
        host, port = self.server.server_address
        with subprocess.Popen([sys.executable, "-B", "-m", "proxy", f"{host}:{port}"], cwd=FAULT,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
            def order(**what):
                program.stdin.write(json.dumps(what) + "\n")
                program.stdin.flush()
                return json.loads(program.stdout.readline())

            own_port = json.loads(program.stdout.readline())["port"]
            with socket.create_connection(("127.0.0.1", own_port), timeout=10) as connection:
                self.assertEqual(self.say(connection, b"here"), b"here")
                self.assertEqual(order(do="status")["connections"], 1)
                self.assertFalse(order(do="explode")["ok"])
                self.assertEqual(order(do="cut"), {"ok": True})
                self.assert_reset(connection)
            program.stdin.close()
            self.assertEqual(program.wait(60), 0)


class MysqlProtocol(unittest.TestCase):
    def test_knows_a_commit(self):
        for text in (b"COMMIT", b"commit;", b" Commit \n", b"INSERT INTO a VALUES (1); COMMIT"):
            self.assertTrue(ends_with_commit(text), text)
        for text in (b"SELECT 'COMMIT'", b"ROLLBACK", b"", b"COMMIT AND CHAIN"):
            self.assertFalse(ends_with_commit(text), text)

    def test_knows_whether_more_results_follow(self):
        self.assertTrue(more_follow(b"\x00\x01\xfc\x01\x02\x0a\x00\x00\x00"))
        self.assertFalse(more_follow(b"\x00\x01\x00\x02\x00\x00\x00"))
        self.assertFalse(more_follow(b"\xff\x08\x00"))


class PreparedStatements(unittest.IsolatedAsyncioTestCase):
    """Packet by packet: no client at hand prepares a COMMIT when it is told to."""

    async def test_a_prepared_commit_is_one_too(self):
        orders = Orders()
        watch = Watch(orders)
        await self.answer(watch, b"\x0a8.0\0" + bytes(30))  # the greeting
        await self.request(watch, b"\x16COMMIT")
        await self.answer(watch, b"\x00\x07\x00\x00\x00" + bytes(7))
        orders.waiting.append("answer")
        await self.request(watch, b"\x17\x06\x00\x00\x00\x00\x01\x00\x00\x00")
        await self.answer(watch, b"\x00\x00\x00\x02\x00\x00\x00")
        await self.request(watch, b"\x17\x07\x00\x00\x00\x00\x01\x00\x00\x00")
        with self.assertRaises(Cut):
            await self.answer(watch, b"\x00\x00\x00\x02\x00\x00\x00")
        self.assertEqual(orders.done, 1)

    @staticmethod
    async def request(watch, payload):
        return await watch.request(stream_of(payload, number=0))

    @staticmethod
    async def answer(watch, payload):
        return await watch.answer(stream_of(payload, number=1))


def stream_of(payload, number):
    stream = asyncio.StreamReader()
    stream.feed_data(len(payload).to_bytes(3, "little") + bytes([number]) + payload)
    return stream


class AgainstMysql(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = Mysql(Path(cls.folder.name) / "mysql")
        cls.server.start()
        cls.server.execute("CREATE DATABASE d; CREATE TABLE d.t (n INT)")

    @classmethod
    def tearDownClass(cls):
        cls.server.wipe()
        cls.folder.cleanup()

    def setUp(self):
        self.server.execute("TRUNCATE d.t")
        self.proxy = Proxy("127.0.0.1", self.server.port, mysql=True)
        self.proxy.__enter__()
        self.addCleanup(self.proxy.__exit__)

    def client(self, sql, *options):
        """The command line client through the proxy, one statement at a time."""
        return run(["mariadb", "--no-defaults", "--host=127.0.0.1", f"--port={self.proxy.port}",
                    f"--user={USER}", f"--password={PASSWORD}", "--batch", "--skip-column-names",
                    *options, f"--execute={sql}", "d"], "client", timeout=30)

    def rows(self):
        return self.server.execute("SELECT n FROM d.t ORDER BY n").split()

    def test_passes_statements_and_answers(self):
        self.client("BEGIN; INSERT INTO t VALUES (1); COMMIT")
        self.assertEqual(self.client("SELECT n FROM t"), "1\n")

    def test_loses_the_answer_of_a_commit_that_happened(self):
        self.proxy.lose_commit_answers()
        with self.assertRaises(Failure):
            self.client("BEGIN; INSERT INTO t VALUES (1); COMMIT")
        self.assertEqual(self.rows(), ["1"])
        self.assertEqual(self.proxy.status()["lost"], 1)
        self.client("BEGIN; INSERT INTO t VALUES (2); COMMIT")
        self.assertEqual(self.rows(), ["1", "2"])

    def test_loses_a_commit_that_then_did_not_happen(self):
        self.proxy.lose_commits()
        with self.assertRaises(Failure):
            self.client("BEGIN; INSERT INTO t VALUES (1); COMMIT")
        self.assertEqual(self.rows(), [])

    def test_loses_it_at_the_end_of_several_statements_in_one(self):
        self.proxy.lose_commit_answers()
        with self.assertRaises(Failure):
            self.client("DELIMITER $$\nBEGIN; INSERT INTO t VALUES (1); COMMIT$$")
        self.assertEqual(self.rows(), ["1"])


if __name__ == "__main__":
    unittest.main()
