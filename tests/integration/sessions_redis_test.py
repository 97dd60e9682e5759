#!/usr/bin/env python3
"""Sessions of roles apart while their Redis is there, hangs and is gone; it is this test's own."""

import hashlib
import tempfile
import time
import unittest

from support import server as one_process
from support.apart import Server
from support.case import ServerTest
from support.http import Client
from stack.redis import Redis  # support.apart put tests/ on the path


class SharedSessions(ServerTest):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="respring-redis-"))
        cls.redis = cls.enterClassContext(Redis(folder))
        url = f"redis://127.0.0.1:{cls.redis.port}"
        cls.server = Server({"redis.sessions": url + "/0", "redis.pubsub": url + "/1"})
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        cls.anyone = Client(cls.server)

    def log_in(self, person):
        client = Client(self.server, person.log_in().json["token"])
        self.assertEqual(self.status(client), 200)
        return client

    def status(self, client):
        return client.get("/v1/users/me").status

    def operator(self, *words):
        done = one_process.run(*words, "--config", str(self.server.folder / "respring.yaml"),
                               "--set", f"data_dir={self.server.data}", "--set",
                               f"redis.sessions={self.server.settings['redis.sessions']}")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr

    def test_a_token_is_known_by_its_hash_only(self):
        client = self.log_in(self.person())
        known_as = hashlib.sha256(client.token.encode()).hexdigest()
        self.assertEqual(self.redis.ask("EXISTS", f"rs:session:token:{known_as}"), ":1")
        shown = """local shown = 0
                   for _, key in ipairs(redis.call('KEYS', 'rs:session:*')) do
                     local kept = key .. redis.call('GET', key)
                     if string.find(kept, ARGV[1], 1, true) then shown = shown + 1 end
                   end
                   return shown"""
        self.assertEqual(self.redis.ask("EVAL", shown, "0", known_as), ":2")
        self.assertEqual(self.redis.ask("EVAL", shown, "0", client.token), ":0")

    def test_an_operators_end_is_heard_at_once(self):
        person = self.person()
        client = self.log_in(person)
        self.assertNotIn("could not be told", self.operator("user", "disable", person.id))
        self.assertEqual(self.status(client), 401)
        self.operator("user", "enable", person.id)
        self.assertEqual(self.status(client), 200)
        session = [s["id"] for s in client.get("/v1/sessions").json["items"] if s["current"]][0]
        self.operator("token", "revoke", session)
        self.assertEqual(self.status(client), 401)

    def test_while_redis_is_gone_people_go_on_and_an_end_is_told_later(self):
        person = self.person()
        client = self.log_in(person)
        session = [s["id"] for s in client.get("/v1/sessions").json["items"] if s["current"]][0]
        self.redis.kill()
        self.assertEqual([self.status(client) for _ in range(3)], [200] * 3)
        self.assertEqual(client.delete("/v1/sessions/current").status, 204)
        self.assertEqual(self.status(client), 401)
        self.assertIn("could not be told", self.operator("user", "disable", person.id))
        self.operator("user", "enable", person.id)
        self.redis.start()
        mark = f"rs:session:ended:{session}"
        self.soon(lambda: self.redis.ask("EXISTS", mark) == ":1", 30)
        self.assertEqual((self.status(client), self.status(person)), (401, 200))

    def test_a_redis_that_hangs_delays_a_moment_only(self):
        client = self.log_in(self.person())
        self.redis.pause()
        self.addCleanup(self.redis.resume)
        begun = time.monotonic()
        self.assertEqual([self.status(client) for _ in range(5)], [200] * 5)
        self.assertLess(time.monotonic() - begun, 10)


if __name__ == "__main__":
    unittest.main()
