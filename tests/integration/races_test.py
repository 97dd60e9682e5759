#!/usr/bin/env python3
"""Several people at the same moment: whatever the order, the rules hold afterwards."""

import unittest
from concurrent.futures import ThreadPoolExecutor

from support.case import ServerTest
from support.people import PASSWORD


class Races(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everybody = cls.people(*(f"사람 {n}" for n in range(6)))

    def at_once(self, *calls):
        with ThreadPoolExecutor(len(calls)) as pool:
            return [f.result() for f in [pool.submit(call) for call in calls]]

    def test_both_open_the_direct_room(self):
        for n in range(1, 6):
            one, other = self.everybody[0], self.everybody[n]
            ask = lambda a, b: lambda: a.post("/v1/rooms", {"kind": "direct", "members": [b.id]})
            answers = self.at_once(*[ask(one, other), ask(other, one)] * 3)
            self.assertEqual({a.status for a in answers} - {200, 201}, set(), answers)
            self.assertEqual(len({a.json["id"] for a in answers}), 1)
            room = answers[0].json["id"]
            self.assertEqual([e["kind"] for e in one.log(room)], ["created"])

    def test_one_handle_for_many(self):
        register = lambda: self.anyone.post("/v1/users", {
            "handle": "wanted", "display_name": "이름", "password": PASSWORD})
        answers = self.at_once(*[register] * 6)
        self.assertEqual(sorted(a.status for a in answers), [201] + [409] * 5)

    def test_an_invitation_for_two_lets_two_in(self):
        owner, *others = self.everybody
        room = owner.group("둘만 더")
        code = owner.post(f"/v1/rooms/{room}/invites", {"uses": 2}).json["code"]
        answers = self.at_once(*[lambda p=p: p.post(f"/v1/invites/{code}") for p in others])
        self.assertEqual(sorted(a.status for a in answers), [200, 200, 404, 404, 404])
        self.assertEqual(owner.get(f"/v1/rooms/{room}").json["member_count"], 3)

    def test_all_owners_leave(self):
        first, second, third = self.everybody[:3]
        for _ in range(5):
            room = first.group("주인이 떠나는 방", second, third)
            members = f"/v1/rooms/{room}/members"
            first.put(f"{members}/{second.id}", {"role": "owner"})
            answers = self.at_once(lambda: first.delete(f"{members}/{first.id}"),
                                   lambda: second.delete(f"{members}/{second.id}"))
            self.assertEqual([a.status for a in answers], [204, 204])
            self.assertEqual(third.get(f"/v1/rooms/{room}").json["role"], "owner")

    def test_two_owners_demote_each_other(self):
        first, second = self.everybody[:2]
        for _ in range(5):
            room = first.group("서로 내리기", second)
            members = f"/v1/rooms/{room}/members"
            first.put(f"{members}/{second.id}", {"role": "owner"})
            demote = lambda who, whom: lambda: who.put(f"{members}/{whom.id}", {"role": "member"})
            self.at_once(demote(first, second), demote(second, first))
            roles = [m["role"] for m in first.get(members).json["items"]]
            self.assertIn("owner", roles)

    def test_added_twice_is_in_once(self):
        owner, other = self.everybody[:2]
        room = owner.group("두 번 초대")
        add = lambda: owner.put(f"/v1/rooms/{room}/members/{other.id}")
        answers = self.at_once(*[add] * 5)
        self.assertEqual({a.status for a in answers}, {200})
        self.assertEqual(len({a.json["joined_seq"] for a in answers}), 1)
        self.assertEqual(len(owner.log(room)), 2)

    def test_edits_deletion_and_reactions_at_once(self):
        owner, *others = self.everybody
        room = owner.group("한꺼번에", *others)
        seq = owner.send(room, "처음")["seq"]
        self.at_once(*[lambda n=n: owner.edit(room, seq, f"글 {n}") for n in range(4)],
                     *[lambda p=p: p.react(room, seq, "👍") for p in others],
                     lambda: owner.erase_message(room, seq))
        message = owner.get(f"/v1/rooms/{room}/messages/{seq}").json
        self.assertEqual((message["deleted"], message["text"]), (True, None))
        log = owner.log(room)
        self.assertEqual([e["seq"] for e in log], list(range(1, len(log) + 1)))
        versions = [e["version"] for e in log if e["kind"] in ("edited", "deleted")]
        self.assertEqual(versions, list(range(2, 2 + len(versions))))
        self.assertNotIn("글", str([e.get("text") for e in log]))

    def test_sending_while_the_room_closes(self):
        owner, other = self.everybody[:2]
        room = owner.group("닫히는 중", other)
        calls = [lambda n=n: other.try_send(room, f"글 {n}") for n in range(8)]
        answers = self.at_once(*calls, lambda: owner.delete(f"/v1/rooms/{room}"))
        self.assertEqual({a.status for a in answers} - {201, 204, 404}, set(), answers)
        self.refused(other.try_send(room, "이제 없는 방"), 404, "not_found")


class OddAddresses(ServerTest):
    def test_escapes_in_paths_and_queries(self):
        person = self.person()
        for path in ("/v1/rooms/%00", "/v1/rooms/..%2F..%2Fetc", "/v1/users/%2e%2e",
                     "/v1/rooms/%ff", "/v1/rooms/1%2F", "/v1/invites/%00%01", "/v1/sessions/%00",
                     "/v1/rooms/1%20", "/v1/users/+1", "/v1/users/01", "/v1/users/9223372036854775808"):
            with self.subTest(path=path):
                method = "POST" if "invites" in path else "DELETE" if "sessions" in path else "GET"
                answer = person.request(method, path)
                self.assertIn(answer.status, (400, 404), answer)
        for query in ("q=%ff", "q=%ed%a0%80", "q=%C0%AF"):
            with self.subTest(query=query):
                self.refused(person.request("GET", f"/v1/search?{query}"), 400, "invalid_request")
                answer = person.request("GET", f"/v1/users?{query.replace('q=', 'query=')}")
                self.refused(answer, 400, "invalid_request")

    def test_emoji_in_paths(self):
        person = self.person()
        room = person.group("주소")
        seq = person.send(room, "글")["seq"]
        base = f"/v1/rooms/{room}/messages/{seq}/reactions"
        for emoji in ("%00", "%ff", "%2F", "a", "%F0%9F%91%8D%00", "%EA%B0%80"):
            with self.subTest(emoji=emoji):
                self.assertIn(person.request("PUT", f"{base}/{emoji}").status, (400, 404))
        self.assertEqual(person.get(f"/v1/rooms/{room}/messages/{seq}").json["reactions"], {})

    def test_seqs_that_are_none(self):
        person = self.person()
        room = person.group("번호")
        for seq in ("0", "-1", "abc", "9" * 30, "1.5", "99"):
            with self.subTest(seq=seq):
                self.refused(person.request("GET", f"/v1/rooms/{room}/messages/{seq}"), 404)


if __name__ == "__main__":
    unittest.main()
