#!/usr/bin/env python3
"""Korean search through the API: the same set that the search terms are proved with."""

import json
import unittest
from pathlib import Path

from support.case import ServerTest

CASES = Path(__file__).resolve().parents[1] / "unit/chat/korean_search_cases.json"


class Search(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.minji, cls.youngho = cls.people("김민지", "박영호")

    def found(self, person, q, **more):
        answer = person.get("/v1/search", q=q, **more)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["items"]

    def seqs(self, person, q, **more):
        return [hit["seq"] for hit in self.found(person, q, **more)]

    def test_the_korean_set(self):
        cases = json.loads(CASES.read_text(encoding="utf-8"))
        self.assertGreaterEqual(len(cases), 80)
        room = self.minji.group("검색")
        by_text = {text: self.minji.send(room, text)["seq"] for text in {case[0] for case in cases}}
        last = self.minji.send(room, "마지막표지글")["seq"]
        self.soon(lambda: self.seqs(self.minji, "마지막표지글", room=room) == [last])
        wrong = []
        for text, query, expected in cases:
            hits = self.seqs(self.minji, query, room=room, limit=100)
            if (by_text[text] in hits) != expected:
                wrong.append((text, query, expected))
        self.assertEqual(wrong, [], f"{len(wrong)} of {len(cases)} are wrong")

    def test_edits_replace_and_deletions_remove(self):
        room = self.minji.group("바뀌는 글")
        seq = self.minji.send(room, "수요일 등산 모임")["seq"]
        self.soon(lambda: self.seqs(self.minji, "등산", room=room) == [seq])
        self.minji.edit(room, seq, "목요일 낚시 모임")
        self.soon(lambda: self.seqs(self.minji, "낚시", room=room) == [seq])
        self.assertEqual(self.seqs(self.minji, "등산", room=room), [])
        self.minji.erase_message(room, seq)
        self.soon(lambda: self.seqs(self.minji, "낚시", room=room) == [])

    def test_only_what_one_may_see(self):
        room = self.minji.group("비밀 이야기")
        hidden = self.minji.send(room, "두견화 이야기 하나")["seq"]
        self.soon(lambda: self.seqs(self.minji, "두견화") == [hidden])
        self.assertEqual(self.seqs(self.youngho, "두견화"), [])
        self.minji.put(f"/v1/rooms/{room}/members/{self.youngho.id}")
        shown = self.minji.send(room, "두견화 이야기 둘")["seq"]
        self.soon(lambda: self.seqs(self.youngho, "두견화") == [shown])
        self.minji.delete(f"/v1/rooms/{room}/members/{self.youngho.id}")
        self.assertEqual(self.seqs(self.youngho, "두견화"), [])
        self.refused(self.youngho.get("/v1/search", q="두견화", room=room), 404, "not_found")

    def test_filters(self):
        room = self.minji.group("거르기", self.youngho)
        mine = self.minji.send(room, "감나무 심기 하나")
        theirs = self.youngho.send(room, "감나무 심기 둘")
        self.soon(lambda: len(self.seqs(self.minji, "감나무", room=room)) == 2)
        seqs = lambda **q: self.seqs(self.minji, "감나무", room=room, **q)
        self.assertEqual(seqs(**{"from": self.youngho.id}), [theirs["seq"]])
        self.assertEqual(seqs(since=theirs["created_at"])[0], theirs["seq"])
        self.assertIn(theirs["seq"], seqs(since=theirs["created_at"]), "since is inclusive")
        self.assertNotIn(theirs["seq"], seqs(until=theirs["created_at"]), "until is exclusive")
        self.assertNotIn(mine["seq"], seqs(until=mine["created_at"]))
        self.refused(self.minji.get("/v1/search"), 400, q="required")
        self.refused(self.minji.get("/v1/search", q="가", since="어제"), 400, since="invalid")
        self.refused(self.minji.get("/v1/search", q="가", limit=101), 400, limit="out_of_range")
        self.refused(self.minji.get("/v1/search", q="가", sort="x"), 400, "unknown_field")
        self.refused(self.minji.get("/v1/search", q="가" * 201), 400)
        self.assertEqual(self.seqs(self.minji, " .,! "), [], "no word, no message")

    def test_highlights_are_code_points_of_the_text(self):
        room = self.minji.group("강조")
        self.minji.send(room, "🙂 온라인커뮤니티에서 만나요")
        hits = self.soon(lambda: self.found(self.minji, "커뮤니티", room=room))
        text = hits[0]["message"]["text"]
        marked = [text[start:start + size] for start, size in hits[0]["highlights"]]
        self.assertEqual(marked, ["커뮤니티"])

    def test_pages(self):
        room = self.minji.group("쪽")
        sent = {self.minji.send(room, f"살구꽃 {n}번째")["seq"] for n in range(7)}
        self.soon(lambda: len(self.seqs(self.minji, "살구꽃", room=room)) == 7)
        seen, cursor = [], {}
        while cursor is not None:
            page = self.minji.get("/v1/search", q="살구꽃", room=room, limit=3, **cursor).json
            seen += [hit["seq"] for hit in page["items"]]
            cursor = {"cursor": page["next_cursor"]} if "next_cursor" in page else None
        self.assertEqual((len(seen), set(seen)), (7, sent))
        first = self.minji.get("/v1/search", q="살구꽃", limit=3).json["next_cursor"]
        for q, cursor in (("다른말", first), ("살구꽃", first[:-2] + "xx"), ("살구꽃", "abc")):
            self.refused(self.minji.get("/v1/search", q=q, limit=3, cursor=cursor), 400,
                         cursor="invalid")


if __name__ == "__main__":
    unittest.main()
