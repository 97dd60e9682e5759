"""Thousands of connections of one client process, each of which resumes by its cursor."""

import asyncio
import json
import random
import struct

from support.websocket import CLOSE, PING, PONG, TEXT, encode

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
FIRST_PAUSE = 0.05  # seconds before a client comes again; doubled up to the longest
LONGEST_PAUSE = 2.0


class Member:
    """One connection that follows one room and comes again whenever it is cut off."""

    def __init__(self, crowd, token, room):
        self.crowd, self.token, self.room = crowd, token, room
        self.last = 0
        self.ready = False
        self.connections = 0

    async def live(self):
        pause = FIRST_PAUSE
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.crowd.port)
                try:
                    await self.greet(reader, writer)
                    pause = FIRST_PAUSE
                    await self.follow(reader, writer)
                finally:
                    self.ready = False
                    writer.close()
            except (OSError, EOFError, asyncio.IncompleteReadError):
                pass
            await asyncio.sleep(pause * self.crowd.dice.uniform(0.5, 1.5))
            pause = min(LONGEST_PAUSE, 2 * pause)

    async def greet(self, reader, writer):
        writer.write((f"GET /v1/ws HTTP/1.1\r\nHost: 127.0.0.1:{self.crowd.port}\r\nUpgrade: websocket\r\n"
                      f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n"
                      "Sec-WebSocket-Protocol: respring.v1\r\n"
                      f"Authorization: Bearer {self.token}\r\n\r\n").encode())
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        if status != 101:
            self.crowd.refused[status] = self.crowd.refused.get(status, 0) + 1
            raise EOFError
        cursor = {"room": self.room, "epoch": 1, "seq": self.last}
        hello = {"op": "hello", "rooms": [cursor]}
        writer.write(encode(TEXT, json.dumps(hello).encode()))

    async def follow(self, reader, writer):
        while True:
            first, second = await reader.readexactly(2)
            size = second
            if size == 126:
                size, = struct.unpack(">H", await reader.readexactly(2))
            elif size == 127:
                size, = struct.unpack(">Q", await reader.readexactly(8))
            payload = await reader.readexactly(size)
            opcode = first & 0x0F
            if opcode == PING:
                writer.write(encode(PONG, payload))
            elif opcode == CLOSE:
                raise EOFError
            elif opcode == TEXT:
                self.take(json.loads(payload))

    def take(self, frame):
        if frame["op"] == "ready":
            self.ready = True
            self.connections += 1
        elif frame["op"] == "event" and frame["room"] == self.room:
            if frame["seq"] != self.last + 1:
                self.crowd.wrong.append(f"{self.room}: {frame['seq']} came after {self.last}")
            self.last = frame["seq"]
        elif frame["op"] in ("limited", "lag", "reset", "gone", "error"):
            self.crowd.wrong.append(f"unexpected: {frame}")


class Crowd:
    """Runs its members on an event loop of the caller's thread."""

    def __init__(self, port, seed):
        self.port = port
        self.dice = random.Random(seed)
        self.members = []
        self.wrong = []
        self.refused = {}

    def join(self, token, room):
        self.members.append(Member(self, token, room))

    def start(self):
        self.tasks = [asyncio.ensure_future(member.live()) for member in self.members]

    async def leave(self):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def ready(self):
        return sum(member.ready for member in self.members)
