#!/usr/bin/env python3
"""Thousands of clients: all of them resume when their way in is killed, and descriptors run out."""

import asyncio
import os
import random
import resource
import sys
import time
import unittest

from crowd import Crowd
from support import apart, server as one_process
from support.people import Person, new_cid

CLIENTS = int(os.environ.get("RESPRING_FAULT_CLIENTS", "3000"))
ROUNDS = int(os.environ.get("RESPRING_FAULT_ROUNDS", "2"))
SEED = int(os.environ.get("RESPRING_FAULT_SEED", random.SystemRandom().randrange(10**6)))
ROOMS = 10
PEOPLE_PER_ROOM = 3
PATIENCE = 120  # seconds; a crowd on a busy machine
DESCRIPTORS = 200


def more_descriptors():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Talk:
    """People who go on writing into their rooms, and are sure of every message that was acked."""

    def __init__(self, server):
        self.rooms = {}
        for n in range(ROOMS):
            owner, *others = [Person(server, f"사람 {n}.{k}") for k in range(PEOPLE_PER_ROOM)]
            self.rooms[owner.group(f"방 {n}", *others)] = [owner, *others]
        self.heads = {}

    async def say_everywhere(self):
        """A message into each room, sent again until it is acked."""
        for room, people in self.rooms.items():
            cid = new_cid()
            while True:
                try:
                    answer = await asyncio.to_thread(people[0].try_send, room, "다시 만나 반갑습니다", cid)
                    if answer.status in (200, 201):
                        break
                except OSError:
                    pass
                await asyncio.sleep(0.05)
            self.heads[room] = answer.json["message"]["seq"]

    def crowd(self, port, clients):
        crowd = Crowd(port, SEED)
        rooms = list(self.rooms.items())
        for n in range(clients):
            room, people = rooms[n % ROOMS]
            crowd.join(people[n // ROOMS % PEOPLE_PER_ROOM].token, room)
        return crowd


class Crowds(unittest.TestCase):
    def started(self, server):
        self.addCleanup(server.close)
        return server.start()

    async def until(self, done, what):
        deadline = time.monotonic() + PATIENCE
        while not done():
            self.assertLess(time.monotonic(), deadline, what())
            await asyncio.sleep(0.02)

    async def everybody_has_everything(self, crowd, talk):
        whole = lambda: (not crowd.wrong and
                         all(m.ready and m.last >= talk.heads.get(m.room, 0) for m in crowd.members))
        late = lambda: (crowd.ready(), len(crowd.members), crowd.refused, crowd.wrong[:3])
        await self.until(lambda: crowd.wrong or whole(), late)
        self.assertEqual(crowd.wrong[:3], [])

    def test_all_resume_when_the_gateway_is_killed(self):
        more_descriptors()
        asyncio.run(self.gateway_killed(self.started(apart.Server())))

    async def gateway_killed(self, server):
        talk = Talk(server)
        crowd = talk.crowd(server.port, CLIENTS)
        crowd.start()
        await self.everybody_has_everything(crowd, talk)
        took = []
        for _ in range(ROUNDS):
            await talk.say_everywhere()
            server.kill_node("gateway")
            server.start_node("gateway")
            await asyncio.to_thread(server.wait_for, "gateway", time.monotonic() + 60)
            began = time.monotonic()
            await talk.say_everywhere()
            await self.everybody_has_everything(crowd, talk)
            took.append(time.monotonic() - began)
        self.assertTrue(all(m.connections > ROUNDS for m in crowd.members))
        await crowd.leave()
        seconds = ", ".join(f"{one:.1f}" for one in took)
        print(f"{CLIENTS} clients, gateway killed {ROUNDS} times, seed {SEED}: everybody there with "
              f"everything {seconds} s after it was back; refused: {crowd.refused}", file=sys.stderr)

    def test_who_is_in_talks_on_when_descriptors_run_out(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
        asyncio.run(self.out_of_descriptors(self.started(one_process.Server(before_exec=limit))))

    async def out_of_descriptors(self, server):
        talk = Talk(server)
        crowd = talk.crowd(server.port, 30)
        crowd.start()
        await self.everybody_has_everything(crowd, talk)
        sender = next(iter(talk.rooms.values()))[0].connect(checked=False)
        others = [await asyncio.open_connection("127.0.0.1", server.port)
                  for _ in range(2 * DESCRIPTORS)]  # more than it can accept; the system holds them
        room = next(iter(talk.rooms))
        for n in range(50):
            sender.send({"op": "send", "ref": str(n), "room": room, "cid": new_cid(), "text": "아직 된다"})
            talk.heads[room] = (await asyncio.to_thread(sender.expect, "ack", ref=str(n)))["seq"]
        await self.everybody_has_everything(crowd, talk)
        self.assertEqual({m.connections for m in crowd.members}, {1}, "nobody was cut off")
        for _, writer in others:
            writer.close()
        await talk.say_everywhere()  # over new connections
        await self.everybody_has_everything(crowd, talk)
        sender.socket.close()
        await crowd.leave()


if __name__ == "__main__":
    unittest.main()
