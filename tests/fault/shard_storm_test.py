#!/usr/bin/env python3
"""Four shards on MySQL servers under load, while slots move between them and everything goes wrong.

RESPRING_STORM_SECONDS is how long the sends of the first part last (20), RESPRING_STORM_RATE how many
a second there are besides the people whose every message the oracle knows (300). The proof of a
release: 120 seconds at 1000 on a machine with nothing else to do. RESPRING_FAULT_ROUNDS is how often
each fault of the second part happens (1)."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

import load
import oracle
from moves import Operator
from support import server as binary
from support.mysql_site import MysqlSite

sys.path.insert(0, str(Path(__file__).parent))
from proxy import Proxy  # noqa: E402
from stack import kinds, places  # noqa: E402  (support.mysql_site put tests/ on the path)

SEED = int(os.environ.get("RESPRING_FAULT_SEED", random.SystemRandom().randrange(10**6)))
SECONDS = int(os.environ.get("RESPRING_STORM_SECONDS", "20"))
RATE = int(os.environ.get("RESPRING_STORM_RATE", "300"))
ROUNDS = int(os.environ.get("RESPRING_FAULT_ROUNDS", "1"))
load.WINDOW = 1  # the generator makes the load; the oracle asks for each of these, and for its index
BYTES = 77  # of the generator's messages: nobody else writes so many


class Storm(unittest.TestCase):
    def setUp(self):
        self.dice = random.Random(SEED)
        stack = self.enterContext(contextlib.ExitStack())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(
            prefix="respring-storm-", dir=places.memory())))
        self.mysql = [stack.enter_context(kinds.server(folder, f"mysql-{n}")) for n in (1, 2, 3)]
        self.site = MysqlSite(folder, 4, self.mysql)
        self.proxy = stack.enter_context(Proxy("127.0.0.1", self.mysql[1].port, mysql=True))
        self.site.ports["shard-1"] = self.proxy.port
        self.site.write()
        operator = self.site.operator()
        self.assertEqual(operator("migrate", "up").code, 0)
        self.assertEqual(operator("shard", "map").code, 0)  # the map of four
        self.site.add_shard()
        self.site.write()
        self.assertEqual(operator("migrate", "up").code, 0)
        self.server = self.site.serve(self)
        self.operator = Operator(self.server)
        self.load = load.Load(self.server, SEED)
        self.addCleanup(self.load.finishing.set)
        self.load.start()
        self.moved, self.pauses = 0, []

    # What is done to it.

    def slots_of(self, shard):
        """Those in use there."""
        text = self.site.query(shard, "SELECT DISTINCT r.slot FROM room r JOIN slot_owner o USING (slot) "
                               "WHERE o.state='ACTIVE'")
        return [int(line) for line in text.split()]

    def some_move(self):
        """Slots in use, where they are and where they can go."""
        while True:
            source, target = self.dice.sample(self.site.shards[:4], 2)
            if slots := self.slots_of(source):
                few = sorted(self.dice.sample(slots, min(len(slots), self.dice.randint(1, 3))))
                return ",".join(map(str, few)), target

    def move(self, *more, codes=(0,)):
        slots, target = self.some_move()
        code, answer, said = self.operator.run("shard", "move", "--slots", slots, "--to", target,
                                               "--attempts", "10", *more)
        self.assertIn(code, codes, said)
        for one in (answer or {"moved": []})["moved"]:
            self.moved += 1
            self.pauses.append(one["paused_us"] / 1000)

    def settle(self):
        """Whatever lies open is gone on with."""
        deadline = time.monotonic() + 60
        while left := [m for m in self.operator.ask("shard", "status")["moves"] if not m["settled"]]:
            self.assertLess(time.monotonic(), deadline, left)
            for move in left:
                self.operator.run("shard", "resume", "--take-over", move["id"])

    def replaced_mover(self):
        """It freezes somewhere, another one takes over, it wakes up."""
        place = self.dice.choice(["copy.after_commit", "drain.after_commit", "freeze.after_commit",
                                  "commit.before", "leave.before"])
        slots, target = self.some_move()
        mover = self.operator.start("shard", "move", "--slots", slots, "--to", target,
                                    failpoint=f"move.{place}:stop")
        self.addCleanup(mover.kill)
        os.waitpid(mover.pid, os.WUNTRACED)
        self.settle()
        mover.send_signal(signal.SIGCONT)
        mover.communicate(timeout=60)
        self.settle()

    def killed_mover(self):
        place = self.dice.choice(["import", "journal", "copy", "drain", "freeze", "commit", "leave"])
        slots, target = self.some_move()
        self.operator.run("shard", "move", "--slots", slots, "--to", target,
                          failpoint=f"move.{place}.after_commit:kill")
        self.settle()

    def weigh(self, weight):
        """The fifth shard is given slots, or all of them are taken away again."""
        shards = [{"name": name, "weight": 40} for name in self.site.shards[:4]]
        path = self.server.folder / "map.yaml"
        path.write_text(json.dumps({"shards": [*shards, {"name": "shard-4", "weight": weight}]}), "utf-8")
        self.operator.ask("shard", "apply", str(path))
        plan = str(self.server.folder / "plan.json")
        wanted = self.operator.ask("shard", "plan", "--threshold", "0", "--out", plan)["moves"]
        code, answer, said = self.operator.run("shard", "rebalance", "--plan", plan, "--attempts", "10",
                                               timeout=600)
        self.assertEqual(code, 0, said)
        self.moved += len(answer["moved"])
        self.pauses += [one["paused_us"] / 1000 for one in answer["moved"]]
        self.assertEqual(len(answer["moved"]), len(wanted))
        shards = self.operator.ask("shard", "map")["shards"]
        slots = {s["name"]: s["slots"] for s in shards}["shard-4"]
        self.assertEqual(slots > 0, weight > 0)

    # What is found afterwards.

    def finish(self):
        self.load.finish()
        events = oracle.check(self, self.load)
        self.operator.ask("shard", "verify")
        return events

    def report(self, what, events):
        pauses = sorted(self.pauses) or [0.0]  # where servers die, a move may come to nothing
        at = lambda share: pauses[min(int(len(pauses) * share), len(pauses) - 1)]  # noqa: E731
        print(f"{what}: seed {SEED}, {self.moved} moves, pause p50 {at(0.5):.1f} p99 {at(0.99):.1f} "
              f"max {pauses[-1]:.1f} ms, {events} events of the oracle's people", file=sys.stderr)

    def generator(self):
        words = [binary.BINARY, "bench", "send", "--json", "--address", f"127.0.0.1:{self.server.port}",
                 "--rate", str(RATE), "--seconds", str(SECONDS), "--connections", "24",
                 "--bytes", str(BYTES)]
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=binary.ENVIRONMENT)

    def count_of_the_generators(self):
        sql = ("SELECT COUNT(*) FROM message m JOIN slot_owner o USING (slot) WHERE o.state='ACTIVE' "
               f"AND LENGTH(m.text)={BYTES}")
        return sum(int(self.site.query(shard, sql)) for shard in self.site.shards)

    def test_no_send_fails_while_slots_move_shards_come_and_go_and_movers_die(self):
        generator = self.generator()
        self.addCleanup(generator.kill)
        self.weigh(1)
        actions = [self.move, self.replaced_mover, self.move, self.killed_mover, self.move]
        while generator.poll() is None:
            actions[0]()
            actions.append(actions.pop(0))
        self.weigh(0)
        out, said = generator.communicate(timeout=60)
        self.assertEqual(generator.returncode, 0, said)
        sends = json.loads(out)
        events = self.finish()
        refusals = sum(len(sender.refused) for sender in self.load.senders)
        self.report(f"{sends['acked_per_s']:.0f} sends/s besides", events)
        print(json.dumps(sends), file=sys.stderr)
        self.assertEqual((sends["errors"], refusals), (0, 0), "no send fails because of a move")
        self.assertEqual(sends["acked"], sends["sent"])
        self.assertEqual(self.count_of_the_generators(), sends["acked"], "each of them once")

    def test_servers_die_and_lie_while_slots_move(self):
        def beside(what):
            """While a mover works."""
            slots, target = self.some_move()
            mover = self.operator.start("shard", "move", "--slots", slots, "--to", target)
            self.addCleanup(mover.kill)
            what()
            mover.communicate(timeout=120)
            self.settle()

        def killed_database():
            server = self.dice.choice(self.mysql[1:])
            threading.Event().wait(self.dice.uniform(0, 0.2))
            server.kill()
            server.start()

        def lost_commits():
            self.proxy.lose_commit_answers(3)
            threading.Event().wait(self.dice.uniform(0.1, 0.3))

        def old_map():
            """A writer sleeps while the map changes, and wakes up with the old one."""
            self.server.signal(signal.SIGSTOP)
            try:
                threading.Event().wait(self.dice.uniform(0.3, 1.5))
            finally:
                self.server.signal(signal.SIGCONT)

        for what in (killed_database, lost_commits, old_map, self.proxy.cut) * ROUNDS:
            beside(what)
            self.goes_on()
        self.move(codes=(0, 2, 3))
        self.settle()
        self.report("servers die and lie", self.finish())

    def goes_on(self, acks=60):
        enough = self.load.acked() + acks
        deadline = time.monotonic() + 60
        while self.load.acked() < enough:
            self.assertLess(time.monotonic(), deadline, "the load does not go on")
            threading.Event().wait(0.02)


if __name__ == "__main__":
    unittest.main()
