#!/usr/bin/env python3
"""What each environment is rendered to, and that every value there is goes somewhere."""

import argparse
import re
import subprocess
import sys
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
OWN = HERE / "manifests/own-names.values.yaml"


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
    return str(value).removeprefix("namespace ").removeprefix("ingress.annotations/name=")


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
        # cpu_millis is written 5001m, seconds sometimes 77s
        if not re.search(rf"(?<![\w-]){re.escape(word_of(value))}[ms]?(?![\w-])", rendered):
            yield f"{path}: its value {value} is nowhere in what is rendered"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    binary = str(Path(parser.parse_args().binary).resolve())

    def ask(*words):
        return subprocess.run([binary, "manifests", *words], capture_output=True, text=True,
                              timeout=60, check=True, cwd="/", env={"LC_ALL": "C"}).stdout

    wrong = list(missing(ask("values"), ask("render", "--env", "dev", "--values", str(OWN))))
    print("\n".join(wrong) or "every value goes somewhere")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
