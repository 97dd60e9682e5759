#!/usr/bin/env python3
"""Direct rooms and groups: who opens them, who is in them, who may do what, and how they are listed."""

import unittest
import uuid

from support.case import ServerTest
from support.http import Client


class DirectRooms(ServerTest):
    def test_the_same_two_people_have_one_room(self):
        minji, youngho = self.people("김민지", "박영호")
        first = minji.post("/v1/rooms", {"kind": "direct", "members": [youngho.id]})
        again = youngho.post("/v1/rooms", {"kind": "direct", "members": [minji.id]})
        self.assertEqual((first.status, again.status), (201, 200))
        self.assertEqual(first.json["id"], again.json["id"])
        self.assertEqual(first.json["peer"], youngho.id)
        self.assertEqual(again.json["peer"], minji.id)
        self.assertEqual(first.json["role"], "member")
        self.assertIsNone(first.json["title"])

    def test_nobody_is_added_removed_or_leaves(self):
        minji, youngho, sunja = self.people("김민지", "박영호", "이순자")
        room = minji.direct(youngho)
        members = f"/v1/rooms/{room}/members"
        self.refused(minji.put(f"{members}/{sunja.id}"), 403, "forbidden")
        self.refused(minji.delete(f"{members}/{youngho.id}"), 403, "forbidden")
        self.refused(minji.delete(f"{members}/{minji.id}"), 403, "forbidden")
        self.refused(minji.patch(f"/v1/rooms/{room}", {"title": "제목"}), 403, "forbidden")
        self.refused(minji.delete(f"/v1/rooms/{room}"), 403, "forbidden")
        self.refused(minji.post(f"/v1/rooms/{room}/invites", {}), 403, "forbidden")
        theirs = youngho.send(room, "제 글이에요")
        self.refused(minji.erase_message(room, theirs["seq"]), 403, "forbidden")

    def test_it_needs_one_other_person_who_exists(self):
        minji = self.person()
        create = lambda members: minji.post("/v1/rooms", {"kind": "direct", "members": members})
        self.refused(create([]), 400, "invalid_request", members="exactly_one")
        self.refused(create(["1", "2"]), 400, "invalid_request", members="exactly_one")
        self.refused(create(["999999"]), 404, "not_found")
        self.refused(create(["abc"]), 404, "not_found")
        self.refused(create([5]), 400, "invalid_request", members="wrong_type")
        self.refused(create([minji.id]), 400, "invalid_request", members="oneself")


