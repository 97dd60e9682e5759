#!/usr/bin/env python3
"""Rooms get slots of their own under load; the mover is killed at every step."""

import signal
import sys
import time
import unittest

from load import Load
from move_test import SEED, TAKEN_BACK
from moves import COMMITTED, FORWARD, Operator, UnderLoad
from support.server import Server

CLEAN = ["move.clean.before", "move.clean.after_commit"]


class Isolation(UnderLoad):
    places = [*FORWARD, *CLEAN]

    def make_server(self):
        return Server()

    def begin(self, rooms):
        self.server = self.make_server()
        self.addCleanup(self.server.close)
        self.server.start()
        self.operator = Operator(self.server)
        self.load = Load(self.server, SEED, count=rooms)
        self.addCleanup(self.load.finishing.set)
        self.load.start()

    def other_than(self, room):
        return "shard-1" if self.operator.where(room)[1] == "shard-0" else "shard-0"

    def isolate(self, room, *words):
        code, answer, said = self.operator.run("shard", "isolate", "--room", room, *words)
        self.assertEqual(code, 0, said)
        return answer["moved"][0]

    def die(self, place, room):
        """An isolation that dies there: (where it goes, what it leaves behind)."""
        target = self.other_than(room)
        code, _, said = self.operator.run("shard", "isolate", "--room", room, "--to", target,
                                          "--attempts", "9", failpoint=f"{place}:kill")
        self.assertEqual(code, -signal.SIGKILL, (place, said))
        moves = self.operator.ask("shard", "status")["moves"]
        return target, [m for m in moves if m["room"] == room]

    def assert_isolated(self, place, room, target):
        found = self.operator.ask("shard", "where", room)
        self.assertEqual((found["isolated"], found["shard"]), (True, target), place)
        left = [m["id"] for m in self.operator.ask("shard", "status")["moves"] if m["room"] == room]
        self.assertEqual(left, [], (place, "its old rows are gone"))
        code, _, said = self.operator.run("shard", "verify", "--quick")
        self.assertEqual(code, 0, (place, said))

    def test_rooms_are_isolated_and_move_on(self):
        self.begin(4)
        away, here, back, moved = self.load.rooms
        pauses = [self.isolate(away, "--to", self.other_than(away))["paused_us"] / 1000,
                  self.isolate(here)["paused_us"] / 1000]
        slot, source = self.operator.where(moved)
        target = self.other_than(moved)
        self.operator.ask("shard", "move", "--slot", str(slot), "--to", target, "--gc-delay", "0")
        self.isolate(moved, "--to", source)
        source = self.operator.where(back)[1]
        self.isolate(back, "--to", self.other_than(back))
        slot, target = self.operator.where(back)
        self.assertGreaterEqual(slot, 4096)
        for shard in (source, target, source):
            self.operator.ask("shard", "move", "--slot", str(slot), "--to", shard)
        code, _, said = self.operator.run("shard", "isolate", "--room", back)
        self.assertEqual(code, 4, said)
        self.assertIn("of its own", said)
        errors = sum(len(s.refused) for s in self.load.senders)
        print(f"seed {SEED}: {self.finish()} events, pauses {sorted(pauses)} ms, {errors} refusals")
        self.assertEqual(errors, 0, "no send fails because of it")

    def test_killed_at_every_step_and_somebody_goes_on(self):
        self.begin(len(self.places))
        for place, room in zip(self.places, self.load.rooms):
            target, moves = self.die(place, room)
            for move in moves:
                code, _, said = self.operator.run("shard", "resume", "--take-over", move["id"])
                # Frozen for too long, the writers may have taken it back meanwhile.
                self.assertIn(code, (0, TAKEN_BACK, 4), (place, said))
            if not self.operator.ask("shard", "where", room)["isolated"]:
                self.assertNotIn(place, COMMITTED + CLEAN)
                self.isolate(room, "--to", target, "--attempts", "9")
            self.assert_isolated(place, room, target)
        print(f"seed {SEED}: {self.finish()} events")

    def test_killed_at_every_step_and_taken_back(self):
        self.begin(3)
        room = self.load.rooms[0]
        source = self.operator.where(room)[1]
        for place in (p for p in self.places if p not in COMMITTED + CLEAN):
            _, moves = self.die(place, room)
            for move in moves:
                code, _, said = self.operator.run("shard", "abort", move["id"])
                self.assertEqual(code, 0, (place, said))
            found = self.operator.ask("shard", "where", room)
            self.assertEqual((found["isolated"], found["shard"]), (False, source), place)
            code, _, said = self.operator.run("shard", "verify", "--quick")
            self.assertEqual(code, 0, (place, said))
        print(f"seed {SEED}: {self.finish()} events")

    def test_the_writers_finish_or_take_back_what_a_dead_mover_left(self):
        self.begin(4)
        places = ("move.freeze.after_commit", "move.commit.before", "move.commit.after_commit",
                  "move.leave.after_commit")
        for place, room in zip(places, self.load.rooms):
            target, moves = self.die(place, room)
            deadline = time.monotonic() + 60
            while [m for m in moves if m["state"] == "RUN" or not m["settled"]]:
                self.assertLess(time.monotonic(), deadline, (place, moves))
                every = self.operator.ask("shard", "status", "--all")["moves"]
                moves = [m for m in every if m["room"] == room and m["state"] != "ABORTED"]
                time.sleep(0.05)
            for move in moves:
                self.operator.ask("shard", "resume", move["id"])
            left = [m for m in self.operator.ask("shard", "status")["moves"] if m["room"] == room]
            for move in left:  # taken back; its copy is still to be deleted
                self.operator.ask("shard", "resume", move["id"])
            if place in COMMITTED:
                self.assert_isolated(place, room, target)
        print(f"seed {SEED}: {self.finish()} events")


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
