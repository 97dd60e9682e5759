#!/usr/bin/env python3
"""What each switch of the values takes away, and nothing else."""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

OWN = Path(__file__).resolve().parent / "manifests/own-names.values.yaml"
ROLES = ("gateway", "user", "room", "message", "search", "notification", "websocket")
SERVERS = ("mysql", "redis", "kafka", "elasticsearch")
# Objects that are gone without it, and kinds of those that look different.
SWITCHES = {
    # Settings know the host: the address of links, and whose word about clients is believed.
    "ingress.enabled": ({"Ingress/respring"}, {"NetworkPolicy", "ConfigMap", "Deployment", "CronJob", "Job"}),
    "servers.enabled": ({f"{kind}/respring-{name}" for kind in ("StatefulSet", "Service", "NetworkPolicy")
                         for name in SERVERS} | {"ConfigMap/respring-mysql"}, {"NetworkPolicy"}),
    "monitoring.enabled": ({"PodMonitor/respring", "PrometheusRule/respring"} |
                           {f"ConfigMap/respring-dashboard-{name}" for name in (*ROLES, "shards", "slo")},
                           {"NetworkPolicy"}),
    "archive.enabled": ({"CronJob/respring-archive"}, set()),
}


def switches(reference):
    """Every value that is true or false, as `respring manifests values` explains them."""
    return {f"{part}.{name}" for part, values in yaml.safe_load(reference).items() if isinstance(values, dict)
            for name, value in values.items() if isinstance(value, bool)}


def differences(switch, gone, changed_kinds, on, off):
    """Sentences about what the switch does otherwise than it says."""
    if on.keys() - off.keys() != gone:
        yield f"{switch}: takes away {sorted(on.keys() - off.keys())} instead of {sorted(gone)}"
    if off.keys() - on.keys():
        yield f"{switch}: without it there is also {sorted(off.keys() - on.keys())}"
    changed = {name.split("/")[0] for name in on.keys() & off.keys() if on[name] != off[name]}
    if not changed <= changed_kinds or ("NetworkPolicy" in changed_kinds and "NetworkPolicy" not in changed):
        yield f"{switch}: changes {sorted(changed)} instead of {sorted(changed_kinds)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    binary = str(Path(parser.parse_args().binary).resolve())

    def ask(*words):
        return subprocess.run([binary, "manifests", *words], capture_output=True, text=True, timeout=60, check=True,
                              cwd="/", env={"LC_ALL": "C.UTF-8"}).stdout

    def objects(switch, value):
        part, name = switch.split(".")
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(f"{part}: {{{name}: {value}}}\n")
            file.flush()
            text = ask("render", "--env", "dev", "--values", str(OWN), "--values", file.name)
        # The migration's name ends with what it was made of.
        return {re.sub(r"^(Job/respring-migrate)-.*", r"\1", f"{item['kind']}/{item['metadata']['name']}"): item
                for item in yaml.safe_load_all(text)}

    known = switches(ask("values"))
    wrong = [f"{switch}: is not in the table here" for switch in sorted(known ^ SWITCHES.keys())]
    for switch in sorted(known & SWITCHES.keys()):
        wrong += differences(switch, *SWITCHES[switch], objects(switch, "true"), objects(switch, "false"))
    print("\n".join(wrong) or f"{len(known)} switches do what they say")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
