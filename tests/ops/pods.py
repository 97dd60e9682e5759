"""Logs of respring as a node of Kubernetes has them, and a collector that reads them as we tell it to."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]
import gotools  # noqa: E402
from support.people import Person  # noqa: E402
from support.server import Server, run  # noqa: E402

NAMESPACE = "respring-logs"
MOST_SECONDS = 60


def objects(folder, environment, loki_url="http://loki", agent="alloy"):
    """Everything that `manifests render` writes, the Jobs that people start included."""
    values = folder / "values.yaml"
    values.write_text(json.dumps({"namespace": NAMESPACE, "monitoring": {"loki_url": loki_url, "log_agent": agent}}),
                      "utf-8")
    done = run("manifests", "render", "--env", environment, "--values", str(values))
    assert done.returncode == 0, done.stderr
    out = folder / f"rendered-{environment}-{agent}"
    written = run("manifests", "render", "--env", environment, "--values", str(values), "--out", str(out))
    assert written.returncode == 0, written.stderr
    jobs = (yaml.safe_load(file.read_text("utf-8")) for file in sorted(out.glob("overlays/*/jobs/*.yaml")))
    return [*yaml.safe_load_all(done.stdout), *jobs]


def rendered(folder, loki_url, agent):
    """The text of the configuration that `manifests render` writes for what ships logs."""
    for item in objects(folder, "prod", loki_url, agent):
        if item["metadata"]["name"] == {"alloy": "respring-alloy", "collector": "respring-collector"}[agent]:
            return next(iter(item["data"].values()))
    raise AssertionError(f"no configuration for {agent}")


def real_lines():
    """What a process says on stderr from its start to its end: Kafka is away, and a request meets a fault."""
    server = Server({"log.level": "debug", "bus": "kafka://127.0.0.1:1"})
    try:
        server.start()
        person = Person(server, "민수")
        person.send(person.group("방"), "안녕하세요")
        with sqlite3.connect(server.data / "room.db", timeout=30) as database:
            database.execute("ALTER TABLE listed_room RENAME TO gone")
        database.close()
        person.get("/v1/rooms")
        server.stop()
        return server.said().splitlines()
    finally:
        server.close()


def write_pod(folder, name, lines, container="respring"):
    """A container's log as its runtime keeps it (CRI): time, stream, whole or part, the line."""
    file = folder / f"{NAMESPACE}_{name}_0c1f7a52-5ee0-4a7b-8d2a-4a1b1d3f2c11" / container / "0.log"
    file.parent.mkdir(parents=True)
    now = time.time_ns()  # by its first bytes a file is known again: no two pods write in the same nanosecond
    text = "".join(f"{written(now + i)} stderr F {line}\n" for i, line in enumerate(lines))
    file.write_text(text, "utf-8")


def written(nanoseconds):
    seconds, rest = divmod(nanoseconds, 10**9)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{rest:09}Z"


class Collector:
    """Runs with the shipped text, reading `folder` instead of the node's."""

    def __init__(self, folder, text, further=None):
        self.log = folder / "collector.log"
        assert "/var/log/pods/" in text, text
        shipped = folder / "collector.yaml"
        shipped.write_text(text.replace("/var/log/pods/", f"{folder}/pods/"), "utf-8")
        here = folder / "here.yaml"
        here.write_text(json.dumps({
            "receivers": {"filelog/respring": {"start_at": "beginning", "poll_interval": "50ms"}},
            **(further or {}),
            "service": {"telemetry": {"metrics": {"level": "none"}}, **(further or {}).get("service", {})}}), "utf-8")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [gotools.collector(), f"--config=file:{shipped}", f"--config=file:{here}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={"PATH": os.environ["PATH"]})

    def wait(self, done):
        """Until done() gives something; what it gave."""
        deadline = time.monotonic() + MOST_SECONDS
        while not (found := done()):
            assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text("utf-8")[-3000:]
            time.sleep(0.05)
        return found

    def close(self):
        self.process.terminate()
        self.process.wait(30)
