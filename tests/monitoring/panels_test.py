"""Every panel's query, against a Prometheus that scraped a loaded respring."""

import math
import re
import sys
import time
import unittest
from pathlib import Path

import rendered
from prometheus import Prometheus

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
from support import apart  # noqa: E402
from support.people import Person  # noqa: E402
from support.ports import HeldPorts  # noqa: E402

LOAD_SECONDS = 12
LEAST_SENDS = 10


def load(server):
    """Everything people do, for a while: longer than two scrapes, so that rates exist."""
    minji, youngho = (Person(server, name) for name in ("김민지", "박영호"))
    room = minji.group("등산", youngho)
    end = time.monotonic() + LOAD_SECONDS
    number = 0
    with youngho.connect() as socket:
        while time.monotonic() < end or number < LEAST_SENDS:
            number += 1
            minji.send(room, f"온라인커뮤니티 {number}")
            socket.expect("event")
            youngho.get(f"/v1/rooms/{room}/messages")
            youngho.get("/v1/users/me")
            minji.get("/v1/search?q=%EC%BB%A4%EB%AE%A4%EB%8B%88%ED%8B%B0")
            time.sleep(0.02)
    return number


class Panels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = apart.Server()
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        held = HeldPorts(1)
        cls.addClassCleanup(held.close)
        port = held.numbers[0]
        targets = {apart.role_of(node): [number] for node, number in cls.server.admin_ports.items()}
        cls.prometheus = Prometheus(cls.server.folder, port, targets, rendered.rules())
        cls.prometheus.__enter__()
        cls.addClassCleanup(cls.prometheus.__exit__)
        cls.sent = load(cls.server)

    def test_every_process_is_scraped(self):
        up = {labels["role"]: value for labels, value in self.prometheus.query("up")}
        self.assertEqual(up, {role: 1 for role in apart.ROLES})

    def test_the_figures_are_right(self):
        # As many sends as were acknowledged, once the last ones are scraped: where they are stored,
        # where another role asked for them, and where they went on to the reader.
        for expression in ('sum(respring_sends_total{result="stored"})',
                           'sum(respring_role_requests_total{role="message", method="POST", '
                           'route="/v1/rooms/{room}/messages", status="2xx"})',
                           'sum(respring_delivery_seconds_count{role="websocket"})'):
            deadline = time.monotonic() + 30
            counted = 0
            while counted < self.sent and time.monotonic() < deadline:
                found = self.prometheus.query(expression)
                counted = found[0][1] if found else 0
                time.sleep(0.2)
            self.assertEqual(counted, self.sent, expression)

    def test_every_role_counts_what_others_ask_of_it(self):
        found = self.prometheus.query("sum by (role) (respring_role_requests_total)")
        asked = {labels["role"] for labels, value in found if value > 0}
        self.assertEqual(asked, {"user", "room", "message", "search"})

    def test_every_panel_shows_something(self):
        empty = []
        for uid, board in rendered.dashboards().items():
            for panel in board["panels"]:
                for target in panel["targets"]:
                    expression = target["expr"].replace("$__rate_interval", "10s")
                    # Budgets count over hours; what was scraped is enough to begin with.
                    found = self.prometheus.query(expression)
                    if not any(not math.isnan(value) for _, value in found):
                        empty.append(f"{uid}: {panel['title']}: {expression}")
        # Nothing runs there in this version.
        empty = [line for line in empty if not line.startswith("respring-notification:")]
        self.assertEqual(empty, [])

    def test_legends_name_labels_that_the_results_have(self):
        for board in rendered.dashboards().values():
            for panel in board["panels"]:
                for target in panel["targets"]:
                    expression = target["expr"].replace("$__rate_interval", "10s")
                    wanted = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
                    for labels, _ in self.prometheus.query(expression):
                        if labels:  # `or vector(0)` has none
                            self.assertLessEqual(wanted, set(labels), expression)

    def test_rules_are_loaded_and_none_fires(self):
        groups = self.prometheus.ask("rules")["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        self.assertEqual(len(rules), sum(len(g["rules"]) for g in rendered.rules()["groups"]))
        self.assertEqual([r["name"] for r in rules if r["health"] == "err"], [])
        self.assertEqual([r["name"] for r in rules if r["state"] == "firing"], [])


if __name__ == "__main__":
    unittest.main()
