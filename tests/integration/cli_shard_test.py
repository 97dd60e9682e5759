"""shard: the map, moves and plans from the command line, and what wrong use gets."""

import json
import tempfile
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
        self.refused("move", "--slot", "4096", "--to", "shard-1", code=64)
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


if __name__ == "__main__":
    unittest.main()