class Groups(ServerTest):
    def test_the_founder_owns_it_and_everybody_sees_it_from_the_beginning(self):
        minji, youngho, sunja = self.people("김민지", "박영호", "이순자")
        made = minji.post("/v1/rooms", {"kind": "group", "title": "  아침 산책 모임 ",
                                        "members": [youngho.id, sunja.id]})
        self.assertEqual(made.status, 201)
        self.assertEqual(made.json["title"], "아침 산책 모임")
        self.assertEqual((made.json["role"], made.json["member_count"]), ("owner", 3))
        room = made.json["id"]
        created = sunja.log(room)[0]
        self.assertEqual((created["seq"], created["kind"], created["kind_of_room"]),
                         (1, "created", "group"))
        roles = {m["user"]: m["role"] for m in created["members"]}
        self.assertEqual(roles, {minji.id: "owner", youngho.id: "member", sunja.id: "member"})
        listed = youngho.get(f"/v1/rooms/{room}/members").json["items"]
        self.assertEqual({m["user"]["id"]: m["joined_seq"] for m in listed},
                         {minji.id: 1, youngho.id: 1, sunja.id: 1})

    def test_members_may_not_do_what_owners_and_admins_do(self):
        minji, youngho, sunja, chulsoo = self.people("김민지", "박영호", "이순자", "최철수")
        room = minji.group("역할", youngho, sunja)
        members = f"/v1/rooms/{room}/members"
        self.refused(youngho.put(f"{members}/{chulsoo.id}"), 403, "forbidden")
        self.refused(youngho.delete(f"{members}/{sunja.id}"), 403, "forbidden")
        self.refused(youngho.patch(f"/v1/rooms/{room}", {"title": "바꿈"}), 403, "forbidden")
        self.refused(youngho.delete(f"/v1/rooms/{room}"), 403, "forbidden")
        self.refused(youngho.post(f"/v1/rooms/{room}/invites"), 403, "forbidden")
        # An admin adds, removes and retitles, but appoints nobody and does not close it.
        self.assertEqual(minji.put(f"{members}/{youngho.id}", {"role": "admin"}).status, 200)
        self.assertEqual(youngho.put(f"{members}/{chulsoo.id}").json["role"], "member")
        self.assertEqual(youngho.patch(f"/v1/rooms/{room}", {"title": "새 제목"}).json["title"],
                         "새 제목")
        self.refused(youngho.put(f"{members}/{chulsoo.id}", {"role": "admin"}), 403, "forbidden")
        self.refused(youngho.delete(f"{members}/{minji.id}"), 403, "forbidden")
        self.refused(youngho.delete(f"/v1/rooms/{room}"), 403, "forbidden")
        theirs = sunja.send(room, "지워도 되는 글")
        self.assertEqual(youngho.erase_message(room, theirs["seq"]).status, 204)
        self.assertEqual(youngho.delete(f"{members}/{sunja.id}").status, 204)
        self.assertEqual(sunja.get(f"/v1/rooms/{room}").status, 404)

    def test_the_last_owner_is_followed_by_the_oldest_admin_else_the_oldest_member(self):
        minji, youngho, sunja = self.people("김민지", "박영호", "이순자")
        room = minji.group("이어받기", youngho)
        minji.put(f"/v1/rooms/{room}/members/{sunja.id}", {"role": "admin"})
        minji.delete(f"/v1/rooms/{room}/members/{minji.id}")
        self.assertEqual(sunja.get(f"/v1/rooms/{room}").json["role"], "owner")
        sunja.delete(f"/v1/rooms/{room}/members/{sunja.id}")
        self.assertEqual(youngho.get(f"/v1/rooms/{room}").json["role"], "owner")
        kinds = [(e["kind"], e.get("user"), e.get("role")) for e in youngho.log(room)]
        self.assertIn(("member", sunja.id, "owner"), kinds)
        self.assertIn(("member", sunja.id, None), kinds)

    def test_the_only_owner_cannot_be_demoted(self):
        minji, youngho = self.people("김민지", "박영호")
        room = minji.group("주인", youngho)
        demoted = minji.put(f"/v1/rooms/{room}/members/{minji.id}", {"role": "member"})
        self.refused(demoted, 409, "conflict")
        minji.put(f"/v1/rooms/{room}/members/{youngho.id}", {"role": "owner"})
        demoted = minji.put(f"/v1/rooms/{room}/members/{minji.id}", {"role": "member"})
        self.assertEqual(demoted.json["role"], "member")

    def test_a_closed_group_does_not_exist_for_anybody(self):
        minji, youngho = self.people("김민지", "박영호")
        room = minji.group("없어질 방", youngho)
        minji.send(room, "곧 없어질 잡담")
        self.assertEqual(minji.delete(f"/v1/rooms/{room}").status, 204)
        for person in (minji, youngho):
            self.refused(person.get(f"/v1/rooms/{room}"), 404, "not_found")
            self.refused(person.try_send(room, "아직 있나요"), 404, "not_found")
            self.soon(lambda p=person: p.entry(room) is None)
        sync = youngho.post("/v1/sync", {"rooms": [{"room": room, "epoch": 1, "seq": 1}]})
        self.assertEqual(sync.json["rooms"], [{"room": room, "gone": True}])

    def test_a_stranger_finds_no_room_on_any_route(self):
        minji, stranger = self.people("김민지", "나그네")
        room = minji.group("비밀")
        seq = minji.send(room, "우리끼리 하는 말")["seq"]
        for id in (room, "12345", "abc", "9" * 30, "%ED%95%9C", "-1", "0"):
            base = f"/v1/rooms/{id}"
            for method, path, body in (
                    ("GET", "", None), ("PATCH", "", {"title": "제목"}), ("DELETE", "", None),
                    ("GET", "/members", None), ("PUT", f"/members/{stranger.id}", {}),
                    ("DELETE", f"/members/{minji.id}", None), ("POST", "/invites", {}),
                    ("PUT", "/preferences", {"muted": True}), ("GET", "/messages", None),
                    ("POST", "/messages", {"cid": str(uuid.uuid4()), "text": "안녕"}),
                    ("GET", f"/messages/{seq}", None), ("DELETE", f"/messages/{seq}", None),
                    ("PATCH", f"/messages/{seq}", {"text": "바꿈"}), ("GET", "/log", None),
                    ("PUT", f"/messages/{seq}/reactions/%F0%9F%91%8D", None),
                    ("DELETE", f"/messages/{seq}/reactions/%F0%9F%91%8D", None),
                    ("PUT", "/read", {"seq": 1})):
                with self.subTest(method=method, path=base + path):
                    self.refused(stranger.request(method, base + path, body), 404, "not_found")
        self.refused(stranger.get("/v1/search", q="우리", room=room), 404, "not_found")

    def test_founders_are_checked(self):
        minji = self.person()
        create = lambda body: minji.post("/v1/rooms", {"kind": "group", **body})
        self.refused(create({}), 400, title="required")
        self.refused(create({"title": "   "}), 400, title="blank")
        self.refused(create({"title": "가" * 101}), 400, title="too_long")
        self.assertEqual(create({"title": "가" * 100}).status, 201)
        self.refused(create({"title": "방", "members": ["1"] * 501}), 400, members="too_long")
        self.refused(create({"title": "방", "members": ["999999"]}), 404, "not_found")
        self.refused(minji.post("/v1/rooms", {"kind": "circle"}), 400, kind="invalid")
        # Oneself and repetitions count once.
        made = create({"title": "방", "members": [minji.id, minji.id]})
        self.assertEqual(made.json["member_count"], 1)


