#!/usr/bin/env python3
"""Slots move under load; the mover is killed at every step, and somebody goes on or takes it back."""

import itertools
import os
import random
import signal
import time
import unittest

from load import Load
from moves import BACKWARD, COMMITTED, FORWARD, Operator, UnderLoad
from support.server import Server

SEED = int(os.environ.get("RESPRING_FAULT_SEED", random.SystemRandom().randrange(10**6)))

# A move whose writes would wait too long takes itself back, as promised, and is begun again.
TAKEN_BACK = 2
ATTEMPTS = 5


class Moves(UnderLoad):
    forward = FORWARD

    def setUp(self):
        self.server = self.make_server()
        self.addCleanup(self.server.close)
        self.server.start()
        self.operator = Operator(self.server)
        self.load = Load(self.server, SEED)
        self.addCleanup(self.load.finishing.set)
        self.rooms = itertools.cycle(self.load.rooms)

    def make_server(self):
        return Server()

    def next_move(self):
        """A slot in use, where it is and where it can go."""
        slot, source = self.operator.where(next(self.rooms))
        return str(slot), source, "shard-1" if source == "shard-0" else "shard-0"

    def die(self, place):
        """A mover that dies there; the move it leaves behind."""
        for _ in range(ATTEMPTS):
            slot, source, target = self.next_move()
            code, _, said = self.operator.run("shard", "move", "--slot", slot, "--to", target,
                                              failpoint=f"{place}:kill")
            if code != TAKEN_BACK:
                break
        self.assertEqual(code, -signal.SIGKILL, (place, said))
        return slot, source, target

    def test_moves_back_and_forth(self):
        self.load.start()
        pauses = []
        for _ in range(12):
            slot, _, target = self.next_move()
            code, answer, said = self.operator.run("shard", "move", "--slot", slot, "--to", target)
            self.assertEqual(code, 0, said)
            pauses.append(answer["moved"][0]["paused_us"] / 1000)
        events = self.finish()
        errors = sum(len(s.refused) for s in self.load.senders)
        print(f"seed {SEED}: {events} events, pauses {sorted(pauses)} ms, {errors} refusals")
        self.assertEqual(errors, 0, "no send fails because of a move")

    def test_killed_at_every_step_and_somebody_goes_on(self):
        self.load.start()
        for place in self.forward:
            slot, _, target = self.die(place)
            for move in self.operator.open_moves(int(slot)):
                code, _, said = self.operator.run("shard", "resume", "--take-over", move["id"])
                # Frozen for too long, the writers may have taken it back meanwhile.
                self.assertIn(code, (0, 2, 4), (place, said))
            self.assert_converged(place, slot, target)
        print(f"seed {SEED}: {self.finish()} events")

    def assert_converged(self, place, slot, target):
        self.assertEqual(self.operator.open_moves(int(slot)), [], place)
        runs = self.operator.ask("shard", "map")["slots"]
        owner = next(r["shard"] for r in runs if r["from"] <= int(slot) <= r["to"])
        if place in COMMITTED:
            self.assertEqual(owner, target, place)
        code, _, said = self.operator.run("shard", "verify", "--quick")
        self.assertEqual(code, 0, (place, said))

    def test_killed_at_every_step_and_taken_back(self):
        self.load.start()
        for place in self.forward:
            slot, source, target = self.die(place)
            for move in self.operator.open_moves(int(slot)):
                code, _, said = self.operator.run("shard", "abort", move["id"])
                self.assertIn(code, (0, 4), (place, said))
                if code == 4:  # it was committed: there is only forward
                    self.operator.ask("shard", "resume", move["id"])
            self.assert_converged(place, slot, target if place in COMMITTED else source)
        print(f"seed {SEED}: {self.finish()} events")

    def test_killed_while_it_is_taken_back(self):
        self.load.start()
        for place in BACKWARD:
            slot, source, _ = self.die("move.drain.after_commit")
            move = self.operator.open_moves(int(slot))[0]
            code, _, said = self.operator.run("shard", "abort", move["id"],
                                              failpoint=f"{place}:kill")
            self.assertEqual(code, -signal.SIGKILL, (place, said))
            for left in self.operator.open_moves(int(slot)):
                word = "abort" if left["state"] == "RUN" else "resume"
                self.operator.ask("shard", word, left["id"])
            self.assert_converged(place, slot, source)
        print(f"seed {SEED}: {self.finish()} events")

    def test_a_frozen_mover_is_replaced_and_wakes_up(self):
        self.load.start()
        for place in ("move.copy.after_commit", "move.drain.after_commit", "move.freeze.before",
                      "move.commit.before"):
            slot, _, target = self.next_move()
            frozen = self.operator.start("shard", "move", "--slot", slot, "--to", target,
                                         failpoint=f"{place}:stop")
            self.addCleanup(frozen.kill)
            os.waitpid(frozen.pid, os.WUNTRACED)
            for move in self.operator.open_moves(int(slot)):
                self.operator.run("shard", "resume", "--take-over", move["id"])
            frozen.send_signal(signal.SIGCONT)
            frozen.communicate(timeout=60)
            self.assertNotEqual(frozen.returncode, 0, place)
            for left in self.operator.open_moves(int(slot)):
                self.operator.run("shard", "resume", "--take-over", left["id"])
            self.assert_converged(place, slot, target)
        print(f"seed {SEED}: {self.finish()} events")

    def test_a_mover_sleeps_until_the_writers_take_its_move_back(self):
        self.load.start()
        for place in ("move.freeze.after_commit", "move.verify.before", "move.commit.before"):
            slot, source, target = self.next_move()
            asleep = self.operator.start("shard", "move", "--slot", slot, "--to", target,
                                         "--attempts", "1", failpoint=f"{place}:stop")
            self.addCleanup(asleep.kill)
            os.waitpid(asleep.pid, os.WUNTRACED)
            while self.operator.open_moves(int(slot))[0]["state"] == "RUN":
                time.sleep(0.05)
            asleep.send_signal(signal.SIGCONT)
            _, said = asleep.communicate(timeout=60)
            self.assertEqual(asleep.returncode, TAKEN_BACK, (place, said))
            self.assertRegex(said, "frozen for too long|waited too long", place)
            self.assert_converged(place, slot, source)
        print(f"seed {SEED}: {self.finish()} events")

    def test_the_server_is_killed_while_slots_move(self):
        self.load.start()
        for _ in range(4):
            slot, _, target = self.next_move()
            mover = self.operator.start("shard", "move", "--slot", slot, "--to", target)
            self.load.up.clear()
            self.server.kill()
            self.server.start()
            self.load.up.set()
            mover.communicate(timeout=120)
            for left in self.operator.open_moves(int(slot)):
                self.operator.run("shard", "resume", "--take-over", left["id"])
        print(f"seed {SEED}: {self.finish()} events")


if __name__ == "__main__":
    unittest.main()
