#!/usr/bin/env python3
"""Roles and servers that die, freeze or lie, one after the other, while people talk."""

import contextlib
import os
import random
import re
import signal
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

import oracle
from load import Load
from support.apart import Server

sys.path.insert(0, str(Path(__file__).parent))
from proxy import Proxy  # noqa: E402
from stack import kinds, places  # noqa: E402  (support.apart put tests/ on the path)

ROUNDS = int(os.environ.get("RESPRING_FAULT_ROUNDS", "2"))
SEED = int(os.environ.get("RESPRING_FAULT_SEED", random.SystemRandom().randrange(10**6)))
OUTAGE = float(os.environ.get("RESPRING_FAULT_OUTAGE", "8"))  # seconds a server stays away
SERVERS = ["mysql-1", "mysql-2", "redis", "kafka", "elasticsearch"]


class OnTheFullStack(unittest.TestCase):
    """Two nodes of message and of websocket, one of every other role, on servers of this test's own.
    Everything stays up from test to test: what one breaks it must leave whole."""

    @classmethod
    def setUpClass(cls):
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(
                prefix="respring-fault-", dir=places.memory())))
            cls.server_of = {name: kinds.server(folder, name) for name in SERVERS}
            for server in cls.server_of.values():
                stack.enter_context(server)
            shard = stack.enter_context(Proxy("127.0.0.1", cls.server_of["mysql-2"].port, mysql=True))
            cls.shard_proxy = shard
            cls.server = Server(stack=folder, twice=("message", "websocket"))
            cls.server.servers.through["mysql-2"] = shard.port
            stack.callback(cls.server.close)
            cls.server.start()
            cls.addClassCleanup(stack.pop_all().close)

    def setUp(self):
        self.dice = random.Random(SEED)
        self.load = Load(self.server, SEED, self.on_both_shards)
        self.addCleanup(self.load.finishing.set)
        self.load.start()
        self.goes_on()
        self.began = time.monotonic()

    def tearDown(self):
        """Nobody died but of the test; what it left broken is mended for the next."""
        ended = {node: process.returncode for node, process in self.server.processes.items()
                 if process.poll() is not None}
        said = {node: self.server.log_of(node).read_text("utf-8", "replace")[-3000:] for node in ended}
        for server in self.server_of.values():
            server.start()
        self.restart_node(*ended)
        self.assertEqual(ended, {}, said)

    def busy(self, seconds):
        """Lets the load run; a waiting that is the test itself."""
        threading.Event().wait(seconds)

    def on_both_shards(self, rooms):
        """Whether every shard has one of the rooms, so that no fault of a shard goes unnoticed."""
        ids = ",".join(str(int(room)) for room in rooms)
        count = f"SELECT COUNT(*) FROM room WHERE room_id IN ({ids})"
        servers = self.server.servers
        return all(int(servers.server_of(shard).execute(count, f"{servers.name}_{shard}"))
                   for shard in ("shard_0", "shard_1"))

    def until(self, done, else_what):
        """Waits for it, however slow the machine is."""
        deadline = time.monotonic() + 60
        while not done():
            self.assertLess(time.monotonic(), deadline, else_what)
            self.busy(0.02)

    def goes_on(self, acks=40):
        """Waits until so many more requests were acknowledged."""
        enough = self.load.acked() + acks
        self.until(lambda: self.load.acked() >= enough, "the load does not go on")

    def fault(self, what, action, rounds=ROUNDS):
        """Does it again and again while the load goes on, lets that end, and asks the oracle."""
        for _ in range(rounds):
            action()
            self.goes_on()
            self.busy(self.dice.uniform(0, 0.5))
        self.load.finish()
        ended = time.monotonic()
        events = oracle.check(self, self.load)
        print(f"{what}: {rounds} times, seed {SEED}, {events} events; longest silence "
              f"{self.silence('acked_at', self.load.senders):.2f} s of acks, "
              f"{self.silence('seen_at', self.load.readers):.2f} s of deliveries; "
              f"index whole {self.index_whole_at - ended:.2f} s after the load", file=sys.stderr)

    def silence(self, field, clients):
        moments = sorted(m for c in clients for m in getattr(c, field) if m > self.began)
        moments = [self.began, *moments]
        return max(b - a for a, b in zip(moments, moments[1:]))

    def restart_node(self, *nodes):
        for node in nodes:
            self.server.kill_node(node)
        self.busy(self.dice.uniform(0, 0.3))
        for node in nodes:
            self.server.start_node(node)
        deadline = time.monotonic() + 60
        for node in nodes:
            self.server.wait_for(node, deadline)

    def restart_server(self, *names):
        for name in names:
            self.server_of[name].kill()
        self.busy(self.dice.uniform(0, 0.3))
        for name in names:
            self.server_of[name].start()

    def relaying(self):
        """The message node that holds the lease of shard-0."""
        for node in ("message", "message-2"):
            text = self.server.admin_of(node, "/metrics")[1]
            if re.search(r'^respring_relay_holder\{shard="shard-0"\} 1', text, re.MULTILINE):
                return node
        return None

    def wait_for_relay(self, other_than=None):
        deadline = time.monotonic() + 30
        while (node := self.relaying()) in (None, other_than):
            self.assertLess(time.monotonic(), deadline, "nobody relays")
            self.busy(0.05)
        return node

    # Roles.

    def test_one_message_node_is_killed(self):
        nodes = ["message", "message-2"] * ROUNDS
        self.fault("kill -9 of a message node", lambda: self.restart_node(nodes.pop()))

    def test_every_message_node_is_killed(self):
        self.fault("kill -9 of both message nodes",
                   lambda: self.restart_node("message", "message-2"))

    def test_a_websocket_node_is_killed(self):
        nodes = ["websocket", "websocket-2"] * ROUNDS
        self.fault("kill -9 of a websocket node", lambda: self.restart_node(nodes.pop()))

    def test_the_gateway_is_killed(self):
        self.fault("kill -9 of the gateway", lambda: self.restart_node("gateway"))

    def test_a_rolling_restart_fails_nothing(self):
        nodes = ["message", "websocket", "message-2", "websocket-2"] * ROUNDS

        def next_one():
            node = nodes.pop()
            process = self.server.processes[node]
            process.terminate()
            self.assertEqual(process.wait(timeout=60), 0, self.server.said_by(node)[-3000:])
            self.server.start_node(node)
            self.server.wait_for(node, time.monotonic() + 60)
        self.fault("rolling restart", next_one, rounds=len(nodes))
        refused = {sender.person.handle: sender.refused for sender in self.load.senders}
        self.assertEqual(refused, dict.fromkeys(refused, []))

    def test_user_room_and_search_are_killed(self):
        self.fault("kill -9 of user, room and search",
                   lambda: self.restart_node("user", "room", "search"))

    def test_the_relay_is_killed(self):
        self.fault("kill -9 of the relay", lambda: self.restart_node(self.wait_for_relay()))

    def test_a_frozen_relay_is_replaced_and_wakes_up(self):
        def freeze():
            node = self.wait_for_relay()
            self.server.processes[node].send_signal(signal.SIGSTOP)
            try:
                self.wait_for_other(node)
                self.busy(0.5)
            finally:
                self.server.processes[node].send_signal(signal.SIGCONT)
        self.fault("relay frozen past its lease", freeze, rounds=1)

    def wait_for_other(self, frozen):
        other = {"message": "message-2", "message-2": "message"}[frozen]
        deadline = time.monotonic() + 30
        while not re.search(r'^respring_relay_holder\{shard="shard-0"\} 1',
                            self.server.admin_of(other, "/metrics")[1], re.MULTILINE):
            self.assertLess(time.monotonic(), deadline, "nobody took over")
            self.busy(0.05)

    # Servers.

    def test_a_shards_database_is_killed(self):
        self.fault("kill -9 of MySQL (one shard)", lambda: self.restart_server("mysql-2"))

    def test_every_database_is_killed(self):
        self.fault("kill -9 of every MySQL", lambda: self.restart_server("mysql-1", "mysql-2"))

    def test_a_dead_shard_holds_up_no_other(self):
        self.without_a_shard("killed", self.server_of["mysql-2"].kill, self.server_of["mysql-2"].start)

    def test_a_hung_shard_holds_up_no_other(self):
        self.without_a_shard("hangs", self.shard_proxy.black_hole, self.shard_proxy.pass_all)

    def without_a_shard(self, how, take, give):
        """I9: whoever writes into rooms of the other shard, lists, searches or comes now does not
        notice, but that some of his rooms are missing for the moment."""
        sender = self.load.senders[0]
        sender.rooms = self.rooms_of("shard_0")
        gone = sorted(set(self.load.rooms) - set(sender.rooms))
        self.until(lambda: sender.waits_only_for(sender.rooms), "requests are not answered")
        longest = []

        def without_one():
            take()
            seen = len(sender.acked_at)
            taken = time.monotonic()
            self.comes_and_looks(gone)
            self.until(lambda: len(sender.acked_at) >= seen + 200, "the other shard's rooms wait, too")
            moments = [taken, *sender.acked_at[seen:]]
            longest.append(max(b - a for a, b in zip(moments, moments[1:])))
            give()
        self.fault(f"one shard {how} until the other has acked 200", without_one)
        print(f"longest silence of the other shard: {max(longest):.2f} s", file=sys.stderr)

    def rooms_of(self, shard):
        servers = self.server.servers
        count = "SELECT COUNT(*) FROM room WHERE room_id="
        return [room for room in self.load.rooms if int(servers.server_of(shard).execute(
            count + str(int(room)), f"{servers.name}_{shard}"))]

    def told_of(self, answer):
        """The answer, and what the roles wrote into their logs about its request."""
        trace = answer.json["trace_id"]
        return "\n".join([str(answer), *(line for line in self.server.said().splitlines() if trace in line)])

    def comes_and_looks(self, gone):
        owner, there = self.load.owner, set(self.load.rooms) - set(gone)
        ours = set(self.load.rooms).intersection  # he may have others
        listed = owner.get("/v1/rooms").json
        self.assertEqual(sorted(ours(listed["unavailable"])), gone)
        self.assertEqual(ours(entry["room"]["id"] for entry in listed["items"]), there)
        found = owner.get("/v1/search", q="파도")
        if found.status != 200:
            self.fail(self.told_of(found))
        self.assertEqual(sorted(ours(found.json["unavailable"])), gone)
        asked = [{"room": room, "epoch": 1, "seq": 0} for room in self.load.rooms]
        synced = owner.post("/v1/sync", {"rooms": asked}).json
        self.assertEqual(sorted(ours(synced["unavailable"])), gone)
        self.assertEqual({item["room"] for item in synced["rooms"]}, there)
        refused = owner.get(f"/v1/rooms/{gone[0]}/messages")
        self.assertIn(refused.status, (502, 503, 504), refused)
        self.assertNotIn("mysql", refused.body.decode())
        with owner.connect() as socket:
            self.assertEqual(ours(socket.ready["heads"]), there)
            socket.expect("event")

    def test_answers_of_commits_are_lost(self):
        def lose():
            lost = self.shard_proxy.status()["lost"]
            self.shard_proxy.lose_commit_answers(3)
            deadline = time.monotonic() + 30
            while self.shard_proxy.status()["lost"] < lost + 3:
                self.assertLess(time.monotonic(), deadline, "nothing was committed")
                self.busy(0.02)
        self.fault("answers of COMMIT lost, three together", lose, rounds=3 * ROUNDS)

    def test_connections_to_a_shard_are_cut(self):
        self.fault("connections to a shard cut", self.shard_proxy.cut, rounds=3 * ROUNDS)

    def test_redis_is_killed(self):
        self.fault("kill -9 of Redis", lambda: self.restart_server("redis"))

    def test_redis_is_flushed(self):
        self.fault("Redis flushed", lambda: self.server_of["redis"].ask("FLUSHALL"),
                   rounds=3 * ROUNDS)

    def test_redis_hangs(self):
        def hang():
            self.server_of["redis"].pause()
            self.busy(3)
            self.server_of["redis"].resume()
        self.fault("Redis hangs for 3 s", hang, rounds=1)

    def test_kafka_is_killed(self):
        self.fault("kill -9 of Kafka", lambda: self.restart_server("kafka"))

    def test_messages_are_acknowledged_while_kafka_is_away(self):
        def away():
            self.server_of["kafka"].kill()
            until = time.monotonic() + OUTAGE
            while time.monotonic() < until:
                self.goes_on()
            self.server_of["kafka"].start()
        self.fault(f"Kafka away for {OUTAGE:g} s", away, rounds=1)

    def test_the_search_engine_is_killed(self):
        self.fault("kill -9 of Elasticsearch", lambda: self.restart_server("elasticsearch"))

    def test_everything_is_killed_at_once(self):
        def all_of_it():
            for node in self.server.nodes:
                self.server.kill_node(node)
            self.restart_server(*SERVERS)
            self.server.start()
        self.fault("kill -9 of everything", all_of_it, rounds=1)


if __name__ == "__main__":
    unittest.main()
