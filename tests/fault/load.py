"""Senders and readers that behave as a good client does, whatever happens to the server."""

import http.client
import random
import threading
import time

from support import contract
from support.people import Person, new_cid
from support.websocket import Closed, Refused

WINDOW = 6
MOST_UNANSWERED_SECONDS = 40
PASSING = {429, 500, 502, 503, 504}
TRY_AGAIN = {"internal", "upstream_unavailable", "overloaded", "rate_limited", "slot_moving"}


class Sent:
    """A message as its sender knows it."""

    def __init__(self, room, sender, cid, text):
        self.room, self.sender, self.cid, self.text = room, sender, cid, text
        self.first_text = text
        self.ack = None
        self.deleted = self.busy = False


class Client(threading.Thread):
    """Connects again and again until it is done. What it finds wrong is in `wrong`."""

    def __init__(self, load, person):
        super().__init__(daemon=True)
        self.load, self.person = load, person
        self.wrong = []
        self.connections = 0

    def run(self):
        while not self.done():
            if not self.load.up.wait(1):
                continue
            try:
                with self.person.connect(rooms=self.cursors(), checked=False) as socket:
                    self.connections += 1
                    self.live(socket)
            except (Closed, Refused, OSError, http.client.HTTPException):
                time.sleep(0.01)  # as a client that was cut off does
            except Exception as problem:  # everything else is a finding
                self.wrong.append(repr(problem))
                return

    def cursors(self):
        return None


class Sender(Client):
    """Keeps a few requests in flight; sends again, with the same cid, what was not answered."""

    def __init__(self, load, person, seed):
        super().__init__(load, person)
        self.random = random.Random(seed)
        self.rooms = load.rooms
        self.messages = []
        self.pending = {}
        self.acked_at = []
        self.count = 0
        self.refused = []  # what it had to send again: the answers

    def done(self):
        return self.load.finishing.is_set() and not self.pending

    def live(self, socket):
        for frame, _ in list(self.pending.values()):
            socket.send(frame)
        while not self.done():
            while len(self.pending) < WINDOW and not self.load.finishing.is_set():
                self.begin(socket)
            self.take(socket, socket.receive(timeout=MOST_UNANSWERED_SECONDS))

    def waits_only_for(self, rooms):
        return all(message.room in rooms for _, message in list(self.pending.values()))

    def begin(self, socket):
        self.count += 1
        ref = str(self.count)
        frame, message = self.next_request()
        frame["ref"] = ref
        message.busy = True
        self.pending[ref] = frame, message
        socket.send(frame)

    def next_request(self):
        free = [m for m in self.messages[-30:]
                if m.ack and not m.busy and not m.deleted and m.room in self.rooms]
        dice = self.random.random()
        if free and dice < 0.15:
            message = self.random.choice(free)
            target = {"room": message.room, "seq": message.ack["seq"]}
            if dice < 0.05:
                return {"op": "delete", **target}, message
            return {"op": "edit", **target, "text": f"바위 {self.person.handle} {self.count}"}, message
        room = self.random.choice(self.rooms)
        text = f"파도 {self.person.handle} {self.count}"
        message = Sent(room, self.person.id, new_cid(), text)
        self.messages.append(message)
        return {"op": "send", "room": room, "cid": message.cid, "text": text}, message

    def take(self, socket, frame):
        if frame["op"] not in ("ack", "error") or frame.get("ref") not in self.pending:
            return
        request, message = self.pending[frame["ref"]]
        if frame["op"] == "error":
            self.refused.append(frame)
            if frame["code"] not in TRY_AGAIN:
                self.wrong.append(f"{request} was refused: {frame}")
            time.sleep(0.02)
            socket.send(request)
            return
        del self.pending[frame["ref"]]
        self.acked_at.append(time.monotonic())
        message.busy = False
        if request["op"] == "send":
            if message.ack and message.ack["seq"] != frame["seq"]:
                self.wrong.append(f"two acks: {message.ack} {frame}")
            message.ack = frame
        elif request["op"] == "edit":
            message.text = request["text"]
        else:
            message.deleted = True


class Reader(Client):
    """Follows every room by its cursors; keeps what it saw."""

    def __init__(self, load, person):
        super().__init__(load, person)
        self.streams = {room: [] for room in load.rooms}
        self.seen_at = []

    def last(self, room):
        return self.streams[room][-1]["seq"] if self.streams[room] else 0

    def cursors(self):
        return [{"room": room, "epoch": 1, "seq": self.last(room)} for room in self.load.rooms]

    def done(self):
        heads = self.load.heads
        return heads is not None and all(self.last(room) >= heads[room] for room in heads)

    def live(self, socket):
        for frame in socket.backlog:
            self.take(frame)
        while not self.done():
            try:
                self.take(socket.receive(timeout=0.5))
            except TimeoutError:
                continue

    def take(self, frame):
        if frame["op"] == "event":
            room = frame["room"]
            if frame["seq"] != self.last(room) + 1:
                self.wrong.append(f"{room}: {frame['seq']} came after {self.last(room)}")
            self.streams[room].append(frame)
            self.seen_at.append(time.monotonic())
        elif frame["op"] in ("limited", "lag"):
            self.catch_up(frame["room"], frame.get("to") or frame["head"])
        elif frame["op"] in ("reset", "gone"):
            self.wrong.append(f"unexpected: {frame}")

    def catch_up(self, room, head):
        while self.last(room) < head:
            answer = self.person.get(f"/v1/rooms/{room}/log", after=self.last(room), limit=500)
            if answer.status in PASSING:
                raise ConnectionError(answer.status)
            for event in answer.json["events"]:
                if self.last(room) < event["seq"] <= head:
                    self.streams[room].append(event)


