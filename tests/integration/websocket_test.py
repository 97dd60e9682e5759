#!/usr/bin/env python3
"""The live stream: hello, sending with acks, events in order, resuming, read, typing, presence."""

import unittest

from support.case import ServerTest
from support.people import new_cid
from support.websocket import Refused, WebSocket


class Stream(ServerTest):
    settings = {"websocket.heartbeat_seconds": "1"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.minji, cls.youngho, cls.sunja = cls.people("김민지", "박영호", "이순자")

    def ask(self, socket, op, **fields):
        """Sends a frame with a ref and gives its ack."""
        ref = new_cid()[:13]
        socket.send({"op": op, "ref": ref, **fields})
        return socket.expect("ack", ref=ref)

    def test_the_handshake_names_the_subprotocol_and_no_extension(self):
        offer = {"Sec-WebSocket-Extensions": "permessage-deflate"}
        with WebSocket(self.server, self.minji.token, headers=offer) as socket:
            head = socket.head.lower()
            self.assertIn("sec-websocket-protocol: respring.v1", head)
            self.assertNotIn("extensions", head)
            socket.hello()
            self.assertEqual(socket.welcome["user"], self.minji.id)
            self.assertEqual(socket.welcome["heartbeat"], 1)

    def test_what_is_no_handshake(self):
        for headers, status in (({"Upgrade": "h2c"}, 426), ({"Sec-WebSocket-Version": "12"}, 426),
                                ({"Sec-WebSocket-Key": "short"}, 400), ({"Connection": "close"}, 426)):
            with self.subTest(headers=headers):
                answer = self.minji.request("GET", "/v1/ws", headers={
                    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", **headers})
                self.refused(answer, status, "invalid_request")
        self.refused(self.minji.post("/v1/ws", checked=False), 405, "method_not_allowed")
        with self.assertRaises(Refused) as refused:
            WebSocket(self.server, "no-such-token")
        self.assertEqual(refused.exception.status, 401)

    def test_a_send_is_acked_and_comes_to_everybody_once(self):
        room = self.minji.group("생방송", self.youngho)
        with self.minji.connect() as mine, self.youngho.connect() as theirs:
            cid = new_cid()
            ack = self.ask(mine, "send", room=room, cid=cid, text="안녕하세요")
            self.assertEqual((ack["seq"], ack["ordinal"], ack["duplicate"]), (2, 1, False))
            again = self.ask(mine, "send", room=room, cid=cid, text="안녕하세요")
            self.assertEqual((again["seq"], again["duplicate"]), (2, True))
            mine.send({"op": "send", "ref": "x", "room": room, "cid": cid, "text": "다른 말"})
            self.assertEqual(mine.expect("error", ref="x")["code"], "cid_reused")
            event = theirs.expect("event", room=room, seq=2)
            self.assertEqual((event["message"]["text"], event["message"]["cid"]),
                             ("안녕하세요", cid))
            self.assertEqual([f for f in theirs.drain() if f["op"] == "event"], [])

    def test_the_sender_gets_his_own_event(self):
        room = self.minji.group("혼잣말")
        with self.minji.connect() as socket:
            socket.send({"op": "send", "ref": "1", "room": room, "cid": new_cid(), "text": "혼잣말"})
            frames = [socket.receive(), socket.receive()]
            while {f["op"] for f in frames} != {"ack", "event"}:
                frames = [f for f in frames if f["op"] in ("ack", "event")] + [socket.receive()]
            self.assertEqual({f["seq"] for f in frames}, {2})

    def test_edits_deletions_and_reactions(self):
        room = self.minji.group("고치기", self.youngho)
        with self.minji.connect() as mine, self.youngho.connect() as theirs, \
                self.youngho.connect() as tablet:
            seq = self.ask(mine, "send", room=room, cid=new_cid(), text="글")["seq"]
            edit = self.ask(mine, "edit", room=room, seq=seq, text="고친 글")
            self.assertEqual((edit["seq"], edit["version"]), (3, 2))
            react = self.ask(theirs, "react", room=room, seq=seq, emoji="👍", on=True)
            self.assertEqual(react["seq"], 4)
            delete = self.ask(mine, "delete", room=room, seq=seq)
            self.assertEqual((delete["seq"], delete["version"]), (5, 3))
            kinds = [tablet.expect("event", room=room)["kind"] for _ in range(4)]
            self.assertEqual(kinds, ["message", "edited", "reaction", "deleted"])
            for op, fields, code in (("edit", {"seq": seq, "text": "다시"}, "conflict"),
                                     ("react", {"seq": seq, "emoji": "👍", "on": True}, "conflict"),
                                     ("edit", {"seq": 99, "text": "없는 글"}, "not_found"),
                                     ("delete", {"seq": 1}, "not_found")):
                mine.send({"op": op, "ref": "r", "room": room, **fields})
                self.assertEqual(mine.expect("error", ref="r")["code"], code)

    def test_resuming_gives_what_was_missed_then_ready(self):
        room = self.minji.group("끊김", self.youngho)
        for n in range(5):
            self.minji.send(room, f"글 {n}")
        with self.youngho.connect(rooms=[{"room": room, "epoch": 1, "seq": 3}]) as socket:
            self.assertEqual([f["seq"] for f in socket.backlog if f["op"] == "event"], [4, 5, 6])
            self.assertEqual(socket.ready["heads"][room], [1, 6])
            self.minji.send(room, "이어서")
            self.assertEqual(socket.expect("event", room=room)["seq"], 7)
        with self.youngho.connect(rooms=[{"room": room, "epoch": 9, "seq": 3}]) as socket:
            self.assertEqual(socket.backlog, [{"op": "reset", "room": room, "epoch": 1,
                                               "first_seq": 1, "head": 7}])

    def recalls(self):
        """How often the recent events were enough."""
        admin = getattr(self.server, "admin_of", lambda _, path: self.server.admin(path))
        text = admin("websocket", "/metrics")[1]
        found = text.partition('respring_recent_events_total{result="hit"} ')[2].split()
        return float(found[0]) if found else 0.0

    def test_who_resumes_gets_what_the_log_says_whatever_is_remembered(self):
        room = self.minji.group("기억", self.youngho)

        def same_as_the_log(after):
            with self.youngho.connect(rooms=[{"room": room, "epoch": 1, "seq": after}]) as socket:
                events = [f for f in socket.backlog if f.pop("op") == "event"]
            self.assertEqual(events, self.youngho.log(room, after=after))

        for n in range(5):
            self.minji.send(room, f"글 {n}")
        before = self.recalls()
        same_as_the_log(after=3)
        self.assertGreater(self.recalls(), before, "the log was read for what had just happened")
        for change in (lambda: self.minji.edit(room, 3, "고친 글"),
                       lambda: self.youngho.react(room, 4, "👍"),
                       lambda: self.minji.erase_message(room, 5)):
            self.assertLess(change().status, 300)
            for after in (0, 2, 4):
                same_as_the_log(after)
            self.minji.send(room, "다음 글")
            head = self.minji.send(room, "또 하나")["seq"]
            for after in (2, head - 3, head - 2, head - 1, head):
                same_as_the_log(after)

    def test_a_sync_on_the_way(self):
        room = self.minji.group("도중에", self.youngho)
        self.minji.send(room, "글")
        with self.youngho.connect() as socket:
            socket.send({"op": "sync", "ref": "s", "rooms": [{"room": room, "epoch": 1, "seq": 0}]})
            self.assertEqual([socket.expect("event", room=room)["seq"] for _ in range(2)], [1, 2])
            self.assertEqual(socket.expect("synced", ref="s")["heads"][room], [1, 2])

    def test_tickets_work_once(self):
        ticket = self.minji.post("/v1/ws-tickets").json["ticket"]
        with WebSocket(self.server) as socket:
            socket.hello(ticket)
            self.assertEqual(socket.welcome["user"], self.minji.id)
        for wrong in (ticket, "x", "", "a" * 500):
            with self.subTest(wrong=wrong[:8]), WebSocket(self.server) as socket:
                socket.send({"op": "hello", "ticket": wrong})
                self.assertEqual(socket.expect("error")["code"], "unauthenticated")
                self.assertEqual(socket.closed_with(), 4001)
        with WebSocket(self.server) as socket:
            socket.send({"op": "hello"})
            self.assertEqual(socket.closed_with(), 4001)

    def test_new_rooms_begin_with_their_first_event(self):
        with self.youngho.connect() as socket:
            room = self.minji.group("새 방", self.youngho)
            event = socket.expect("event", room=room)
            self.assertEqual((event["seq"], event["kind"]), (1, "created"))
            direct = self.sunja.direct(self.youngho)
            self.assertEqual(socket.expect("event", room=direct)["kind_of_room"], "direct")

    def test_a_closed_room_is_gone(self):
        room = self.minji.group("닫힘", self.youngho)
        with self.youngho.connect() as socket:
            self.minji.delete(f"/v1/rooms/{room}")
            self.assertEqual(socket.expect("gone"), {"op": "gone", "room": room})

    def test_reading_on_one_device_shows_on_the_others(self):
        room = self.minji.group("읽음", self.youngho)
        seq = self.minji.send(room, "글")["seq"]
        with self.youngho.connect() as phone, self.youngho.connect() as tablet, \
                self.minji.connect() as other:
            phone.send({"op": "read", "room": room, "seq": seq})
            wanted = {"room": room, "user": self.youngho.id, "seq": seq}
            tablet.expect("read", **wanted)
            other.expect("read", **wanted)
        self.assertEqual(self.youngho.entry(room)["unread"], 0)

    def test_typing_comes_to_others_only(self):
        room = self.minji.group("입력", self.youngho)
        with self.minji.connect() as mine, self.youngho.connect() as theirs:
            mine.send({"op": "typing", "room": room})
            theirs.expect("typing", room=room, user=self.minji.id)
            self.assertNotIn("typing", [f["op"] for f in mine.drain()])

    def test_presence_of_watched_rooms(self):
        room = self.minji.group("접속", self.youngho)
        with self.minji.connect() as socket:
            socket.send({"op": "presence", "rooms": [room]})
            socket.drain()
            phone, tablet = self.youngho.connect(), self.youngho.connect()
            with phone, tablet:
                socket.expect("presence", user=self.youngho.id, online=True)
            socket.expect("presence", user=self.youngho.id, online=False)
            with self.youngho.connect():
                socket.expect("presence", user=self.youngho.id, online=True)
                socket.send({"op": "presence", "rooms": []})
                socket.drain()
            self.assertNotIn("presence", [f["op"] for f in socket.drain()])

    def test_heartbeats_come_with_heads_and_pings(self):
        with self.minji.connect() as socket:
            self.assertEqual(socket.expect("heads")["rooms"], {})
            opcodes = [socket.receive_frame()[0] for _ in range(2)]
            self.assertIn(0x9, opcodes)

    def test_two_hundred_sends_in_flight_stay_in_order(self):
        room = self.minji.group("순서", self.youngho)
        with self.minji.connect() as mine, self.youngho.connect() as theirs:
            for n in range(200):
                mine.send({"op": "send", "ref": str(n), "room": room, "cid": new_cid(),
                           "text": f"{n}"})
            seqs = {}
            while len(seqs) < 200:
                ack = mine.expect("ack")
                seqs[int(ack["ref"])] = ack["seq"]
            self.assertEqual([seqs[n] for n in range(200)], list(range(2, 202)))
            texts = [theirs.expect("event", room=room)["message"]["text"] for _ in range(200)]
            self.assertEqual(texts, [str(n) for n in range(200)])


if __name__ == "__main__":
    unittest.main()
