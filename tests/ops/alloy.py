"""Grafana Alloy's part, by the configuration that is shipped for it."""

import json
import re
from datetime import datetime, timezone


class AsAlloy:
    """What the shipped text tells Alloy to do with a line of a pod. Alloy itself is no module that could be built
    here: the rules and stages, each of which must be known here, are carried out by this class."""

    def __init__(self, text):
        self.rules = [dict(re.findall(r'(\w+) *= \[?"([^"]*)"', rule)) for rule in re.findall(r"rule \{(.*?)\}", text, re.S)]
        process = text.split("loki.process", 1)[1]
        self.stages = {name: body for name, body in re.findall(r"stage\.(\w+) \{\n(.*?)\n  \}", process, re.S)}
        assert list(self.stages) == ["json", "timestamp", "labels", "structured_metadata", "label_drop"], self.stages
        assert '"RFC3339Nano"' in self.stages["timestamp"]
        self.push = re.search(r'url = "([^"]*)"', text)[1]

    def named(self, stage):
        return re.findall(r'(\w+) = "', re.search(r"\{ (.*) \}", self.stages[stage])[1])

    def stream(self, discovered, line):
        """Labels, and an entry of Loki's push interface; nothing for a pod that is left out."""
        # The source adds these by itself.
        labels = {"job": "loki.source.kubernetes.respring", "instance": "namespace/pod:container"}
        for rule in self.rules:
            value = discovered.get(rule.get("source_labels"), "")
            if rule.get("action") == "keep":
                if not re.fullmatch(rule["regex"], value):
                    return None
            else:
                labels[rule["target_label"]] = rule.get("replacement", value)
        try:
            of_line = json.loads(line)
        except ValueError:
            of_line = {}
        found = {**labels, **{name: of_line[name] for name in self.named("json") if name in of_line}}
        at = datetime.now(timezone.utc)
        if "ts" in found:
            at = datetime.strptime(found["ts"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
        labels |= {name: found[name] for name in self.named("labels") if name in found}
        beside = {name: found[name] for name in self.named("structured_metadata") if name in found}
        for name in re.findall(r'"(\w+)"', self.stages["label_drop"]):
            labels.pop(name, None)
        return {"stream": labels, "values": [[str(int(at.timestamp() * 1000) * 10**6), line, beside]]}
