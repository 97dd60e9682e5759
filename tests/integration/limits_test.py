#!/usr/bin/env python3
"""Every limit and refusal of HTTP by its named code; nothing stored, the connection closed where
two readers could understand it differently."""

import json
import socket
import time
import unicodedata
import unittest

from support.case import ServerTest
from support.http import exchange, parse, read_to_end
from support.people import Person, new_cid


class Bodies(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.minji = cls.person()
        cls.room = cls.minji.group("한도")
        cls.path = f"/v1/rooms/{cls.room}/messages"

    def setUp(self):
        self.size = len(self.minji.log(self.room))

    def stored(self):
        return len(self.minji.log(self.room)) - self.size

    def raw(self, data, **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.minji.request("POST", self.path, raw=data, headers=names)

    def body(self, **change):
        return {"cid": new_cid(), "text": "글", **change}

    def test_a_text_has_4000_code_points_after_nfc(self):
        for text, fits in (("가" * 4000, True), ("가" * 4001, False), ("🙂" * 4000, True),
                           (unicodedata.normalize("NFD", "각" * 4000), True),
                           (unicodedata.normalize("NFD", "각" * 4001), False), ("a" * 4001, False)):
            answer = self.minji.post(self.path, self.body(text=text))
            with self.subTest(size=len(text)):
                if fits:
                    self.assertEqual(answer.status, 201)
                else:
                    self.refused(answer, 400, "invalid_request", text="too_long")
        self.assertEqual(self.stored(), 3)

    def test_a_meta_has_4_kib(self):
        fits = {"x": "a" * (4096 - len('{"x":""}'))}
        self.assertEqual(self.minji.post(self.path, self.body(meta=fits)).status, 201)
        fits["x"] += "a"
        self.refused(self.minji.post(self.path, self.body(meta=fits)), 400, meta="too_long")
        self.assertEqual(self.stored(), 1)

    def test_a_body_has_64_kib_as_sent(self):
        text = json.dumps(self.body()).encode()
        self.assertEqual(self.raw(text + b" " * (65536 - len(text))).status, 201)
        self.refused(self.raw(text + b" " * (65537 - len(text))), 413, "payload_too_large")
        self.refused(self.raw(b"x" * 500_000), 413, "payload_too_large")
        self.assertEqual(self.stored(), 1)

    def test_chunked_bodies_have_the_same_limit(self):
        def chunked(size):
            data = json.dumps(self.body()).encode()
            data += b" " * (size - len(data))
            pieces = [data[i:i + 5000] for i in range(0, len(data), 5000)]
            coded = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"
            head = (f"POST {self.path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                    f"Authorization: Bearer {self.minji.token}\r\nConnection: close\r\n"
                    "Content-Type: application/json\r\n\r\n").encode()
            return parse(exchange(self.server.port, head + coded))
        self.assertEqual(chunked(65536).status, 201)
        self.refused(chunked(65537), 413, "payload_too_large")
        self.assertEqual(self.stored(), 1)

    def test_nesting_ends_at_16(self):
        def nested(depth):
            value = 1
            for _ in range(depth):
                value = {"a": value}
            return self.minji.post(self.path, self.body(meta=value))
        self.assertEqual(nested(15).status, 201)
        self.refused(nested(16), 400, "invalid_request")
        self.refused(self.raw(b"[" * 60000), 400, "invalid_request")
        self.refused(self.raw(b'{"a":' * 10000), 400, "invalid_request")

    def test_json_that_could_be_read_in_two_ways(self):
        cid = new_cid().encode()
        head = b'{"cid":"' + cid + b'","text":"'
        bad = {
            "duplicate key": head + b'a","text":"b"}',
            "escaped duplicate key": head + b'a","te\\u0078t":"b"}',
            "duplicate key inside": head + b'a","meta":{"x":1,"x":2}}',
            "invalid utf-8": head + b'\xff"}', "overlong": head + b'\xc0\xaf"}',
            "coded surrogate": head + b'\xed\xa0\x80"}', "NUL": head + b'a\x00b"}',
            "escaped NUL": head + b'a\\u0000b"}', "lone high": head + b'\\ud800"}',
            "lone low": head + b'\\udc00x"}', "wrong order": head + b'\\udc00\\ud800"}',
            "control byte": head + b'a\nb"}', "trailing comma": head + b'a",}',
            "comment": head + b'a"/**/}', "two values": head + b'a"}{}', "open": head,
            "NaN": head + b'a","meta":{"x":NaN}}',
            "leading zero": head + b'a","reply_to":01}', "array": b"[]", "number": b"5",
            "string": b'"x"', "null": b"null", "nothing": b"", "blank": b"  ",
            "huge number": head + b'a","reply_to":' + b"9" * 400 + b"}",
            "fraction": head + b'a","reply_to":1.5}', "single quotes": b"{'cid':'x'}",
        }
        for name, data in bad.items():
            with self.subTest(name):
                self.refused(self.raw(data), 400, "invalid_request")
        self.assertEqual(self.stored(), 0)

    def test_unknown_fields_and_parameters_on_every_kind_of_route(self):
        room = f"/v1/rooms/{self.room}"
        seq = self.minji.send(self.room, "글")["seq"]
        one = f"{self.path}/{seq}"
        before = self.minji.get(one).json
        emoji = f"{one}/reactions/%F0%9F%91%8D"
        for method, path, body in (
                ("POST", self.path, self.body()), ("PATCH", one, {"text": "글"}),
                ("PUT", f"{room}/read", {"seq": 1}), ("POST", "/v1/sync", {"rooms": []}),
                ("POST", "/v1/rooms", {"kind": "group", "title": "방"}),
                ("PATCH", room, {"title": "방"}), ("PUT", f"{room}/preferences", {"muted": True}),
                ("PUT", f"{room}/members/{self.minji.id}", {}), ("POST", f"{room}/invites", {}),
                ("PATCH", "/v1/users/me", {"locale": "ko"}), ("POST", "/v1/ws-tickets", {})):
            with self.subTest(method=method, path=path):
                answer = self.minji.request(method, path, {**body, "extra": 1})
                self.refused(answer, 400, "unknown_field", extra="unknown")
        for method, path, body in (
                ("GET", room, None), ("GET", f"{room}/log", None), ("GET", "/v1/rooms", None),
                ("GET", f"{room}/members", None), ("GET", one, None), ("GET", self.path, None),
                ("GET", "/v1/users/me", None), ("GET", "/v1/sessions", None),
                ("GET", "/v1/users/me/export", None), ("POST", "/v1/ws-tickets", None),
                ("POST", self.path, self.body()), ("PATCH", one, {"text": "글"}),
                ("PUT", emoji, None), ("DELETE", emoji, None), ("DELETE", one, None),
                ("PUT", f"{room}/read", {"seq": 1}), ("POST", "/v1/sync", {"rooms": []}),
                ("POST", "/v1/rooms", {"kind": "group", "title": "방"}),
                ("PATCH", room, {"title": "방"}), ("PUT", f"{room}/preferences", {"muted": True}),
                ("PUT", f"{room}/members/{self.minji.id}", {}), ("POST", f"{room}/invites", {}),
                ("DELETE", f"{room}/members/{self.minji.id}", None), ("DELETE", room, None),
                ("POST", "/v1/invites/none", None)):
            with self.subTest(method=method, path=path + "?extra=1"):
                answer = self.minji.request(method, path + "?extra=1", body)
                self.refused(answer, 400, "unknown_field", extra="unknown")
        self.assertEqual(self.minji.get(one).json, before, "nothing was done")

    def test_unknown_fields_where_no_body_is_needed(self):
        seq = self.minji.send(self.room, "글")["seq"]
        one = f"{self.path}/{seq}"
        for method, path in (("PUT", f"{one}/reactions/%F0%9F%91%8D"), ("DELETE", one),
                             ("DELETE", f"/v1/rooms/{self.room}/members/{self.minji.id}"),
                             ("POST", "/v1/invites/none")):
            answer = self.minji.request(method, path, {"extra": 1})
            self.refused(answer, 400, "unknown_field", extra="unknown")

    def test_a_parameter_stands_once(self):
        answer = self.minji.request("GET", f"/v1/rooms/{self.room}/log?after=1&after=2")
        self.refused(answer, 400, "invalid_request", after="repeated")

    def test_media_types(self):
        good = lambda: json.dumps(self.body()).encode()
        for kind in ("application/json", "application/json; charset=utf-8", "Application/JSON"):
            with self.subTest(kind=kind):
                self.assertEqual(self.raw(good(), Content_Type=kind).status, 201)
        for kind in ("text/plain", "application/x-www-form-urlencoded", None, "application/jsonx",
                     "multipart/form-data", "application/json; charset=euc-kr", ""):
            with self.subTest(kind=kind):
                self.refused(self.raw(good(), Content_Type=kind), 415, "unsupported_media_type")
        self.assertEqual(self.stored(), 3)


class Http(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.minji = cls.person()
        cls.room = cls.minji.group("한도")

    def tearDown(self):
        self.assertEqual(self.minji.get("/v1/users/me").status, 200, "others are served")

    def ask(self, data, **more):
        return parse(exchange(self.server.port, data, **more))

    def test_a_header_block_has_16_kib(self):
        head = lambda size: b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: " \
            + b"a" * (size - 70) + b"\r\n\r\n"
        self.assertEqual(self.ask(head(16384)).status, 200)
        self.refused(self.ask(head(16400)), 431, "headers_too_large")
        self.refused(self.ask(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 200 + b"\r\n"), 431)
        self.refused(self.ask(b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000), 431)

    def test_a_url_has_8_kib(self):
        line = lambda size: b"GET /v1/rooms?cursor=" + b"a" * (size - 17) + \
            b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        self.refused(self.ask(line(8192)), 401, "unauthenticated")
        self.refused(self.ask(line(8193)), 414, "uri_too_long")
        self.refused(self.ask(b"GET /" + b"a" * 12_000), 414, "uri_too_long")

    def test_garbage_is_refused_or_cut_and_never_served(self):
        for data in (b"\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200,
                     b"hello\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
                     b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\0" * 1000, b"\xff" * 1000,
                     b"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\nHost: x\n\n",
                     b"G\0T / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
                     b"GET /% HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
                     b"GET /  HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
                     b" GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1 x\r\nHost: x\r\n\r\n"):
            with self.subTest(data=data[:40]):
                said = exchange(self.server.port, data, finish=True)
                if said:
                    self.refused(parse(said), 400, "invalid_request")
                    self.assertEqual(said.count(b"HTTP/1.1 "), 1, "the connection is closed")

    def test_requests_that_two_readers_could_split_differently(self):
        """RFC 9112, 11.2: whatever could smuggle a second request in is refused and closed."""
        secret = f"DELETE /v1/rooms/{self.room} HTTP/1.1\r\nHost: x\r\n" \
                 f"Authorization: Bearer {self.minji.token}\r\n\r\n"
        post = "POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        for name, fields, body in (
                ("both lengths", "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
                ("two lengths", "Content-Length: 0\r\nContent-Length: 5\r\n", ""),
                ("equal lengths", "Content-Length: 0\r\nContent-Length: 0\r\n", ""),
                ("list of lengths", "Content-Length: 0, 0\r\n", ""),
                ("signed length", "Content-Length: +0\r\n", ""),
                ("negative length", "Content-Length: -1\r\n", ""),
                ("hexadecimal length", "Content-Length: 0x0\r\n", ""),
                ("spaced length", "Content-Length : 0\r\n", ""),
                ("endless length", "Content-Length: " + "9" * 30 + "\r\n", ""),
                ("identity", "Transfer-Encoding: identity\r\n", ""),
                ("gzip, chunked", "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
                ("xchunked", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
                ("chunked twice", "Transfer-Encoding: chunked\r\n" * 2, "0\r\n\r\n"),
                ("upper case", "Transfer-Encoding: CHUNKED\r\n", "0\r\n\r\n"),
                ("folded", "X: a\r\n b\r\nContent-Length: 0\r\n", ""),
                ("two hosts", "Host: y\r\nContent-Length: 0\r\n", ""),
                ("no colon", "Garbage\r\nContent-Length: 0\r\n", ""),
                ("bare LF", "X: a\nContent-Length: 0\r\n", ""),
                ("bare CR", "X: a\rContent-Length: 0\r\n", ""),
                ("NUL", "X: a\0b\r\nContent-Length: 0\r\n", ""),
                ("chunk size with sign", "Transfer-Encoding: chunked\r\n", "+0\r\n\r\n"),
                ("chunk size with prefix", "Transfer-Encoding: chunked\r\n", "0x0\r\n\r\n"),
                ("huge chunk", "Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n"),
                ("chunk without CRLF", "Transfer-Encoding: chunked\r\n", "1\r\nab0\r\n\r\n")):
            with self.subTest(name):
                data = (post + fields + "\r\n" + body + secret).encode("latin-1")
                said = exchange(self.server.port, data, finish=True)
                self.assertEqual(said.count(b"HTTP/1.1 "), 1, said[:300])
                self.assertIn(parse(said).status, (400, 401, 413))
                self.assertEqual(self.minji.get(f"/v1/rooms/{self.room}").status, 200)

    def test_pipelined_requests_are_answered_in_order(self):
        one = b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
        last = b"GET /v1/none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        said = exchange(self.server.port, one + one + last)
        self.assertEqual(said.count(b"HTTP/1.1 200 OK"), 2)
        self.assertIn(b"HTTP/1.1 404", said[said.rindex(b"HTTP/1.1 "):])

    def test_head_has_the_headers_and_no_body(self):
        said = exchange(self.server.port,
                        b"HEAD /v1/openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        head, _, body = said.partition(b"\r\n\r\n")
        self.assertEqual(body, b"")
        self.assertIn(b"Content-Length: ", head)

    def test_expect_100_is_answered_before_the_body(self):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as s:
            s.sendall((f"POST /v1/sync HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n"
                       f"Authorization: Bearer {self.minji.token}\r\nExpect: 100-continue\r\n"
                       "Content-Type: application/json\r\nConnection: close\r\n\r\n").encode())
            self.assertIn(b"100 Continue", s.recv(1000))
            s.sendall(b'{"rooms":[]}')
            self.assertIn(b"HTTP/1.1 200", read_to_end(s))


class Patience(ServerTest):
    settings = {"http.header_timeout": "500ms", "http.body_timeout": "500ms",
                "http.idle_timeout": "1s"}

    def slow(self, data, drip=b""):
        """(what it answered, seconds) for a client that sends slowly and for ever."""
        begun = time.monotonic()
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as s:
            s.sendall(data)
            s.settimeout(0.1)
            said = b""
            while time.monotonic() - begun < 8:
                try:
                    if drip:
                        s.sendall(drip)
                    piece = s.recv(65536)
                    if not piece:
                        break
                    said += piece
                except TimeoutError:
                    continue
                except OSError:
                    break
        return said, time.monotonic() - begun

    def test_a_slow_head_and_a_slow_body_are_given_up(self):
        head = b"POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        for data, drip in ((b"GET / HTTP/1.1\r\n", b""), (b"GET / HTTP/1.1\r\nX: ", b"a"),
                           (head + b"Content-Length: 1000\r\n\r\n", b""),
                           (head + b"Content-Length: 1000\r\n\r\n", b" "),
                           (head + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n")):
            with self.subTest(data=data[-30:], drip=drip):
                said, seconds = self.slow(data, drip)
                self.refused(parse(said), 408, "request_timeout")
                self.assertLess(seconds, 5)

    def test_idle_connections_end_without_a_word(self):
        said, seconds = self.slow(b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual(said.count(b"HTTP/1.1 "), 1)
        self.assertLess(seconds, 5)
        self.assertEqual(self.slow(b"")[0].count(b"HTTP/1.1 200"), 0)


class Connections(ServerTest):
    settings = {"http.max_connections": "40"}

    def test_too_many_connections_are_answered_503(self):
        held = [socket.create_connection(("127.0.0.1", self.server.port)) for _ in range(40)]
        try:
            said = self.soon(lambda: exchange(
                self.server.port, b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", finish=True))
            self.refused(parse(said), 503, "overloaded")
            self.assertIn("retry-after", parse(said).headers)
        finally:
            for s in held:
                s.close()
        self.soon(lambda: self.answered())

    def answered(self):
        said = exchange(self.server.port,
                        b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return b"HTTP/1.1 200" in said


class Rates(ServerTest):
    # So few that none comes back while the test runs.
    settings = {"limits.requests_per_ip": "1/min burst 30", "limits.logins_per_handle": "1/min burst 6",
                "limits.registrations_per_ip": "1/min burst 4"}

    def test_each_limit_refuses_with_retry_after(self):
        register = lambda n: self.anyone.post("/v1/users", {
            "handle": f"number{n}", "display_name": "이름", "password": "12345678"})
        made = [register(n) for n in range(6)]
        self.assertEqual([a.status for a in made], [201] * 4 + [429] * 2)
        self.limited(made[-1])
        log_in = lambda handle: self.anyone.post(
            "/v1/sessions", {"handle": handle, "password": "12345678"})
        right, unknown = [log_in("number0") for _ in range(7)], [log_in("nobody") for _ in range(7)]
        self.assertEqual([a.status for a in right], [201] * 6 + [429])
        self.assertEqual([a.status for a in unknown], [401] * 6 + [429], "unknown handles, too")
        self.limited(right[-1])
        answers = [self.anyone.get("/v1/openapi.json") for _ in range(40)]
        self.limited(next(a for a in answers if a.status == 429))

    def limited(self, answer):
        self.refused(answer, 429, "rate_limited")
        self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)


class Sends(ServerTest):
    settings = {"limits.sends_per_user": "1/min burst 5"}

    def test_a_member_sends_so_many_and_others_are_not_touched(self):
        minji = self.person()
        youngho = Person(self.server, "박영호")
        room = minji.group("빠른 손", youngho)
        statuses = [minji.try_send(room, f"글 {n}").status for n in range(8)]
        self.assertEqual(statuses, [201] * 5 + [429] * 3)
        self.assertEqual(youngho.try_send(room, "나는 천천히").status, 201)
        self.assertEqual(len(minji.log(room)), 2 + statuses.count(201), "nothing refused is stored")


if __name__ == "__main__":
    unittest.main()
