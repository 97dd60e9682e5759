"""search on Elasticsearch, MySQL and Kafka: a new generation beside the one that serves, killed and
gone on with while people write, and the way back."""

import signal
import subprocess
import threading
import time
import unittest

from support import apart, server as binary
from support.cli import Operator
from support.people import Person

MANY = 30_000


class SearchEngine(unittest.TestCase):
    def setUp(self):
        self.server = apart.Server()
        self.addCleanup(self.server.close)
        self.server.start()
        self.words = ["--config", str(self.server.folder / "respring.yaml")]
        self.operator = Operator(self.server.data)
        self.minsu, self.jiwoo = Person(self.server, "민수"), Person(self.server, "지우")
        self.rooms = [self.minsu.group(f"방 {n}", self.jiwoo) for n in range(4)]
        self.texts = {}
        self.kept = self.send(0, "온라인커뮤니티에서 만나요")
        self.edited = self.send(0, "처음에 쓴 말")
        self.minsu.edit(self.rooms[0], self.edited, "고쳐 쓴 낱말")
        self.deleted = self.send(1, "지워질 말")
        self.minsu.erase_message(self.rooms[1], self.deleted)

    def send(self, room, text):
        return self.minsu.send(self.rooms[room], text)["seq"]

    def run_search(self, *words, code=0, **kwargs):
        ran = self.operator.json("search", *words, *self.words, timeout=120, **kwargs)
        self.assertEqual(ran.code, code, ran)
        return ran.json if code in (0, 1) else ran.error

    def found(self, text):
        """The places of every hit."""
        places, more = [], {}
        while True:
            page = self.minsu.get("/v1/search", q=text, limit=100, **more).json
            places += [(item["room"], item["message"]["seq"]) for item in page["items"]]
            if "next_cursor" not in page:
                return sorted(places)
            more = {"cursor": page["next_cursor"]}

    def soon_found(self, text, expected):
        deadline = time.monotonic() + 30
        while self.found(text) != expected and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(self.found(text), expected)

    def soon_verified(self, *words):
        """The index agrees once the indexer has caught up."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            ran = self.operator.json("search", "verify", *words, *self.words, timeout=120)
            if ran.code == 0:
                return ran.json
        self.fail(f"{ran!r}\n{self.server.log_of('search').read_text()[-2000:]}")

    def serving(self):
        return [one["index"] for one in self.run_search("status")["generations"] if one["serving"]]

    def many_messages(self):
        """Puts many messages into a room by hand, as if sent long ago."""
        for shard in ("shard_0", "shard_1"):
            mysql = self.server.servers.server_of(shard)
            database = f"{self.server.servers.name}_{shard}"
            row = mysql.execute("SELECT slot, room_id, last_seq, last_ordinal FROM room LIMIT 1",
                                database).split()
            if not row:
                continue
            slot, room, seq, ordinal = map(int, row)
            mysql.execute(
                f"SET SESSION cte_max_recursion_depth={MANY + 1};"
                "INSERT INTO message (slot, room_id, seq, ordinal, sender_id, cid, content_hash, "
                "text, attachments, created_at, version) "
                f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{MANY}) "
                f"SELECT {slot}, {room}, {seq}+i, {ordinal}+i, {self.minsu.id}, "
                "UNHEX(LPAD(HEX(i),32,'0')), UNHEX(REPEAT('0',32)), "
                "CONCAT('메시지 ', i, ' 온라인에서 다시 만나요'), '[]', 1790000000000+i, 1 FROM n;"
                f"UPDATE room SET last_seq=last_seq+{MANY}, last_ordinal=last_ordinal+{MANY} "
                f"WHERE slot={slot} AND room_id={room}", database)

    def doctor(self):
        ran = self.operator.json("doctor", *self.words, timeout=60)
        return {finding["code"]: finding for finding in ran.json["findings"]}

    def kill_a_reindex(self):
        """Starts one and kills it in the middle of the scan."""
        words = [binary.BINARY, "search", "reindex", "--json", "--set",
                 f"data_dir={self.server.data}", *self.words]
        said = self.server.folder / "killed.txt"
        with said.open("w") as out:
            process = subprocess.Popen(words, stdout=out, stderr=out, env=binary.ENVIRONMENT)
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            states = {one["state"]: one for one in self.run_search("status")["generations"]}
            half = states.get("being built: scanning")
            if half and half["documents"]:
                break
        self.assertIsNone(process.poll(), f"over before it was killed: {said.read_text('utf-8')}")
        process.kill()
        process.wait(timeout=30)
        return half

    def test_killed_in_the_middle_and_gone_on_with_while_people_write(self):
        self.many_messages()
        sent, stop = [], threading.Event()

        def write():
            while not stop.is_set():
                room = len(sent) % 4
                sent.append((self.rooms[room], self.send(room, f"나중소식 {len(sent)}")))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            half = self.kill_a_reindex()
            finding = self.doctor()["index.unfinished"]
            self.assertEqual((finding["rank"], finding["evidence"]), ("low", half["index"]))
            resumed = self.run_search("reindex")
        finally:
            stop.set()
            writer.join()
        self.assertTrue(resumed["resumed"])
        self.assertEqual((resumed["job"], resumed["index"]), (half["job"], half["index"]))
        self.assertEqual(self.serving(), [half["index"]])
        self.assertGreater(len(sent), 10)
        self.soon_found("나중소식", sorted(sent))
        self.soon_verified("--full")
        self.assertEqual(self.found("커뮤니티"), [(self.rooms[0], self.kept)])
        self.assertEqual(self.found("낱말"), [(self.rooms[0], self.edited)])
        self.assertEqual(self.found("지워질"), [])

    def sessions(self, shard):
        """Of everybody, on a shard's database."""
        servers = self.server.servers
        return set(servers.server_of(shard).execute(
            f"SELECT id FROM information_schema.processlist WHERE db='{servers.name}_{shard}'").split())

    def test_a_shard_may_be_left_alone_for_longer_than_a_minute(self):
        """As the last one is while the others are read; MySQL ends the sessions of nodes after a minute."""
        self.many_messages()
        before = self.sessions("shard_1")
        process = subprocess.Popen([binary.BINARY, "search", "reindex", "--json", "--set",
                                    f"data_dir={self.server.data}", *self.words],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   env=binary.ENVIRONMENT)
        self.addCleanup(process.kill)
        deadline = time.monotonic() + 60
        while not self.sessions("shard_1") - before:
            self.assertLess(time.monotonic(), deadline)
        process.send_signal(signal.SIGSTOP)
        time.sleep(65)
        process.send_signal(signal.SIGCONT)
        said, _ = process.communicate(timeout=200)
        # Frozen, it may have given up on the engine; the shards must still be there.
        self.assertIn(process.returncode, (0, 5), said)
        self.assertNotIn("database", said)

    def test_the_way_back_has_what_was_sent_meanwhile(self):
        self.soon_verified()
        first = self.serving()
        refused = self.run_search("rollback", code=4)
        self.assertIn("no older generation", refused["message"])
        self.run_search("reindex")
        second = self.serving()
        self.assertNotEqual(first, second)
        later = self.send(2, "되돌리기 전에 쓴 말")
        self.minsu.erase_message(self.rooms[0], self.kept)
        self.assertEqual(self.run_search("rollback", "--dry-run")["index"], first[0])
        self.run_search("rollback")
        self.assertEqual(self.serving(), first)
        self.soon_verified("--full")
        self.assertEqual(self.found("되돌리기"), [(self.rooms[2], later)])
        self.assertEqual(self.found("커뮤니티"), [])
        self.run_search("rollback")
        self.assertEqual(self.serving(), second)
        self.soon_verified("--full")

    def test_what_is_not_to_be_kept_is_removed(self):
        self.soon_verified()
        self.run_search("reindex", "--keep", "0s")
        self.assertEqual(len(self.run_search("status")["generations"]), 1)
        self.run_search("reindex", "--keep", "5s")
        self.assertEqual(len(self.run_search("status")["generations"]), 2)
        deadline = time.monotonic() + 60
        while "index.outdated" not in (found := self.doctor()):
            self.assertLess(time.monotonic(), deadline, found)
        self.assertEqual(found["index.outdated"]["repair"], "respring search prune")
        self.assertEqual(len(self.run_search("prune", "--dry-run")["removed"]), 1)
        self.assertEqual(len(self.run_search("prune")["removed"]), 1)
        self.assertNotIn("index.outdated", self.doctor())
        self.assertEqual(self.run_search("prune")["removed"], [])

    def test_differences_are_found_and_repaired(self):
        self.soon_verified()
        name = self.server.servers.name
        engine = self.server.servers.endpoints["elasticsearch"]["url"]
        place = f"{self.rooms[0]}:{self.kept}"
        done = subprocess.run(["curl", "-sf", "-XDELETE",
                               f"{engine}/{name}/_doc/{place}?refresh=true&version=9&"
                               "version_type=external"],
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done)
        verdict = self.run_search("verify", code=1)
        self.assertEqual({(d["seq"], d["what"]) for d in verdict["differences"]},
                         {(0, "has 2 messages, the index 1"), (self.kept, "is not in the index")})
        dry = self.run_search("reindex", "--dry-run")
        self.assertEqual((dry["messages"], dry["resumes"]), (3, False))
        self.run_search("reindex")
        self.assertTrue(self.run_search("verify", "--full")["agree"])

    def test_wrong_words_and_an_engine_that_is_away(self):
        for words in (["--keep", "soon"], ["--writers", "0"]):
            self.assertEqual(self.run_search("reindex", *words, code=64)["code"], "usage")
        for verb in ("reindex", "status", "verify", "rollback", "prune"):
            error = self.run_search(verb, "--set", "search=elasticsearch+http://127.0.0.1:1/x", code=5)
            self.assertEqual(error["code"], "search.unavailable")
            self.assertIn("127.0.0.1:1", error["message"])


if __name__ == "__main__":
    unittest.main()
