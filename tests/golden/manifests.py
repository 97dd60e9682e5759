#!/usr/bin/env python3
"""What each environment is rendered to, and that every value there is goes somewhere."""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
OWN = HERE / "manifests/own-names.values.yaml"
# Logs are shipped without the Prometheus operator, and somebody else's entrance may be believed.
WITHOUT_ITS_PART = {"monitoring.loki_url", "monitoring.log_agent", "ingress.proxies"}


def leaves(value, path=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    else:
        yield path, value


def known(reference):
    """Every value of `respring manifests values`; one without a default stands in a comment."""
    bare = re.sub(r"^( *)# ([a-z_]+):.*$", r"\1\2: x", reference, flags=re.MULTILINE)
    return {path for path, _ in leaves(yaml.safe_load(bare))} | {"secrets.each"}


def word_of(value):
    """How a value looks in the output."""
    if match := re.fullmatch(r"(\d+)MiB", str(value)):
        return match[1] + "Mi"
    # `namespace NAME`, `NAME=VALUE`
    return str(value).removeprefix("namespace ").rpartition("=")[2]


def missing(reference, rendered):
    """Values that the file of own names lacks, and those that change nothing."""
    given = dict(leaves(yaml.safe_load(OWN.read_text("utf-8"))))
    # An element of a list is one value of it.
    names = {path.removesuffix(".name").removesuffix(".secret") if path.startswith("secrets.each")
             else path for path in given}
    yield from (f"{path}: is not in {OWN.name}" for path in sorted(known(reference) - names))
    for path, value in given.items():
        if isinstance(value, bool) or path.startswith("config."):
            continue
        if not stands_in(value, rendered):
            yield f"{path}: its value {value} is nowhere in what is rendered"


def stands_in(value, rendered):
    # cpu_millis is written 5001m, seconds sometimes 77s
    return re.search(rf"(?<![\w-]){re.escape(word_of(value))}[ms]?(?![\w-])", rendered)


def left_behind(render):
    """Values of a part that are still there when the part is switched off."""
    given = dict(leaves(yaml.safe_load(OWN.read_text("utf-8"))))
    for switch in (path for path, value in given.items() if isinstance(value, bool)):
        part, name = switch.split(".")
        if name != "enabled" or given[switch] is not True:
            yield f"{switch}: nothing says what goes with it"
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as off:
            off.write(f"{part}: {{{name}: false}}\n")
            off.flush()
            rendered = render(off.name)
        for path, value in given.items():
            if path.startswith(f"{part}.") and path not in (switch, *WITHOUT_ITS_PART) and stands_in(value, rendered):
                yield f"{path}: its value {value} is still there without {part}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    binary = str(Path(parser.parse_args().binary).resolve())

    def ask(*words):
        return subprocess.run([binary, "manifests", *words], capture_output=True, text=True,
                              timeout=60, check=True, cwd="/", env={"LC_ALL": "C"}).stdout

    def render(*files):
        return ask("render", "--env", "dev", *(word for file in files for word in ("--values", file)))

    wrong = [*missing(ask("values"), render(str(OWN))), *left_behind(lambda off: render(str(OWN), off))]
    print("\n".join(wrong) or "every value goes somewhere, and away with its part")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
