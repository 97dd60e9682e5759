#!/usr/bin/env python3
"""Every event that is logged stands in docs/log-events.md with its level, and nothing else does."""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/log-events.md"


def logged():
    """{event: levels} of the sources."""
    found = {}
    for folder in ("pkg", "cmd"):
        for file in sorted((ROOT / folder).rglob("*.cc")):
            text = file.read_text("utf-8")
            for match in re.finditer(r"\blog::(trace|debug|info|warn|error)\(", text):
                first = text[match.end():].split(",", 1)[0].split(");", 1)[0]
                names = re.findall(r'"([^"]+)"', first)
                if not names:
                    refuse(file, text, match.start())
                for name in names:
                    found.setdefault(name, set()).add(match[1])
    return found


def refuse(file, text, at):
    line = text.count("\n", 0, at) + 1
    sys.exit(f"{file.relative_to(ROOT)}:{line}: the event of a log line is a text in the source, so that it is stable")


def documented():
    rows = re.findall(r"^\| `([^`]+)` \| ([a-z, ]+) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {name: set(levels.split(", ")) for name, levels, _ in rows}


def main():
    argparse.ArgumentParser(description=__doc__).parse_known_args()
    there, said = logged(), documented()
    wrong = [f"{name}: is logged and not in {PAGE.name}" for name in sorted(there.keys() - said.keys())]
    wrong += [f"{name}: is in {PAGE.name} and nobody logs it" for name in sorted(said.keys() - there.keys())]
    wrong += [f"{name}: is logged as {sorted(there[name])}, the page says {sorted(said[name])}"
              for name in sorted(there.keys() & said.keys()) if there[name] != said[name]]
    wrong += [f"{name}: is not like part.what_happened" for name in sorted(there)
              if not re.fullmatch(r"[a-z]+(\.[a-z][a-z0-9_]*)+", name)]
    print("\n".join(wrong) or f"{len(there)} events agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
