#!/usr/bin/env python3
"""Registering, logging in and out, profiles, finding people, cookies, erasing, exporting."""

import json
import os
import unittest

from support.case import ServerTest
from support.http import Client
from support.people import PASSWORD
from support.websocket import Refused, WebSocket


class Registration(ServerTest):
    def register(self, **body):
        return self.anyone.post("/v1/users", body)

    def test_a_handle_is_given_out_once(self):
        made = self.register(handle="minji", display_name=" 김민지 ", password=PASSWORD)
        self.assertEqual(made.status, 201)
        self.assertEqual(made.json["display_name"], "김민지")
        self.assertFalse(made.json["deleted"])
        again = self.register(handle="minji", display_name="다른 민지", password=PASSWORD)
        self.refused(again, 409, "conflict")

    def test_what_a_handle_a_name_and_a_password_may_be(self):
        good = {"handle": "someone", "display_name": "이름", "password": PASSWORD}
        tried = lambda **change: self.register(**{**good, **change})
        for handle, code in (("ab", "too_short"), ("a" * 33, "too_long"), ("Minji", "invalid"),
                             ("민지", "invalid"), ("a b c", "invalid"), ("", "required"),
                             (5, "wrong_type"), (None, "wrong_type")):
            with self.subTest(handle=handle):
                self.refused(tried(handle=handle), 400, "invalid_request", handle=code)
        for name, code in (("", "required"), ("  ", "blank"), ("가" * 51, "too_long"),
                           ("이름\n둘", "invalid"), ("\u200b", "blank"), ("가\u202e나", "invalid")):
            with self.subTest(name=name):
                self.refused(tried(display_name=name), 400, display_name=code)
        for password, code in (("가나다라마바사", "too_short"), ("가" * 129, "too_long")):
            with self.subTest(password=password):
                self.refused(tried(password=password), 400, password=code)
        self.refused(tried(passwort="오타"), 400, "unknown_field", passwort="unknown")
        self.assertEqual(tried(handle="a.b", display_name="가" * 50, password="가" * 128).status, 201)
        self.assertEqual(tried(handle="a" * 32, password="가나다라마바사아").status, 201)

    def test_a_name_is_kept_in_nfc(self):
        made = self.register(handle="nfd", display_name="\u1100\u1161", password=PASSWORD)
        self.assertEqual(made.json["display_name"], "가")


