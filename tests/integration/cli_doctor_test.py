"""doctor: a healthy site, and each kind of damage with the command that repairs it."""

import json
import os
import sqlite3
import unittest

from support.cli import Operator
from support.people import PASSWORD, Person
from support.server import Server

# What the machine itself may lack is no matter of these tests.
OF_THE_MACHINE = {"data.space", "limits.descriptors", "passwords.slow", "passwords.memory"}


class Doctor(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.server.start()
        self.operator = Operator(self.server.data)
        self.person = Person(self.server, "민수")
        self.room = self.person.group("비밀 모임")
        for text in ("하나", "둘", "셋"):
            self.person.send(self.room, "몰래 한 말 " + text)
        deadline = 200
        while self.operator("search", "verify").code != 0 and deadline:
            deadline -= 1

    def stop(self):
        self.assertEqual(self.server.stop(), 0)

    def findings(self, *words):
        ran = self.operator.json("doctor", *words)
        found = [f for f in ran.json["findings"] if f["code"] not in OF_THE_MACHINE]
        self.assertEqual(ran.code, 1 if ran.json["findings"] else 0, ran)
        for finding in found:
            self.assertTrue(finding["what"] and finding["repair"], finding)
        return {f["code"]: f for f in found}

    def change(self, name, *statements):
        with sqlite3.connect(self.server.data / f"{name}.db") as database:
            for statement in statements:
                database.execute(statement)
        database.close()

    def shard(self):
        return self.operator.json("room", "show", self.room).json["shard"]

    def test_a_healthy_site_beside_a_server_and_alone(self):
        for words in ((), ("--full",)):
            self.assertEqual(self.findings(*words), {})
        facts = self.operator.json("doctor").json["facts"]
        self.assertTrue(facts["directory"]["served"])
        self.assertEqual(sum(s["rooms_checked"] for s in facts["shards"]), 1)
        self.assertEqual(facts["index"]["rooms_compared"], 1)
        self.stop()
        self.assertEqual(self.findings("--full"), {})
        self.assertFalse(self.operator.json("doctor").json["facts"]["directory"]["served"])

    def test_looking_does_not_keep_a_server_from_starting(self):
        self.stop()
        self.findings()
        self.server.start()
        self.stop()

    def test_a_hole_in_a_log_is_the_first_finding(self):
        self.stop()
        self.change(self.shard(), "DELETE FROM message WHERE ordinal=2")
        found = self.findings()
        self.assertEqual(next(iter(found)), "log.not_dense")
        self.assertIn(self.room, found["log.not_dense"]["evidence"])
        self.assertNotIn("몰래", str(found))

    def test_slots_that_are_not_where_the_map_has_them(self):
        self.stop()
        self.change("shard-1", "UPDATE slot_owner SET state='ACTIVE' WHERE slot=5")
        found = self.findings()
        self.assertIn("slot 5 is ACTIVE", found["slots.disagree"]["evidence"])

    def test_shards_in_another_order_are_noticed(self):
        self.stop()
        swapped = {"stores": {"shards": [{"name": "shard-0", "dsn": "sqlite:shard-1.db"},
                                         {"name": "shard-1", "dsn": "sqlite:shard-0.db"}]}}
        config = self.server.folder / "swapped.yaml"
        config.write_text(json.dumps(swapped), encoding="utf-8")
        found = self.findings("--config", str(config))
        self.assertIn("slots.disagree", found)

    def test_a_damaged_and_a_missing_database(self):
        self.stop()
        (self.server.data / "room.db").unlink()
        (self.server.data / "user.db").write_bytes(b"no database" * 1000)
        found = self.findings()
        self.assertEqual({f["rank"] for f in found.values()}, {"high"})
        self.assertIn("database.missing", found)
        self.assertIn("database.unreadable", found)

    def test_drift_and_an_index_that_differs(self):
        self.stop()
        self.change("shard-0", "CREATE TABLE by_hand (x)")
        self.change("search", "DELETE FROM search_document WHERE seq=2")
        found = self.findings()
        self.assertIn("by_hand", found["schema.drift"]["evidence"])
        self.assertIn("search reindex", found["index.differs"]["repair"])

    def test_a_lost_index_and_an_open_directory(self):
        self.stop()
        for file in self.server.data.glob("search.db*"):
            file.unlink()
        self.server.data.chmod(0o755)
        found = self.findings()
        self.assertEqual(set(found), {"index.missing", "data.readable_by_others"})

    def test_configuration_that_is_open_to_the_world(self):
        self.stop()
        found = self.findings("--set", "listen=:8080", "--set", "admin_listen=:9090", "--set",
                              "limits.sends_per_user=off")
        self.assertEqual({code: f["rank"] for code, f in found.items()},
                         {"config.admin_open": "high", "config.limit_off": "medium",
                          "config.public_url": "low"})

    def test_a_wrong_configuration_is_78(self):
        self.assertEqual(self.operator("doctor", "--set", "listn=:1").code, 78)
        self.stop()

    def test_a_bundle_tells_no_secrets_and_overwrites_nothing(self):
        file = self.server.folder / "bundle.json"
        self.operator("doctor", "--bundle", str(file))
        text = file.read_text(encoding="utf-8")
        bundle = json.loads(text)
        self.assertEqual(bundle["settings"]["data_dir"]["value"],
                         str(self.server.data))
        self.assertEqual({d["name"] for d in bundle["facts"]["databases"]} & {"user", "shard-0"},
                         {"user", "shard-0"})
        for hidden in ("몰래", "비밀", "민수", self.person.handle, self.person.token, PASSWORD):
            self.assertNotIn(hidden, text)
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)
        again = self.operator.json("doctor", "--bundle", str(file))
        self.assertEqual((again.code, again.error["code"]), (4, "conflict"), again)
        self.assertEqual(file.read_text(encoding="utf-8"), text)
        self.stop()


if __name__ == "__main__":
    unittest.main()
