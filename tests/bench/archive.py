"""What `respring archive run` takes, and what a page of archived messages takes to read.

    ninja -C build/release respring
    python3 tests/bench/archive.py --messages 200000 --rounds 5
    python3 tests/bench/archive.py --bucket          # blobs in an S3 server, which Go builds first

On embedded storage. Each round archives the room's old messages and restores them. A page is 50 messages
by GET /v1/rooms/{room}/messages over one connection: of the tables, from an object that nobody has asked
for since the server began, and once more from one that is at hand.
"""

import argparse
import contextlib
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("RESPRING_BUILD", ROOT / "build" / "release"))
os.environ.setdefault("RESPRING_BIN", str(BUILD / "respring"))
sys.path[:0] = [str(ROOT / "tests" / "integration"), str(ROOT / "tests")]
from support.cli import Operator  # noqa: E402
from support.people import Person  # noqa: E402
from support.server import Server  # noqa: E402
from stack.s3 import BUCKET, S3  # noqa: E402

WORDS = "온라인커뮤니티 등산 모임 저녁 소식 사진 병원 손주 여행 김치 산책 도서관 합창 바둑 텃밭 버스".split()
OLD_MS = 1_600_000_000_000
PAGE = 50
ROW = ("INSERT INTO message (slot, room_id, seq, ordinal, sender_id, cid, content_hash, text, attachments, "
       "created_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '[]', ?, 1)")


def bucket(stack, folder):
    """Settings that put blobs into an S3 server of our own."""
    at = stack.enter_context(S3(folder / "s3")).endpoint()
    secret = folder / "secret"
    secret.write_text(at["secret_key"] + "\n", "utf-8")
    secret.chmod(0o600)
    return {"blobs": f"s3://{BUCKET}?endpoint={at['url']}", "blobs_access_key": at["access_key"],
            "blobs_secret_key_file": str(secret)}


class Site:
    """A server with one room that has many old messages."""

    def __init__(self, messages, settings):
        self.server = Server(settings)
        self.operator = Operator(self.server.data, *(word for key, value in settings.items()
                                                     for word in ("--set", f"{key}={value}")))
        self.server.start()
        self.reader = Person(self.server, "민수")
        self.room = self.reader.group("옛 친구들")
        self.messages = messages
        self.server.stop()
        self.fill()

    def fill(self):
        dice = random.Random(1)
        with contextlib.closing(self.shard()) as database:
            slot, first, ordinal = database.execute(
                "SELECT slot, last_seq, last_ordinal FROM room WHERE room_id = ?", (int(self.room),)).fetchone()
            rows = ((slot, int(self.room), first + n, ordinal + n, int(self.reader.id), n.to_bytes(16, "big"),
                     bytes(16), " ".join(dice.choices(WORDS, k=6)), OLD_MS + n)
                    for n in range(1, self.messages + 1))
            with database:
                database.executemany(ROW, rows)
                database.execute("UPDATE change_event SET created_at = ? WHERE room_id = ?",
                                 (OLD_MS, int(self.room)))  # old events behind a new one would stay
                database.execute("UPDATE room SET last_seq = ?, last_ordinal = ? WHERE room_id = ?",
                                 (first + self.messages, ordinal + self.messages, int(self.room)))

    def shard(self):
        for file in self.server.data.glob("shard-*.db"):
            database = sqlite3.connect(file)
            if database.execute("SELECT 1 FROM room WHERE room_id = ?", (int(self.room),)).fetchone():
                return database
            database.close()
        raise LookupError(self.room)

    def ask(self, *words):
        """Seconds of the command with its start, and what it printed."""
        begun = time.monotonic()
        done = self.operator.json("archive", *words, timeout=3600)
        assert done.code == 0, done
        return time.monotonic() - begun, done.json

    def pages(self, before):
        """Milliseconds of each page."""
        taken = []
        for seq in before:
            begun = time.monotonic()
            page = self.reader.get(f"/v1/rooms/{self.room}/messages", before=seq, limit=PAGE)
            taken.append((time.monotonic() - begun) * 1000)
            assert len(page.json.get("messages", [])) == PAGE, page
        return taken

    def started(self):
        self.server.start()
        self.pages([self.messages] * 20)  # the newest: nothing of the archive, only a warm connection


def say_rate(name, rates):
    rates = sorted(rates)
    print(f"  {name:34} {statistics.median(rates):9,.0f} messages/s   ({rates[0]:,.0f} – {rates[-1]:,.0f})")


def say_pages(name, taken):
    ordered = sorted(taken)
    print(f"  {name:34} p50 {statistics.median(ordered):6.2f} ms   "
          f"p99 {ordered[int(len(ordered) * 0.99)]:6.2f} ms   ({len(ordered)} pages)")


def measure(site, rounds):
    # One page of each object of a thousand events, in no order, none across its border.
    places = [1000 * n + 500 for n in range(1, site.messages // 1000 - 1)]
    random.Random(2).shuffle(places)
    site.started()
    of_tables = site.pages(places)
    site.server.stop()
    runs, restores, verifies = [], [], []
    for _ in range(rounds):
        seconds, done = site.ask("run", "--yes")
        shards = done["shards"]
        moved = sum(shard["messages"] for shard in shards)
        runs.append(moved / seconds)
        verifies.append(moved / site.ask("verify")[0])
        restores.append(moved / site.ask("restore", site.room, "--yes")[0])
    site.ask("run", "--yes")
    site.started()
    cold = site.pages(places)
    warm = site.pages(place - 100 for place in places[-50:])
    print(f"{moved:,} messages archived in {sum(shard['segments'] for shard in shards)} objects of "
          f"{sum(shard['bytes'] for shard in shards) / moved:.0f} bytes a message, {rounds} rounds")
    for name, rates in (("archive run", runs), ("archive verify", verifies), ("archive restore", restores)):
        say_rate(name, rates)
    say_pages("a page of the tables", of_tables)
    say_pages("a page of an object, first time", cold)
    say_pages("another page of an object at hand", warm)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bucket", action="store_true", help="blobs in an S3 server")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="respring-bench-")))
        site = Site(given.messages, bucket(stack, folder) if given.bucket else {})
        stack.callback(site.server.close)
        measure(site, given.rounds)


if __name__ == "__main__":
    main()
