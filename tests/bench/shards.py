"""What moving and migrating cost, on MySQL servers of its own.

    ninja -C build/release respring
    python3 tests/bench/shards.py pause copy throttle plan migrate

pause     moves of busy slots under `bench send` at --rate: how long writes of a slot wait
copy      a slot of --rows messages, beside `mysqldump | mysql` of the same rows; rows per second
throttle  send latency alone, during a copy, and during a throttled one
plan      `shard plan` for 4096 slots on 64 shards
migrate   32 shards from nothing, and again with nothing to do
"""

import argparse
import contextlib
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("RESPRING_BUILD", ROOT / "build" / "release"))
os.environ.setdefault("RESPRING_BIN", str(BUILD / "respring"))
sys.path.insert(0, str(ROOT / "tests" / "integration"))
from support import server as binary  # noqa: E402
from support.mysql_site import MysqlSite  # noqa: E402
from support.server import Server  # noqa: E402
from stack import kinds, places  # noqa: E402

SLOT = 7


class Bench:
    def __init__(self, stack, shards):
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(
            prefix="respring-bench-", dir=places.memory())))
        servers = [stack.enter_context(kinds.server(self.folder, f"mysql-{n}")) for n in (1, 2)]
        self.site = MysqlSite(self.folder, shards, servers)
        self.operator = self.site.operator()

    def ask(self, *words):
        done = self.operator.json(*words, timeout=900)
        assert done.code == 0, done
        return done.json

    def migrate(self):
        self.ask("migrate", "up")

    def serve(self, stack):
        server = Server(config=self.site.config.read_text("utf-8"))
        server.settings["data_dir"] = str(self.site.data)
        stack.callback(server.close)
        server.start()
        return server

    def fill(self, rows):
        """Messages of 120 bytes in one slot of shard-0."""
        values = (f"SELECT {SLOT}, 5, n, n, 9, UNHEX(LPAD(HEX(n),32,'0')), UNHEX(REPEAT('ab',16)), "
                  "REPEAT('봄',40), NULL, NULL, NULL, 1, NULL, NULL, 1")
        for first in range(1, rows + 1, 50_000):
            last = min(first + 49_999, rows)
            self.site.query("shard-0", "SET SESSION cte_max_recursion_depth=60000; INSERT INTO message "
                            f"WITH RECURSIVE c(n) AS (SELECT {first} UNION ALL SELECT n+1 FROM c WHERE "
                            f"n<{last}) {values} FROM c")


def sends(server, rate, seconds):
    words = [binary.BINARY, "bench", "send", "--json", "--address", f"127.0.0.1:{server.port}",
             "--rate", str(rate), "--seconds", str(seconds), "--connections", "24", "--bytes", "80"]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=binary.ENVIRONMENT,
                            stderr=subprocess.DEVNULL)


def quantiles(values):
    ordered = sorted(values)
    at = lambda share: ordered[min(int(len(ordered) * share), len(ordered) - 1)]  # noqa: E731
    return f"p50 {at(0.5):.1f}  p99 {at(0.99):.1f}  max {ordered[-1]:.1f}"


def pause(given):
    with contextlib.ExitStack() as stack:
        bench = Bench(stack, 4)
        bench.migrate()
        server = bench.serve(stack)
        load = sends(server, given.rate, given.seconds)
        time.sleep(2)
        pauses, dice = [], random.Random(1)
        while load.poll() is None:
            source, target = dice.sample(bench.site.shards, 2)
            slots = bench.site.query(source, "SELECT DISTINCT r.slot FROM room r JOIN slot_owner o "
                                     "USING (slot) WHERE o.state='ACTIVE'").split()
            if not slots:
                continue
            moved = bench.operator.json("shard", "move", "--slot", dice.choice(slots), "--to", target)
            if moved.code == 0:
                pauses.append(moved.json["moved"][0]["paused_us"] / 1000)
        result = json.loads(load.communicate()[0])
        print(f"pause of writes per slot, ms, {len(pauses)} moves: {quantiles(pauses)}")
        print(f"  at {result['acked_per_s']:.0f} sends/s, {result['errors']} errors; ack "
              + json.dumps(result.get("ack_ms") or {k: v for k, v in result.items() if "ack" in k}))


