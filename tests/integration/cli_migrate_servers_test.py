"""migrate over MySQL servers: killed anywhere it goes on, two at once, rehearsal, drift, many shards."""

import os
import signal
import subprocess
import tempfile
import time
import unittest

from support import server as binary
from support.case import Patient
from support.mysql_site import MysqlSite


class MigrateServers(Patient):
    def site(self, shards=2):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="respring-migrate-"))
        site = MysqlSite(folder, shards)
        self.addCleanup(site.drop)
        self.operator = site.operator()
        return site

    def states(self):
        return {d["state"] for d in self.operator.json("migrate", "status").json["databases"]
                if d["used"]}

    def test_killed_between_any_two_statements_it_goes_on(self):
        self.site(1)
        planned = self.operator.json("migrate", "plan").json["databases"]
        places = {(int(s["file"][:4]), s["number"]) for d in planned for s in d["statements"]
                  if not d["database"] in ("bus", "search")}
        self.assertGreater(len(places), 20)
        kills = 0
        for version, statement in sorted(places):
            for when in ("before", "intent", "executed"):
                # The place is passed by every database that has such a statement and lacks it.
                killed = self.operator.dying("migrate", "up",
                                             at=f"migrate.{version}.{statement}.{when}:kill")
                self.assertIn(killed.code, (-signal.SIGKILL, 0), killed)
                kills += killed.code != 0
        self.assertGreater(kills, 40)
        done = self.operator("migrate", "up")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(self.states(), {"current"})
        verified = self.operator("migrate", "verify")
        self.assertEqual(verified.code, 0, verified)

    def only_in_shards(self):
        """A place that no other database passes."""
        planned = self.operator.json("migrate", "plan").json["databases"]
        places = {True: set(), False: set()}
        for d in planned:
            for s in d["statements"]:
                places[d["database"].startswith("shard-")].add((int(s["file"][:4]), s["number"]))
        version, statement = max(places[True] - places[False])
        return f"migrate.{version}.{statement}.executed"

    def start(self, site, data, at):
        words = [binary.BINARY, "migrate", "up", "--config", str(site.config),
                 "--set", f"data_dir={site.folder / data}"]
        started = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env={**binary.ENVIRONMENT, "RESPRING_FAILPOINT": at})
        self.addCleanup(started.wait)
        self.addCleanup(started.kill)
        return started

    def test_a_second_migrator_is_refused_and_a_dead_one_holds_nobody_up(self):
        site = self.site()
        place = self.only_in_shards()
        first = self.start(site, "elsewhere", place + ":stop")
        os.waitpid(first.pid, os.WUNTRACED)
        refused = self.operator.json("migrate", "up")
        self.assertEqual((refused.code, refused.error["code"]), (4, "migrate.busy"), refused)
        self.assertIn("another migration", refused.error["message"])
        first.send_signal(signal.SIGKILL)
        first.communicate(timeout=60)
        deadline = time.monotonic() + 30  # until MySQL has noticed that its client is gone
        while (done := self.operator.json("migrate", "up")).code == 4:
            self.assertLess(time.monotonic(), deadline, done)
        self.assertEqual(done.code, 0, done)
        moved = self.operator.json("shard", "move", "--slot", "7", "--to", "shard-1")
        self.assertEqual(moved.code, 0, moved)

    def assert_no_scratch_is_left(self, site):
        """Other tests' commands make some on the same server meanwhile, and drop them."""
        def there():
            return set(site.query("meta", "SHOW DATABASES LIKE 'respring_scratch%'").split())
        left = there()
        self.soon(lambda: not left & there(), 60)

    def test_a_plan_is_rehearsed_in_a_scratch_database(self):
        site = self.site()
        planned = self.operator.json("migrate", "plan")
        self.assertEqual(planned.code, 0, planned)
        found = {d["database"]: d for d in planned.json["databases"]}
        self.assertTrue(found["shard-0"]["rehearsed"])
        kinds = {s["algorithm"] for s in found["meta"]["statements"]}
        self.assertEqual(kinds, {"NEW", "INSTANT", "INPLACE"})
        self.assert_no_scratch_is_left(site)
        self.assertEqual(site.query("shard-0", "SHOW TABLES"), "", "the plan changed nothing")

    def test_a_shard_that_drifted_or_has_other_contents_is_named(self):
        site = self.site()
        self.assertEqual(self.operator("migrate", "up").code, 0)
        site.query("shard-1", "CREATE INDEX by_hand ON message (created_at)")
        verified = self.operator.json("migrate", "verify")
        self.assertEqual(verified.code, 1, verified)
        found = {d["database"]: d["differences"] for d in verified.json["databases"]}
        self.assertEqual((found["shard-0"], len(found["shard-1"])), ([], 1), found)
        site.query("shard-1", "UPDATE schema_migration SET chain='0' WHERE version=1")
        refused = self.operator.json("migrate", "up")
        self.assertEqual((refused.code, refused.error["code"]), (4, "migrate.changed"), refused)
        self.assertIn("shard-1", refused.error["message"])

    def test_many_shards_come_in_waves_behind_the_first(self):
        site = self.site(9)
        self.assertEqual(self.operator("migrate", "up", "--parallel", "4").code, 0)
        self.assertEqual(self.states(), {"current"})
        for shard in site.shards:  # one that cannot be migrated holds up those behind it
            site.query(shard, "DELETE FROM schema_migration WHERE version=3; DROP TABLE slot_import;"
                              "DROP INDEX slot_journal_slot ON slot_journal")
        site.query("shard-2", "CREATE TABLE slot_import (a INT)")
        stopped = self.operator("migrate", "up", "--parallel", "4")
        self.assertEqual(stopped.code, 3, stopped)
        self.assertIn("shard-2", stopped.err)
        found = {d["database"]: d["state"] for d in
                 self.operator.json("migrate", "status").json["databases"]}
        self.assertEqual([found[s] for s in ("shard-0", "shard-1", "shard-2", "shard-5")],
                         ["current", "current", "behind", "behind"])
        further = self.operator("migrate", "up", "--keep-going")
        self.assertEqual(further.code, 3, further)
        found = {d["database"]: d["state"] for d in
                 self.operator.json("migrate", "status").json["databases"]}
        self.assertEqual({s for s, state in found.items() if state == "behind"}, {"shard-2"})
        site.query("shard-2", "DROP TABLE slot_import")
        self.assertEqual(self.operator("migrate", "up").code, 0)


if __name__ == "__main__":
    unittest.main()