class Sessions(ServerTest):
    def test_log_in_and_out(self):
        minji = self.person()
        second = minji.log_in("거실 컴퓨터")
        other = Client(self.server, second.json["token"])
        self.assertEqual(other.get("/v1/users/me").json["id"], minji.id)
        listed = {s["id"]: s for s in minji.get("/v1/sessions").json["items"]}
        self.assertEqual(len(listed), 2)
        theirs = listed[second.json["session"]["id"]]
        self.assertEqual((theirs["device"], theirs["current"]), ("거실 컴퓨터", False))
        self.assertEqual(minji.delete(f"/v1/sessions/{theirs['id']}").status, 204)
        self.refused(other.get("/v1/users/me"), 401, "unauthenticated")
        self.refused(minji.delete(f"/v1/sessions/{theirs['id']}"), 404, "not_found")
        self.refused(minji.delete("/v1/sessions/abc"), 404, "not_found")
        self.assertEqual(minji.delete("/v1/sessions/current").status, 204)
        self.refused(minji.get("/v1/users/me"), 401, "unauthenticated")

    @unittest.skipUnless(os.environ.get("RESPRING_TEST_ROLES") == "apart", "of roles apart")
    def test_the_gateway_recognises_a_token_without_asking_and_an_end_at_once(self):
        minji = self.person()
        other = Client(self.server, minji.log_in().json["token"])
        for _ in range(20):
            self.assertEqual(other.get("/v1/users/me").status, 200)
        metrics = self.server.admin("/metrics")[1]
        hits = metrics.split('respring_shared_sessions_total{result="hit"} ')[1].split()[0]
        self.assertGreater(float(hits), 15)
        self.assertEqual(other.delete("/v1/sessions/current").status, 204)
        self.refused(other.get("/v1/users/me"), 401, "unauthenticated")

    def test_nobody_ends_anothers_session(self):
        minji, youngho = self.people("김민지", "박영호")
        id = minji.get("/v1/sessions").json["items"][0]["id"]
        self.refused(youngho.delete(f"/v1/sessions/{id}"), 404, "not_found")
        self.assertEqual(minji.get("/v1/users/me").status, 200)

    def test_wrong_handle_and_wrong_password_look_the_same(self):
        minji = self.person()
        log_in = lambda handle, password: self.anyone.post(
            "/v1/sessions", {"handle": handle, "password": password})
        wrong, unknown = log_in(minji.handle, "틀린 비밀번호"), log_in("nobody", "틀린 비밀번호")
        for answer in (wrong, unknown):
            self.refused(answer, 401, "unauthenticated")
            answer.json.pop("trace_id")
        self.assertEqual(wrong.json, unknown.json)
        self.refused(log_in(minji.handle, ""), 401)

    def test_an_ended_session_closes_its_websockets_and_kills_its_tickets(self):
        minji = self.person()
        second = Client(self.server, minji.log_in().json["token"])
        ticket = second.post("/v1/ws-tickets").json["ticket"]
        with WebSocket(self.server, second.token) as socket, minji.connect() as untouched:
            socket.hello()
            second.delete("/v1/sessions/current")
            self.assertEqual(socket.closed_with(), 4003)
            untouched.drain()
            with WebSocket(self.server) as late:
                late.send({"op": "hello", "ticket": ticket})
                self.assertEqual(late.closed_with(), 4001)
        with self.assertRaises(Refused) as refused:
            WebSocket(self.server, second.token)
        self.assertEqual(refused.exception.status, 401)

    def test_a_new_password_ends_the_other_sessions(self):
        minji = self.person()
        other = Client(self.server, minji.log_in().json["token"])
        change = lambda **body: minji.patch("/v1/users/me", body)
        self.refused(change(password="새로운 비밀번호"), 400, current_password="required")
        self.refused(change(current_password=PASSWORD), 400, password="required")
        self.refused(change(password="새로운 비밀번호", current_password="틀린 것"), 403, "forbidden")
        self.refused(change(password="짧다", current_password=PASSWORD), 400, password="too_short")
        self.assertEqual(other.get("/v1/users/me").status, 200)
        done = change(password="새로운 비밀번호", current_password=PASSWORD)
        self.assertEqual(done.status, 200)
        self.assertEqual(minji.get("/v1/users/me").status, 200)
        self.refused(other.get("/v1/users/me"), 401)
        log_in = lambda password: self.anyone.post(
            "/v1/sessions", {"handle": minji.handle, "password": password}).status
        self.assertEqual((log_in(PASSWORD), log_in("새로운 비밀번호")), (401, 201))

    def test_tokens_that_are_none(self):
        for token in ("", "x", "a" * 43, "a" * 5000, "Bearer", "\x7f"[:0] + "=="):
            with self.subTest(token=token[:10]):
                answer = self.anyone.request("GET", "/v1/users/me",
                                             headers={"Authorization": f"Bearer {token}"})
                self.refused(answer, 401, "unauthenticated")
        self.refused(self.anyone.request("GET", "/v1/users/me",
                                         headers={"Authorization": "Basic YTpi"}), 401)