def copy(given):
    with contextlib.ExitStack() as stack:
        bench = Bench(stack, 2)
        bench.migrate()
        bench.ask("shard", "map")
        bench.fill(given.rows)
        rates = {"move, copied": [], "move, verified and switched": [], "mysqldump | mysql": []}
        for _ in range(given.rounds):
            begun = time.monotonic()
            killed = bench.operator.dying("shard", "move", "--slot", str(SLOT), "--to", "shard-1",
                                          at="move.drain.before:kill")
            assert killed.code == -signal.SIGKILL, killed
            rates["move, copied"].append(given.rows / (time.monotonic() - begun))
            bench.ask("shard", "abort", bench.ask("shard", "status")["moves"][0]["id"])
            rates["mysqldump | mysql"].append(given.rows / dumped(bench))
            begun = time.monotonic()
            server = bench.serve(stack)  # somebody publishes
            begun = time.monotonic()
            moved = bench.ask("shard", "move", "--slot", str(SLOT), "--to", "shard-1", "--gc-delay", "0")
            took = time.monotonic() - begun
            rates["move, verified and switched"].append(given.rows / took)
            bench.ask("shard", "reverse", moved["moved"][0]["id"])
            bench.ask("shard", "gc", "--slot", str(SLOT))
            server.close()
        for name, values in rates.items():
            print(f"{name}: {statistics.median(values):,.0f} rows/s ({min(values):,.0f} - "
                  f"{max(values):,.0f})")


def dumped(bench):
    """Seconds for the same rows from one server to the other, by the usual tools."""
    site = bench.site
    site.query("shard-1", "DROP TABLE IF EXISTS dumped; CREATE TABLE dumped LIKE message")
    source, target = site.server_of("shard-0"), site.server_of("shard-1")
    password = source.endpoint()["password"]
    command = (f"mysqldump --no-defaults --socket={source.socket_file} --user=respring --no-create-info "
               f"--single-transaction --skip-add-locks --skip-disable-keys --hex-blob --where=slot={SLOT} "
               f"{site.database('shard-0')} message | sed 's/INTO `message`/INTO `dumped`/' | "
               f"mysql --no-defaults --socket={target.socket_file} --user=respring {site.database('shard-1')}")
    begun = time.monotonic()
    subprocess.run(command, shell=True, check=True, env={**os.environ, "MYSQL_PWD": password})
    took = time.monotonic() - begun
    site.query("shard-1", "DROP TABLE dumped")
    return took


def throttle(given):
    with contextlib.ExitStack() as stack:
        bench = Bench(stack, 2)
        bench.migrate()
        bench.ask("shard", "map")
        bench.fill(given.rows)
        server = bench.serve(stack)
        for name, words in (("alone", None), ("beside a copy", []),
                            ("beside one of 2 MB/s", ["--throttle", "2000000"])):
            load = sends(server, given.rate, given.seconds)
            threading.Event().wait(1)
            mover = None
            if words is not None:
                mover = threading.Thread(target=bench.operator.json, args=(
                    "shard", "move", "--slot", str(SLOT), "--to", "shard-1", *words),
                    kwargs={"timeout": 900})
                mover.start()
            result = json.loads(load.communicate()[0])
            print(f"{name}: " + json.dumps({k: v for k, v in result.items() if "ack" in k or k == "errors"}))
            if mover:
                mover.join()
                move = bench.ask("shard", "status", "--all")["moves"][0]
                bench.operator.json("shard", "reverse", move["id"], timeout=900)
                bench.operator.json("shard", "gc", "--slot", str(SLOT), timeout=900)


def plan(given):
    with tempfile.TemporaryDirectory(dir=places.memory()) as folder:
        words = ["--set", f"data_dir={folder}/data"]
        for n in range(64):
            words += [f"--set=stores.shards.{n}.name=shard-{n}", f"--set=stores.shards.{n}.dsn=sqlite:shard-{n}.db"]
        assert binary.run("migrate", "up", *words, timeout=300).returncode == 0
        assert binary.run("shard", "map", *words, timeout=300).returncode == 0
        shards = [{"name": f"shard-{n}", "weight": 1 + n % 3} for n in range(64)]
        Path(folder, "map.yaml").write_text(json.dumps({"shards": shards}), "utf-8")
        binary.run("shard", "apply", f"{folder}/map.yaml", *words, timeout=300)
        times = []
        for _ in range(given.rounds):
            begun = time.monotonic()
            done = binary.run("shard", "plan", "--json", *words, timeout=300)
            times.append((time.monotonic() - begun) * 1000)
        moves = len(json.loads(done.stdout)["moves"])
        print(f"plan for 4096 slots on 64 shards: {statistics.median(times):.0f} ms, {moves} moves, the "
              "whole command with its 65 databases")


def migrate(given):
    for parallel in (1, 4, 8):
        with contextlib.ExitStack() as stack:
            bench = Bench(stack, 32)
            begun = time.monotonic()
            bench.ask("migrate", "up", "--parallel", str(parallel))
            first = time.monotonic() - begun
            begun = time.monotonic()
            bench.ask("migrate", "up", "--parallel", str(parallel))
            print(f"migrate over 32 shards, {parallel} at a time: {first:.1f} s from nothing, "
                  f"{time.monotonic() - begun:.1f} s with nothing to do")
            bench.site.drop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    scenarios = {f.__name__: f for f in (pause, copy, throttle, plan, migrate)}
    parser.add_argument("scenarios", nargs="+", choices=scenarios)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    for name in given.scenarios:
        scenarios[name](given)


if __name__ == "__main__":
    main()
