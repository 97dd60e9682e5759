"""What people do to a platform, and what goes wrong there: so that everything that is counted is counted."""

import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

from support.http import Client
from support.people import Person
from support.websocket import Closed, Refused, WebSocket

LOAD_SECONDS = 12
LEAST_SENDS = 10
TOO_MANY_LOGINS = 15
TOO_MANY_SENDS = 200
TOO_MANY_FRAMES = 400
SEARCH = "/v1/search?q=%EC%BB%A4%EB%AE%A4%EB%8B%88%ED%8B%B0"


class Load:
    """Two people in a room, and everything they do."""

    def __init__(self, server):
        self.server = server
        self.minji, self.youngho = (Person(server, name) for name in ("김민지", "박영호"))
        self.room = self.minji.group("등산", self.youngho)

    def go_on(self):
        """For a while: longer than two scrapes, so that rates exist. How many messages were sent."""
        end = time.monotonic() + LOAD_SECONDS
        number = 0
        with self.youngho.connect() as live:
            while time.monotonic() < end or number < LEAST_SENDS:
                number += 1
                self.minji.send(self.room, f"온라인커뮤니티 {number}")
                live.expect("event")
                self.youngho.get(f"/v1/rooms/{self.room}/messages")
                self.youngho.get("/v1/users/me")
                self.minji.get(SEARCH)
                time.sleep(0.05)  # below the limit of sends
        return number

    def go_wrong(self):
        """What an operator sees on a bad day; everybody is there again afterwards."""
        for role in ("message", "room", "user"):
            self.without(role)
        for role, table in (("room", "listed_room"), ("user", "block"), ("shard_0", "message"), ("shard_1", "message")):
            self.without_table(role, table)
        # After the roles were started again, which forget what they counted.
        for port in self.server.ports.values():
            with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
                raw.sendall(b"NONSENSE\r\n\r\n")
                raw.recv(1000)
        self.do_too_much()

    def do_too_much(self):
        """Each limit is met: of log-ins, of messages, of frames."""
        for _ in range(TOO_MANY_LOGINS):
            Client(self.server).post("/v1/sessions", {"handle": self.minji.handle, "password": "no", "device": "x"})
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: self.minji.try_send(self.room, f"도배 {number}"), range(TOO_MANY_SENDS)))
        with WebSocket(self.server, self.youngho.token, checked=False) as live:
            live.hello()
            try:
                for _ in range(TOO_MANY_FRAMES):
                    live.send({"op": "typing", "room": self.room})
                while True:
                    live.receive()
            except (Closed, OSError):
                pass

    def try_everything(self):
        """Whatever comes of it."""
        for who, other in ((self.minji, self.youngho), (self.youngho, self.minji)):
            for path in ("/v1/users/me", "/v1/rooms", "/v1/users/me/blocks", f"/v1/rooms/{self.room}/messages", SEARCH):
                who.get(path)
            who.try_send(self.room, "아무도 없어요?")
            who.post("/v1/rooms", {"kind": "group", "title": "산책", "members": [other.id]})
            try:
                who.connect(rooms=[{"room": self.room, "after": 0}], checked=False).socket.close()
            except (Closed, Refused, AssertionError):
                pass

    def without(self, role):
        """Everybody meets a role that is not there."""
        process = self.server.processes[role]
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        self.try_everything()
        self.server.start_node(role)
        self.server.wait_for(role, time.monotonic() + 60)

    def without_table(self, database, table):
        """A role meets a fault of its own."""
        servers = self.server.servers
        place = f"{servers.name}_{database}"
        servers.server_of(database).execute(f"RENAME TABLE {table} TO gone", place)
        self.try_everything()
        servers.server_of(database).execute(f"RENAME TABLE gone TO {table}", place)
