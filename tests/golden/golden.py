#!/usr/bin/env python3
"""Compares what the binary says about itself with the files here; --update writes them."""

import argparse
import difflib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def ask(binary, *words):
    """stdout of a command that must succeed, in an empty environment and an empty folder."""
    done = subprocess.run([binary, *words], capture_output=True, text=True, timeout=60, check=False,
                          cwd="/", env={"LC_ALL": "C"})
    if done.returncode != 0:
        sys.exit(f"respring {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def without_dashboards(stream):
    """They are the same in every environment: those of prod are held."""
    return "---\n".join(part for part in stream.split("---\n") if "grafana_dashboard" not in part)


def jobs(binary, environment):
    """Jobs that people start: files beside the objects of an environment."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        ask(binary, "manifests", "render", "--env", environment, "--out", str(out))
        files = sorted((out / "overlays" / environment / "jobs").iterdir())
        return "---\n".join(file.read_text("utf-8") for file in files)


def commands(binary):
    """Every command, as its words; the completion script lists them."""
    known = re.findall(r'"((?: [a-z0-9-]+)+)"[|)]', ask(binary, "completion", "bash"))
    return sorted({tuple(words.split()) for words in known})


def expected(binary):
    """{file: text} of everything that is held here."""
    files = {
        HERE / "help/start.txt": ask(binary),
        HERE / "help/respring.txt": ask(binary, "--help"),
        HERE / "help/respring.ko.txt": ask(binary, "--help", "--lang", "ko"),
        HERE / "help/errors.txt": ask(binary, "help", "errors"),
        HERE / "help/exit-codes.txt": ask(binary, "help", "exit-codes"),
        HERE / "config/respring.yaml": ask(binary, "config", "defaults"),
        HERE / "config/respring.env": ask(binary, "config", "env"),
        ROOT / "docs/configuration.md": ask(binary, "config", "docs"),
    }
    for environment in ("dev", "staging", "prod"):
        stream = ask(binary, "manifests", "render", "--env", environment)
        files[HERE / f"manifests/{environment}.yaml"] = (
            stream if environment == "prod" else without_dashboards(stream))
    files[HERE / "manifests/prod-jobs.yaml"] = jobs(binary, "prod")
    own_names = str(HERE / "manifests/own-names.values.yaml")
    files[HERE / "manifests/own-names.yaml"] = without_dashboards(
        ask(binary, "manifests", "render", "--env", "dev", "--values", own_names))
    files[HERE / "manifests/systemd.txt"] = ask(binary, "manifests", "render", "--env", "prod",
                                                "--target", "systemd")
    files[HERE / "manifests/values.yaml"] = ask(binary, "manifests", "values")
    for words in commands(binary):
        name = "-".join(("respring", *words))
        files[HERE / f"help/{name}.txt"] = ask(binary, *words, "--help")
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--update", action="store_true")
    args = parser.parse_args()
    wanted = expected(str(Path(args.binary).resolve()))
    held = {p for folder in ("help", "config", "manifests")
            for p in (HERE / folder).glob("*") if p.is_file() and ".values." not in p.name}
    stale = held - set(wanted)
    if args.update:
        for path, text in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for path in stale:
            path.unlink()
        return 0
    different = len(stale)
    for path in stale:
        print(f"{path.relative_to(ROOT)}: no command produces this file any more")
    for path, text in wanted.items():
        there = path.read_text(encoding="utf-8") if path.is_file() else ""
        if there != text:
            different += 1
            sys.stdout.writelines(difflib.unified_diff(
                there.splitlines(True), text.splitlines(True), str(path.relative_to(ROOT)), "the binary"))
    if different:
        print(f"{different} files differ; if that is meant: make golden")
    else:
        print(f"{len(wanted)} files agree")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