class Cookies(ServerTest):
    settings = {"allowed_origins": "https://app.example.org"}

    def setUp(self):
        self.own = f"http://127.0.0.1:{self.server.port}"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.minji = cls.person()
        logged_in = cls.minji.log_in()
        cls.set_cookie = logged_in.headers["set-cookie"]
        cls.cookie = cls.set_cookie.split(";")[0]

    def by_cookie(self, method, path="/v1/rooms", body=None, **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.anyone.request(method, path, body, headers={"Cookie": self.cookie, **names})

    def test_the_cookie_on_plain_loopback(self):
        name, *attributes = [part.strip() for part in self.set_cookie.split(";")]
        self.assertTrue(name.startswith("respring="))
        self.assertLessEqual({"HttpOnly", "SameSite=Strict", "Path=/"}, set(attributes))
        self.assertNotIn("Secure", attributes)
        self.assertEqual(self.by_cookie("GET").status, 200)

    def test_unsafe_methods_need_an_allowed_origin(self):
        group = {"kind": "group", "title": "방"}
        post = lambda **headers: self.by_cookie("POST", "/v1/rooms", group, **headers)
        for good in ({"Origin": self.own}, {"Origin": "https://app.example.org"},
                     {"Sec_Fetch_Site": "same-origin"}):
            with self.subTest(good=good):
                self.assertEqual(post(**good).status, 201)
        for bad in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""},
                    {"Origin": self.own + ".evil.example"}, {"Sec_Fetch_Site": "cross-site"},
                    {"Sec_Fetch_Site": "same-site"}, {"Origin": "http://127.0.0.1:1"}):
            with self.subTest(bad=bad):
                self.refused(post(**bad), 403, "forbidden")
        self.assertEqual(self.minji.post("/v1/rooms", group).status, 201, "bearer needs none")

    def test_a_foreign_origin_opens_no_websocket_whatever_it_has(self):
        ticket = self.minji.post("/v1/ws-tickets").json["ticket"]
        for token, headers in ((self.minji.token, {}), (None, {"Cookie": self.cookie}), (None, {})):
            for origin in ("https://evil.example", "null"):
                with self.subTest(origin=origin), self.assertRaises(Refused) as refused:
                    WebSocket(self.server, token, headers={**headers, "Origin": origin})
                self.assertEqual(refused.exception.status, 403)
        with WebSocket(self.server, headers={"Origin": self.own, "Cookie": self.cookie}) as socket:
            socket.hello()
        with WebSocket(self.server, headers={"Origin": "https://app.example.org"}) as socket:
            socket.hello(ticket)

    def test_logging_out_takes_the_cookie_away(self):
        cookie = self.minji.log_in().headers["set-cookie"].split(";")[0]
        answer = self.anyone.request("DELETE", "/v1/sessions/current",
                                     headers={"Cookie": cookie, "Origin": self.own})
        self.assertEqual(answer.status, 204)
        self.assertIn("Max-Age=0", answer.headers["set-cookie"])


class SecureCookies(ServerTest):
    settings = {"public_url": "https://chat.example.org"}

    def test_behind_https_it_is_a_host_cookie(self):
        minji = self.person()
        cookie = Client(self.server, headers={"Host": "chat.example.org"}).post(
            "/v1/sessions", {"handle": minji.handle, "password": PASSWORD}).headers["set-cookie"]
        self.assertTrue(cookie.startswith("__Host-respring="), cookie)
        self.assertIn("Secure", [part.strip() for part in cookie.split(";")])
        room = minji.group("초대")
        url = minji.post(f"/v1/rooms/{room}/invites").json["url"]
        self.assertTrue(url.startswith("https://chat.example.org/join/"), url)


class Profiles(ServerTest):
    def test_others_see_less_than_oneself(self):
        minji, youngho = self.people("김민지", "박영호")
        self.assertEqual(set(youngho.get(f"/v1/users/{minji.id}").json),
                         {"id", "handle", "display_name", "deleted"})
        self.assertIn("locale", minji.get("/v1/users/me").json)
        for id in ("999999", "abc", "9" * 40):
            self.refused(youngho.get(f"/v1/users/{id}"), 404, "not_found")

    def test_name_and_language_change(self):
        minji = self.person()
        changed = minji.patch("/v1/users/me", {"display_name": "새 이름", "locale": "en"})
        self.assertEqual((changed.json["display_name"], changed.json["locale"]), ("새 이름", "en"))
        self.refused(minji.patch("/v1/users/me", {"locale": "fr"}), 400, locale="invalid")
        self.refused(minji.patch("/v1/users/me", {"handle": "new"}), 400, "unknown_field")

    def test_people_are_found_by_handle_name_and_initial_consonants(self):
        minji = self.person("남궁민지")
        found = lambda query: [u["id"] for u in minji.get("/v1/users", query=query).json["items"]]
        for query in ("남궁", "남궁민지", "ㄴㄱㅁㅈ", "ㄴㄱ", minji.handle, minji.handle[:8]):
            with self.subTest(query=query):
                self.soon(lambda q=query: minji.id in found(q))
        for query in ("궁민", "ㄱㅁ", "ㄴㄱㅁㅊ", "%"):
            with self.subTest(query=query):
                self.assertNotIn(minji.id, found(query))
        self.refused(minji.get("/v1/users"), 400, query="required")

    def test_a_list_of_people_in_pages(self):
        minji = self.person("쪽나눔 하나")
        everyone = {minji.id} | {self.person(f"쪽나눔 {n}").id for n in "둘셋넷"}
        seen, cursor = [], {}
        while cursor is not None:
            page = minji.get("/v1/users", query="쪽나눔", limit=3, **cursor).json
            seen += [u["id"] for u in page["items"]]
            cursor = {"cursor": page["next_cursor"]} if "next_cursor" in page else None
        self.assertEqual((len(seen), set(seen)), (4, everyone))


