"""Every alert: valid, proven by promtool, explained to whoever is woken."""

import json
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml

import rendered

HERE = Path(__file__).resolve().parent
CASES = ("alerts.yaml", "alerts_of_days.yaml")
OPERATIONS = (HERE.parents[1] / "docs/operations.md").read_text("utf-8")

RUNBOOK = "file:///usr/share/doc/respring/operations.md"  # where the package puts that page
WELL = "all is well"
SELECTOR = re.compile(r"\b(up|(?:respring|process)_\w+)((?:\{[^}]*\})?)")
MATCHER = re.compile(r'(\w+)(!?=)"([^"]*)"')
LIMIT = re.compile(r" (?:>|==) [0-9.]+(?: \* [0-9.]+)?")


def all_is_well():
    """The series of that case."""
    tests = yaml.safe_load((HERE / CASES[0]).read_text("utf-8"))["tests"]
    return [series["series"] for test in tests if test["name"] == WELL for series in test["input_series"]]


def selects(name, matchers, series):
    """Whether `name{matchers}` would find the series; `=` and `!=` are all that alerts use."""
    there, labels = re.fullmatch(r"(\w+)(?:\{(.*)\})?", series).groups()
    has = {label: value for label, _, value in MATCHER.findall(labels or "")}
    return there == name and all((has.get(label, "") == value) == (how == "=")
                                 for label, how, value in MATCHER.findall(matchers))


class Alerts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rules = rendered.rules()
        cls.alerts = [rule for group in cls.rules["groups"] for rule in group["rules"]]

    def run_promtool(self, rules, *words):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        # JSON is YAML, too.
        (Path(folder.name) / "rules.yaml").write_text(json.dumps(rules), "utf-8")
        for name in CASES:
            shutil.copy(HERE / name, folder.name)
        return subprocess.run(["promtool", *words], cwd=folder.name, capture_output=True, text=True,
                              timeout=120, check=False)

    def promtool(self, *words):
        done = self.run_promtool(self.rules, *words)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_promtool_finds_nothing_wrong(self):
        self.assertIn(f"SUCCESS: {len(self.alerts)} rules", self.promtool("check", "rules", "rules.yaml"))

    def test_each_fires_when_it_should_and_only_then(self):
        self.promtool("test", "rules", *CASES)

    def test_each_is_seen_firing_and_silent(self):
        names = {alert["alert"] for alert in self.alerts}
        fires, silent = set(), set()
        for name in CASES:
            for test in yaml.safe_load((HERE / name).read_text("utf-8"))["tests"]:
                for rule in test["alert_rule_test"]:
                    (fires if rule.get("exp_alerts") else silent).add(rule["alertname"])
        self.assertEqual(fires, names)
        self.assertEqual(silent, names)

    def test_when_all_is_well_each_has_something_to_judge(self):
        """Silence for want of a series proves nothing: every series that an alert asks for is there, and its limit alone
        keeps it silent."""
        there = all_is_well()
        lacking = [f"{alert['alert']}: {name}{matchers}" for alert in self.alerts
                   for name, matchers in SELECTOR.findall(alert["expr"])
                   if not any(selects(name, matchers, series) for series in there)]
        self.assertEqual(lacking, [])
        limitless = json.loads(LIMIT.sub(" >= 0", json.dumps(self.rules)).replace("absent(", "("))
        done = self.run_promtool(limitless, "test", "rules", CASES[0])
        fired = set(re.findall(rf"name: {WELL},\s+alertname: (\w+),", done.stderr))
        self.assertEqual(fired, {alert["alert"] for alert in self.alerts}, done.stdout + done.stderr)

    def test_each_has_a_section_for_whoever_is_woken(self):
        headings = re.findall(r"^### (Respring\w+)$", OPERATIONS, re.MULTILINE)
        self.assertEqual(sorted(headings), sorted(alert["alert"] for alert in self.alerts))
        for alert in self.alerts:
            self.assertEqual(alert["annotations"]["runbook_url"], RUNBOOK + "#" + alert["alert"].lower())
            self.assertIn(alert["labels"]["severity"], ("page", "ticket"))

    def test_each_role_that_runs_must_be_there_and_no_other(self):
        running = {"gateway", "user", "room", "message", "search", "websocket"}
        for values, roles in (("{}", running),
                              ("roles: {notification: {replicas: 1}}", {*running, "notification"})):
            rules = [rule for group in rendered.rules(values)["groups"] for rule in group["rules"]]
            (gone,) = [rule["expr"] for rule in rules if rule["alert"] == "RespringRoleGone"]
            self.assertEqual(set(re.findall(r'role="(\w+)"', gone)), roles)

    def test_who_reads_elsewhere_is_sent_there(self):
        rules = rendered.rules("monitoring: {runbook_url: 'https://wiki.example.org/chat'}")
        self.assertEqual(rules["groups"][0]["rules"][0]["annotations"]["runbook_url"],
                         "https://wiki.example.org/chat#respringsendsburnfast")

    def test_a_prometheus_that_goes_by_labels_finds_them(self):
        found = [item for item in rendered.objects("monitoring: {labels: [release=stack, example.org/team=chat]}")
                 if item["apiVersion"].startswith("monitoring.coreos.com/")]
        self.assertEqual([item["kind"] for item in found], ["PodMonitor", "PrometheusRule"])
        for item in found:
            labels = item["metadata"]["labels"]
            self.assertEqual((labels["release"], labels["example.org/team"]), ("stack", "chat"))
            self.assertEqual(labels["app.kubernetes.io/name"], "respring")

    def test_none_goes_by_a_label_that_only_one_process_has(self):
        """A sum by instance would page once per pod."""
        for alert in self.alerts:
            self.assertNotIn("by (instance", alert["expr"])


if __name__ == "__main__":
    unittest.main()
