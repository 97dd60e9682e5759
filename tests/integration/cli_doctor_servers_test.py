"""doctor and trace on MySQL, Redis, Kafka and Elasticsearch."""

import tempfile
import time
import unittest
from pathlib import Path

from support import apart
from support.case import Patient
from support.cli import Operator
from support.people import Person
from stack import kinds, places  # support.apart put tests/ on the path
from stack.mysql import Mysql

# What the machine itself may lack is no matter of these tests.
OF_THE_MACHINE = {"data.space", "limits.descriptors", "passwords.slow", "passwords.memory"}
AWAY = "127.0.0.1:1"


class Doctor(Patient):
    """Of servers that are this class's own, but for the processes."""

    @classmethod
    def setUpClass(cls):
        cls.server = apart.Server()
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        cls.operator = Operator(cls.server.data)
        cls.words = ["--config", str(cls.server.folder / "respring.yaml")]
        cls.minsu = Person(cls.server, "민수")
        cls.room = cls.minsu.group("방")
        cls.seq = cls.minsu.send(cls.room, "어디까지 갔을까요")["seq"]
        deadline = time.monotonic() + 60
        while cls.operator("search", "verify", *cls.words).code != 0:
            assert time.monotonic() < deadline

    def findings(self, *words):
        """By their codes, and what they were found from."""
        ran = self.operator.json("doctor", *words, *self.words, timeout=180)
        found = {f["code"]: f for f in ran.json["findings"] if f["code"] not in OF_THE_MACHINE}
        self.assertEqual(ran.code, 1 if ran.json["findings"] else 0, ran)
        return found, ran.json["facts"]


class OnServers(Doctor):
    def test_healthy_servers_have_no_findings(self):
        found, facts = self.findings()
        self.assertEqual(found, {})
        self.assertEqual([s["name"] for s in facts["servers"]],
                         ["kafka", "redis pubsub", "redis sessions", "redis limits", "search"])
        self.assertEqual({g["group"] for g in facts["groups"]}, {"search-index", "room-lists"})
        self.assertEqual((facts["index"]["documents"], facts["index"]["rooms_compared"]), (1, 1))
        self.assertTrue(all(abs(s["clock_ms"]) < 2000 for s in facts["servers"]
                            if s["clock_ms"] is not None), facts["servers"])

    def test_each_server_that_is_away_is_named_with_its_repair(self):
        for setting, name, repair in (
                (f"bus=kafka://{AWAY}", "kafka", "bus"),
                (f"redis.sessions=redis://{AWAY}/1", "redis sessions", "redis"),
                (f"search=elasticsearch+http://{AWAY}/x", "search", "start it")):
            found, _ = self.findings("--set", setting)
            finding = found["server.unusable"]
            self.assertEqual((finding["rank"], finding["what"]), ("high", name + " cannot be used"))
            self.assertIn(repair, finding["repair"])
            self.assertIn("127.0.0.1:1", finding["evidence"])

    def test_missing_topics_and_a_database_that_is_away(self):
        found, _ = self.findings("--set", "bus_prefix=nobody.")
        self.assertEqual(found["topics.missing"]["repair"], "respring events topics apply")
        found, _ = self.findings("--set", f"stores.room=mysql://respring@{AWAY}/nothing")
        self.assertIn("stores.room", found["database.unreachable"]["repair"])

    def test_a_schema_that_was_changed_by_hand(self):
        found, _ = self.findings("--full")
        self.assertEqual(found, {})
        servers = self.server.servers
        shard, name = servers.server_of("shard_1"), servers.name + "_shard_1"
        shard.execute("CREATE INDEX by_hand ON message (created_at)", name)
        try:
            found, facts = self.findings("--full")
        finally:
            shard.execute("DROP INDEX by_hand ON message", name)
        self.assertEqual(list(found), ["schema.drift"])
        self.assertEqual(found["schema.drift"]["what"], "shard-1 is not as its migrations make it")
        self.assertIn("by_hand", found["schema.drift"]["evidence"])
        self.assertIn("respring migrate verify", found["schema.drift"]["repair"])
        self.assertEqual([d["name"] for d in facts["databases"] if d["differences"]], ["shard-1"])
        self.assertEqual(self.findings("--full")[0], {}, "gone after the repair")

    def test_a_schema_that_cannot_be_compared_is_said(self):
        """Its user may not make a database beside it."""
        servers = self.server.servers
        server, narrow = servers.server_of("user"), servers.name[:20] + "_user"
        file = self.server.folder / "narrow"
        file.write_text("narrow-1\n", encoding="utf-8")
        server.execute(f"CREATE USER {narrow} IDENTIFIED BY 'narrow-1';"
                       f"GRANT ALL ON {servers.name}_user.* TO {narrow}")
        self.addCleanup(server.execute, f"DROP USER {narrow}")
        found, _ = self.findings(
            "--full", "--set", "stores.user=" + servers.dsn("user").replace("respring@", narrow + "@"),
            "--set", f"stores.user_password_file={file}")
        self.assertEqual(list(found), ["schema.not_compared"])
        self.assertIn("denied", found["schema.not_compared"]["evidence"])
        self.assertIn("respring_scratch_", found["schema.not_compared"]["repair"])

    def test_a_message_is_traced_from_the_shard_to_the_index(self):
        place = f"{self.room}:{self.seq}"
        deadline = time.monotonic() + 30
        while True:  # the groups commit a moment after their effect, the outbox lets go when it was told
            ran = self.operator.json("trace", place, *self.words)
            self.assertEqual(ran.code, 0, ran)
            traced = ran.json["messages"][0]
            done = all(group["done"] for group in traced["bus"]["groups"])
            if (done and not traced["in_outbox"]) or time.monotonic() > deadline:
                break
        self.assertEqual((traced["in_outbox"], traced["blind"]), (False, []))
        self.assertIsInstance(traced["bus"]["offset"], int)
        self.assertEqual({g["group"] for g in traced["bus"]["groups"] if g["done"]},
                         {"search-index", "room-lists"})
        self.assertEqual(traced["index"], {"present": True, "version": 1, "tombstone": False})

    def test_a_server_that_is_away_hides_its_part_only(self):
        ran = self.operator.json("trace", f"{self.room}:{self.seq}", *self.words,
                                 "--set", f"search=elasticsearch+http://{AWAY}/x")
        traced = ran.json["messages"][0]
        self.assertEqual((ran.code, traced["index"]), (0, None), ran)
        self.assertIn("127.0.0.1:1", traced["blind"][0])
        self.assertIsInstance(traced["bus"]["offset"], int)