class Leaving(ServerTest):
    def test_erasing_keeps_messages_and_shows_a_deleted_user(self):
        minji, youngho = self.people("김민지", "박영호")
        room = minji.group("남는 말", youngho)
        direct = minji.direct(youngho)
        seq = minji.send(room, "남을 말")["seq"]
        minji.send(direct, "둘만의 말")
        self.refused(minji.delete("/v1/users/me", {"password": "틀린 것"}), 403, "forbidden")
        self.refused(minji.delete("/v1/users/me", {}), 400, password="required")
        with minji.connect() as socket:
            self.assertEqual(minji.delete("/v1/users/me", {"password": PASSWORD}).status, 204)
            self.assertEqual(socket.closed_with(), 4003)
        self.refused(minji.get("/v1/users/me"), 401)
        message = youngho.get(f"/v1/rooms/{room}/messages/{seq}").json
        self.assertEqual((message["text"], message["sender"]), ("남을 말", minji.id))
        ghost = youngho.get(f"/v1/users/{minji.id}").json
        self.assertTrue(ghost["deleted"])
        self.assertEqual((ghost["handle"], ghost["display_name"]), ("", ""))
        self.assertEqual(youngho.get(f"/v1/rooms/{room}").json["role"], "owner")
        last = youngho.log(room)[-2:]
        self.assertIn((minji.id, None), [(e.get("user"), e.get("role")) for e in last])
        self.assertEqual(youngho.get(f"/v1/rooms/{direct}/messages").status, 200)
        again = self.anyone.post("/v1/users", {"handle": minji.handle, "display_name": "새 사람",
                                               "password": PASSWORD})
        self.refused(again, 409, "conflict")
        self.refused(self.anyone.post("/v1/sessions", {"handle": minji.handle,
                                                       "password": PASSWORD}), 401)
        self.assertEqual(youngho.get("/v1/users", query=minji.handle).json["items"], [])

    def test_erasing_with_messages_takes_them_back(self):
        minji, youngho = self.people("김민지", "박영호")
        room, direct = minji.group("지울 말", youngho), minji.direct(youngho)
        seqs = [minji.send(room, f"해바라기 {n}")["seq"] for n in range(3)]
        whisper = minji.send(direct, "해바라기 둘만")["seq"]
        left = youngho.group("떠난 방", minji)
        farewell = minji.send(left, "해바라기 안녕")["seq"]
        minji.delete(f"/v1/rooms/{left}/members/{minji.id}")
        kept = youngho.send(room, "남의 해바라기")["seq"]
        answer = minji.delete("/v1/users/me", {"password": PASSWORD, "messages": "delete"})
        self.assertEqual(answer.status, 204)
        for place, seq in [(room, s) for s in seqs] + [(direct, whisper), (left, farewell)]:
            message = youngho.get(f"/v1/rooms/{place}/messages/{seq}").json
            self.assertEqual((message["deleted"], message["text"]), (True, None))
        self.assertEqual(youngho.get(f"/v1/rooms/{room}/messages/{kept}").json["text"],
                         "남의 해바라기")
        found = lambda: [h["seq"] for h in youngho.get("/v1/search", q="해바라기").json["items"]]
        self.soon(lambda: found() == [kept])

    def test_the_export_holds_everything_of_ones_own_and_nothing_of_others(self):
        minji, youngho = self.people("김민지", "박영호")
        room = minji.group("내보내기", youngho)
        mine = [minji.send(room, f"내 글 {n}")["seq"] for n in range(3)]
        youngho.send(room, "남의 글")
        left = youngho.group("떠난 방", minji)
        farewell = minji.send(left, "안녕히")["seq"]
        minji.delete(f"/v1/rooms/{left}/members/{minji.id}")
        minji.put(f"/v1/users/me/blocks/{youngho.id}")
        answer = minji.get("/v1/users/me/export")
        self.assertEqual(answer.status, 200)
        lines = [json.loads(line) for line in answer.body.decode().splitlines()]
        of = lambda kind: [line for line in lines if line["type"] == kind]
        self.assertEqual(of("user")[0]["handle"], minji.handle)
        self.assertEqual(len(of("session")), 1)
        self.assertEqual([line["user"] for line in of("block")], [youngho.id])
        self.assertEqual([line["id"] for line in of("room")], [room])
        self.assertEqual(sorted((line["room"], line["seq"]) for line in of("message")),
                         sorted([(room, seq) for seq in mine] + [(left, farewell)]))
        self.assertNotIn("남의 글", answer.body.decode())
        self.assertNotIn(minji.token, answer.body.decode())


