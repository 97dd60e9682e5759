"""doctor: a healthy site, and each kind of damage with the command that repairs it."""

import ast
import json
import os
import re
import resource
import sqlite3
import subprocess
import time
import unittest
from pathlib import Path
from unittest import mock

from support import server as binary
from support.case import Patient
from support.cli import Operator
from support.ports import HeldPorts
from support.people import PASSWORD, Person
from support.server import Server

# What the machine itself may lack is no matter of these tests.
OF_THE_MACHINE = {"data.space", "limits.descriptors", "passwords.slow", "passwords.memory"}


def time_of(fake):
    """The variables that make a program see another time (libfaketime)."""
    return {"LD_PRELOAD": "/usr/$LIB/faketime/libfaketime.so.1", "FAKETIME": fake}


class Site(Patient):
    """A server with a room, a conversation and an index that knows it."""

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.server.start()
        self.operator = Operator(self.server.data)
        self.person = Person(self.server, "민수")
        self.room = self.person.group("비밀 모임")
        for text in ("하나", "둘", "셋"):
            self.person.send(self.room, "몰래 한 말 " + text)
        self.soon(lambda: self.operator("search", "verify").code == 0)

    def stop(self):
        self.assertEqual(self.server.stop(), 0)

    def findings(self, *words, **kwargs):
        ran = self.operator.json("doctor", *words, **kwargs)
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


class Doctor(Site):
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

    def test_looking_makes_nothing(self):
        self.stop()
        (self.server.data / "blobs" / ".unfinished").rmdir()
        (self.server.data / "blobs").rmdir()
        self.assertEqual(self.findings("--full"), {})
        self.assertFalse((self.server.data / "blobs").exists())

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

    def test_a_blob_store_that_cannot_be_used(self):
        self.stop()
        folder = self.server.data / "blobs"
        folder.mkdir(exist_ok=True)
        self.assertEqual(self.findings(), {})
        self.assertEqual([p.name for p in folder.rglob("*") if p.is_file()], [])
        folder.rename(self.server.data / "away")
        folder.write_text("no folder", encoding="utf-8")
        self.assertIn(str(folder), self.findings()["server.unusable"]["evidence"])
        secret = self.server.folder / "secret-key"
        secret.write_text("hunter2hunter2", encoding="utf-8")
        with HeldPorts(1) as held:
            words = ("--set", f"blobs=s3://chat?endpoint=http://127.0.0.1:{held.numbers[0]}",
                     "--set", "blobs_access_key=anna", "--set", f"blobs_secret_key_file={secret}")
            bundle = self.server.folder / "blobs.json"
            found = self.findings(*words, "--bundle", str(bundle))["server.unusable"]
        self.assertIn("does not answer", found["evidence"])
        self.assertIn("config explain blobs", found["repair"])
        self.assertIn(str(secret), bundle.read_text(encoding="utf-8"))
        self.assertNotIn("hunter2", bundle.read_text(encoding="utf-8"))

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


