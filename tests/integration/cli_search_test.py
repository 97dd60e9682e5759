"""search: the embedded index against the room logs; building it anew, cut off and resumed."""

import json
import signal
import sqlite3
import subprocess
import time
import unittest

from support import server as binary
from support.case import Patient
from support.cli import Operator
from support.people import Person
from support.server import Server


class SearchIndex(Patient):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.server.start()
        self.operator = Operator(self.server.data)
        self.minsu, self.jiwoo = Person(self.server, "민수"), Person(self.server, "지우")
        self.room = self.minsu.group("방", self.jiwoo)
        self.kept = self.minsu.send(self.room, "온라인커뮤니티에서 만나요")["seq"]
        self.edited = self.minsu.send(self.room, "처음에 쓴 말")["seq"]
        self.minsu.edit(self.room, self.edited, "고쳐 쓴 낱말")
        self.deleted = self.minsu.send(self.room, "지워질 말")["seq"]
        self.minsu.erase_message(self.room, self.deleted)

    def stop(self):
        """Ends the server once everything it was told is in the index."""
        self.soon(lambda: self.operator("search", "verify", "--full").code == 0)
        self.assertEqual(self.server.stop(), 0)

    def found(self, text):
        items = self.minsu.get("/v1/search", q=text).json["items"]
        return sorted(item["message"]["seq"] for item in items)

    def index(self, statement):
        with sqlite3.connect(self.server.data / "search.db") as database:
            database.execute(statement)
        database.close()

    def damage(self):
        """One message is lost to the index, one is as it was before it was edited."""
        self.index(f"DELETE FROM search_document WHERE seq={self.kept}")
        self.index(f"UPDATE search_document SET version=1 WHERE seq={self.edited}")

    def test_serve_says_when_the_index_was_lost(self):
        self.stop()
        self.server.start()
        self.assertNotIn("search.index_lost", self.server.said())
        self.server.stop()
        for file in self.server.data.glob("search.db*"):
            file.unlink()
        self.server.start()
        self.soon(lambda: "search.index_lost" in self.server.said())  # by the log's thread
        self.assertIn("respring search reindex", self.server.said())

    def test_status_and_verify_beside_a_running_server(self):
        self.stop()
        self.server.start()
        status = self.operator.json("search", "status")
        self.assertEqual((status.code, status.json["documents"], status.json["lag"],
                          status.json["rooms"], status.json["job"]), (0, 2, 0, 1, None), status)
        verified = self.operator.json("search", "verify", "--full")
        self.assertEqual((verified.code, verified.json["agree"], verified.json["compared"]),
                         (0, True, 3), verified)
        self.assertEqual(self.server.stop(), 0)

    def test_verify_finds_what_differs_and_reindex_repairs_it(self):
        self.stop()
        self.damage()
        verified = self.operator.json("search", "verify")
        self.assertEqual((verified.code, verified.json["agree"]), (1, False), verified)
        self.assertEqual({(d["seq"], d["what"]) for d in verified.json["differences"]},
                         {(0, "has 2 messages, the index 1"), (self.kept, "is not in the index"),
                          (self.edited, "is version 1 in the index, not 2")})
        self.assertIn("search reindex", verified.err)
        dry = self.operator.json("search", "reindex", "--dry-run")
        self.assertEqual((dry.code, dry.json["messages"]), (0, 3), dry)
        self.assertEqual(self.operator("search", "verify").code, 1)
        done = self.operator.json("reindex")
        self.assertEqual((done.code, done.json["rooms"], done.json["documents"]), (0, 1, 3), done)
        self.assertEqual(self.operator("search", "verify", "--full").code, 0)

    def test_a_lost_index_is_built_anew_and_found_in(self):
        self.stop()
        for file in self.server.data.glob("search.db*"):
            file.unlink()
        self.assertEqual(self.operator.json("search", "verify").error["code"], "search.missing")
        self.assertEqual(self.operator("search", "reindex").code, 0)
        self.server.start()
        self.assertEqual(self.found("커뮤니티"), [self.kept])
        self.assertEqual((self.found("낱말"), self.found("처음에"), self.found("지워질")),
                         ([self.edited], [], []))
        later = self.minsu.send(self.room, "커뮤니티 다시")["seq"]
        self.soon(lambda: self.found("커뮤니티") == [self.kept, later])
        self.assertEqual(self.server.stop(), 0)

    def test_a_damaged_index_is_thrown_away(self):
        self.stop()
        (self.server.data / "search.db").write_bytes(b"this is no database" * 1000)
        broken = self.operator.json("search", "reindex")
        self.assertEqual(broken.code, 2, broken)
        self.assertIn("--fresh", broken.error["hint"])
        self.assertEqual(self.operator("search", "reindex", "--fresh").code, 0)
        self.assertEqual(self.operator("search", "verify", "--full").code, 0)

    def test_a_closed_room_leaves_the_index(self):
        self.assertEqual(self.minsu.delete(f"/v1/rooms/{self.room}").status, 204)
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.operator("search", "reindex").code, 0)
        self.assertEqual(self.operator.json("search", "status").json["documents"], 0)

    def test_reindexing_is_refused_while_a_server_runs(self):
        refused = self.operator.json("search", "reindex")
        self.assertEqual((refused.code, refused.error["code"]), (4, "data.locked"), refused)
        self.assertEqual(self.server.stop(), 0)

    def test_there_is_nothing_to_roll_back_to(self):
        refused = self.operator.json("search", "rollback")
        self.assertEqual((refused.code, refused.error["code"]), (4, "search.no_rollback"))
        self.assertEqual(self.server.stop(), 0)

    def test_an_interrupted_reindex_says_how_to_go_on_and_does(self):
        self.stop()
        shards = sorted(self.server.data.glob("shard-*.db"))
        for shard in shards:
            many_messages(shard, 240_000)
        words = [binary.BINARY, "search", "reindex", "--json", "--set", f"data_dir={self.server.data}"]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
        journal = self.server.data / "search-reindex.json"
        while process.poll() is None and not journal.exists():
            time.sleep(0.002)  # the first of the journal, a second after the start
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, said)
        error = json.loads(said.splitlines()[-1])["error"]
        self.assertEqual(error["code"], "search.interrupted")
        self.assertIn("respring search reindex", error["hint"])
        job = self.operator.json("search", "status").json["job"]
        self.assertTrue(job)
        resumed = self.operator.json("search", "reindex", timeout=120)
        self.assertEqual((resumed.code, resumed.json["job"]), (0, job), resumed)
        self.assertIn("going on with job", resumed.err)
        self.assertFalse(journal.exists())
        self.assertEqual(self.operator("search", "verify", timeout=120).code, 0)


def many_messages(shard, count):
    """Puts that many messages into the shard's one room, if it has one."""
    with sqlite3.connect(shard) as database:
        room = database.execute("SELECT slot, room_id, last_seq, last_ordinal FROM room").fetchone()
        if room is None:
            return
        slot, room_id, seq, ordinal = room
        database.executemany(
            "INSERT INTO message (slot, room_id, seq, ordinal, sender_id, cid, content_hash, text, "
            "attachments, created_at, version) VALUES (?,?,?,?,1,?,zeroblob(16),?,'[]',?,1)",
            ((slot, room_id, seq + i, ordinal + i, i.to_bytes(16, "big"),
              f"메시지 {i} 온라인커뮤니티에서 만나요", 1_790_000_000_000 + i)
             for i in range(1, count + 1)))
        database.execute("UPDATE room SET last_seq=last_seq+?, last_ordinal=last_ordinal+?",
                         (count, count))
    database.close()


if __name__ == "__main__":
    unittest.main()
