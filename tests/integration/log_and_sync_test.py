#!/usr/bin/env python3
"""The log is dense and never shows what was taken back; sync gives what was missed."""

import unittest

from support.case import ServerTest


class Log(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.minji, cls.youngho, cls.sunja = cls.people("김민지", "박영호", "이순자")

    def test_every_kind_of_event_in_one_dense_log(self):
        m, y = self.minji, self.youngho
        room = m.group("모든 일", y)
        seq = m.send(room, "글")["seq"]
        m.edit(room, seq, "고친 글")
        y.react(room, seq, "👍")
        y.react(room, seq, "👍", on=False)
        m.put(f"/v1/rooms/{room}/members/{self.sunja.id}")
        m.patch(f"/v1/rooms/{room}", {"title": "새 제목"})
        m.delete(f"/v1/rooms/{room}/members/{self.sunja.id}")
        m.erase_message(room, seq)
        log = m.log(room)
        self.assertEqual([e["seq"] for e in log], list(range(1, len(log) + 1)))
        self.assertEqual([e["kind"] for e in log],
                         ["created", "message", "edited", "reaction", "reaction", "member", "room",
                          "member", "deleted"])
        self.assertEqual({e["epoch"] for e in log}, {1})
        self.assertEqual((log[3]["target"], log[3]["emoji"], log[3]["on"]), (seq, "👍", True))
        self.assertFalse(log[4]["on"])
        self.assertEqual((log[5]["user"], log[5]["role"]), (self.sunja.id, "member"))
        self.assertEqual((log[7]["user"], log[7]["role"]), (self.sunja.id, None))
        self.assertEqual(log[6]["title"], "새 제목")

    def test_what_was_taken_back_is_nowhere(self):
        room = self.minji.group("되돌린 말")
        seq = self.minji.send(room, "첫째 말")["seq"]
        self.minji.edit(room, seq, "둘째 말")
        self.minji.edit(room, seq, "셋째 말")
        log = self.minji.log(room)
        self.assertEqual(log[1]["message"]["text"], "셋째 말")
        self.assertEqual([e["text"] for e in log[2:]], [None, "셋째 말"])
        self.assertLess(log[2]["version"], log[3]["version"])
        self.assertEqual(log[1]["message"]["version"], log[3]["version"])
        self.minji.erase_message(room, seq)
        log = self.minji.log(room)
        self.assertIsNone(log[1]["message"]["text"])
        self.assertEqual([e["text"] for e in log[2:4]], [None, None])

    def test_pages_and_bounds(self):
        room = self.minji.group("긴 기록")
        for n in range(9):
            self.minji.send(room, f"글 {n}")
        page = self.minji.get(f"/v1/rooms/{room}/log", after=3, limit=4).json
        self.assertEqual([e["seq"] for e in page["events"]], [4, 5, 6, 7])
        self.assertEqual((page["head"], page["first_seq"], page["epoch"]), (10, 1, 1))
        beyond = self.minji.get(f"/v1/rooms/{room}/log", after=99).json
        self.assertEqual((beyond["events"], beyond["head"]), ([], 10))
        path = f"/v1/rooms/{room}/log"
        self.assertEqual(self.minji.get(path, limit=500).status, 200)
        self.refused(self.minji.get(path, limit=501), 400, limit="out_of_range")
        self.refused(self.minji.get(path, limit=0), 400, limit="out_of_range")
        self.refused(self.minji.get(path, after=-1), 400, after="out_of_range")
        self.refused(self.minji.get(path, after="1e3"), 400, after="invalid")
        self.refused(self.minji.get(path, after="9" * 30), 400, after="out_of_range")


class Sync(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.minji, cls.youngho = cls.people("김민지", "박영호")

    def sync(self, person, *cursors):
        rooms = [{"room": r, "epoch": e, "seq": s} for r, e, s in cursors]
        answer = person.post("/v1/sync", {"rooms": rooms})
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def test_each_room_gets_its_own_answer(self):
        missed, current, left = (self.minji.group(t, self.youngho) for t in ("밀림", "같음", "나감"))
        self.minji.send(missed, "못 본 글")
        self.youngho.delete(f"/v1/rooms/{left}/members/{self.youngho.id}")
        answer = self.sync(self.youngho, (missed, 1, 1), (current, 1, 1), (left, 1, 1))
        first, second, third = answer["rooms"]
        self.assertEqual([e["seq"] for e in first["events"]], [2])
        self.assertEqual((first["head"], first["epoch"]), (2, 1))
        self.assertEqual((second["events"], second["head"]), ([], 1))
        self.assertEqual(third, {"room": left, "gone": True})

    def test_rooms_that_were_not_named_are_new(self):
        known = self.minji.group("아는 방", self.youngho)
        fresh = self.minji.group("새 방", self.youngho)
        self.soon(lambda: self.youngho.entry(fresh))
        answer = self.sync(self.youngho, (known, 1, 1))
        self.assertIn(fresh, [r["id"] for r in answer["new_rooms"]])
        self.assertNotIn(known, [r["id"] for r in answer["new_rooms"]])

    def test_another_epoch_starts_over(self):
        room = self.minji.group("시대")
        answer = self.sync(self.minji, (room, 7, 1))
        self.assertEqual(answer["rooms"],
                         [{"room": room, "reset": {"epoch": 1, "first_seq": 1, "head": 1}}])

    def test_a_cursor_beyond_the_head_is_no_cursor(self):
        room = self.minji.group("앞섬")
        answer = self.sync(self.minji, (room, 1, 50))["rooms"][0]
        self.assertTrue("reset" in answer or answer.get("events") == [], answer)

    def test_more_than_five_hundred_missed_is_limited(self):
        room = self.minji.group("많이 밀림", self.youngho)
        with self.minji.connect() as socket:
            for n in range(501):
                socket.send({"op": "send", "ref": str(n), "room": room, "text": f"글 {n}",
                             "cid": f"00000000-0000-4000-8000-{n:012d}"})
                if n % 100 == 99 or n == 500:
                    socket.expect("ack", ref=str(n))
        answer = self.sync(self.youngho, (room, 1, 1), )["rooms"][0]
        self.assertEqual(answer, {"room": room, "limited": {"from": 2, "to": 502}})
        answer = self.sync(self.youngho, (room, 1, 2))["rooms"][0]
        self.assertEqual([e["seq"] for e in answer["events"]], list(range(3, 503)))

    def test_what_is_no_cursor(self):
        room = self.minji.group("오류")
        bad = lambda rooms: self.minji.post("/v1/sync", {"rooms": rooms})
        one = {"room": room, "epoch": 1, "seq": 1}
        self.refused(bad([one] * 2), 400, rooms="duplicate")
        self.refused(bad([one] * 201), 400, rooms="too_long")
        self.refused(bad([{"room": room, "seq": 1}]), 400, rooms="invalid")
        self.refused(bad([{**one, "seq": -1}]), 400, rooms="invalid")
        self.refused(bad("x"), 400, rooms="wrong_type")
        self.refused(self.minji.post("/v1/sync", {}), 400, rooms="required")

    def test_a_malformed_room_is_gone_by_its_name(self):
        self.assertEqual(self.sync(self.minji, ("abc", 1, 1))["rooms"],
                         [{"room": "abc", "gone": True}])


class Membership(ServerTest):
    """Who is no (longer a) member learns nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.minji, cls.youngho, cls.sunja = cls.people("김민지", "박영호", "이순자")

    def test_a_removed_member_gets_his_removal_last_and_nothing_after(self):
        room = self.minji.group("내보내기", self.youngho, self.sunja)
        other = self.minji.group("남은 방", self.youngho)
        with self.youngho.connect() as socket, self.sunja.connect() as witness:
            self.minji.send(room, "마지막으로 보는 글")
            self.minji.delete(f"/v1/rooms/{room}/members/{self.youngho.id}")
            for n in range(5):
                self.minji.send(room, f"못 보는 글 {n}")
            self.sunja.send(room, "못 보는 글 다섯")
            self.minji.send(other, "끝")
            seen = []
            while (event := socket.expect("event"))["room"] == room:
                seen.append(event)
            self.assertEqual([e["seq"] for e in seen], [2, 3])
            self.assertEqual((seen[-1]["kind"], seen[-1]["user"], seen[-1]["role"]),
                             ("member", self.youngho.id, None))
            self.assertEqual(witness.expect("event", seq=9)["message"]["text"], "못 보는 글 다섯")
            socket.send({"op": "send", "ref": "1", "room": room, "text": "아직 여기",
                         "cid": "00000000-0000-4000-8000-000000000001"})
            self.assertEqual(socket.expect("error", ref="1")["code"], "not_found")
            socket.send({"op": "typing", "room": room})
            self.assertEqual(socket.expect("error")["code"], "not_found")
            socket.send({"op": "sync", "ref": "2", "rooms": [{"room": room, "epoch": 1, "seq": 1}]})
            frames = []
            while (frame := socket.receive())["op"] != "synced":
                frames.append(frame)
            self.assertEqual(frames, [{"op": "gone", "room": room}])
        with self.youngho.connect(rooms=[{"room": room, "epoch": 1, "seq": 2}]) as socket:
            self.assertEqual(socket.backlog, [{"op": "gone", "room": room}])
            self.assertNotIn(room, socket.ready["heads"])
        self.assertEqual(self.youngho.get("/v1/search", q="못 보는").json["items"], [])

    def test_a_later_member_sees_from_his_joining_on(self):
        room = self.minji.group("나중에 온 사람")
        self.minji.send(room, "먼저 한 말")
        with self.youngho.connect() as socket:
            self.minji.put(f"/v1/rooms/{room}/members/{self.youngho.id}")
            joined = socket.expect("event", room=room)
            self.assertEqual((joined["seq"], joined["kind"]), (3, "member"))
            self.minji.send(room, "이제 보이는 말")
            self.assertEqual(socket.expect("event", room=room)["seq"], 4)
        with self.youngho.connect(rooms=[{"room": room, "epoch": 1, "seq": 0}]) as socket:
            self.assertEqual([f["seq"] for f in socket.backlog if f["op"] == "event"], [3, 4])
            self.assertEqual(socket.ready["first"][room], 3)
        self.assertEqual([e["seq"] for e in self.youngho.log(room)], [3, 4])
        self.assertEqual(self.youngho.entry(room)["first_seq"], 3)
        self.assertEqual(self.youngho.entry(room)["unread"], 1)
        self.refused(self.youngho.get(f"/v1/rooms/{room}/messages/2"), 404)
        self.refused(self.youngho.react(room, 2, "👍"), 404)
        self.assertEqual(self.youngho.get("/v1/search", q="먼저").json["items"], [])

    def test_who_comes_back_sees_from_his_return_on(self):
        room = self.minji.group("돌아온 사람", self.youngho)
        self.minji.send(room, "함께 있을 때")
        self.youngho.delete(f"/v1/rooms/{room}/members/{self.youngho.id}")
        self.minji.send(room, "떠난 사이")
        self.minji.put(f"/v1/rooms/{room}/members/{self.youngho.id}")
        log = self.youngho.get(f"/v1/rooms/{room}/log").json
        self.assertEqual((log["first_seq"], [e["seq"] for e in log["events"]]), (5, [5]))

    def test_removed_while_messages_fly(self):
        room = self.minji.group("날아가는 글", self.youngho, self.sunja)
        with self.youngho.connect() as socket, self.minji.connect() as sender:
            for n in range(200):
                sender.send({"op": "send", "ref": str(n), "room": room, "text": f"글 {n}",
                             "cid": f"00000000-0000-4000-8000-{n:012d}"})
                if n == 100:
                    self.minji.delete(f"/v1/rooms/{room}/members/{self.youngho.id}")
            sender.expect("ack", ref="199")
            events = [f for f in socket.drain() if f["op"] == "event" and f["room"] == room]
        self.assertEqual([e["seq"] for e in events], list(range(2, 2 + len(events))))
        removal = next(e for e in self.minji.log(room) if e["kind"] == "member")
        self.assertEqual(events[-1], {"op": "event", **removal})


if __name__ == "__main__":
    unittest.main()
