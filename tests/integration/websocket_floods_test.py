#!/usr/bin/env python3
"""Too much of it: floods of frames and sends, too many connections, readers that do not keep up."""

import json
import unittest

from support.case import ServerTest
from support.people import new_cid
from support.websocket import TEXT, Closed, WebSocket, encode

PING_FRAME = json.dumps({"op": "ping", "ref": "1"}).encode()


class Floods(ServerTest):
    settings = {"limits.frames_per_connection": "20/s burst 30", "limits.connections_per_user": "3",
                "limits.sends_per_user": "1/min burst 10"}

    def test_a_flood_is_refused_then_closed_with_4008(self):
        minji = self.person()
        with minji.connect() as socket:
            frame = encode(TEXT, PING_FRAME)
            try:
                for _ in range(10):
                    socket.send_raw(frame * 50)
            except OSError:
                pass
            codes = set()
            try:
                while True:
                    answer = socket.receive()
                    if answer["op"] == "error":
                        codes.add(answer["code"])
                        self.assertGreaterEqual(answer["retry_after"], 1)
            except Closed as closed:
                self.assertEqual(closed.code, 4008)
            self.assertEqual(codes, {"rate_limited"})

    def test_sends_by_http_and_websocket_count_together(self):
        minji = self.person()
        room = minji.group("한도")
        statuses = [minji.try_send(room, f"글 {n}").status for n in range(8)]
        self.assertEqual(set(statuses), {201})
        with minji.connect() as socket:
            for n in range(8):
                socket.send({"op": "send", "ref": str(n), "room": room, "cid": new_cid(),
                             "text": "글"})
            answers = []
            while len(answers) < 8:
                frame = socket.receive()
                if frame["op"] in ("ack", "error"):
                    answers.append(frame)
        refused = [a for a in answers if a["op"] == "error"]
        self.assertGreater(len(refused), 0)
        self.assertEqual({a["code"] for a in refused}, {"rate_limited"})
        # Definite: what was refused is not there.
        self.assertEqual(len(minji.log(room)), 1 + 8 + 8 - len(refused))

    def test_a_fourth_connection_is_refused(self):
        minji = self.person()
        sockets = [minji.connect() for _ in range(3)]
        with WebSocket(self.server, minji.token) as fourth:
            fourth.send({"op": "hello"})
            self.assertEqual(fourth.expect("error")["code"], "rate_limited")
            self.assertEqual(fourth.closed_with(), 4008)
        for socket in sockets:
            socket.drain()
        sockets[0].socket.close()
        self.soon(lambda: self.enters(minji))
        for socket in sockets:
            socket.socket.close()

    def enters(self, person):
        with WebSocket(self.server, person.token) as socket:
            socket.send({"op": "hello"})
            return socket.receive()["op"] == "welcome"


class SlowReaders(ServerTest):
    """What waits for them is bounded: `figures_test`."""

    settings = {"websocket.queue_bytes": "64KiB"}

    def test_who_reads_slowly_is_told_what_he_lost_and_holds_nobody_up(self):
        minji, slow, quick = self.people("김민지", "느린 사람", "빠른 사람")
        room = minji.group("많은 글", slow, quick)
        text = "가" * 4000  # 12 KB each
        sockets = [slow.connect(receive_buffer=4096) for _ in range(5)]
        with quick.connect() as reader, minji.connect() as sender:
            for n in range(250):
                sender.send({"op": "send", "ref": str(n), "room": room, "cid": new_cid(),
                             "text": text})
                sender.expect("ack", ref=str(n))
                event = reader.expect("event", room=room)
                self.assertEqual(event["seq"], n + 2, "who reads gets everything")
            for socket in sockets:
                self.catches_up(socket, slow, room, 2, 251)
                socket.socket.close()

    def catches_up(self, socket, person, room, first, head):
        """What he was sent is dense until `lag` names the head; the rest is in the log."""
        seqs, lag = [], None
        try:
            while lag is None:
                frame = socket.receive()
                if frame["op"] == "event":
                    seqs.append(frame["seq"])
                elif frame["op"] == "lag":
                    lag = frame
        except Closed as closed:
            self.assertEqual(closed.code, 4009)
            return
        self.assertEqual(seqs, list(range(first, first + len(seqs))))
        self.assertEqual((lag["room"], lag["head"]), (room, head))
        page = person.get(f"/v1/rooms/{room}/log", after=head - 3).json
        self.assertEqual([e["seq"] for e in page["events"]], [head - 2, head - 1, head])


if __name__ == "__main__":
    unittest.main()
