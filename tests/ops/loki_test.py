"""Real log lines in a real Loki, by both shipped configurations: bounded labels, and what the operator asks is answered."""

import json
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import urllib.request
from pathlib import Path

import yaml

import gotools
import pods
from alloy import AsAlloy
from support.ports import HeldPorts

PAGE = pods.HERE.parents[1] / "docs/log-events.md"
PODS = {"message": "respring-message-6f7c9d8b5-x2x4v", "search": "respring-search-7d9f8c6b5-x2x4v"}
LABELS = ["level", "namespace", "role", "service_name"]


def documented_queries():
    return re.findall(r"^\| [^|]+ \| `(.*)` \|$", PAGE.read_text("utf-8").split("## The events")[0], re.M)


class Loki:
    """One process, its data in `folder`, what the shipped text says of Loki's own configuration in `limits`."""

    def __init__(self, folder, limits):
        self.ports = HeldPorts(2)
        http, grpc = self.ports.numbers
        self.url = f"http://127.0.0.1:{http}"
        config = {
            "auth_enabled": False, "analytics": {"reporting_enabled": False}, "limits_config": limits,
            "server": {"http_listen_address": "127.0.0.1", "http_listen_port": http, "log_level": "warn",
                       "grpc_listen_address": "127.0.0.1", "grpc_listen_port": grpc},
            "common": {"path_prefix": str(folder / "loki"), "replication_factor": 1, "instance_addr": "127.0.0.1",
                       "ring": {"instance_addr": "127.0.0.1", "kvstore": {"store": "inmemory"}},
                       "storage": {"filesystem": {"chunks_directory": str(folder / "loki/chunks"),
                                                  "rules_directory": str(folder / "loki/rules")}}},
            "schema_config": {"configs": [{"from": "2020-10-24", "store": "tsdb", "object_store": "filesystem",
                                           "schema": "v13", "index": {"prefix": "index_", "period": "24h"}}]}}
        place = folder / "loki.yaml"
        place.write_text(json.dumps(config), "utf-8")
        self.log = folder / "loki.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([gotools.loki(), f"-config.file={place}"], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, cwd=folder)
        self.wait(lambda: self.get("/ready", str) is not None)

    def wait(self, done):
        deadline = time.monotonic() + 120
        while not (found := done()):
            assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text("utf-8")[-3000:]
            time.sleep(0.2)
        return found

    def get(self, path, form=json.loads, **query):
        try:
            with urllib.request.urlopen(f"{self.url}{path}?{urllib.parse.urlencode(query)}", timeout=30) as answer:
                return form(answer.read())
        except urllib.error.HTTPError as refused:
            if refused.code == 503:
                return None
            raise AssertionError(refused.read().decode()) from refused
        except OSError:
            return None

    def post(self, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status

    def asked(self, query):
        """Streams or series of the last hour."""
        now = time.time_ns()
        return self.get("/loki/api/v1/query_range", query=query, start=now - 3600 * 10**9, end=now + 60 * 10**9,
                        limit=1000)["data"]["result"]

    def lines(self, query):
        return [line for stream in self.asked(query) for _, line in stream["values"]]

    def close(self):
        self.process.terminate()
        self.process.wait(60)
        self.ports.close()


def own_limits(collector_text):
    """What the first lines of the collector's text say that Loki's own configuration needs."""
    told = [line[4:] for line in collector_text.splitlines() if line.startswith("#   ")]
    return yaml.safe_load("\n".join(told))["limits_config"]


class InLoki(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="respring-loki-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.lines = [line for line in pods.real_lines() if line]
        self.events = [json.loads(line) for line in self.lines if line.startswith("{")]
        self.loki = Loki(self.folder, own_limits(pods.rendered(self.folder, "http://loki", "collector")))
        self.addCleanup(self.loki.close)

    def all_there(self):
        everything = f'{{service_name="respring", namespace="{pods.NAMESPACE}"}}'
        return self.loki.wait(lambda: len(found := self.loki.lines(everything)) >= 2 * len(self.lines) and found)

    def check(self):
        """Whoever brought the lines."""
        self.assertEqual(sorted(self.all_there()), sorted(2 * self.lines))
        self.assertEqual(sorted(self.loki.get("/loki/api/v1/labels")["data"]), LABELS)
        for label, values in (("role", sorted(PODS)), ("service_name", ["respring"]), ("namespace", [pods.NAMESPACE]),
                              ("level", sorted({event["level"] for event in self.events}))):
            self.assertEqual(sorted(self.loki.get(f"/loki/api/v1/label/{label}/values")["data"]), values)
        faults = [event for event in self.events if event["event"] == "http.fault"]
        self.assertTrue(faults, self.lines)
        queries = documented_queries()
        self.assertEqual(len(queries), 5)
        for query in queries:
            query = query.replace("4bf92f3577b34da6a3ce929d0e0e4736", faults[0]["trace_id"])
            self.assertGreater(len(self.loki.asked(query)), 0, query)
        request = self.loki.lines(f'{{service_name="respring"}} | trace_id="{faults[0]["trace_id"]}"')
        self.assertEqual(len(request), 2 * sum(e.get("trace_id") == faults[0]["trace_id"] for e in self.events))
        self.assertEqual(self.loki.asked('{service_name="respring"} | event="no.such"'), [])

    def test_by_the_collector(self):
        for pod in PODS.values():
            pods.write_pod(self.folder / "pods", pod, self.lines)
        collector = pods.Collector(self.folder, pods.rendered(self.folder, self.loki.url, "collector"))
        self.addCleanup(collector.close)
        self.check()

    def test_as_alloy_is_told(self):
        alloy = AsAlloy(pods.rendered(self.folder, self.loki.url, "alloy"))
        for role, pod in PODS.items():
            for port in ("http", "admin"):
                discovered = {"__meta_kubernetes_namespace": pods.NAMESPACE, "__meta_kubernetes_pod_name": pod,
                              "__meta_kubernetes_pod_container_name": "respring",
                              "__meta_kubernetes_pod_container_port_name": port,
                              "__meta_kubernetes_pod_label_app_kubernetes_io_name": "respring",
                              "__meta_kubernetes_pod_label_app_kubernetes_io_component": role}
                streams = [alloy.stream(discovered, line) for line in self.lines]
                if any(streams):
                    self.assertEqual(self.loki.post(alloy.push.removeprefix(self.loki.url), {"streams": streams}), 204)
        self.check()


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
