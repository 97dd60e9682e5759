"""The frames of test files: one server for all tests, and waiting for what takes a moment."""

import time
import unittest

from support.http import Client
from support.people import Person
from support.server import Server


class Patient(unittest.TestCase):
    def soon(self, ask, seconds=60):
        """Asks until the answer is true: for what the contract allows to take a moment. However busy the machine is:
        the seconds are for what never becomes true."""
        deadline = time.monotonic() + seconds
        while True:
            answer = ask()
            if answer or time.monotonic() > deadline:
                self.assertTrue(answer, "it did not become true in time")
                return answer
            time.sleep(0.05)


class ServerTest(Patient):
    """Starts the binary once per class, with `settings`; a fault in its log fails the class."""

    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.settings)
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        cls.anyone = Client(cls.server)

    @classmethod
    def tearDownClass(cls):
        assert cls.server.process.poll() is None, f"it ended by itself: {cls.server.said()[-3000:]}"
        code = cls.server.stop()
        assert code == 0, f"respring ended with {code}: {cls.server.said()[-3000:]}"
        faults = [line for line in cls.server.said().splitlines() if '"level":"error"' in line]
        assert not faults, f"faults in its log: {faults[:5]}"

    @classmethod
    def person(cls, name="김영희"):
        return Person(cls.server, name)

    @classmethod
    def people(cls, *names):
        return [Person(cls.server, name) for name in names]

    def refused(self, answer, status, code=None, **fields):
        """The answer is a problem with that status and code, and names these fields."""
        self.assertEqual(answer.status, status, answer)
        if code:
            self.assertEqual(answer.code, code, answer)
        for name, wrong in fields.items():
            self.assertEqual(answer.fields.get(name), wrong, answer)
