#!/usr/bin/env python3
"""Clients that break the rules: RFC 6455 to the letter, bad frames, half-open connections."""

import json
import os
import struct
import time
import unittest

from support.case import ServerTest
from support.people import new_cid
from support.websocket import BINARY, CLOSE, PING, PONG, TEXT, WebSocket, encode

PING_FRAME = json.dumps({"op": "ping", "ref": "1"}).encode()


class Frames(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.minji = cls.person()

    def tearDown(self):
        with self.minji.connect() as socket:
            socket.drain()  # whatever was done, others are served

    def closes_with(self, code, data):
        with self.minji.connect() as socket:
            try:
                socket.send_raw(data)
            except OSError:
                pass
            self.assertEqual(socket.closed_with(), code)

    def test_protocol_errors_close_with_1002(self):
        reserved = [0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xF]
        cases = {
            "unmasked": encode(TEXT, PING_FRAME, masked=False),
            "unmasked close": encode(CLOSE, b"", masked=False),
            "long ping": encode(PING, b"x" * 126),
            "fragmented ping": encode(PING, b"", fin=False),
            "continuation of nothing": encode(0x0, b"x"),
            "text within a fragmented text": encode(TEXT, b"a", fin=False) + encode(TEXT, b"b"),
            "close of one byte": encode(CLOSE, b"\x03"),
            "close with 1005": encode(CLOSE, struct.pack(">H", 1005)),
            "close with 999": encode(CLOSE, struct.pack(">H", 999)),
            "longer form than needed": b"\x81\xfe\x00\x05" + os.urandom(9),
            "length with the top bit": b"\x81\xff\xff" + b"\0" * 7 + os.urandom(4),
            **{f"reserved bit {bit}": encode(TEXT, PING_FRAME, rsv=bit) for bit in (1, 2, 4)},
            **{f"opcode {op:x}": encode(op, b"") for op in reserved},
        }
        for name, data in cases.items():
            with self.subTest(name):
                self.closes_with(1002, data)

    def test_binary_closes_with_1003(self):
        self.closes_with(1003, encode(BINARY, PING_FRAME))

    def test_broken_utf8_closes_with_1007(self):
        for bad in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82"):
            with self.subTest(bad=bad):
                self.closes_with(1007, encode(TEXT, b'{"op":"' + bad + b'"}'))
        self.closes_with(1007, encode(CLOSE, struct.pack(">H", 1000) + b"\xff"))

    def test_more_than_64_kib_closes_with_1009(self):
        self.closes_with(1009, encode(TEXT, b"a" * 65537))
        self.closes_with(1009, b"\x81\xff" + struct.pack(">Q", 1 << 40) + b"abcd")
        parts = encode(TEXT, b"a" * 40000, fin=False) + encode(0, b"a" * 40000)
        self.closes_with(1009, parts)

    def test_64_kib_and_fragments_are_read(self):
        with self.minji.connect() as socket:
            text = json.dumps({"op": "ping", "ref": "큰"}).encode()
            socket.send_raw(encode(TEXT, text + b" " * (65536 - len(text))))
            socket.expect("pong", ref="큰")
            # Cut within a character, with a ping in between, byte by byte.
            data = b"".join(encode(TEXT if i == 0 else 0, text[i:i + 1], fin=i == len(text) - 1)
                            for i in range(len(text)))
            cut = len(data) // 2 - len(data) // 2 % 7
            socket.send_raw(data[:cut] + encode(PING, b"hi") + data[cut:])
            opcode, payload = socket.receive_frame()
            self.assertEqual((opcode, payload), (PONG, b"hi"))
            socket.expect("pong", ref="큰")

    def test_closing_is_answered_with_the_same_code(self):
        for code in (1000, 1001, 3000, 4999):
            self.closes_with(code, encode(CLOSE, struct.pack(">H", code) + "잘 가".encode()))
        self.closes_with(1005, encode(CLOSE, b""))

    def test_frames_of_one_byte_at_a_time(self):
        with self.minji.connect() as socket:
            for byte in encode(TEXT, PING_FRAME):
                socket.send_raw(bytes([byte]))
            socket.expect("pong", ref="1")


class Misuse(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.minji, cls.youngho = cls.people("김민지", "박영호")
        cls.room = cls.minji.group("방", cls.youngho)

    def test_ten_bad_frames_in_a_minute_close_with_1008(self):
        bad = ["{", "[]", "5", '{"op":"dance"}', '{"op":"ping"}', '{"op":"ping","ref":"1","x":1}',
               '{"op":"ping","ref":"1","ref":"2"}', '{"op":"hello"}', '{"op":5}', "null"]
        with self.minji.connect() as socket:
            for text in bad:
                socket.send_text(text)
                error = socket.expect("error")
                self.assertIn(error["code"], ("invalid_request", "unknown_field"), text)
            self.assertEqual(socket.closed_with(), 1008)

    def test_refused_requests_are_not_bad_frames(self):
        with self.minji.connect() as socket:
            for n in range(15):
                socket.send({"op": "send", "ref": str(n), "room": "12345", "cid": new_cid(),
                             "text": "글"})
                self.assertEqual(socket.expect("error", ref=str(n))["code"], "not_found")
                socket.send({"op": "send", "ref": str(n), "room": self.room, "cid": new_cid(),
                             "text": "가" * 4001})
                error = socket.expect("error", ref=str(n))
                self.assertEqual(error["errors"], [{"field": "text", "code": "too_long"}])
            socket.drain()

    def test_the_limits_of_http_hold_here_too(self):
        base = {"op": "send", "ref": "r", "room": self.room, "cid": new_cid(), "text": "글"}
        deep = "글"
        for _ in range(17):
            deep = {"가": deep}
        size = len(self.minji.log(self.room))
        with self.minji.connect() as socket:
            for frame in ({**base, "meta": {"x": "a" * 4096}}, {**base, "meta": deep},
                          {**base, "text": " "}, {**base, "text": "\ud800"},
                          {**base, "text": "a\0b"}, {**base, "cid": "x"}):
                socket.send_text(json.dumps(frame))
                self.assertEqual(socket.expect("error")["code"], "invalid_request")
        self.assertEqual(len(self.minji.log(self.room)), size)

    def test_a_ref_has_at_most_64_bytes(self):
        with self.minji.connect() as socket:
            socket.send({"op": "ping", "ref": "가" * 21})
            socket.expect("pong", ref="가" * 21)
            socket.send({"op": "ping", "ref": "가" * 22})
            self.assertNotIn("ref", socket.expect("error"))

    def test_anything_before_hello_closes_with_4001(self):
        for text in ('{"op":"ping","ref":"1"}', "{", '{"op":"dance"}', '{"op":"hello","x":1}'):
            with self.subTest(text=text), WebSocket(self.server, self.minji.token) as socket:
                socket.send_text(text)
                self.assertEqual(socket.closed_with(timeout=3), 4001, "at once")

    def test_no_hello_within_five_seconds_closes_with_4001(self):
        begun = time.monotonic()
        with WebSocket(self.server, self.minji.token) as socket:
            self.assertEqual(socket.closed_with(), 4001)
        self.assertGreater(time.monotonic() - begun, 4)

    def test_half_open_clients_cost_nothing_to_others(self):
        sockets = [WebSocket(self.server, self.minji.token) for _ in range(100)]
        for socket in sockets:
            socket.send_raw(b"\x81")  # half a head
        with self.youngho.connect() as other:
            other.drain()
        self.assertEqual({socket.closed_with() for socket in sockets}, {4001})
        for socket in sockets:
            socket.socket.close()


if __name__ == "__main__":
    unittest.main()
