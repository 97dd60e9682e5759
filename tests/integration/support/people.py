"""Members and rooms, as the tests talk about them."""

import itertools
import uuid

from support.http import Client, segment
from support.websocket import WebSocket

PASSWORD = "비밀번호 1234"
_numbers = itertools.count(1)


class Person(Client):
    """A registered member with a session."""

    def __init__(self, server, name, handle=None):
        super().__init__(server)
        self.handle = handle or f"person{next(_numbers)}_{uuid.uuid4().hex[:6]}"
        self.name = name
        made = self.post("/v1/users", {"handle": self.handle, "display_name": name,
                                       "password": PASSWORD})
        assert made.status == 201, made
        self.id = made.json["id"]
        self.token = self.log_in().json["token"]

    def log_in(self, device="시험용 전화기"):
        answer = Client(self.server).post(
            "/v1/sessions", {"handle": self.handle, "password": PASSWORD, "device": device})
        assert answer.status == 201, answer
        return answer

    def group(self, title, *others):
        answer = self.post("/v1/rooms", {"kind": "group", "title": title,
                                         "members": [p.id for p in others]})
        assert answer.status == 201, answer
        return answer.json["id"]

    def direct(self, other):
        answer = self.post("/v1/rooms", {"kind": "direct", "members": [other.id]})
        assert answer.status in (200, 201), answer
        return answer.json["id"]

    def send(self, room, text, **more):
        """The stored message."""
        answer = self.try_send(room, text, **more)
        assert answer.status in (200, 201), answer
        return answer.json["message"]

    def try_send(self, room, text, cid=None, **more):
        return self.post(f"/v1/rooms/{room}/messages",
                         {"cid": cid or str(uuid.uuid4()), "text": text, **more})

    def edit(self, room, seq, text):
        return self.patch(f"/v1/rooms/{room}/messages/{seq}", {"text": text})

    def erase_message(self, room, seq):
        return self.delete(f"/v1/rooms/{room}/messages/{seq}")

    def react(self, room, seq, emoji, on=True):
        path = f"/v1/rooms/{room}/messages/{seq}/reactions/{segment(emoji)}"
        return self.request("PUT" if on else "DELETE", path)

    def log(self, room, after=0):
        """Every event of a room from a cursor on."""
        events = []
        while True:
            page = self.get(f"/v1/rooms/{room}/log", after=after).json
            events += page["events"]
            if not page["events"] or page["events"][-1]["seq"] >= page["head"]:
                return events
            after = page["events"][-1]["seq"]

    def entry(self, room):
        """The room as his room list shows it, or None."""
        for item in self.get("/v1/rooms", limit=100).json["items"]:
            if item["room"]["id"] == room:
                return item
        return None

    def connect(self, rooms=None, **more):
        """A WebSocket that is ready."""
        socket = WebSocket(self.server, self.token, **more)
        try:
            socket.backlog, socket.ready = socket.hello(rooms=rooms)
        except BaseException:
            socket.socket.close()
            raise
        return socket


def new_cid():
    return str(uuid.uuid4())
