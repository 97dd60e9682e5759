#!/usr/bin/env python3
"""Sending once and only once, editing, deleting, reacting, reading."""

import unicodedata
import unittest
import uuid
from concurrent.futures import ThreadPoolExecutor

from support.case import ServerTest
from support.people import new_cid


class Sending(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.minji, cls.youngho = cls.people("김민지", "박영호")

    def room(self):
        return self.minji.group("대화", self.youngho)

    def test_a_message_is_stored_as_it_was_sent(self):
        room = self.room()
        first = self.minji.send(room, "첫 번째\n줄바꿈과\t탭 👨‍👩‍👧")
        self.assertEqual(first["text"], "첫 번째\n줄바꿈과\t탭 👨‍👩‍👧")
        self.assertEqual((first["seq"], first["ordinal"], first["sender"]), (2, 1, self.minji.id))
        meta = {"색": ["빨강", 1, None, True], "깊이": {"a": {}}}
        second = self.youngho.send(room, "답장", reply_to=2, meta=meta)
        self.assertEqual((second["reply_to"], second["meta"]), (2, meta))
        read = self.minji.get(f"/v1/rooms/{room}/messages/3").json
        self.assertEqual(read, second)

    def test_the_same_cid_stores_one_message(self):
        room, cid = self.room(), new_cid()
        first = self.minji.try_send(room, "한 번만", cid)
        again = self.minji.try_send(room, "한 번만", cid.upper())
        self.assertEqual((first.status, first.json["duplicate"]), (201, False))
        self.assertEqual((again.status, again.json["duplicate"]), (200, True))
        self.assertEqual(again.json["message"], first.json["message"])
        self.refused(self.minji.try_send(room, "다른 말", cid), 409, "cid_reused")
        self.refused(self.minji.try_send(room, "한 번만", cid, meta={"a": 1}), 409, "cid_reused")
        # A cid is its sender's own, and its room's.
        self.assertEqual(self.youngho.try_send(room, "다른 말", cid).status, 201)
        self.assertEqual(self.minji.try_send(self.room(), "다른 말", cid).status, 201)

    def test_a_duplicate_shows_the_message_as_it_is_now(self):
        room, cid = self.room(), new_cid()
        seq = self.minji.try_send(room, "처음 글", cid).json["message"]["seq"]
        self.minji.edit(room, seq, "고친 글")
        again = self.minji.try_send(room, "처음 글", cid)
        self.assertEqual((again.status, again.json["message"]["text"]), (200, "고친 글"))
        self.refused(self.minji.try_send(room, "고친 글", cid), 409, "cid_reused")
        self.minji.erase_message(room, seq)
        again = self.minji.try_send(room, "처음 글", cid)
        self.assertEqual((again.status, again.json["message"]["deleted"]), (200, True))
        self.assertIsNone(again.json["message"]["text"])

    def test_content_is_compared_after_nfc(self):
        room, cid = self.room(), new_cid()
        decomposed = unicodedata.normalize("NFD", "한국어")
        first = self.minji.try_send(room, decomposed, cid)
        self.assertEqual(first.json["message"]["text"], "한국어")
        self.assertEqual(self.minji.try_send(room, "한국어", cid).status, 200)

    def test_twenty_at_once_with_one_cid_store_one(self):
        room, cid = self.room(), new_cid()
        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda _: self.minji.try_send(room, "동시에", cid), range(20)))
        self.assertEqual(sorted({a.status for a in answers}), [200, 201])
        self.assertEqual(sum(a.status == 201 for a in answers), 1)
        self.assertEqual({a.json["message"]["seq"] for a in answers}, {2})
        self.assertEqual(len(self.minji.log(room)), 2)

    def test_many_senders_at_once_leave_no_gap(self):
        room = self.room()
        senders = [self.minji, self.youngho]
        with ThreadPoolExecutor(8) as pool:
            sent = list(pool.map(lambda n: senders[n % 2].send(room, f"글 {n}"), range(60)))
        self.assertEqual(sorted(m["seq"] for m in sent), list(range(2, 62)))
        self.assertEqual(sorted(m["ordinal"] for m in sent), list(range(1, 61)))
        self.assertEqual([e["seq"] for e in self.minji.log(room)], list(range(1, 62)))

    def test_replies_need_a_message(self):
        room = self.room()
        for target in (99, 1, 0, -1):
            answer = self.minji.try_send(room, "어디에", reply_to=target)
            with self.subTest(target=target):
                self.assertIn(answer.status, (400, 404), answer)
        seq = self.minji.send(room, "있는 글")["seq"]
        self.assertEqual(self.minji.send(room, "답", reply_to=seq)["reply_to"], seq)

    def test_what_is_not_a_message(self):
        room = self.room()
        send = lambda **body: self.minji.post(f"/v1/rooms/{room}/messages", body)
        self.refused(send(text="글"), 400, "invalid_request", cid="required")
        self.refused(send(cid=new_cid()), 400, "invalid_request", text="required")
        self.refused(send(cid="abc", text="글"), 400, cid="invalid")
        self.refused(send(cid=new_cid(), text=" \n\t "), 400, text="blank")
        self.refused(send(cid=new_cid(), text=5), 400, text="wrong_type")
        self.refused(send(cid=new_cid(), text="종\x07소리"), 400, text="invalid")
        self.refused(send(cid=new_cid(), text="글", meta=[1]), 400, meta="wrong_type")
        self.refused(send(cid=new_cid(), text="글", attachments=["1"]), 400)
        self.refused(send(cid=new_cid(), text="글", txet="오타"), 400, "unknown_field",
                     txet="unknown")
        self.assertEqual(len(self.minji.log(room)), 1, "nothing was stored")