class Invites(ServerTest):
    def test_who_has_the_code_joins_and_sees_from_then_on(self):
        minji, youngho = self.people("김민지", "박영호")
        room = minji.group("초대")
        minji.send(room, "먼저 한 말")
        invite = minji.post(f"/v1/rooms/{room}/invites", {"expires_in": 60, "uses": 1})
        self.assertEqual(invite.status, 201)
        self.assertTrue(invite.json["url"].endswith("/join/" + invite.json["code"]))
        joined = youngho.post(f"/v1/invites/{invite.json['code']}")
        self.assertEqual((joined.status, joined.json["role"]), (200, "member"))
        self.assertIsNotNone(youngho.entry(room), "his own joining shows at once")
        log = youngho.get(f"/v1/rooms/{room}/log").json
        self.assertEqual(log["first_seq"], 3)
        self.assertEqual([e["seq"] for e in log["events"]], [3])
        self.assertEqual(youngho.get(f"/v1/rooms/{room}/messages").json["messages"], [])
        self.refused(youngho.get(f"/v1/rooms/{room}/messages/2"), 404, "not_found")

    def test_used_up_expired_and_made_up_codes_are_not_found(self):
        minji, youngho, sunja = self.people("김민지", "박영호", "이순자")
        room = minji.group("초대")
        once = minji.post(f"/v1/rooms/{room}/invites", {"uses": 1}).json["code"]
        self.assertEqual(minji.post(f"/v1/invites/{once}").status, 200, "who is in uses up none")
        self.assertEqual(youngho.post(f"/v1/invites/{once}").status, 200)
        self.refused(sunja.post(f"/v1/invites/{once}"), 404, "not_found")
        self.refused(sunja.post("/v1/invites/none"), 404, "not_found")
        brief = minji.post(f"/v1/rooms/{room}/invites", {"expires_in": 1}).json["code"]
        self.soon(lambda: self.expired(sunja, brief, room, minji))

    def expired(self, person, code, room, owner):
        """Tries the code; who was let in is put out again for the next try."""
        if person.post(f"/v1/invites/{code}").status == 404:
            return True
        owner.delete(f"/v1/rooms/{room}/members/{person.id}")
        return False

    def test_bounds(self):
        minji = self.person()
        invites = f"/v1/rooms/{minji.group('초대')}/invites"
        self.refused(minji.post(invites, {"expires_in": 0}), 400, expires_in="out_of_range")
        self.refused(minji.post(invites, {"expires_in": 10**9}), 400, expires_in="out_of_range")
        self.refused(minji.post(invites, {"uses": 0}), 400, uses="out_of_range")
        self.refused(minji.post(invites, {"uses": 10001}), 400, uses="out_of_range")
        self.assertEqual(minji.post(invites).status, 201, "the body may be left out")


