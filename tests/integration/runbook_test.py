"""docs/operations.md: what it says about shards, done word by word."""

import re
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from support import server as binary
from support.case import Patient
from support.cli import Operator
from support.people import Person
from support.server import Server

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
RESPRING = """#!/bin/sh
exec {binary} "$@"
"""
# As far as the document uses it: the test starts and stops the server.
SYSTEMCTL = """#!/bin/sh
[ "$2" = respring ] && echo "$1" > {folder}/wanted
"""


def blocks_of(title):
    """The fenced blocks of a section: (language, lines)."""
    text = DOCUMENT.read_text("utf-8")
    section = re.split(r"^### ", text.split(f"### {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    return [(language, body.splitlines())
            for language, body in re.findall(r"^```(\w*)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)]


class Here(Operator):
    """In the folder of the document's respring.yaml."""

    def __call__(self, *words, **kwargs):
        config = Path(self.data).parent / "respring.yaml"
        return super().__call__(*words, *(("--config", str(config)) if config.exists() else ()),
                                **{"timeout": 120, **kwargs})


class Runbook(Patient):
    def first_configuration(self):
        return ""

    def here(self, configuration):
        """The document's, with its databases where this test has them."""
        return configuration

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.data = self.folder / "respring-data"
        self.operator = Here(self.data)
        self.server = Server({"data_dir": str(self.data)}, config=self.first_configuration(),
                             folder=self.folder)
        self.addCleanup(self.server.close)
        self.server.start()
        for name, text in (("respring", RESPRING), ("systemctl", SYSTEMCTL)):
            script = self.folder / "bin" / name
            script.parent.mkdir(exist_ok=True)
            script.write_text(text.format(binary=Path(binary.BINARY).resolve(), folder=self.folder))
            script.chmod(0o755)
        self.people = [Person(self.server, name) for name in ("가", "나")]
        self.rooms = [self.people[0].group(f"방 {n}", self.people[1]) for n in range(8)]
        self.words = {}

    def follow(self, title, before_block=lambda: None, blocks=slice(None)):
        for language, lines in blocks_of(title)[blocks]:
            if language == "yaml":
                path = self.folder / lines[0].removeprefix("# ")
                path.parent.mkdir(exist_ok=True)
                path.write_text(self.here("\n".join(lines)), "utf-8")
                continue
            before_block()
            for line in lines:
                self.execute(line)

    def execute(self, line):
        for word, value in self.words.items():
            line = re.sub(rf"\b{word}\b", str(value), line)
        env = {**binary.ENVIRONMENT, "RESPRING_DATA_DIR": str(self.data),
               "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin"}
        done = subprocess.run(line, shell=True, cwd=self.folder, env=env, timeout=250, check=False,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, f"{line}\n{done.stdout}\n{done.stderr}")
        wanted = self.folder / "wanted"
        if wanted.exists():
            self.systemctl(wanted.read_text().strip())
            wanted.unlink()

    def systemctl(self, verb):
        if verb in ("stop", "restart"):
            self.assertEqual(self.server.stop(), 0)
        if verb in ("start", "restart"):
            self.server.config = (self.folder / "respring.yaml").read_text("utf-8")
            self.server.start()

    def map(self):
        return {s["name"]: s["slots"] for s in
                self.operator.json("shard", "map").json["shards"]}

    def everything_is_there(self, messages):
        for room in self.rooms:
            self.people[0].send(room, "그대로")
            self.assertEqual([e["seq"] for e in self.people[1].log(room)],
                             list(range(1, messages + 3)), "created, what was sent, and this")

    def test_a_shard_is_added_and_drained(self):
        self.follow("Add a shard")
        self.assertGreater(self.map()["shard-2"], 0)
        self.everything_is_there(0)
        self.follow("Drain a shard")
        self.assertEqual(sum(self.map().values()), 4096)
        self.everything_is_there(1)

    def test_a_hot_room(self):
        while not (there := [room for room in self.rooms if self.place(room)["shard"] == "shard-0"]):
            self.rooms.append(self.people[0].group("방", self.people[1]))
        room = there[0]
        self.words = {"ROOM": room, "SLOT": 4096}
        self.follow("A hot room")
        place = self.operator.json("shard", "where", room).json
        self.assertEqual((place["slot"], place["shard"]), (4096, "shard-0"))
        moves = self.operator.json("shard", "status", "--all").json["moves"]
        self.assertEqual([(m["own_slot"] or m["slot"], m["to"]) for m in reversed(moves)],
                         [(4096, "shard-1"), (4096, "shard-0")])
        self.everything_is_there(0)

    def test_a_stuck_move(self):
        slots = iter(range(7, 20))

        def leave_one():
            with mock.patch.dict(binary.ENVIRONMENT, RESPRING_FAILPOINT="move.drain.before:kill"):
                killed = self.operator("shard", "move", "--slot", str(next(slots)), "--to", "shard-1")
            self.assertEqual(killed.code, -signal.SIGKILL, killed)
            moves = self.operator.json("shard", "status").json["moves"]
            self.words["MOVE"] = next(m["id"] for m in moves if m["state"] == "RUN")

        self.follow("A stuck move", leave_one)
        states = {m["slot"]: m["state"] for m in
                  self.operator.json("shard", "status", "--all").json["moves"]}
        self.assertEqual(states, {7: "COMMITTED", 8: "ABORTED"})
        self.everything_is_there(0)

    restoring = "Restore a shard from a backup"

    def back_up(self):
        self.assertEqual(self.server.stop(), 0)
        (self.folder / "backup").mkdir()
        shutil.copy(self.data / "shard-1.db", self.folder / "backup")
        self.server.start()

    def place(self, room):
        return self.operator.json("shard", "where", room).json

    def direct_room_of(self, shard):
        """Somebody's, and with whom."""
        while True:
            other = Person(self.server, "새 이웃")
            room = self.people[0].direct(other)
            if self.place(room)["shard"] == shard:
                return room, other

    def rooms_of_two_slots(self):
        """The first of each, on the shard that is going to be restored; rooms lie where they happen to."""
        while True:
            there = {self.place(room)["slot"]: room for room in reversed(self.rooms)
                     if self.place(room)["shard"] == "shard-1"}
            if len(there) > 1:
                return list(there.values())[-1], list(there.values())[0]
            self.rooms.append(self.people[0].group("방", self.people[1]))

    def after_the_backup(self):
        """One slot moves away; of what stays on the shard everything is going to be lost."""
        done = self.operator("shard", "move", "--slot", str(self.place(self.moved)["slot"]),
                             "--to", "shard-0")
        self.assertEqual(done.code, 0, done)
        for room in self.rooms:
            if self.place(room)["shard"] == "shard-0":
                self.people[0].send(room, "옮긴 뒤")
        owner, member = self.people
        self.newcomer = Person(self.server, "다")
        owner.put(f"/v1/rooms/{self.kept}/members/{self.newcomer.id}", {})
        self.lost = owner.send(self.kept, "사라질 낱말")["seq"]
        self.assertEqual(member.delete(f"/v1/rooms/{self.kept}/members/{member.id}").status, 204)
        self.made_later, self.neighbour = self.direct_room_of("shard-1")
        owner.send(self.made_later, "안녕하세요")

    def test_a_shard_is_restored_from_a_backup(self):
        self.moved, self.kept = self.rooms_of_two_slots()
        self.back_up()
        self.after_the_backup()
        self.follow(self.restoring, blocks=slice(-1, None))
        owner, member = self.people
        self.assertEqual([e["seq"] for e in member.log(self.moved)], [1, 2], "it had moved away")
        verified = self.operator.json("shard", "verify")
        self.assertEqual(verified.json["findings"], [], "the restored shard holds it no longer")
        self.assertEqual([e["seq"] for e in member.log(self.kept)], [1], "as it was backed up")

        self.assertIsNone(self.newcomer.entry(self.kept), "he is no member any more")
        self.assertIsNotNone(member.entry(self.kept), "he has not left any more")
        cursor = {"room": self.kept, "epoch": 1, "seq": self.lost}
        again = owner.send(self.kept, "다시 쓴 낱말")
        for _ in range(3):
            again = owner.send(self.kept, "그 뒤")
        self.assertGreater(again["seq"], self.lost, "numbers come again")
        answer = owner.post("/v1/sync", {"rooms": [cursor]}).json["rooms"][0]
        self.assertIn("reset", answer, "what he saw under these numbers is not there any more")
        with owner.connect(rooms=[cursor]) as socket:
            self.assertEqual([f["op"] for f in socket.backlog if f.get("room") == self.kept], ["reset"])
            self.assertGreater(socket.ready["heads"][self.kept][0], 1)
        texts = lambda word: [i["message"]["text"] for i in  # noqa: E731
                              owner.get("/v1/search", q=word).json["items"]]
        self.assertEqual(texts("사라질"), [])
        self.soon(lambda: texts("다시 쓴") == ["다시 쓴 낱말"], 60)
        self.soon(lambda: owner.try_send(self.made_later, "다시 안녕하세요").status == 201, 60)
        self.assertEqual(owner.direct(self.neighbour), self.made_later)
        self.assertEqual([e["kind"] for e in self.neighbour.log(self.made_later)],
                         ["created", "message"])
        self.assertIsNotNone(self.neighbour.entry(self.made_later))


if __name__ == "__main__":
    unittest.main()