class Ahead(Mysql):
    """Its clock goes ten minutes fast."""

    def command(self):
        # The dynamic linker knows what $LIB is here. Not libfaketimeMT, and the monotonic clock moves,
        # too: otherwise this MySQL takes minutes for what takes seconds.
        return ["env", "LD_PRELOAD=/usr/$LIB/faketime/libfaketime.so.1", "FAKETIME=+10m",
                *super().command()]


class WhatOthersBroke(Doctor):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kafka = kinds.server(cls.server.servers.stack, "kafka")

    def topic_of(self, prefix):
        return f"{prefix}respring.room-events.v1"

    def soon_found(self, code, *words):
        return self.soon(lambda: self.findings(*words)[0].get(code), 60)

    def test_an_event_that_nobody_can_handle(self):
        self.kafka.produce(self.topic_of(self.server.servers.name + "."), self.room, "no event at all")
        finding = self.soon_found("events.dead")
        self.assertEqual(finding["rank"], "medium")
        self.assertIn("respring events dlq list", finding["repair"])
        listed = self.operator("events", "dlq", "list", *self.words)
        self.assertIn("not valid JSON", listed.out)

    def test_a_topic_that_somebody_made_larger(self):
        """Of another platform: whoever reads a topic looks for new partitions after minutes only."""
        prefix = f"{self.server.servers.name}.other."
        others = ["--set", f"bus_prefix={prefix}"]
        made = self.operator("events", "topics", "apply", *self.words, *others)
        self.assertEqual(made.code, 0, made)
        self.kafka.add_partitions(self.topic_of(prefix), 65)
        finding = self.soon_found("topics.differ", *others)  # the brokers tell each other first
        self.assertIn("has 65 partitions instead of 64", finding["evidence"])

    def test_a_server_whose_clock_is_wrong(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory(dir=places.memory())))
        server = self.enterContext(Ahead(folder / "mysql-1"))
        server.execute("CREATE DATABASE elsewhere")
        elsewhere = ["--set", f"stores.user=mysql://respring@127.0.0.1:{server.port}/elsewhere"]
        made = self.operator("migrate", "up", *self.words, *elsewhere)
        self.assertEqual(made.code, 0, made)
        found, facts = self.findings(*elsewhere)
        self.assertIn("user", found["clock.differs"]["what"])
        ahead = next(d["clock_ms"] for d in facts["databases"] if d["name"] == "user")
        self.assertAlmostEqual(ahead / 60_000, 10, delta=0.2)


if __name__ == "__main__":
    unittest.main()
