"""migrate: every database's schema, from nothing, behind, and changed by hand."""

import sqlite3
import tempfile
import unittest
from pathlib import Path

from support.cli import Operator
from support.server import Server

DATABASES = ["meta", "user", "room", "notification", "bus", "search", "shard-0", "shard-1"]


class Migrate(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.data = self.folder / "data"
        self.operator = Operator(self.data)

    def states(self):
        return {d["database"]: d["state"]
                for d in self.operator.json("migrate", "status").json["databases"]}

    def change(self, name, statement):
        with sqlite3.connect(self.data / f"{name}.db") as database:
            database.execute(statement)
        database.close()

    def test_it_makes_everything_and_says_so(self):
        made = self.operator.json("migrate", "up")
        self.assertEqual(made.code, 0, made)
        self.assertEqual(self.states(), {name: "current" for name in DATABASES})
        self.assertEqual((self.data.stat().st_mode & 0o777), 0o700)
        again = self.operator.json("migrate", "up")
        self.assertEqual(again.code, 0, again)
        plan = self.operator.json("migrate", "plan").json
        self.assertEqual([d["statements"] for d in plan["databases"]], [[]] * len(DATABASES))
        verified = self.operator.json("migrate", "verify")
        self.assertEqual((verified.code, verified.json["agree"]), (0, True), verified)

    def test_a_plan_shows_the_statements_and_runs_none(self):
        self.data.mkdir()
        for words in (("plan",), ("up", "--dry-run")):
            plan = self.operator.json("migrate", *words) if words == ("plan",) else None
            if plan:
                texts = [s["sql"] for d in plan.json["databases"] for s in d["statements"]]
                self.assertTrue(any(t.startswith("CREATE TABLE slot_owner") for t in texts), texts)
        dry = self.operator("migrate", "plan")
        self.assertIn("CREATE TABLE account", dry.out)
        self.assertEqual(list(self.data.iterdir()), [])

    def test_a_schema_that_was_changed_by_hand_is_found(self):
        self.operator("migrate", "up")
        self.change("shard-1", "CREATE INDEX by_hand ON message (created_at)")
        self.change("user", "DROP INDEX account_name")
        verified = self.operator.json("migrate", "verify")
        self.assertEqual((verified.code, verified.json["agree"]), (1, False), verified)
        found = {d["database"]: d["differences"] for d in verified.json["databases"]}
        self.assertEqual(found["shard-1"], ["by_hand is not of the migrations"])
        self.assertEqual(found["user"], ["account_name is missing"])
        self.assertEqual(found["shard-0"], [])

    def test_a_newer_database_is_refused_and_nothing_is_changed(self):
        self.operator("migrate", "up")
        self.change("room", "INSERT INTO schema_migration VALUES (99, 1, '0099', 'x', 'done', 0)")
        self.assertEqual(self.states()["room"], "newer")
        for words in (("migrate", "up"), ("user", "list")):
            refused = self.operator.json(*words)
            self.assertEqual(refused.code, 4, (words, refused))

    def test_what_is_behind_is_refused_by_others_and_caught_up_by_up(self):
        self.operator("migrate", "up")
        (self.data / "shard-0.db").unlink()
        (self.data / "shard-0.db").touch()
        self.assertEqual(self.states()["shard-0"], "behind")
        self.assertEqual(self.operator.json("migrate", "verify").code, 1)
        refused = self.operator.json("user", "list")
        self.assertEqual(refused.code, 4, refused)
        self.assertIn("migrate up", refused.error["message"])
        self.assertEqual(self.operator("migrate", "up").code, 0)
        self.assertEqual(self.operator("user", "list").code, 0)

    def test_up_is_refused_while_a_server_runs_and_looking_is_not(self):
        server = Server(folder=self.folder)
        server.start()
        try:
            self.assertEqual(self.operator.json("migrate", "up").error["code"], "data.locked")
            self.assertEqual(self.operator("migrate", "status").code, 0)
            verified = self.operator.json("migrate", "verify")
            self.assertEqual(verified.code, 0, verified)
        finally:
            self.assertEqual(server.stop(), 0)

    def test_a_new_migration_gets_the_next_number(self):
        sources = self.folder / "migrations"
        (sources / "message").mkdir(parents=True)
        ask = ("migrate", "new", "message_language", "--folder", str(sources))
        self.assertEqual(self.operator(*ask, "--dry-run").code, 0)
        self.assertEqual(list((sources / "message").iterdir()), [])
        made = self.operator.json(*ask)
        self.assertEqual(made.code, 0, made)
        file = Path(made.json["file"])
        self.assertRegex(file.name, r"^\d{4}_message_language\.sql$")
        self.assertTrue(file.read_text(encoding="utf-8").startswith("-- phase: expand\n"))
        self.assertEqual(self.operator(*ask).code, 4)
        self.assertEqual(self.operator("migrate", "new", "No Name").code, 64)


if __name__ == "__main__":
    unittest.main()
