"""trace: one message's life as the stores tell it."""

import json
import sqlite3
import unittest

from support.case import ServerTest
from support.cli import Operator
from support.people import new_cid


class Trace(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.operator = Operator(cls.server.data)
        cls.minsu, cls.jiwoo = cls.people("민수", "지우")
        cls.room = cls.minsu.group("방", cls.jiwoo)

    def trace(self, message, *words):
        traced = self.operator.json("trace", message, *words)
        self.assertEqual(traced.code, 0, traced)
        self.assertEqual(len(traced.json["messages"]), 1)
        return traced.json["messages"][0]

    def indexed(self, place, version):
        """The trace, once the index has that version."""
        return self.soon(lambda: (t := self.trace(place))["index"].get("version") == version and t)

    def test_a_message_is_followed_to_the_index_and_its_readers(self):
        cid = new_cid()
        seq = self.minsu.send(self.room, "비밀스러운 말", cid=cid)["seq"]
        place = f"{self.room}:{seq}"
        trace = self.indexed(place, 1)
        shown = self.operator.json("room", "show", self.room).json
        self.assertEqual((trace["shard"], trace["slot"], trace["slot_state"]),
                         (shown["shard"], shown["slot"], "ACTIVE"))
        row = trace["row"]
        self.assertEqual((row["sender"], row["cid"], row["version"], row["deleted"]),
                         (self.minsu.id, cid, 1, False))
        self.assertFalse(trace["index"]["tombstone"])
        # The outbox lets it go once the bus has said that it has it: the index may be faster.
        self.soon(lambda: not self.trace(place)["in_outbox"])
        self.assertEqual((trace["members"], trace["read_by"]), (2, 1))
        self.jiwoo.put(f"/v1/rooms/{self.room}/read", {"seq": seq})
        self.assertEqual(self.trace(place)["read_by"], 2)
        # The position is committed behind the effect: the index may have it a moment earlier.
        done = lambda: {g["group"]: g["done"] for g in self.trace(place)["bus"]["groups"]}
        self.soon(lambda: done()["search-index"])

    def test_it_is_found_by_its_cid(self):
        cid = new_cid()
        seq = self.minsu.send(self.room, "말", cid=cid)["seq"]
        trace = self.trace(cid.upper())
        self.assertEqual((trace["room"], trace["seq"]), (self.room, seq))

    def test_what_was_written_is_shown_only_when_asked_for(self):
        seq = self.minsu.send(self.room, "비밀스러운 말")["seq"]
        for words in ((), ("--json",)):
            self.assertNotIn("비밀", self.operator("trace", f"{self.room}:{seq}", *words).out)
            self.assertIn("비밀", self.operator("trace", f"{self.room}:{seq}", "--text", *words).out)

    def test_edits_reactions_and_a_deletion_follow(self):
        seq = self.minsu.send(self.room, "말")["seq"]
        place = f"{self.room}:{seq}"
        self.minsu.edit(self.room, seq, "고친 말")
        self.jiwoo.react(self.room, seq, "👍")
        self.minsu.erase_message(self.room, seq)
        trace = self.indexed(place, 3)
        self.assertEqual([e["kind"] for e in trace["later"]], ["edited", "reaction", "deleted"])
        self.assertEqual((trace["row"]["version"], trace["row"]["deleted"]), (3, True))
        self.assertTrue(trace["index"]["tombstone"])
        self.assertIsNone(trace["later_not_listed"])

    def test_of_many_changes_the_first_hundred_are_listed(self):
        seq = self.minsu.send(self.room, "말")["seq"]
        for number in range(101):
            self.minsu.edit(self.room, seq, f"고친 말 {number}")
        place = f"{self.room}:{seq}"
        (trace,) = self.operator.json("trace", place).json["messages"]
        self.assertEqual((len(trace["later"]), trace["later_not_listed"]), (100, "those behind the first 100"))
        self.assertIn("not listed: those behind the first 100", self.operator("trace", place).out)

    def test_what_is_no_message_is_said(self):
        for message, code in ((f"{self.room}:1", 2), (f"{self.room}:99999", 2), ("12:1", 2),
                              (new_cid(), 2), ("hello", 64), (self.room, 64), (f"{self.room}:0", 64)):
            self.assertEqual(self.operator.json("trace", message).code, code, message)


class OnItsWay(unittest.TestCase):
    def test_an_event_that_was_not_published_is_in_the_outbox(self):
        from support.people import Person
        from support.server import Server
        server = Server()
        self.addCleanup(server.close)
        server.start()
        person = Person(server, "민수")
        room = person.group("방")
        seq = person.send(room, "말")["seq"]
        self.assertEqual(server.stop(), 0)
        operator = Operator(server.data)
        shard = operator.json("room", "show", room).json["shard"]
        with sqlite3.connect(server.data / f"{shard}.db") as database:
            line = f'{room} {{"room":"{room}","seq":{seq},"kind":"message"}}\n'
            database.execute("INSERT INTO outbox (events, created_at) VALUES (?, 0)",
                             (line.encode(),))
        database.close()
        traced = operator.json("trace", f"{room}:{seq}").json["messages"][0]
        self.assertTrue(traced["in_outbox"])
        self.assertIn("waits in the outbox of " + shard, operator("trace", f"{room}:{seq}").out)
        findings = operator.json("doctor").json["findings"]
        self.assertIn("outbox.old", [f["code"] for f in findings])
        self.not_claimed_behind_ten_thousand_others(server, operator, shard, line)

    def not_claimed_behind_ten_thousand_others(self, server, operator, shard, line):
        """Of an outbox that is not read to its end nothing is said that was not seen."""
        room, seq = line.split()[0], json.loads(line.split(" ", 1)[1])["seq"]
        with sqlite3.connect(server.data / f"{shard}.db") as database:
            database.execute("DELETE FROM outbox")
            other = line.replace(f'"seq":{seq}', '"seq":999999')
            database.executemany("INSERT INTO outbox (events, created_at) VALUES (?, 0)",
                                 [(other.encode(),)] * 10_001)
        database.close()
        (traced,) = operator.json("trace", f"{room}:{seq}").json["messages"]
        self.assertIsNone(traced["in_outbox"])
        self.assertIn("has 10,001 rows", traced["blind"][0])
        self.assertIn("events    not known", operator("trace", f"{room}:{seq}").out)


if __name__ == "__main__":
    unittest.main()
