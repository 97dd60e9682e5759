#!/usr/bin/env python3
"""Checks the structure of the sources; see README.md. Exit code 1 when something is found."""

import argparse
import subprocess
import sys
from pathlib import Path

import banned
import headers
import layers
import places
import sizes
from source import Tree


def check_format(tree):
    """What clang-format would change."""
    names = tree.code("pkg", "cmd", "tests", "loadtest")
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", *names], cwd=tree.root,
                          capture_output=True, text=True, check=False)
    seen = set()
    for line in done.stderr.splitlines():
        parts = line.split(":")
        if "clang-format-violations" in line and parts[0] not in seen:
            seen.add(parts[0])
            yield parts[0], parts[1], "is not formatted: make format"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=Path(__file__).resolve().parents[2])
    parser.add_argument("--cache", help="file that remembers headers that compiled alone")
    parser.add_argument("--only", choices=["structure", "headers", "format"])
    args = parser.parse_args()
    tree = Tree(args.root)
    found = []
    if args.only in (None, "structure"):
        for check in (layers.check, banned.check, sizes.check, places.check):
            found += check(tree)
    if args.only in (None, "headers"):
        found += headers.check(tree, args.cache)
    if args.only in (None, "format"):
        found += check_format(tree)
    for name, line, why in found:
        print(f"{name}:{line}: {why}")
    print(f"tidy: {len(tree.files)} files, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
