#!/usr/bin/env python3
"""respring(1), from what the binary says about itself."""

import argparse
import re
import subprocess
from pathlib import Path


def ask(binary, *words):
    return subprocess.run([binary, *words], capture_output=True, text=True, check=True, timeout=60,
                          cwd="/", env={"LC_ALL": "C"}).stdout


def roff(text):
    """Text as it stands, whatever roff would make of it."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.splitlines())


def block(text):
    return f".nf\n{roff(text.rstrip())}\n.fi\n"


def verbs(help_text):
    return re.findall(r"^  ([a-z]+) {2,}\S", help_text, re.MULTILINE)


def page(binary):
    version = ask(binary, "version", "--json")
    number = re.search(r'"version": "([^"]+)"', version)[1]
    overview = ask(binary, "--help")
    yield f'.TH RESPRING 1 "" "respring {number}" "User Commands"\n'
    yield ".SH NAME\nrespring \\- a chat platform in one program\n"
    yield ".SH SYNOPSIS\n.B respring\n.I command\n[\\fIoptions\\fR]\n"
    yield ".SH COMMANDS\n" + block(overview)
    for verb in verbs(overview):
        yield f".SS respring {verb}\n" + block(ask(binary, verb, "--help"))
    yield ".SH EXIT STATUS\n" + block(ask(binary, "help", "exit-codes"))
    yield ".SH FILES\n.TP\n.I /etc/respring/respring.yaml\nSettings; respring config defaults lists all.\n"
    yield ".TP\n.I /var/lib/respring\nEverything that is kept, unless the settings name servers.\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--out", required=True, type=Path)
    args = parser.parse_args()
    args.out.write_text("".join(page(str(Path(args.binary).resolve()))), "utf-8")


if __name__ == "__main__":
    main()