class Broken(Site):
    """Each thing broken by itself is found, and gone after what the finding says to do."""

    def only(self, code, rank, repair, *words):
        found = self.findings(*words)
        self.assertEqual(set(found), {code}, found)
        self.assertEqual(found[code]["rank"], rank)
        self.assertIn(repair, found[code]["repair"])
        return found[code]

    def runs(self, *words):
        ran = self.operator(*words)
        self.assertEqual(ran.code, 0, ran)
        self.assertEqual(self.findings("--full"), {})

    def serves_until_well(self):
        self.server.start()
        self.soon(lambda: self.findings() == {})

    def test_a_move_that_nobody_works_on(self):
        with mock.patch.dict(binary.ENVIRONMENT, RESPRING_FAILPOINT="move.copy.before:kill"):
            self.assertLess(self.operator("shard", "move", "--slot", "7", "--to", "shard-1").code, 0)
        self.assertEqual(self.findings(), {}, "its mover may be at work")
        self.change("meta", "UPDATE move SET lease_until=1")
        finding = self.only("move.left", "medium", "respring shard resume ")
        self.assertIn("stage copy", finding["evidence"])
        self.runs(*re.search(r"respring (shard resume \S+);", finding["repair"])[1].split())

    def test_a_database_that_lacks_a_migration(self):
        self.stop()
        # The last one: columns of an earlier one would come back behind those of the later ones.
        self.change("meta", "DELETE FROM schema_migration WHERE version=5",
                    "ALTER TABLE move DROP COLUMN most_lag_ms")
        found = self.findings()
        self.assertIn("respring migrate up", found["schema.behind"]["repair"])
        self.runs("migrate", "up")

    def test_a_database_of_a_newer_program_and_of_other_files(self):
        self.stop()
        self.change("user", "INSERT INTO schema_migration SELECT 99, 1, 'later', chain, state, at "
                            "FROM schema_migration LIMIT 1")
        self.assertIn("use that program", self.findings()["schema.newer"]["repair"])
        self.change("user", "DELETE FROM schema_migration WHERE version=99",
                    "UPDATE schema_migration SET chain='0' WHERE version=1")
        self.assertIn("use that program", self.findings()["schema.changed"]["repair"])

    def test_events_that_nobody_published(self):
        shard = self.shard()
        self.change(shard, "CREATE TABLE seen_events (events BLOB)",
                    "CREATE TRIGGER see AFTER INSERT ON outbox "
                    "BEGIN INSERT INTO seen_events VALUES (NEW.events); END")
        self.person.send(self.room, "넷")
        self.stop()
        self.change(shard, "DROP TRIGGER see",
                    "INSERT INTO outbox (events, created_at) SELECT events, 1 FROM seen_events",
                    "DROP TABLE seen_events")
        self.only("outbox.old", "low", "respring serve")
        self.serves_until_well()
        self.stop()

    def test_a_consumer_that_has_not_followed(self):
        self.stop()
        self.change("bus", "UPDATE bus_commit SET pos=0")
        found = self.findings()
        self.assertEqual(found["events.behind"]["repair"], "respring serve")
        self.serves_until_well()
        self.stop()

    def test_a_clock_behind_what_is_stored(self):
        self.stop()
        shard = self.shard()
        later = int(time.time() * 1000) + 3_600_000
        self.change(shard, f"UPDATE room SET last_at={later}")
        finding = self.only("clock.behind", "medium", "timedatectl")
        self.assertRegex(finding["evidence"], r"by 35\d\d s")

    def test_an_index_that_is_damaged_a_little_or_for_good_is_made_again(self):
        self.stop()
        file = self.server.data / "search.db"
        for code, damage in (("database.damaged", lambda whole: whole[:-4096] + b"\xff" * 4096),
                             ("database.unreadable", lambda whole: b"\xff" * len(whole))):
            self.change("search", "PRAGMA wal_checkpoint(TRUNCATE)")
            file.write_bytes(damage(file.read_bytes()))
            found = self.findings()
            self.assertIn(code, found)
            self.assertEqual(found[code]["rank"], "medium")
            self.assertIn("respring search reindex --fresh", found[code]["repair"])
            self.runs("search", "reindex", "--fresh")

    def test_no_directory_and_one_that_may_not_be_read(self):
        self.stop()
        nowhere = Operator(self.server.folder / "nowhere").json("doctor")
        self.assertEqual(nowhere.json["findings"][0]["code"], "data.missing")
        if os.getuid() != 0:
            return  # it is ours
        self.server.folder.chmod(0o755)
        self.server.data.chmod(0o755)
        somebody = self.operator.json("doctor", user=65534, group=65534, extra_groups=[])
        found = {f["code"]: f for f in somebody.json["findings"]}
        self.assertIn("chown -R", found["data.not_writable"]["repair"])
        self.assertIn("database.closed", found)
        self.assertIn("run it as the owner", found["database.closed"]["repair"])
        self.assertNotIn("database.unreadable", found, "no backup repairs that")

    def test_what_the_machine_lacks(self):
        self.stop()
        few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (900, 900))  # noqa: E731
        ran = self.operator.json("doctor", preexec_fn=few)
        found = {f["code"]: f for f in ran.json["findings"]}
        self.assertIn("ulimit -n", found["limits.descriptors"]["repair"])

    def test_a_clock_that_nobody_set_and_hashing_that_takes_long(self):
        self.stop()
        self.assertIn("clock.unset", self.findings(variables=time_of("@2020-01-01 00:00:00")))
        # A clock that runs forty times as fast makes the machine so much slower.
        ran = self.operator.json("doctor", variables=time_of("+0 x40"))
        slow = next(f for f in ran.json["findings"] if f["code"] == "passwords.slow")
        self.assertIn("log-ins per second", slow["repair"])

    def test_hashing_that_may_take_the_memory(self):
        self.stop()
        little = lambda: resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))  # noqa: E731
        ran = self.operator.json("doctor", "--set", "auth.password_pool_threads=64",
                                 preexec_fn=little)
        found = {f["code"]: f for f in ran.json["findings"]}
        self.assertIn("lower auth.password_pool_threads", found["passwords.memory"]["repair"])

    def test_a_disk_that_is_nearly_full(self):
        self.stop()
        alone = ["unshare", "--mount"] + ["--map-root-user"] * (os.getuid() != 0)
        move = "mount -t tmpfs -o size=50m small $1 && cp -a $2/. $1 && shift 2 && exec \"$@\""
        small = self.server.folder / "small"
        small.mkdir()
        done = subprocess.run([*alone, "sh", "-c", move, "sh", small, self.server.data, binary.BINARY,
                               "doctor", "--json", "--set", f"data_dir={small}"],
                              capture_output=True, text=True, check=False)
        found = {f["code"]: f for f in json.loads(done.stdout)["findings"]}
        self.assertEqual(found["data.space"]["rank"], "high", done)

    def test_what_could_not_be_looked_at(self):
        self.stop()
        self.change("meta", "ALTER TABLE move RENAME TO moved")
        found = self.findings()
        self.assertIn("moves of slots", found["doctor.blind"]["evidence"])


