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
from support.ports import HeldPorts  # noqa: E402
from load import Load  # noqa: E402

WINDOW = "10m"  # everything that the tests have done, however slowly
NOTHING = " or vector(0)"
ROOT = Path(__file__).resolve().parents[2]
COUNTS_OF_SENDS = (  # as many as were acknowledged: where stored, where asked for, where delivered
    'sum(respring_sends_total{result="stored"})',
    'sum(respring_role_requests_total{role="message", method="POST", route="/v1/rooms/{room}/messages", status="2xx"})',
    'sum(respring_delivery_seconds_count{role="websocket"})')
# What only a broken server, a slow reader or an archive counts; other tests have those.
NOT_WRONG_HERE = {
    *((role, "Calls to other roles without an answer") for role in ("message", "notification", "user", "websocket")),
    ("message", "Archived segments read"), ("message", "Archived segments not to be had"),
    ("message", "Blob store's time"), ("user", "Ends of sessions told late"),
    ("websocket", "Gaps read from recent events"), ("websocket", "Slow readers left out"),
    ("websocket", "Dropped for slow readers")}
LIMITS = {"limits.sends_per_user": "20/s burst 60", "limits.logins_per_handle": "10/min",
          "limits.frames_per_connection": "40/s burst 120"}
ROLES = {*apart.ROLES, "notification"}


class EveryRole(apart.Server):
    """Also the one that nobody asks yet."""

    def __init__(self):
        super().__init__(LIMITS)
        self.nodes.insert(0, "notification")
        self.held.close()
        self.held = HeldPorts(2 * len(self.nodes))


class Panels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = EveryRole()
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        held = HeldPorts(1)
        cls.addClassCleanup(held.close)
        port = held.numbers[0]
        targets = {apart.role_of(node): [number] for node, number in cls.server.admin_ports.items()}
        cls.prometheus = Prometheus(cls.server.folder, port, targets, rendered.rules())
        cls.prometheus.__enter__()
        cls.addClassCleanup(cls.prometheus.__exit__)
        load = Load(cls.server)
        cls.sent = load.go_on()
        cls.figures = {expression: cls.figure(expression) for expression in COUNTS_OF_SENDS}
        cls.rules = [rule for group in cls.prometheus.ask("rules")["groups"] for rule in group["rules"]]
        load.go_wrong()
        load.go_on()

    @classmethod
    def figure(cls, expression):
        """What it is once the last sends are scraped."""
        deadline = time.monotonic() + 30
        counted = 0
        while counted < cls.sent and time.monotonic() < deadline:
            found = cls.prometheus.query(expression)
            counted = found[0][1] if found else 0
            time.sleep(0.2)
        return counted

    def test_every_process_is_scraped(self):
        up = {labels["role"]: value for labels, value in self.prometheus.query("up")}
        self.assertEqual(up, {role: 1 for role in ROLES})

    def test_the_figures_are_right(self):
        self.assertEqual(self.figures, dict.fromkeys(COUNTS_OF_SENDS, self.sent))

    def test_every_role_counts_what_others_ask_of_it(self):
        found = self.prometheus.query("sum by (role) (respring_role_requests_total)")
        asked = {labels["role"] for labels, value in found if value > 0}
        self.assertEqual(asked, {"user", "room", "message", "search"})

    def targets(self):
        """(board, panel, query, legend) of everything that is shown."""
        for uid, board in rendered.dashboards().items():
            for panel in board["panels"]:
                for target in panel["targets"]:
                    yield (uid.removeprefix("respring-"), panel["title"],
                           target["expr"].replace("$__rate_interval", WINDOW).replace("$namespace", "respring"),
                           target["legendFormat"])

    def test_every_panel_shows_something(self):
        """Also what shows 0 while nothing is wrong: it was wrong here, or it is among the exceptions, which have no data."""
        empty = set()
        for board, title, expression, _ in self.targets():
            inner = expression.removesuffix(NOTHING)
            for query in {expression, inner}:
                # Budgets count over hours; what was scraped is enough to begin with.
                if not any(not math.isnan(value) for _, value in self.prometheus.query(query)):
                    empty.add((board, title, query == inner != expression))
        self.assertEqual(empty, {(board, title, True) for board, title in NOT_WRONG_HERE})

    def test_what_is_not_seen_here_is_counted_somewhere(self):
        sources = [file.read_text("utf-8") for folder in ("pkg", "cmd") for file in (ROOT / folder).rglob("*.cc")
                   if file.name not in ("metric_table.cc", "board_table.cc", "objectives.cc")]
        for board, title, expression, _ in self.targets():
            if (board, title) in NOT_WRONG_HERE:
                (name,) = set(re.findall(r"\brespring_\w+", expression))
                name = re.sub(r"_bucket$", "", name)
                self.assertTrue(any(f'"{name}"' in text for text in sources), name)

    def test_legends_name_labels_that_the_results_have(self):
        for _, _, expression, legend in self.targets():
            wanted = set(re.findall(r"{{(\w+)}}", legend))
            for labels, _ in self.prometheus.query(expression):
                if labels:  # `or vector(0)` has none
                    self.assertLessEqual(wanted, set(labels), expression)

    def test_rules_are_loaded_and_none_fires_on_a_good_day(self):
        self.assertEqual(len(self.rules), sum(len(g["rules"]) for g in rendered.rules()["groups"]))
        self.assertEqual([r["name"] for r in self.rules if r["health"] != "ok"], [])
        self.assertEqual([r["name"] for r in self.rules if r["state"] == "firing"], [])


if __name__ == "__main__":
    unittest.main()