class Words(ServerTest):
    """Languages and the headers that protect browsers."""

    def test_titles_follow_the_readers_language(self):
        titles = {}
        for asked in ("ko", "ko-KR,ko;q=0.9,en;q=0.8", "en", "fr", "en;q=0.5,ko", "", "*"):
            answer = self.anyone.request("GET", "/v1/rooms", headers={"Accept-Language": asked})
            titles[asked] = answer.json["title"], answer.headers["content-language"]
        korean, english = titles["ko"], titles["en"]
        self.assertEqual((korean[1], english[1]), ("ko", "en"))
        self.assertNotEqual(korean[0], english[0])
        self.assertEqual(titles["ko-KR,ko;q=0.9,en;q=0.8"], korean)
        self.assertEqual(titles["en;q=0.5,ko"], korean)
        for asked in ("fr", "", "*"):
            self.assertIn(titles[asked], (korean, english))

    def test_a_websockets_language_is_its_handshakes(self):
        minji = self.person()
        titles = set()
        for asked in ("ko", "en"):
            socket = WebSocket(self.server, minji.token, headers={"Accept-Language": asked})
            with socket:
                socket.hello()
                socket.send({"op": "dance"})
                titles.add(socket.expect("error")["title"])
        self.assertEqual(len(titles), 2)

    def test_every_answer_protects_browsers(self):
        minji = self.person()
        answers = [minji.get("/v1/users/me"), minji.get("/v1/rooms/1"), self.anyone.get("/v1/rooms"),
                   minji.request("GET", "/v1/none", checked=False), minji.post("/v1/rooms", []),
                   minji.request("BREW", "/v1/rooms", checked=False),
                   self.anyone.request("GET", "/", checked=False)]
        for answer in answers:
            with self.subTest(answer=answer):
                headers = answer.headers
                self.assertEqual(headers["x-content-type-options"], "nosniff")
                self.assertEqual(headers["referrer-policy"], "no-referrer")
                self.assertIn("default-src 'none'", headers["content-security-policy"])
                self.assertIn("frame-ancestors 'none'", headers["content-security-policy"])
                self.assertIn("no-", headers["cache-control"])
                self.assertNotIn("server", headers)

    def test_no_other_origin_is_told_anything(self):
        answer = self.anyone.request("GET", "/v1/openapi.json",
                                     headers={"Origin": "https://evil.example"})
        self.assertFalse([name for name in answer.headers if name.startswith("access-control")])

    def test_a_trace_id_is_taken_over_when_it_is_one(self):
        given = "0af7651916cd43dd8448eb211c80319c"
        ask = lambda value: self.anyone.request(
            "GET", "/v1/rooms", headers={"traceparent": value}).json["trace_id"]
        self.assertEqual(ask(f"00-{given}-b7ad6b7169203331-01"), given)
        self.assertNotEqual(ask("00-" + "0" * 32 + "-b7ad6b7169203331-01"), "0" * 32)


if __name__ == "__main__":
    unittest.main()
