"""The load scenarios by k6, against the real binary."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
SCENARIOS = HERE.parents[1] / "loadtest/k6"
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]
import gotools  # noqa: E402
from support.server import Server, run  # noqa: E402

THRESHOLDS_CROSSED = 99


# A threshold of k6, and what `respring bench` calls it.
FIGURES = {"http_req_duration{name:send}": "send_p99_ms", "http_req_duration{name:history}": "read_p99_ms",
           "http_req_duration{name:search}": "search_p99_ms", "delivery_ms": "deliver_p99_ms",
           "ready_ms": "ready_p99_ms"}


def scenarios_of(page):
    return [name for line in page.splitlines() if line.startswith("| `")
            for name in re.findall(r"`([a-z-]+)`", line.split("|")[1])]


def seconds_of(text):
    """Of a duration as Go writes it: 4h0m0s."""
    return sum(float(number) * {"h": 3600, "m": 60, "s": 1}[unit] for number, unit in re.findall(r"([\d.]+)([hms])", text))


def stages_of(scenario):
    if scenario is None:
        return []
    if scenario["executor"] == "constant-arrival-rate":
        rate = scenario["rate"]
        return [{"per_s": rate, "seconds": 0}, {"per_s": rate, "seconds": seconds_of(scenario["duration"])}]
    return [{"per_s": scenario["startRate"], "seconds": 0},
            *({"per_s": stage["target"], "seconds": seconds_of(stage["duration"])} for stage in scenario["stages"])]


def load_of(scenarios):
    storm = scenarios.get("storm")
    return {"sends": stages_of(scenarios.get("send")), "reads": stages_of(scenarios.get("read")),
            "searches": stages_of(scenarios.get("search")), "connections": scenarios.get("listen", {"vus": 0})["vus"],
            "storm": storm and {"connections": storm["vus"], "times": storm["iterations"], "stay_s": 2}}


def thresholds_of(ours):
    return {threshold["figure"]: threshold["most"] for threshold in ours["thresholds"]}


def thresholds_and_knee_of(thresholds):
    """Those that end the run at once are the knee; of failures k6 counts what was right."""
    held, knee = {}, {}
    for metric, rules in thresholds.items():
        rule = rules[0] if isinstance(rules[0], dict) else {"threshold": rules[0], "abortOnFail": False}
        number = float(re.search(r"[<>=]+([\d.]+)$", rule["threshold"])[1])
        if rule["abortOnFail"]:
            knee["p99_ms" if "p(99)" in rule["threshold"] else "failed_share"] = number
            knee["not_before_s"] = seconds_of(rule["delayAbortEval"])
        elif metric in FIGURES:
            held[FIGURES[metric]] = number
        elif metric == "checks":
            held["failed_share"] = round(1 - number, 6)
    return held, knee or None


class K6(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = gotools.k6()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.server = Server()
        cls.addClassCleanup(cls.server.close)
        cls.server.start()

    def run_k6(self, script, **settings):
        summary = self.folder / "summary.json"
        summary.unlink(missing_ok=True)
        words = [word for name, value in settings.items() for word in ("-e", f"{name}={value}")]
        done = subprocess.run(
            [self.program, "run", "--quiet", "--no-color", f"--summary-export={summary}", *words, str(script)],
            capture_output=True, text=True, timeout=240, check=False,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "K6_NO_USAGE_REPORT": "true",
                 "BASE": f"http://127.0.0.1:{self.server.port}"})
        told = json.loads(summary.read_text("utf-8")) if summary.is_file() else {"metrics": {}, "root_group": {}}
        self.checks = told["root_group"].get("checks", {})
        return done, told["metrics"]

    def test_the_smoke_scenario_holds_its_thresholds(self):
        done, metrics = self.run_k6(SCENARIOS / "main.ts", SCENARIO="smoke", SEED="smoke")
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr)[-3000:])
        self.assertGreater(metrics["deliveries"]["count"], 20)
        self.assertGreater(metrics["checks"]["passes"], 100)
        self.assertEqual(metrics["checks"]["fails"], 0)

    def test_a_threshold_that_does_not_hold_fails_the_run(self):
        """Else the test above would prove nothing."""
        copy = self.folder / "strict"
        shutil.copytree(SCENARIOS, copy, ignore=shutil.ignore_patterns("node_modules"))
        table = copy / "scenarios.ts"
        text = table.read_text("utf-8")
        self.assertIn('checks: ["rate==1"]', text)
        table.write_text(text.replace('checks: ["rate==1"]', 'checks: ["rate>1"]'), "utf-8")
        done, _ = self.run_k6(copy / "main.ts", SCENARIO="bench-history", SEED="strict", SECONDS=1)
        self.assertEqual(done.returncode, THRESHOLDS_CROSSED, done.stderr[-2000:])

    def test_the_load_of_respring_bench_is_the_same_load(self):
        """As many sends are due, and each is acknowledged and delivered, by both generators."""
        rate, seconds = 100, 3
        done, metrics = self.run_k6(SCENARIOS / "main.ts", SCENARIO="bench-send", SEED="bench",
                                    CONNECTIONS=4, RATE=rate, SECONDS=seconds)
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr)[-3000:])
        ours = run("bench", "send", "--connections", "4", "--rate", str(rate), "--seconds", str(seconds),
                   "--address", f"127.0.0.1:{self.server.port}", "--json", timeout=120)
        self.assertEqual(ours.returncode, 0, ours.stderr)
        ours = json.loads(ours.stdout)
        self.assertEqual((metrics["bench_sent"]["count"], metrics["bench_acked"]["count"]), (300, 300))
        self.assertEqual((ours["sent"], ours["acked"]), (300, 300))
        self.assertEqual(ours["delivered"], 300)
        self.assertGreater(metrics["bench_delivery_ms"]["max"], 0)

    def test_an_evening_is_the_same_for_both(self):
        rate, seconds, people = 20, 3, 10
        with_k6, metrics = self.run_k6(SCENARIOS / "main.ts", SCENARIO="bench-mixed", SEED="mixed", CONNECTIONS=people,
                                       ROOMS=5, RATE=rate, SECONDS=seconds)
        self.assertEqual(with_k6.returncode, 0, (with_k6.stdout + with_k6.stderr)[-3000:])
        ours = run("bench", "mixed", "--connections", str(people), "--people", str(people), "--rooms", "5", "--rate",
                   str(rate), "--seconds", str(seconds), "--address", f"127.0.0.1:{self.server.port}", "--json",
                   timeout=120)
        self.assertEqual(ours.returncode, 0, ours.stderr)
        ours = json.loads(ours.stdout)
        begun = expected = 0
        for name, check, due in (("send", "send is stored", 60), ("read", "history is read", 30),
                                 ("search", "search answers", 6)):
            self.assertEqual([ours[f"{name}_{what}"] for what in ("due", "answered", "failed", "dropped")],
                             [due, due, 0, 0])
            begun += self.checks[check]["passes"]
            expected += due
        # The last of each is due at the very end: k6 begins it or not. What it begins too late it leaves out.
        left_out = metrics.get("dropped_iterations", {"count": 0})["count"]
        self.assertGreaterEqual(begun + left_out, expected, self.checks)
        self.assertLessEqual(begun, expected + 3, self.checks)
        self.assertEqual((ours["deliveries_due"], ours["delivered"], ours["broken"]), (60 * 8, 60 * 8, 0))
        # Nothing comes twice; a connection of k6's that became ready late misses what was before.
        self.assertLessEqual(metrics["deliveries"]["count"], 8 * self.checks["send is stored"]["passes"])
        self.assertGreater(metrics["deliveries"]["count"], 4 * self.checks["send is stored"]["passes"])

    def test_the_scenarios_of_respring_bench_are_the_same(self):
        page = (SCENARIOS / "README.md").read_text("utf-8")
        text = (SCENARIOS / "scenarios.ts").read_text("utf-8").split("LOADS", 1)[1]
        for name in scenarios_of(page):
            if name.startswith("bench-"):
                continue
            with self.subTest(name):
                ours = json.loads(run("bench", name, "--dry-run", "--json").stdout)
                sizes = re.search(rf"\n  {name}: {{\s*people: (\d+),\s*rooms: (\d+),\s*members: (\d+)", text)
                self.assertEqual([ours[size] for size in ("people", "rooms", "members")],
                                 [int(size) for size in sizes.groups()])
                theirs = self.inspect(name)
                self.assertEqual({key: ours[key] for key in ("sends", "reads", "searches", "connections", "storm")},
                                 load_of(theirs["scenarios"]))
                self.assertEqual((thresholds_of(ours), ours["knee"]), thresholds_and_knee_of(theirs["thresholds"]))

    def inspect(self, name):
        done = subprocess.run([self.program, "inspect", "-e", f"SCENARIO={name}", str(SCENARIOS / "main.ts")],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, name + done.stderr[-2000:])
        return json.loads(done.stdout)

    def test_every_scenario_of_the_page_is_one_that_k6_accepts(self):
        page = (SCENARIOS / "README.md").read_text("utf-8")
        named = scenarios_of(page)
        table = (SCENARIOS / "scenarios.ts").read_text("utf-8").split("LOADS", 1)[1]
        self.assertEqual(sorted(named), sorted(re.findall(r'^  "?([a-z-]+)"?: (?:\{|bench\()', table, re.M)))
        for name in named:
            options = self.inspect(name)
            self.assertGreater(len(options["scenarios"]), 0)
            self.assertGreater(len(options["thresholds"]), 0)

    def test_the_cluster_runs_a_scenario_there_is_through_the_entrance_there_is(self):
        text = (SCENARIOS / "testrun.yaml").read_text("utf-8")
        test_run = yaml.safe_load(text)
        words = dict(word.split("=") for word in test_run["spec"]["arguments"].split("-e ")[1:])
        self.inspect(words["SCENARIO"].strip())
        prod = list(yaml.safe_load_all(run("manifests", "render", "--env", "prod").stdout))
        hosts = {rule["host"] for item in prod if item["kind"] == "Ingress" for rule in item["spec"]["rules"]}
        self.assertEqual({words["BASE"]}, {f"https://{host}" for host in hosts})
        # Inside the platform's namespace nothing may reach the gateway but the Ingress.
        self.assertNotIn(test_run["metadata"]["namespace"], {item["metadata"].get("namespace") for item in prod})
        given = set(re.findall(r"--from-file=(\S+)", text))
        self.assertEqual(given, {file.name for file in SCENARIOS.glob("*.ts")})
        self.assertIn(test_run["spec"]["script"]["configMap"]["file"], given)

    def test_an_unknown_scenario_is_refused_with_those_there_are(self):
        done, _ = self.run_k6(SCENARIOS / "main.ts", SCENARIO="smok")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("no scenario 'smok': smoke, average", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
