"""The shipped configuration of an OpenTelemetry collector on real log lines: what it makes of them."""

import json
import tempfile
import unittest
from datetime import datetime, timezone
from pathlib import Path

import pods
from alloy import AsAlloy

# How controllers name the pods of an object.
ENDS = {"Deployment": "-6f7c9d8b5-x2x4v", "StatefulSet": "-0", "Job": "-x2x4v", "CronJob": "-29381234-x2x4v"}
POD = "respring-message-6f7c9d8b5-x2x4v"


def texts(attributes):
    return {a["key"]: a["value"]["stringValue"] for a in attributes}


def nanoseconds(line):
    at = datetime.strptime(line["ts"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    return round(at.timestamp() * 1000) * 1_000_000


class Logs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="respring-logs-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def collected(self, lines):
        """(resource, record) for each line of a pod, as the collector exports it."""
        pods.write_pod(self.folder / "pods", POD, lines)
        return self.exported(len(lines))

    def exported(self, least):
        """(resource, record) of everything that lies there, as soon as there are so many."""
        out = self.folder / "out.jsonl"
        collector = pods.Collector(
            self.folder, pods.rendered(self.folder, "http://127.0.0.1:1", "collector"),
            {"exporters": {"file": {"path": str(out), "flush_interval": "50ms"}},
             "service": {"pipelines": {"logs/respring": {"exporters": ["file"]}}}})
        self.addCleanup(collector.close)

        def records():
            text = out.read_text("utf-8") if out.is_file() else ""
            found = [(texts(resource["resource"]["attributes"]), record)
                     for line in text[:text.rfind("\n") + 1].splitlines()
                     for resource in json.loads(line)["resourceLogs"]
                     for scope in resource["scopeLogs"] for record in scope["logRecords"]]
            return found if len(found) >= least else None

        return collector.wait(records)

    def containers(self):
        """(pod, its labels, container) of every object that makes pods, development servers included."""
        for environment in ("dev", "prod"):
            for item in pods.objects(self.folder, environment):
                if item["kind"] not in ENDS or (environment == "dev" and item["kind"] != "StatefulSet"):
                    continue
                spec = item["spec"].get("jobTemplate", item)["spec"]["template"]
                for container in (*spec["spec"].get("initContainers", ()), *spec["spec"]["containers"]):
                    yield item["metadata"]["name"] + ENDS[item["kind"]], spec["metadata"]["labels"], container

    def test_collector_and_alloy_make_the_same_of_every_pod(self):
        alloy = AsAlloy(pods.rendered(self.folder, "http://127.0.0.1:1", "alloy"))
        by_alloy, names = [], set()
        for pod, labels, container in self.containers():
            line = json.dumps({"ts": "2026-01-02T03:04:05.678Z", "level": "info", "event": "config.reloaded",
                               "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "of": f"{pod}/{container['name']}"})
            pods.write_pod(self.folder / "pods", pod, [line], container["name"])
            names.add((labels["app.kubernetes.io/component"], container["name"]))
            discovered = {"__meta_kubernetes_namespace": pods.NAMESPACE, "__meta_kubernetes_pod_name": pod,
                          "__meta_kubernetes_pod_container_name": container["name"],
                          "__meta_kubernetes_pod_label_app_kubernetes_io_name": labels["app.kubernetes.io/name"],
                          "__meta_kubernetes_pod_label_app_kubernetes_io_component":
                              labels["app.kubernetes.io/component"]}
            for port in container.get("ports", [{"name": ""}]):
                stream = alloy.stream({**discovered, "__meta_kubernetes_pod_container_port_name": port["name"]}, line)
                if stream:
                    ((_, text, beside),) = stream["values"]
                    by_alloy.append((text, stream["stream"], beside))
        found = self.exported(len(by_alloy))
        by_collector = [(record["body"]["stringValue"], {"service_name" if key == "service.name" else key: value
                                                         for key, value in resource.items()},
                         texts(record["attributes"])) for resource, record in found]
        self.assertEqual(sorted(by_collector, key=str), sorted(by_alloy, key=str))
        self.assertIn(("operator", "step-1"), names)
        self.assertEqual({stream["role"] for _, stream, _ in by_alloy},
                         {"gateway", "user", "room", "message", "search", "notification", "websocket", "operator"})
        image = next(container["image"] for pod, _, container in self.containers() if pod.startswith("respring-gateway"))
        ours = {f"{pod}/{container['name']}" for pod, _, container in self.containers() if container["image"] == image}
        self.assertEqual({json.loads(text)["of"] for text, _, _ in by_alloy}, ours)

    def test_each_line_comes_as_it_is_with_bounded_labels(self):
        lines = [line for line in pods.real_lines() if line]
        events = [json.loads(line) for line in lines if line.startswith("{")]
        self.assertGreater(len({event["event"] for event in events}), 3, lines)
        self.assertTrue(any("trace_id" in event for event in events), lines)
        self.assertLess(len(events), len(lines), "what it says at its start is no event")
        found = self.collected(lines)
        self.assertEqual(sorted(record["body"]["stringValue"] for _, record in found), sorted(lines))
        for resource, record in found:
            of_pod = {"service.name": "respring", "namespace": pods.NAMESPACE, "role": "message"}
            beside = {"pod": POD}
            body = record["body"]["stringValue"]
            if body.startswith("{"):
                line = json.loads(body)
                of_pod["level"] = line["level"]
                beside |= {key: line[key] for key in ("event", "trace_id") if key in line}
                self.assertEqual(int(record["timeUnixNano"]), nanoseconds(line), body)
                self.assertEqual(record["severityText"], line["level"])
            self.assertEqual((resource, texts(record["attributes"])), (of_pod, beside), body)

    def test_a_line_that_is_cut_or_foreign_is_kept(self):
        lines = ['{"ts":"2026-01-02T03:04:05.678Z","level":"warn"', "terminate called without an exception", "{}"]
        found = self.collected(lines)
        self.assertEqual(sorted(record["body"]["stringValue"] for _, record in found), sorted(lines))
        self.assertEqual({resource["role"] for resource, _ in found}, {"message"})


if __name__ == "__main__":
    unittest.main()