class Guest(Client):
    """Is added to a room and removed from it again and again; keeps all he gets to see."""

    def __init__(self, load, person, room):
        super().__init__(load, person)
        self.room = room
        self.seen = []

    def done(self):
        return self.load.heads is not None

    def live(self, socket):
        frames = list(socket.backlog)
        while not self.done():
            self.seen += [f for f in frames if f["op"] == "event" and f["room"] == self.room]
            try:
                frames = [socket.receive(timeout=0.5)]
            except TimeoutError:
                frames = []


class Host(threading.Thread):
    """Adds and removes the guest. What was not answered is asked again: it is the same once more."""

    def __init__(self, load, guest):
        super().__init__(daemon=True)
        self.load, self.guest = load, guest
        self.wrong = []
        self.turns = 0

    def run(self):
        path = f"/v1/rooms/{self.guest.room}/members/{self.guest.person.id}"
        while not self.load.finishing.is_set():
            method, good = (("PUT", {200}), ("DELETE", {204, 404}))[self.turns % 2]
            try:
                answer = self.load.owner.request(method, path, {} if method == "PUT" else None)
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)
                continue
            if answer.status in good:
                self.turns += 1
            elif answer.status not in PASSING:
                self.wrong.append(f"{method} of the guest: {answer}")
                return
            time.sleep(0.05)  # time to see something, or to miss it


class Load:
    """Three senders and two readers in `count` rooms, and a guest in one of them. Rooms lie where
    they happen to; another is made in the place of the last until `enough(rooms)`."""

    def __init__(self, server, seed, enough=lambda rooms: True, count=3):
        self.server = server
        self.up = threading.Event()
        self.finishing = threading.Event()
        self.heads = None
        *people, guest = [Person(server, name) for name in ("가", "나", "다", "라", "마", "바")]
        self.owner = people[0]
        self.people = people
        self.rooms = [self.owner.group(f"방 {n}", *people[1:]) for n in range(count)]
        while not enough(self.rooms):
            self.rooms[-1] = self.owner.group(f"방 {count - 1}", *people[1:])
        self.senders = [Sender(self, p, seed + n) for n, p in enumerate(people[:3])]
        self.readers = [Reader(self, p) for p in people[3:]]
        self.guest = Guest(self, guest, self.rooms[0])
        self.host = Host(self, self.guest)
        self.everybody = [*self.senders, *self.readers, self.guest, self.host]

    def start(self):
        self.up.set()
        for client in self.everybody:
            client.start()

    def acked(self):
        return sum(len(sender.acked_at) for sender in self.senders)

    def served(self, path, person=None, whole=lambda answer: True, **query):
        """The answer after the fault's end, once it is `whole`. Each node finds out by itself that what had died is
        back: one may still take it for dead when another has answered."""
        person = person or self.owner
        deadline = time.monotonic() + 60
        ask = lambda: person.request("GET", path, query=query, checked=False)  # noqa: E731
        while (answer := ask()).status in PASSING or (answer.status == 200 and not whole(answer)):
            assert time.monotonic() < deadline, answer
            time.sleep(0.05)
        assert answer.status == 200, answer
        contract.check_answer("GET", path, answer)
        return answer

    def log(self, room):
        """Every event of a room."""
        events = []
        while not events or events[-1]["seq"] < page["head"]:
            after = events[-1]["seq"] if events else 0
            page = self.served(f"/v1/rooms/{room}/log", after=after, limit=500).json
            events += page["events"]
        return events

    def entry(self, person, room):
        """The room as his room list shows it."""
        listed = lambda answer: room not in answer.json.get("unavailable", [])  # noqa: E731
        items = self.served("/v1/rooms", person, listed, limit=100).json["items"]
        return next(item for item in items if item["room"]["id"] == room)

    def found(self, word, room):
        """Where a search finds the word in a room."""
        found, cursor = set(), {}
        whole = lambda answer: not answer.json.get("unavailable")  # noqa: E731
        while True:
            page = self.served("/v1/search", None, whole, q=word, room=room, limit=100, **cursor).json
            found |= {hit["seq"] for hit in page["items"]}
            if "next_cursor" not in page:
                return found
            cursor = {"cursor": page["next_cursor"]}

    def finish(self):
        """Lets everybody finish what he began; raises when somebody cannot."""
        self.finishing.set()
        for sender in self.senders:
            sender.join(60)
            assert not sender.is_alive(), f"never answered: {list(sender.pending.values())[:3]}"
        self.host.join(60)
        assert not self.host.is_alive(), "the guest's host was never answered"
        self.heads = {r: self.served(f"/v1/rooms/{r}/log", after=0, limit=1).json["head"] for r in self.rooms}
        for reader in self.readers:
            reader.join(30)
            stands = {room: (reader.last(room), head) for room, head in self.heads.items()}
            assert not reader.is_alive(), f"a reader did not get everything: {stands}"
        self.guest.join(30)
        wrong = [w for client in self.everybody for w in client.wrong]
        assert not wrong, wrong[:10]
