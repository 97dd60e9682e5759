"""A WebSocket client that can also break every rule of RFC 6455."""

import base64
import json
import os
import socket
import struct
import time

from support import contract

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA


class Closed(Exception):
    """The server closed; `code` is its close code, or None when it just went away."""

    def __init__(self, code, reason=""):
        super().__init__(f"closed with {code} {reason}")
        self.code = code
        self.reason = reason


class Refused(Exception):
    """No WebSocket, but an HTTP answer; `head` is its text."""

    def __init__(self, status, head):
        super().__init__(head)
        self.status = status
        self.head = head


def mask(payload, key):
    repeated = key * (len(payload) // 4 + 1)
    size = len(payload)
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated[:size], "big")).to_bytes(
        size, "big")


def encode(opcode, payload, *, fin=True, rsv=0, masked=True, key=None):
    """One frame as a client sends it (RFC 6455, 5.2)."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    flag = 0x80 if masked else 0
    if len(payload) < 126:
        head = struct.pack(">BB", first, flag | len(payload))
    elif len(payload) < 65536:
        head = struct.pack(">BBH", first, flag | 126, len(payload))
    else:
        head = struct.pack(">BBQ", first, flag | 127, len(payload))
    if not masked:
        return head + payload
    key = key or os.urandom(4)
    return head + key + mask(payload, key)


class WebSocket:
    """One connection. receive() gives the JSON frames of the server and answers its pings."""

    def __init__(self, server, token=None, *, headers=None, path="/v1/ws", receive_buffer=None,
                 checked=True):
        self.buffer = b""
        self.checked = checked
        self.close_code = None
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(15)
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", "Upgrade: websocket",
                 "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                 f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}"]
        fields = {"Sec-WebSocket-Protocol": "respring.v1", **(headers or {})}
        if token:
            fields["Authorization"] = f"Bearer {token}"
        lines += [f"{name}: {value}" for name, value in fields.items() if value is not None]
        try:
            self.socket.connect(("127.0.0.1", server.port))
            self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            while b"\r\n\r\n" not in self.buffer:
                piece = self.socket.recv(4096)
                if not piece:
                    raise Closed(None)
                self.buffer += piece
        except BaseException:
            self.socket.close()
            raise
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        self.head = head.decode("latin-1")
        status = int(self.head.split(" ")[1])
        if status != 101:
            self.socket.close()
            raise Refused(status, self.head)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, frame):
        """A JSON frame."""
        self.send_text(json.dumps(frame, ensure_ascii=False))

    def send_text(self, text):
        self.send_raw(encode(TEXT, text.encode("utf-8")))

    def send_raw(self, data):
        self.socket.sendall(data)

    def _fill(self, size, deadline):
        while len(self.buffer) < size:
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                piece = self.socket.recv(262144)
            except ConnectionResetError:
                raise Closed(None) from None
            if not piece:
                raise Closed(None)
            self.buffer += piece

    def receive_frame(self, timeout=15):
        """(opcode, payload) of the next frame. TimeoutError when there is none in time."""
        deadline = time.monotonic() + timeout
        self._fill(2, deadline)
        first, second = self.buffer[0], self.buffer[1]
        assert not first & 0x70, "the server set a reserved bit"
        assert not second & 0x80, "the server masked a frame"
        size, offset = second & 0x7F, 2
        if size == 126:
            self._fill(4, deadline)
            size, offset = struct.unpack(">H", self.buffer[2:4])[0], 4
        elif size == 127:
            self._fill(10, deadline)
            size, offset = struct.unpack(">Q", self.buffer[2:10])[0], 10
        self._fill(offset + size, deadline)
        payload = self.buffer[offset:offset + size]
        self.buffer = self.buffer[offset + size:]
        assert first & 0x80, "the server fragments nothing"
        return first & 0x0F, payload

    def receive(self, timeout=15):
        """The next JSON frame, held against docs/asyncapi.json. Raises Closed."""
        deadline = time.monotonic() + timeout
        while True:
            opcode, payload = self.receive_frame(max(0.001, deadline - time.monotonic()))
            if opcode == PING:
                self.send_raw(encode(PONG, payload))
            elif opcode == CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
                self.close_code = code
                raise Closed(code, payload[2:].decode("utf-8"))
            elif opcode == TEXT:
                frame = json.loads(payload)
                if self.checked:
                    contract.check_frame(frame)
                return frame

    def expect(self, op, timeout=15, **wanted):
        """The next frame of that op whose fields are as wanted; others are passed over."""
        deadline = time.monotonic() + timeout
        passed = []
        while True:
            try:
                frame = self.receive(max(0.001, deadline - time.monotonic()))
            except TimeoutError:
                seen = [str(frame)[:200] for frame in passed[-20:]]
                raise AssertionError(f"no {op} {wanted}; there was {seen}") from None
            if frame["op"] == op and all(frame.get(k) == v for k, v in wanted.items()):
                return frame
            passed.append(frame)

    def hello(self, ticket=None, rooms=None):
        """Says hello and returns (frames in between, ready)."""
        frame = {"op": "hello"}
        if ticket:
            frame["ticket"] = ticket
        if rooms is not None:
            frame["rooms"] = rooms
        self.send(frame)
        self.welcome = self.expect("welcome")
        backlog = []
        while (frame := self.receive())["op"] != "ready":
            backlog.append(frame)
        return backlog, frame

    def drain(self, ref="drained"):
        """Everything that came until the server has answered a ping."""
        self.send({"op": "ping", "ref": ref})
        frames = []
        while True:
            frame = self.receive()
            if frame == {"op": "pong", "ref": ref}:
                return frames
            frames.append(frame)

    def closed_with(self, timeout=15):
        """Reads on until the server closes; its code, or None without a close frame."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                self.receive(max(0.001, deadline - time.monotonic()))
            except Closed as closed:
                return closed.code
