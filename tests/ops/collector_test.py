"""Traces in a real OpenTelemetry collector: what it received is what it wrote down."""

import json
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]
import gotools  # noqa: E402
import traces_test  # noqa: E402
from support.ports import HeldPorts  # noqa: E402


class RealCollector(traces_test.Collector):
    """OTLP/HTTP comes in, JSON lines go to a file, which is read again whenever spans are asked for."""

    def __init__(self):
        self.wrong = []
        self.folder = tempfile.TemporaryDirectory()
        self.file = Path(self.folder.name) / "spans.jsonl"
        self.log = Path(self.folder.name) / "log"
        self.held = HeldPorts(1)
        endpoint = f"127.0.0.1:{self.held.numbers[0]}"
        self.url = f"http://{endpoint}/v1/traces"
        config = {"receivers": {"otlp": {"protocols": {"http": {"endpoint": endpoint}}}},
                  "exporters": {"file": {"path": str(self.file), "flush_interval": "100ms"}},
                  "service": {"telemetry": {"metrics": {"level": "none"}},
                              "pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["file"]}}}}
        place = Path(self.folder.name) / "collector.yaml"
        place.write_text(json.dumps(config), "utf-8")  # JSON is YAML, too
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([gotools.collector(), f"--config=file:{place}"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(self.log.read_text("utf-8")[-3000:])
            time.sleep(0.05)

    def answers(self):
        try:
            with urllib.request.urlopen(self.url, timeout=5):
                return True
        except urllib.error.HTTPError:
            return True  # it wants a POST
        except OSError:
            return False

    def close(self):
        self.process.terminate()
        self.process.wait(30)
        self.held.close()
        self.folder.cleanup()

    @property
    def spans(self):
        found = []
        whole = self.file.read_text("utf-8") if self.file.is_file() else ""
        for line in whole[:whole.rfind("\n") + 1].splitlines():
            for resource in json.loads(line)["resourceSpans"]:
                names = {a["key"]: a["value"]["stringValue"] for a in resource["resource"]["attributes"]}
                self.expect(names.get("service.name") == "respring", names)
                found += [span for scope in resource["scopeSpans"] for span in scope["spans"]]
        for span in found:
            self.check(span)
        return found


class InACollector(traces_test.Traces):
    make_collector = RealCollector

    def test_the_collector_refuses_what_is_no_otlp(self):
        """Else it would prove nothing that it took ours."""
        wrong = urllib.request.Request(self.collector.url, data=b'{"resourceSpans": [{"scopeSpans": 1}]}',
                                       headers={"Content-Type": "application/json"})
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(wrong, timeout=10)
        self.assertEqual(refused.exception.code, 400)


if __name__ == "__main__":
    unittest.main()
