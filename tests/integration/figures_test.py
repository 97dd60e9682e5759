"""Figures that an operator goes by are right: what is late, what waits, what was dropped, what moves."""

import re
import sqlite3
import time
import unittest
from unittest import mock

from support import server as binary
from support.case import ServerTest
from support.cli import Operator
from support.people import new_cid


class Figures(ServerTest):
    settings = {"websocket.queue_bytes": "64KiB"}

    def figure(self, name, **labels):
        """Its value; 0 before anything was counted."""
        inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
        wanted = name + ("{" + inside + "}" if inside else "")
        found = re.search(rf"^{re.escape(wanted)} (\S+)$", self.server.admin("/metrics")[1], re.M)
        return float(found[1]) if found else 0.0

    def test_delivery_is_timed_from_the_store_to_the_readers(self):
        minji, youngho = self.people("김민지", "박영호")
        room = minji.group("배달", youngho)
        minji.send(room, "아무도 안 듣는다")  # is no delivery
        before = self.figure("respring_delivery_seconds_count")
        with youngho.connect() as socket:
            for number in range(20):
                minji.send(room, f"글 {number}")
                socket.expect("event", room=room)
        # Counted once it is queued for everybody: a reader may have it a moment earlier.
        self.soon(lambda: self.figure("respring_delivery_seconds_count") - before == 20)
        self.assertGreater(self.figure("respring_delivery_seconds_sum"), 0)
        self.assertGreaterEqual(self.figure("respring_delivery_seconds_bucket", le="10"), 20)

    def test_what_waits_for_slow_readers_and_what_they_lose(self):
        minji, slow = self.people("김민지", "느린 사람")
        room = minji.group("많은 글", slow)
        text = "가" * 4000  # 12 KB each
        socket = slow.connect(receive_buffer=4096)
        # The kernel holds some megabytes; then it waits here, up to what may wait, and the rest is lost.
        with minji.connect() as sender:
            for number in range(1500):
                sender.send({"op": "send", "ref": str(number), "room": room, "cid": new_cid(),
                             "text": text})
                sender.expect("ack", ref=str(number))
                if number % 50 == 0 and self.figure("respring_websocket_dropped_total", reason="event"):
                    break
        self.soon(lambda: self.figure("respring_websocket_queue_bytes") > 10_000)
        self.assertLess(self.figure("respring_websocket_queue_bytes"), 128 * 1024)
        self.assertGreater(self.figure("respring_websocket_dropped_total", reason="event"), 0)
        socket.socket.close()
        self.soon(lambda: self.figure("respring_websocket_queue_bytes") == 0)

    def test_what_wakes_somebody_when_it_first_happens_is_0_before(self):
        """To Prometheus a counter that comes into being at 1 has not grown."""
        text = self.server.admin("/metrics")[1]
        for series in ('respring_bus_dead_letters_total{group="room-lists"}',
                       'respring_bus_dead_letters_total{group="search-index"}',
                       'respring_log_lines_total{level="error"}', 'respring_log_lines_total{level="warn"}'):
            self.assertRegex(text, rf"(?m)^{re.escape(series)} \d+$")

    def test_reads_of_shards_are_timed(self):
        minji = self.person()
        room = minji.group("읽기")
        reads = lambda: sum(self.figure("respring_shard_read_seconds_count", shard=f"shard-{n}")  # noqa: E731
                            for n in (0, 1))
        before = reads()
        for _ in range(10):
            minji.get(f"/v1/rooms/{room}/messages")
        # Counted once it is over: who asked may have his answer a moment earlier.
        self.soon(lambda: reads() - before >= 10)

    def test_a_move_shows_while_it_is_under_way_and_when_nobody_works_on_it(self):
        operator = Operator(self.server.data)
        moves = lambda: {state: self.figure("respring_moves", state=state)  # noqa: E731
                         for state in ("running", "left", "kept", "taken_back")}
        nothing = dict.fromkeys(moves(), 0)
        self.assertEqual(moves(), nothing)
        with mock.patch.dict(binary.ENVIRONMENT, RESPRING_FAILPOINT="move.copy.before:kill"):
            self.assertLess(operator("shard", "move", "--slot", "7", "--to", "shard-1").code, 0)
        self.change_moves(f"lease_until={time.time_ns() // 1_000_000 + 3_600_000}")  # however slow we are
        self.soon(lambda: moves() == {**nothing, "running": 1})
        self.change_moves("lease_until=1, row_count=1234")
        self.soon(lambda: moves() == {**nothing, "left": 1})
        self.soon(lambda: self.figure("respring_move_rows_copied") == 1234)
        self.assertGreater(self.figure("respring_move_oldest_seconds"), 0)
        move = operator.json("shard", "status").json["moves"][0]["id"]
        self.assertEqual(operator("shard", "abort", move).code, 0)
        self.soon(lambda: moves() == nothing)
        self.soon(lambda: self.figure("respring_move_rows_copied") == 0)

    def change_moves(self, values):
        with sqlite3.connect(self.server.data / "meta.db") as meta:
            meta.execute(f"UPDATE move SET {values}")
        meta.close()


if __name__ == "__main__":
    unittest.main()
