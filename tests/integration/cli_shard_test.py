"""shard: the map, moves and plans from the command line, and what wrong use gets."""

import json
import sqlite3
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from support import server as binary
from support.cli import Operator
from support.people import Person
from support.server import Server


class Shard(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.operator = Operator(self.folder / "data")
        self.operator("migrate", "up")

    def refused(self, *words, code=4, says=""):
        answer = self.operator("shard", *words)
        self.assertEqual(answer.code, code, answer)
        self.assertIn(says, answer.err)

    def shards(self):
        return {s["name"]: s["slots"] for s in self.operator.json("shard", "map").json["shards"]}

    def test_the_map_and_pictures_of_it(self):
        self.assertEqual(self.shards(), {"shard-0": 2048, "shard-1": 2048})
        self.assertTrue(self.operator("shard", "map", "--format", "svg").out.startswith("<svg"))
        self.assertIn('"shard-1" : 2048', self.operator("shard", "map", "--format", "mermaid").out)

    def test_a_slot_moves_there_and_back_and_is_cleaned(self):
        dry = self.operator.json("shard", "move", "--slot", "7", "--to", "shard-1", "--dry-run")
        self.assertEqual((dry.code, dry.json["moves"][0]["from"]), (0, "shard-0"))
        self.assertEqual(self.shards()["shard-1"], 2048)
        moved = self.operator.json("shard", "move", "--slots", "7-9", "--to", "shard-1")
        self.assertEqual((moved.code, len(moved.json["moved"])), (0, 3), moved)
        self.assertEqual(self.shards()["shard-1"], 2051)
        back = self.operator.json("shard", "reverse", moved.json["moved"][0]["id"])
        self.assertEqual(back.code, 0, back)
        self.assertEqual(self.shards()["shard-1"], 2050)
        kept = self.operator.json("shard", "gc")
        self.assertEqual((kept.json["cleaned"], kept.json["kept"]), ([], 4))
        self.operator("shard", "gc", "--slot", "8")
        verified = self.operator.json("shard", "verify")
        self.assertEqual((verified.code, verified.json["findings"]), (0, []))

    def test_what_wrong_use_gets(self):
        self.refused("move", "--slot", "7", "--to", "shard-0", says="is on shard-0 already")
        self.refused("move", "--slot", "7", "--to", "shard-9", says="not among stores.shards")
        self.refused("move", "--slot", "4096", "--to", "shard-1", says="no slot 4096")
        self.refused("move", "--slot", "8192", "--to", "shard-1", code=64)
        self.refused("isolate", "--room", "42", "--to", "shard-1", says="no room 42")
        self.refused("isolate", "--room", "nonsense", code=64, says="no room id")
        self.refused("move", "--slot", "x", "--to", "shard-1", code=64)
        self.refused("abort", "nonsense", says="no move")
        self.refused("where", "nonsense", code=64)
        self.refused("where", "@minji", code=64, says="users are not sharded")
        self.refused("fence", "--reconcile", "shard-9")
        self.refused("apply", "nowhere.yaml", code=64)
        self.assertEqual(self.shards(), {"shard-0": 2048, "shard-1": 2048})

    def apply(self, *shards):
        path = self.folder / "map.yaml"
        path.write_text(json.dumps({"shards": list(shards)}), encoding="utf-8")
        return self.operator.json("shard", "apply", str(path))

    def test_a_shard_is_drained_by_a_plan_that_must_be_fresh(self):
        self.assertEqual(self.apply({"name": "shard-0", "weight": 1}).code, 4, "it has slots")
        drained = self.apply({"name": "shard-0"}, {"name": "shard-1", "weight": 0})
        self.assertEqual(len(drained.json["changes"]), 1, drained)
        plan = str(self.folder / "plan.json")
        self.assertEqual(len(self.operator.json("shard", "plan", "--out", plan).json["moves"]), 2048)
        self.operator("shard", "move", "--slot", "4000", "--to", "shard-0")
        self.refused("rebalance", "--plan", plan, says="map version 1")

    def test_migrations_and_moves_exclude_each_other(self):
        with mock.patch.dict(binary.ENVIRONMENT, RESPRING_FAILPOINT="move.copy.before:kill"):
            killed = self.operator("shard", "move", "--slot", "7", "--to", "shard-1")
        self.assertLess(killed.code, 0)
        busy = self.operator("migrate", "up")
        self.assertEqual(busy.code, 4, busy)
        self.assertIn("slot 7 is being moved", busy.err)
        move = self.operator.json("shard", "status").json["moves"][0]
        self.refused("move", "--slot", "7", "--to", "shard-1", says=move["id"])
        self.refused("resume", move["id"], says="--take-over")
        self.assertEqual(self.operator("shard", "abort", move["id"][:6]).code, 0)
        self.assertEqual(self.operator("migrate", "up").code, 0)
        self.assertEqual(self.operator.json("shard", "verify").code, 0)

    def test_rooms_go_on_while_their_slot_moves_beside_a_server(self):
        server = Server(folder=self.folder)
        self.addCleanup(server.close)
        server.start()
        people = [Person(server, name) for name in ("가", "나")]
        room = people[0].group("이사", people[1])
        people[0].send(room, "여기")
        place = self.operator.json("shard", "where", room).json
        target = "shard-1" if place["shard"] == "shard-0" else "shard-0"
        moved = self.operator.json("shard", "move", "--slot", str(place["slot"]), "--to", target)
        self.assertEqual(moved.code, 0, moved)
        people[1].send(room, "저기")
        self.assertEqual([e["seq"] for e in people[0].log(room)], [1, 2, 3])
        self.assertEqual(self.operator.json("shard", "where", room).json["shard"], target)

    def test_a_room_gets_a_slot_of_its_own(self):
        rooms = self.filled(2, messages=3)
        room, slot = next(iter(rooms.items()))
        self.refused("isolate", "--room", room, "--to", "shard-9", says="not among stores.shards")
        dry = self.operator.json("shard", "isolate", "--room", room, "--to", "shard-1", "--dry-run")
        self.assertEqual((dry.code, dry.json["moves"][0]["from"]), (0, "shard-0"), dry)
        self.assertEqual(self.operator.json("shard", "where", room).json["slot"], slot)
        with mock.patch.dict(binary.ENVIRONMENT, RESPRING_FAILPOINT="move.clean.before:kill"):
            killed = self.operator("shard", "isolate", "--room", room, "--to", "shard-1")
        self.assertLess(killed.code, 0)
        self.refused("move", "--slot", str(slot), "--to", "shard-1", says=f"gc --slot {slot}")
        self.assertEqual(self.operator("shard", "gc", "--slot", str(slot)).code, 0)
        place = self.operator.json("shard", "where", room).json
        self.assertEqual((place["slot"], place["isolated"], place["shard"]), (4096, True, "shard-1"))
        self.refused("isolate", "--room", room, says="has slot 4096 of its own")
        move = self.operator.json("shard", "status", "--all").json["moves"][0]
        self.assertEqual((move["room"], move["slot"], move["own_slot"]), (room, slot, 4096))
        self.refused("reverse", move["id"], says="keeps slot 4096")
        shown = self.operator.json("shard", "map").json
        self.assertEqual(shown["isolated"], [{"room": room, "slot": 4096}])
        self.assertEqual({s["name"]: s["slots"] for s in shown["shards"]},
                         {"shard-0": 2048, "shard-1": 2049})
        self.assertIn("</svg>", self.operator("shard", "map", "--format", "svg").out)
        for words in (("shard", "verify"), ("shard", "plan"), ("doctor", "--full")):
            self.assertEqual(self.operator(*words).code, 0, words)
        database = sqlite3.connect(self.folder / "data" / "meta.db")
        with database:
            database.execute("INSERT INTO schema_user VALUES ('node-old', 3, ?)",
                             (int(time.time() * 1000),))
        database.close()
        other = next(r for r in rooms if r != room)
        self.refused("isolate", "--room", other, says="node-old is alive and of a version")

    def filled(self, rooms, text="글", messages=1):
        """Rooms with messages on shard-0, each in a slot of its own: room → slot. No server runs."""
        server = Server(folder=self.folder)
        self.addCleanup(server.close)
        server.start()
        people = [Person(server, name) for name in ("가", "나")]
        found = {}
        while len(found) < rooms:
            room = people[0].group("방", people[1])
            place = self.operator.json("shard", "where", room).json
            if place["shard"] != "shard-0" or place["slot"] in found.values():
                continue
            found[room] = place["slot"]
            for n in range(messages):
                people[0].send(room, f"{text} {n}")
        self.assertEqual(server.stop(), 0)
        return found

    def test_each_slot_of_a_job_is_compared_before_it_is_given_away(self):
        rooms = self.filled(2)
        good, bad = sorted(rooms, key=rooms.get)
        with sqlite3.connect(self.folder / "data" / "shard-1.db") as target:
            number = target.execute("SELECT count(*) FROM message").fetchone()[0]
            target.execute("CREATE TRIGGER lies AFTER INSERT ON message WHEN NEW.slot="
                           f"{rooms[bad]} BEGIN UPDATE message SET text='거짓' WHERE slot=NEW.slot; END")
        self.assertEqual(number, 0)
        moved = self.operator.json("shard", "move", "--to", "shard-1", "--slots",
                                   f"{rooms[good]},{rooms[bad]}")
        self.assertEqual((moved.code, len(moved.json["moved"])), (2, 1), moved)
        self.assertIn("rows differ from the source", moved.err)
        place = self.operator.json("shard", "where", bad).json
        self.assertEqual(place["shard"], "shard-0")

    def test_a_target_without_space_is_refused_before_anything_begins(self):
        (slot,) = self.filled(1, "가" * 3000, 150).values()
        self.apply({"name": "shard-0"}, {"name": "shard-1", "capacity_mib": 1})
        self.refused("move", "--slot", str(slot), "--to", "shard-1", says="90 %")
        self.assertEqual(self.operator.json("shard", "status", "--all").json["moves"], [])
        self.apply({"name": "shard-0"}, {"name": "shard-1", "capacity_mib": 100})
        self.assertEqual(self.operator("shard", "move", "--slot", str(slot), "--to", "shard-1").code, 0)
        self.refused("apply", "nowhere.yaml", code=64)

    def test_a_plan_fills_no_shard_beyond_what_it_may_hold(self):
        self.filled(2, "가" * 3000, 150)
        self.apply({"name": "shard-0", "weight": 0}, {"name": "shard-1", "capacity_mib": 1})
        for words in (("plan",), ("rebalance", "--yes")):
            self.refused(*words, says="2 slots of shards that are to be emptied find no space")
        self.refused("plan", says="respring shard apply FILE")
        self.assertEqual(self.operator.json("shard", "status", "--all").json["moves"], [])
        self.apply({"name": "shard-0", "weight": 0}, {"name": "shard-1", "capacity_mib": 100})
        self.assertEqual(len(self.operator.json("shard", "plan").json["moves"]), 2048)

    def on_shard(self, number, statement):
        with sqlite3.connect(self.folder / "data" / f"shard-{number}.db") as database:
            database.execute(statement)
        database.close()

    def test_verify_repairs_what_can_only_be_one_thing_and_nothing_else(self):
        rooms = self.filled(2)
        good, bad = rooms.values()
        self.assertEqual(self.operator("shard", "verify").code, 0)
        copy = ("INSERT INTO room (slot, room_id, epoch, last_seq, last_ordinal, kind, created_at, "
                "member_count, block_count, last_at) VALUES ({}, 5, 1, 0, 0, 1, 0, 0, 0, 0)")
        row = "UPDATE slot_owner SET state='{}', move_id='lost', gen=3 WHERE slot={}"
        self.on_shard(0, row.format("FROZEN", good))        # its owner, for no move
        self.on_shard(1, row.format("IMPORTING", bad))      # a copy of no move
        self.on_shard(1, copy.format(bad))
        self.on_shard(1, row.format("GONE", good))          # old rows that nobody cleans
        self.on_shard(1, copy.format(1))                    # whose they are nobody knows
        found = self.operator.json("shard", "verify").json["findings"]
        self.assertEqual(len(found), 4, found)
        repairs = [f["repair"] for f in found]
        self.assertEqual(repairs.count("respring shard verify --repair"), 3, found)
        repaired = self.operator("shard", "verify", "--repair")
        self.assertEqual(repaired.code, 1, repaired)
        for said in ("held for no move: opened", "a copy of no move: deleted", "old rows that no"):
            self.assertIn(said, repaired.err)
        (left,) = self.operator.json("shard", "verify").json["findings"]
        self.assertIn("has rooms and is not owned", left["finding"])
        with mock.patch.dict(binary.ENVIRONMENT, RESPRING_FAILPOINT="move.copy.before:kill"):
            self.operator("shard", "move", "--slot", "7", "--to", "shard-1")
        refused = self.operator("shard", "verify", "--repair")
        self.assertEqual(refused.code, 4, "what moves is not touched")

    def test_slots_of_different_shards_move_at_the_same_time(self):
        operator = Operator(self.folder / "four")
        shards = [f"--set=stores.shards.{n}.{key}={value}" for n in range(4)
                  for key, value in (("name", f"shard-{n}"), ("dsn", f"sqlite:shard-{n}.db"))]
        done = operator("migrate", "up", *shards)
        self.assertEqual(done.code, 0, done)
        plan = self.folder / "plan.json"
        moves = [*({"slot": slot, "from": "shard-0", "to": "shard-1", "epoch": 1} for slot in range(1, 9)),
                 {"slot": 2050, "from": "shard-2", "to": "shard-3", "epoch": 1}]
        self.assertEqual(operator("shard", "plan", "--out", str(plan), *shards).code, 0)
        made = json.loads(plan.read_text(encoding="utf-8"))
        plan.write_text(json.dumps({**made, "moves": moves}), encoding="utf-8")
        ran = operator.json("shard", "rebalance", "--plan", str(plan), *shards)
        self.assertEqual((ran.code, len(ran.json["moved"])), (0, 9), ran)
        began = {move["slot"]: move["created_at"] for move in ran.json["moved"]}
        self.assertLess(began[2050], began[8])  # one after the other, the plan's last would begin last
        self.refused("move", "--slot", "7", "--to", "shard-1", "--per-shard", "0", code=64)


if __name__ == "__main__":
    unittest.main()
