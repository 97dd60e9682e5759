"""The shipped configuration of an OpenTelemetry collector on real log lines: what it makes of them."""

import json
import tempfile
import unittest
from datetime import datetime, timezone
from pathlib import Path

import pods

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
        """(resource, record) for each line, as the collector exports it."""
        out = self.folder / "out.jsonl"
        pods.write_pod(self.folder / "pods", POD, lines)
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
            return found if len(found) >= len(lines) else None

        return collector.wait(records)

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
