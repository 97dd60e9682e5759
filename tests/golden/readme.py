#!/usr/bin/env python3
"""Holds the README's first conversation against the real binary, word for word."""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
from support.ports import HeldPorts  # noqa: E402  (its folder is on the path now)

README = Path(__file__).resolve().parents[2] / "README.md"


def wait_until_ready(port, server):
    """Until /readyz answers 200; the server has a minute, and must not end before."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            sys.exit(f"respring serve ended with {server.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    sys.exit("respring serve was not ready within a minute")


def search_in_time(script):
    """The script, with its last command asked again for as long as the index may take to follow."""
    body, last = script.rstrip().rsplit("\n", 1)
    assert "/search" in last
    return (f"{body}\nfor _ in $(seq 100); do found=$({last})\n"
            "case $found in *highlights*) break ;; esac; sleep 0.1; done\necho \"$found\"\n")


def check(lines):
    """What the reader should have seen, one JSON answer per line."""
    answers = [json.loads(line) for line in lines.splitlines() if line]
    registered, sent, rooms, history, answered, found = answers
    assert registered["handle"] == "minji", registered
    assert sent["duplicate"] is False and sent["message"]["ordinal"] == 1, sent
    assert rooms["items"][0]["unread"] == 1, rooms
    assert [m["text"] for m in history["messages"]] == ["온라인커뮤니티에서 만나요"], history
    assert answered["message"]["ordinal"] == 2, answered
    assert found["items"][0]["message"]["text"] == "온라인커뮤니티에서 만나요", found
    assert found["items"][0]["highlights"] == [[3, 4]], found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    binary = str(Path(parser.parse_args().binary).resolve())
    script = re.search(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL).group(1)
    with HeldPorts(2) as held:
        converse(binary, script, *held.numbers)
    return 0


def converse(binary, script, port, admin):
    assert "http://127.0.0.1:8080/" in script
    script = "set -eu\n" + search_in_time(script).replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [binary, "serve", "--quiet", "--set", f"listen=127.0.0.1:{port}", "--set",
             f"admin_listen=127.0.0.1:{admin}"],
            cwd=folder, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}, stdout=subprocess.DEVNULL)
        try:
            wait_until_ready(admin, server)
            done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=120,
                                  check=False)
            print(done.stdout, done.stderr, sep="\n")
            assert done.returncode == 0, done.returncode
            check(done.stdout)
        finally:
            server.terminate()
            code = server.wait(timeout=60)
    assert code == 0, f"respring serve ended with {code}"


if __name__ == "__main__":
    sys.exit(main())
