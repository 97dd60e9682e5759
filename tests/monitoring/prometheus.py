"""A Prometheus of a test's own: scrapes what it is told every second and answers queries."""

import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request


class Prometheus:
    def __init__(self, folder, port, targets, rules):
        """`targets`: {role: [port, …]} of admin listeners on this machine."""
        self.folder, self.port = folder, port
        config = {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                  "rule_files": [str(folder / "rules.yaml")],
                  "scrape_configs": [{"job_name": "respring", "static_configs": [
                      {"targets": [f"127.0.0.1:{one}" for one in ports], "labels": {"role": role, "namespace": "respring"}}
                      for role, ports in targets.items()]}]}
        (folder / "rules.yaml").write_text(json.dumps(rules), "utf-8")
        (folder / "prometheus.yaml").write_text(json.dumps(config), "utf-8")

    def __enter__(self):
        with open(self.folder / "prometheus.log", "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={self.folder / 'prometheus.yaml'}",
                 f"--storage.tsdb.path={self.folder / 'prometheus-data'}",
                 f"--web.listen-address=127.0.0.1:{self.port}"],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.folder / "prometheus.log").read_text()[-2000:]
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5):
                    return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise TimeoutError("Prometheus was not ready in time")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def ask(self, path, **query):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{query}: {refused.read().decode()}") from refused

    def query(self, expression):
        """[(labels, value)]."""
        return [(one["metric"], float(one["value"][1]))
                for one in self.ask("query", query=expression)["result"]]
