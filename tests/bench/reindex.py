"""How fast `respring search reindex` is beside replaying ready-made _bulk bodies of the same messages.

    tests/stack/stack up mysql=2 elasticsearch kafka redis
    ninja -C build/release respring bulk_bodies
    python3 tests/bench/reindex.py --messages 200000 --rounds 5

Both fill a new index of the same mapping on the same engine, three requests at a time, in turns. The
command also reads the messages from MySQL, makes their terms, follows the events, compares and
switches. Prints messages per second, the median and range of each, and the ratio.
"""

import argparse
import http.client
import json
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("RESPRING_BUILD", ROOT / "build" / "release"))
os.environ.setdefault("RESPRING_BIN", str(BUILD / "respring"))
sys.path.insert(0, str(ROOT / "tests" / "integration"))
from support import apart, server as binary  # noqa: E402

WORDS = "온라인커뮤니티 등산 모임 저녁 소식 사진 병원 손주 여행 김치 산책 도서관 합창 바둑 텃밭 버스".split()
WRITERS = 3


class Site:
    """Databases with many messages, and an engine; no server runs."""

    def __init__(self, messages):
        self.server = apart.Server()
        self.server.configure()
        self.server.prepare()
        self.messages = messages
        self.name = self.server.servers.name
        url = urllib.parse.urlsplit(self.server.servers.endpoints["elasticsearch"]["url"])
        self.engine = (url.hostname, url.port)
        self.fill()

    def mysql(self, sql):
        return self.server.servers.server_of("shard_0").execute(sql, f"{self.name}_shard_0")

    def fill(self, rooms=100):
        """Rooms of one slot that is the first shard's, with texts of six words."""
        each = self.messages // rooms
        # Every slot below 2048 is the first shard's; a reindex does not look at where a room hashes.
        for room in range(1, rooms + 1):
            self.mysql(f"INSERT INTO room (slot, room_id, epoch, last_seq, last_ordinal, kind, title, "
                       f"member_count, block_count, last_at, created_at) VALUES ({room}, {room}, 1, "
                       f"{each}, {each}, 1, '방', 1, 0, 1790000000000, 1790000000000)")
        words = ",".join(f"'{word}'" for word in WORDS)
        text = ",' ',".join(f"ELT(1 + MOD(i*{k}+r*{k + 2}, {len(WORDS)}), {words})"
                            for k in (1, 3, 5, 7, 11, 13))
        self.mysql(
            f"SET SESSION cte_max_recursion_depth={max(each, rooms) + 1};"
            "INSERT INTO message (slot, room_id, seq, ordinal, sender_id, cid, content_hash, text, "
            "attachments, created_at, version) "
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{each}), "
            f"q(r) AS (SELECT 1 UNION ALL SELECT r+1 FROM q WHERE r<{rooms}) "
            "SELECT r, r, i, i, 7, UNHEX(LPAD(HEX(i),32,'0')), UNHEX(REPEAT('0',32)), "
            f"CONCAT({text}), '[]', 1790000000000+i, 1 FROM q, n")

    def bodies(self, folder):
        rows = self.mysql("SELECT room_id, seq, sender_id, created_at, version, text FROM message "
                          "ORDER BY slot, room_id, seq")
        subprocess.run([str(BUILD / "tests" / "bench" / "bulk_bodies"), str(folder)],
                       input=rows, text=True, check=True)
        return sorted(folder.glob("*.ndjson"), key=lambda file: int(file.stem))

    def ask(self, connection, method, path, body=None, kind="application/json"):
        connection.request(method, path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status < 300, text[:500]
        return text

    def replay(self, files):
        """Seconds to put all bodies into a new index."""
        index = f"{self.name}-v900"  # the template's mapping
        connection = http.client.HTTPConnection(*self.engine)
        self.ask(connection, "PUT", "/" + index,
                 json.dumps({"settings": {"index": {"refresh_interval": "-1"}}}))
        bodies = queue.SimpleQueue()
        for file in files:
            bodies.put(file.read_bytes())

        def send():
            own = http.client.HTTPConnection(*self.engine)
            while True:
                try:
                    body = bodies.get_nowait()
                except queue.Empty:
                    return
                answer = self.ask(own, "POST", f"/{index}/_bulk?filter_path=errors", body,
                                  "application/x-ndjson")
                assert b'"errors":false' in answer, answer[:300]

        begun = time.monotonic()
        threads = [threading.Thread(target=send) for _ in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.ask(connection, "POST", f"/{index}/_refresh")
        taken = time.monotonic() - begun
        self.ask(connection, "DELETE", "/" + index)
        return taken

    def reindex(self):
        """Seconds of the command, from its start to its end."""
        begun = time.monotonic()
        done = binary.run("search", "reindex", "--keep", "0s", "--writers", str(WRITERS), "--quiet",
                          "--config", str(self.server.folder / "respring.yaml"), "--set",
                          f"data_dir={self.server.data}", "--json", timeout=3600)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["documents"] == self.messages, done.stdout
        return time.monotonic() - begun


def say(name, messages, seconds):
    rates = sorted(messages / one for one in seconds)
    print(f"  {name:18} {statistics.median(rates):9,.0f}/s   ({rates[0]:,.0f} – {rates[-1]:,.0f})")
    return statistics.median(rates)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    site = Site(given.messages // 100 * 100)
    try:
        with tempfile.TemporaryDirectory(prefix="respring-bulk-") as folder:
            files = site.bodies(Path(folder))
            site.reindex()  # makes the template, and warms the engine up
            ours, bare = [], []
            for _ in range(given.rounds):
                ours.append(site.reindex())
                bare.append(site.replay(files))
        print(f"{site.messages:,} messages, {given.rounds} rounds")
        ratio = say("search reindex", site.messages, ours) / say("_bulk bodies", site.messages, bare)
        print(f"  ratio              {ratio:9.2f}     (aim: 0.5 and more)")
    finally:
        site.server.close()


if __name__ == "__main__":
    main()
