"""What the binary renders for monitoring."""

import json
import os
import subprocess
import tempfile

import yaml

BINARY = os.environ["RESPRING_BIN"]


def objects(values="{}"):
    """Of production, with these values on top."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        file.write(values)
        file.flush()
        text = subprocess.run([BINARY, "manifests", "render", "--env", "prod", "--values", file.name],
                              capture_output=True, text=True, timeout=60, check=True,
                              env={"LC_ALL": "C.UTF-8"}).stdout
    return list(yaml.safe_load_all(text))


def rules(values="{}"):
    """The content of a rule file."""
    found = [item["spec"] for item in objects(values) if item["kind"] == "PrometheusRule"]
    assert len(found) == 1
    return found[0]


def dashboards():
    """{name: dashboard} of the ConfigMaps that Grafana reads."""
    found = {}
    for item in objects():
        if "grafana_dashboard" in item["metadata"]["labels"]:
            for text in item["data"].values():
                board = json.loads(text)
                found[board["uid"]] = board
    return found