class RoomList(ServerTest):
    def test_the_latest_activity_comes_first_and_others_messages_soon(self):
        minji, youngho = self.people("김민지", "박영호")
        first, second = minji.group("하나", youngho), minji.group("둘", youngho)
        order = lambda: [i["room"]["id"] for i in minji.get("/v1/rooms").json["items"]]
        self.assertEqual(order(), [second, first])
        minji.send(first, "올라와라")
        self.assertEqual(order(), [first, second], "own actions show at once")
        youngho.send(second, "나도")
        self.soon(lambda: order() == [second, first])
        entry = minji.entry(second)
        self.assertEqual(entry["last_message"]["text"], "나도")
        self.assertEqual((entry["unread"], entry["head"]["seq"]), (1, 2))

    def test_pages_hold_every_room_once(self):
        minji = self.person()
        rooms = {minji.group(f"방 {n}") for n in range(7)}
        seen, cursor = [], None
        while True:
            page = minji.get("/v1/rooms", limit=3, **({"cursor": cursor} if cursor else {})).json
            seen += [i["room"]["id"] for i in page["items"]]
            cursor = page.get("next_cursor")
            if not cursor:
                break
        self.assertEqual(len(seen), 7)
        self.assertEqual(set(seen), rooms)

    def test_preferences_are_ones_own(self):
        minji, youngho = self.people("김민지", "박영호")
        room = minji.group("조용히", youngho)
        path = f"/v1/rooms/{room}/preferences"
        self.assertEqual(minji.put(path, {"muted": True}).json, {"muted": True, "pinned": False})
        self.assertEqual(minji.put(path, {"pinned": True}).json, {"muted": True, "pinned": True})
        self.assertTrue(minji.entry(room)["muted"])
        self.assertFalse(youngho.entry(room)["muted"])
        self.refused(minji.put(path, {"muted": 1}), 400, muted="wrong_type")

    def test_members_come_in_pages_that_only_their_room_accepts(self):
        minji, *others = self.people("김민지", "박영호", "이순자", "최철수")
        room, other = minji.group("모임", *others), minji.group("다른 모임", *others)
        page = minji.get(f"/v1/rooms/{room}/members", limit=3).json
        rest = minji.get(f"/v1/rooms/{room}/members", limit=3, cursor=page["next_cursor"]).json
        found = [m["user"]["id"] for m in page["items"] + rest["items"]]
        self.assertEqual(sorted(found), sorted(p.id for p in (minji, *others)))
        self.assertNotIn("next_cursor", rest)
        foreign = minji.get(f"/v1/rooms/{other}/members", cursor=page["next_cursor"])
        self.refused(foreign, 400, "invalid_request", cursor="invalid")

    def test_nothing_without_credentials(self):
        anyone = Client(self.server)
        for method, path in (("GET", "/v1/rooms"), ("POST", "/v1/rooms"), ("POST", "/v1/sync")):
            self.refused(anyone.request(method, path, {} if method == "POST" else None),
                         401, "unauthenticated")


if __name__ == "__main__":
    unittest.main()