class Changing(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.minji, cls.youngho, cls.sunja = cls.people("김민지", "박영호", "이순자")

    def room(self):
        return self.minji.group("대화", self.youngho, self.sunja)

    def test_only_the_author_edits(self):
        room = self.room()
        sent = self.youngho.send(room, "오타가 있느 글")
        edited = self.youngho.edit(room, sent["seq"], "오타가 없는 글")
        self.assertEqual((edited.status, edited.json["text"]), (200, "오타가 없는 글"))
        self.assertGreater(edited.json["version"], sent["version"])
        self.assertIsNotNone(edited.json["edited_at"])
        self.assertEqual(edited.json["ordinal"], sent["ordinal"])
        self.refused(self.minji.edit(room, sent["seq"], "남의 글"), 403, "forbidden")
        self.refused(self.youngho.edit(room, 99, "없는 글"), 404, "not_found")
        self.refused(self.youngho.edit(room, 1, "방이 생긴 일"), 404, "not_found")
        self.refused(self.youngho.edit(room, sent["seq"], ""), 400)

    def test_a_deleted_message_keeps_its_place_and_shows_nothing(self):
        room = self.room()
        sent = self.youngho.send(room, "지울 글", meta={"비밀": "값"})
        self.youngho.react(room, sent["seq"], "👍")
        self.youngho.edit(room, sent["seq"], "지울 글 둘")
        self.refused(self.sunja.erase_message(room, sent["seq"]), 403, "forbidden")
        self.assertEqual(self.minji.erase_message(room, sent["seq"]).status, 204)
        after = self.sunja.get(f"/v1/rooms/{room}/messages/{sent['seq']}").json
        self.assertTrue(after["deleted"])
        self.assertIsNone(after["text"])
        self.assertIsNone(after["meta"])
        self.assertEqual(after["ordinal"], sent["ordinal"])
        self.refused(self.youngho.edit(room, sent["seq"], "다시"), 409, "conflict")
        self.refused(self.youngho.react(room, sent["seq"], "👍"), 409, "conflict")
        whole = self.sunja.request("GET", f"/v1/rooms/{room}/log").body.decode()
        self.assertNotIn("지울 글", whole)
        self.assertNotIn("비밀", whole)

    def test_deleting_twice_changes_nothing(self):
        room = self.room()
        seq = self.youngho.send(room, "지울 글")["seq"]
        self.assertEqual(self.youngho.erase_message(room, seq).status, 204)
        size = len(self.minji.log(room))
        self.assertEqual(self.youngho.erase_message(room, seq).status, 204)
        self.assertEqual(len(self.minji.log(room)), size)

    def test_reactions(self):
        room = self.room()
        seq = self.minji.send(room, "좋은 소식")["seq"]
        self.youngho.react(room, seq, "👍")
        both = self.sunja.react(room, seq, "👍").json["reactions"]
        self.assertEqual(sorted(both["👍"]), sorted([self.youngho.id, self.sunja.id]))
        again = self.sunja.react(room, seq, "👍")
        self.assertEqual(again.json["reactions"], both)
        gone = self.sunja.react(room, seq, "👍", on=False)
        self.assertEqual(gone.json["reactions"], {"👍": [self.youngho.id]})
        self.assertEqual(self.youngho.react(room, seq, "👍", on=False).json["reactions"], {})
        for good in ("👨‍👩‍👧‍👦", "🇰🇷", "❤️", "👍🏽"):
            self.assertEqual(self.minji.react(room, seq, good).status, 200, good)
        for bad in ("a", "가", "👍👍", "👍 ", "1", "👨‍👩‍👧‍👦👨‍👩‍👧‍👦"):
            with self.subTest(bad=bad):
                self.refused(self.minji.react(room, seq, bad), 400, "invalid_request")

    def test_twenty_kinds_of_reactions_and_no_more(self):
        room = self.room()
        seq = self.minji.send(room, "인기 글")["seq"]
        kinds = [chr(0x1F600 + n) for n in range(21)]
        for kind in kinds[:20]:
            self.assertEqual(self.minji.react(room, seq, kind).status, 200)
        self.refused(self.youngho.react(room, seq, kinds[20]), 400, emoji="too_many")
        self.assertEqual(self.youngho.react(room, seq, kinds[0]).status, 200)


class Reading(ServerTest):
    def test_unread_is_head_ordinal_minus_cursor_ordinal(self):
        minji, youngho = self.people("김민지", "박영호")
        room = minji.group("읽기", youngho)
        seqs = [minji.send(room, f"글 {n}")["seq"] for n in range(5)]
        unread = lambda: youngho.entry(room)["unread"]
        self.soon(lambda: unread() == 5)
        minji.erase_message(room, seqs[4])
        minji.react(room, seqs[0], "👍")
        self.assertEqual(unread(), 5, "a deleted message keeps its ordinal; a reaction has none")
        read = lambda seq: youngho.put(f"/v1/rooms/{room}/read", {"seq": seq}).json
        self.assertEqual(read(seqs[1]), {"read_seq": seqs[1], "unread": 3})
        self.assertEqual(read(seqs[0]), {"read_seq": seqs[1], "unread": 3}, "never backwards")
        self.assertEqual(read(10**9)["unread"], 0)
        self.assertEqual(read(10**9)["read_seq"], youngho.entry(room)["head"]["seq"])
        self.assertEqual(minji.entry(room)["unread"], 0, "sending moves one's own cursor")
        minji.send(room, "새 글")
        youngho.send(room, "내 글")
        self.assertEqual(unread(), 0)
        path = f"/v1/rooms/{room}/read"
        self.refused(youngho.put(path, {"seq": -1}), 400, seq="out_of_range")
        self.refused(youngho.put(path, {"seq": "3"}), 400, seq="wrong_type")

    def test_history_goes_both_ways(self):
        minji = self.person()
        room = minji.group("기록")
        seqs = [minji.send(room, f"글 {n}")["seq"] for n in range(12)]
        page = lambda **q: minji.get(f"/v1/rooms/{room}/messages", **q).json
        of = lambda answer: [m["seq"] for m in answer["messages"]]
        latest = page(limit=5)
        self.assertEqual(of(latest), seqs[-5:])
        self.assertEqual((latest["has_older"], latest["has_newer"]), (True, False))
        older = page(before=seqs[-5], limit=5)
        self.assertEqual((of(older), older["has_newer"]), (seqs[2:7], True))
        newer = page(after=seqs[6], limit=10)
        self.assertEqual((of(newer), newer["has_newer"]), (seqs[7:], False))
        around = page(around=seqs[6], limit=5)
        self.assertIn(seqs[6], of(around))
        self.assertEqual((len(of(around)), around["has_older"], around["has_newer"]),
                         (5, True, True))
        self.assertEqual(of(page(before=1)), [])
        path = f"/v1/rooms/{room}/messages"
        self.refused(minji.get(path, before=3, after=4), 400)
        self.refused(minji.get(path, limit=0), 400, limit="out_of_range")
        self.refused(minji.get(path, limit=101), 400, limit="out_of_range")
        self.refused(minji.get(path, before="x"), 400, before="invalid")
        self.refused(minji.get(path, befor=3), 400, "unknown_field", befor="unknown")


class Blocks(ServerTest):
    def test_while_it_stands_nobody_writes_and_both_read(self):
        minji, youngho = self.people("김민지", "박영호")
        room = minji.direct(youngho)
        theirs = youngho.send(room, "안녕하세요")
        self.assertEqual(minji.put(f"/v1/users/me/blocks/{youngho.id}").status, 204)
        for person in (minji, youngho):
            self.refused(person.try_send(room, "막혔나요"), 403, "forbidden")
            self.assertEqual(person.get(f"/v1/rooms/{room}/messages").status, 200)
        self.refused(youngho.edit(room, theirs["seq"], "고치기"), 403, "forbidden")
        self.refused(youngho.post("/v1/rooms", {"kind": "direct", "members": [minji.id]}), 403)
        self.refused(minji.post("/v1/rooms", {"kind": "direct", "members": [youngho.id]}), 403)
        self.assertEqual([u["id"] for u in minji.get("/v1/users/me/blocks").json["items"]],
                         [youngho.id])
        self.assertEqual(youngho.get("/v1/users/me/blocks").json["items"], [])
        self.assertEqual(minji.delete(f"/v1/users/me/blocks/{youngho.id}").status, 204)
        self.assertEqual(youngho.try_send(room, "다시 안녕하세요").status, 201)

    def test_a_block_before_the_first_word(self):
        minji, youngho = self.people("김민지", "박영호")
        minji.put(f"/v1/users/me/blocks/{youngho.id}")
        self.refused(youngho.post("/v1/rooms", {"kind": "direct", "members": [minji.id]}), 403)
        self.refused(minji.put(f"/v1/users/me/blocks/{minji.id}"), 400, user="oneself")
        self.refused(minji.put("/v1/users/me/blocks/999999"), 404)
        self.refused(minji.put("/v1/users/me/blocks/abc"), 404)

    def test_in_groups_they_still_talk(self):
        minji, youngho = self.people("김민지", "박영호")
        room = minji.group("모두의 방", youngho)
        minji.put(f"/v1/users/me/blocks/{youngho.id}")
        self.assertEqual(youngho.try_send(room, "모두에게").status, 201)


if __name__ == "__main__":
    unittest.main()
