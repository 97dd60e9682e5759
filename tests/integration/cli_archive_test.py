"""archive: old events leave the databases and come back; a member cannot tell."""

import signal
import sqlite3
import time
import unittest

from support.case import Patient
from support.cli import Operator
from support.people import Person
from support.server import Server

OLDER = "INSERT INTO schema_user VALUES ('respring-old', 3, ?)"
# Everything but the newest five events is old enough.
OLD = ("--older-than", "1ms", "--segment-events", "10", "--keep", "5")


class Archive(Patient):
    """On embedded storage, with blobs in a folder."""

    def setUp(self):
        self.server, self.operator = self.begin()
        self.addCleanup(self.server.close)
        self.minsu, self.jiwoo = Person(self.server, "민수"), Person(self.server, "지우")
        self.room = self.minsu.group("옛 친구들", self.jiwoo)
        self.sent = [self.minsu.send(self.room, f"오래전 편지 {n}")["seq"] for n in range(30)]
        self.minsu.edit(self.room, self.sent[3], "고쳐 쓴 편지")
        self.minsu.erase_message(self.room, self.sent[4])
        self.jiwoo.react(self.room, self.sent[5], "👍")
        for n in range(10):
            self.jiwoo.send(self.room, f"요즘 편지 {n}")

    def begin(self):
        """A running server, and who operates it."""
        server = Server()
        server.start()
        return server, Operator(server.data)

    def blobs(self):
        """The folder where they are in the end."""
        return self.server.data / "blobs"

    def archive(self, *more, **kwargs):
        return self.operator.json("archive", "run", *OLD, "--yes", *more, **kwargs)

    def archived(self):
        """What `archive run` did, shards together."""
        ran = self.archive()
        self.assertEqual(ran.code, 0, ran)
        return {key: sum(shard[key] for shard in ran.json["shards"])
                for key in ("segments", "events", "messages", "left", "removed_objects")}

    def messages(self):
        """How many are in the tables of all shards."""
        total = 0
        for shard in self.server.data.glob("shard-*.db"):
            with sqlite3.connect(shard) as database:
                total += database.execute("SELECT COUNT(*) FROM message").fetchone()[0]
            database.close()
        return total

    def meet_an_older_program(self):
        with sqlite3.connect(self.server.data / "shard-1.db") as database:
            database.execute(OLDER, (time.time_ns() // 1_000_000,))
        database.close()

    def objects(self):
        return sorted(self.blobs().rglob("*.zst"))

    def everything(self, person=None):
        """All that a member can read of the room."""
        person = person or self.jiwoo
        room = self.room
        pages = [person.get(f"/v1/rooms/{room}/messages", limit=limit, **anchor).json
                 for limit in (3, 100)
                 for anchor in ({}, {"before": 20}, {"after": 2}, {"around": 15})]
        one_by_one = [person.get(f"/v1/rooms/{room}/messages/{seq}").json["text"]
                      for seq in self.sent]
        return person.log(room), pages, one_by_one, person.entry(room)

    def verify(self, *more):
        return self.operator.json("archive", "verify", *more)

    def test_a_member_cannot_tell(self):
        before = self.everything()
        exported = self.operator("room", "export", self.room).out
        personal = self.minsu.get("/v1/users/me/export").body
        stored = self.messages()
        done = self.archived()
        self.assertEqual((done["segments"], done["events"], done["left"]), (3, 30, 0), done)
        self.assertEqual(self.messages(), stored - done["messages"])
        self.assertEqual(len(self.objects()), 3)
        self.assertEqual(self.everything(), before)
        self.assertEqual(self.operator("room", "export", self.room).out, exported)
        self.assertEqual(self.minsu.get("/v1/users/me/export").body, personal)
        self.assertEqual(self.archived()["segments"], 0)
        self.server.stop()
        self.server.start()
        self.assertEqual(self.everything(), before)
        self.assertEqual(self.operator("shard", "verify").code, 0)
        self.assertEqual(self.operator("doctor", "--full").code, 0)

    def found(self, text):
        return [item["seq"] for item in self.minsu.get("/v1/search", q=text, limit=100).json["items"]]

    def build_the_index(self):
        self.server.stop()
        made = self.operator("search", "reindex", "--fresh")
        self.assertEqual(made.code, 0, made)
        self.server.start()

    def test_search_finds_what_is_archived_also_with_a_new_index(self):
        self.archived()
        found = self.soon(lambda: len(self.found("오래전")) == 28 and self.found("오래전"), 60)
        self.build_the_index()
        verified = self.operator.json("search", "verify", "--full")
        self.assertEqual((verified.code, verified.json["agree"]), (0, True), verified)
        self.assertEqual(self.found("오래전"), found)

    def test_old_messages_can_be_edited_deleted_answered_and_traced(self):
        self.archived()
        target = self.sent[7]
        self.assertEqual(self.minsu.edit(self.room, target, "한 해 뒤에 고침").status, 200)
        self.assertEqual(self.jiwoo.react(self.room, self.sent[8], "🎉").status, 200)
        self.assertEqual(self.jiwoo.try_send(self.room, "답장", reply_to=self.sent[12]).status, 201)
        self.assertEqual(self.minsu.erase_message(self.room, self.sent[20]).status, 204)
        one = self.jiwoo.get(f"/v1/rooms/{self.room}/messages/{target}").json
        self.assertEqual((one["text"], one["version"]), ("한 해 뒤에 고침", 2))
        seqs = [event["seq"] for event in self.jiwoo.log(self.room)]
        self.assertEqual(seqs, list(range(1, len(seqs) + 1)))
        self.assertGreater(self.archived()["segments"], 0)
        traced = self.operator.json("trace", f"{self.room}:{target}")
        self.assertEqual(traced.code, 0, traced)
        (trace,) = traced.json["messages"]
        self.assertRegex(trace["later_not_listed"], "^any that are archived; the archive ends at seq [0-9]+$")
        again = self.minsu.try_send(self.room, "오래전 편지 9", cid=self.cid_of(self.sent[9]))
        self.assertEqual((again.status, again.json["duplicate"], again.json["message"]["seq"]),
                         (200, True, self.sent[9]), again)

    def cid_of(self, seq):
        return self.minsu.get(f"/v1/rooms/{self.room}/messages/{seq}").json["cid"]

    def test_what_was_taken_back_is_in_no_object(self):
        self.archived()
        before = set(self.objects())
        self.minsu.erase_message(self.room, self.sent[7])
        self.server.stop()  # what nobody needs is removed by then
        self.assertEqual(len(set(self.objects()) & before), 2)
        self.assertEqual(self.verify().code, 0)

    def test_a_run_may_die_anywhere(self):
        before = self.everything()
        for place in ("announce", "write", "commit"):
            with self.subTest(place):
                died = self.archive(failpoint=f"archive.{place}.after:kill")
                self.assertEqual(died.code, -signal.SIGKILL, died)
                self.assertEqual(self.everything(), before)
                self.assertEqual(self.verify().code, 0)
        self.assertEqual(self.archived()["segments"], 2)  # one was committed before it died
        self.assertEqual(self.everything(), before)
        self.assertEqual(self.verify().code, 0)
        status = self.operator.json("archive", "status").json["shards"]
        self.assertEqual((sum(s["segments"] for s in status), sum(s["garbage"] for s in status)),
                         (3, 2), status)

    def test_verify_finds_what_is_missing_damaged_or_too_much(self):
        self.archived()
        self.assertEqual(self.verify().json["segments"], 3)
        missing, damaged, _ = self.objects()
        missing.unlink()
        damaged.write_bytes(b"nonsense")
        (damaged.parent / "extra.jsonl.zst").write_bytes(b"who am I")
        verified = self.verify()
        self.assertEqual((verified.code, verified.json["agree"]), (1, False), verified)
        said = " ".join(finding["finding"] for finding in verified.json["findings"])
        for words in ("is missing", "has other bytes", "belongs to no room"):
            self.assertIn(words, said)
        self.assertEqual(len(self.verify("--quick").json["findings"]), 2)
        answer = self.jiwoo.get(f"/v1/rooms/{self.room}/messages", limit=100)
        self.assertEqual((answer.status, answer.json["code"]), (500, "internal"), answer)
        self.assertEqual(self.jiwoo.get(f"/v1/rooms/{self.room}/messages", limit=5).status, 200)

    def test_restore_puts_everything_back(self):
        before = self.everything()
        stored = self.messages()
        self.archived()
        plan = self.operator.json("archive", "restore", self.room, "--dry-run")
        self.assertEqual((plan.code, plan.json["segments"], len(self.objects())), (0, 3, 3), plan)
        some = self.operator.json("archive", "restore", self.room, "--to", "5", "--yes")
        self.assertEqual((some.code, some.json["events"]), (0, 10), some)
        rest = self.operator.json("archive", "restore", "--all", "--yes")
        self.assertEqual((rest.code, rest.json["segments"]), (0, 2), rest)
        self.assertEqual(self.messages(), stored)
        self.assertEqual(self.objects(), [])
        self.assertEqual(self.everything(), before)

    def test_a_dry_run_changes_nothing_and_says_the_same(self):
        before = self.messages()
        plan = self.archive("--dry-run")
        self.assertEqual((plan.code, plan.json["dry_run"]), (0, True), plan)
        self.assertEqual(sum(shard["events"] for shard in plan.json["shards"]), 30)
        self.assertEqual((self.messages(), self.objects()), (before, []))
        self.assertEqual(self.archived()["events"], 30)

    def test_defaults_touch_nothing_that_is_young(self):
        ran = self.operator.json("archive", "run", "--yes")
        self.assertEqual((ran.code, sum(s["segments"] for s in ran.json["shards"])), (0, 0), ran)

    def test_one_room_alone(self):
        ran = self.archive("--room", "12345")
        self.assertEqual(sum(s["segments"] for s in ran.json["shards"]), 0)
        ran = self.archive("--room", self.room)
        self.assertEqual(sum(s["segments"] for s in ran.json["shards"]), 3)

    def test_an_older_program_would_not_find_what_is_archived(self):
        self.meet_an_older_program()
        refused = self.archive()
        self.assertEqual((refused.code, self.objects()), (4, []), refused)
        self.assertIn("respring-old", refused.error["message"])

    def test_wrong_use_is_said_and_changes_nothing(self):
        for words, code in ((("run", "--older-than", "soon"), 64),
                            (("run", "--older-than", "0d", "--yes"), 64),
                            (("run", "--segment-events", "0", "--yes"), 64),
                            (("run", "--keep", "0", "--yes"), 64),
                            (("run", "--shard", "shard-9", "--yes"), 64),
                            (("run", "--room", "x", "--yes"), 64),
                            (("run", *OLD), 4),  # nobody there to ask
                            (("restore",), 64),
                            (("restore", self.room, "--all", "--yes"), 64),
                            (("restore", self.room, "--from", "9", "--to", "3", "--yes"), 64),
                            (("restore", "x", "--yes"), 64)):
            with self.subTest(words):
                ran = self.operator.json("archive", *words)
                self.assertEqual(ran.code, code, ran)
                self.assertTrue(ran.error["message"], ran)
        self.assertEqual(self.objects(), [])


if __name__ == "__main__":
    unittest.main()