class Secrets(Site):
    CANARY = "canary-5f0e9b"

    def test_no_secret_of_the_configuration_is_told_by_anything(self):
        """Every setting that is a secret holds one; whatever doctor says and writes holds none."""
        self.stop()
        secrets = [line.split()[0] for line in self.operator("config", "explain").out.splitlines()
                   if line.split() and line.split()[0].endswith("_file")]
        self.assertGreaterEqual(len(secrets), 10, secrets)
        file = self.server.folder / "secret"
        file.write_text(self.CANARY * 4, encoding="utf-8")
        file.chmod(0o600)
        words = [word for name in secrets for word in ("--set", f"{name}={file}")]
        away = "127.0.0.1:1"
        words += [word for setting in (
            f"redis.pubsub=redis://somebody@{away}/0", f"redis.sessions=redis://{away}/1",
            f"redis.limits=redis://{away}/2", f"search=elasticsearch+http://somebody@{away}/x",
            f"bus=kafka://{away}", f"stores.user=mysql://somebody@{away}/nothing",
            f"stores.room=mysql://somebody@{away}/nothing",
            f"telemetry.otlp_endpoint=http://{away}/v1/traces?api_key={self.CANARY}") for word in ("--set", setting)]
        bundle = self.server.folder / "bundle.json"
        ran = self.operator.json("doctor", "--bundle", str(bundle), *words, timeout=120)
        self.assertEqual(ran.code, 1, ran)
        unusable = [f for f in ran.json["findings"]
                    if f["code"] in ("server.unusable", "database.unreachable")]
        self.assertGreaterEqual(len(unusable), 6, "so many were asked with a password")
        for text in (ran.out, ran.err, bundle.read_text(encoding="utf-8")):
            self.assertNotIn(self.CANARY, text)
        self.assertEqual(json.loads(bundle.read_text("utf-8"))["settings"]["cluster.key_file"]["value"],
                         str(file))

    def test_a_password_in_a_url_is_refused_before_anything_could_tell_it(self):
        self.stop()
        for setting in (f"redis.pubsub=redis://:{self.CANARY}@127.0.0.1:1/0",
                        f"redis.pubsub=redis://127.0.0.1:1/0?password={self.CANARY}",
                        f"bus=kafka://127.0.0.1:1?sasl.password={self.CANARY}",
                        f"peers.user=http://u:p@127.0.0.1:1,http://u:{self.CANARY}@127.0.0.1:2",
                        f"stores.user=mysql://u:p@{self.CANARY}@127.0.0.1:1/x",
                        f"stores.user=mysql://u@127.0.0.1:1/x?password={self.CANARY}",
                        f"trusted_proxies=http://u:{self.CANARY}@127.0.0.1",
                        f"telemetry.otlp_endpoint=http://{self.CANARY}@127.0.0.1:1/v1/traces",
                        f"search=elasticsearch+http://u:{self.CANARY}@127.0.0.1:1/x",
                        f"bus=kafka://u:{self.CANARY}@127.0.0.1:1",
                        f"stores.user=mysql://u:{self.CANARY}@127.0.0.1:1/x"):
            for words in (("doctor",), ("config", "check"), ("config", "explain")):
                ran = self.operator.json(*words, "--set", setting)
                self.assertEqual(ran.code, 78, (setting, ran))
                self.assertNotIn(self.CANARY, ran.out + ran.err)


ASSERTIONS = ("only", "soon_found", "assertIn", "assertEqual")


def asserted(tree):
    """Texts that a test fails without: what is looked up, what must be in or equal, and what a loop goes through."""
    def texts(*nodes):
        return {n.value for node in nodes for n in ast.walk(node)
                if isinstance(n, ast.Constant) and isinstance(n.value, str)}

    found = set()
    tests = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))
    for node in (inner for test in tests for inner in ast.walk(test)):
        if isinstance(node, ast.Subscript):
            found |= texts(node.slice)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ASSERTIONS:
            found |= texts(*node.args)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "next":
            found |= texts(*node.args)
        elif isinstance(node, ast.For):
            found |= texts(node.iter)
    return found


class EveryCode(unittest.TestCase):
    def test_each_finding_is_produced_by_breaking_that_thing(self):
        root = Path(__file__).resolve().parents[2]
        rules = "".join((root / f"pkg/ops/doctor/{name}.cc").read_text("utf-8")
                        for name in ("findings", "surroundings"))
        # A finding is a rank, or what decides on it, and a code: no text may be made of parts.
        pushed = re.findall(r'push_back\(\s*\{([^,"]*),\s*([^,]*),', rules)
        self.assertEqual(len(pushed), rules.count("push_back({") + rules.count("push_back(\n"), "each is understood")
        codes = {code for _, said in pushed for code in re.findall(r'"([^"]*)"', said)}
        for code in codes:
            self.assertRegex(code, r"^[a-z]+\.[a-z_]+$")
        self.assertGreaterEqual(len(codes), 36, codes)
        by_breaking = set()
        for name in ("cli_doctor", "cli_doctor_servers", "cli_search_engine"):
            by_breaking |= asserted(ast.parse((root / f"tests/integration/{name}_test.py").read_text("utf-8")))
        self.assertEqual(codes - by_breaking, set())


if __name__ == "__main__":
    unittest.main()
