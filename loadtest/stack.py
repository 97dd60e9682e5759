#!/usr/bin/env python3
"""Sends on the real servers, beside what the database does by itself. Starts a stack of its own with the
bench profile (durable: innodb_flush_log_at_trx_commit=1, sync_binlog=1) and, on it, every role in one process,
then every role in a process of its own. Needs sysbench."""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests/integration"), str(HERE.parent / "tests")]

THREADS = (1, 8, 16, 32, 64)


def show(name, values, unit=""):
    print(f"  {name:46} {statistics.median(values):12.2f}  ({min(values):.2f} – {max(values):.2f}) {unit}",
          flush=True)


def sysbench(mysql, seconds):
    """Inserts per second at the best number of threads."""
    mysql.execute("CREATE DATABASE IF NOT EXISTS sbtest")
    common = ["sysbench", "oltp_insert", "--mysql-host=127.0.0.1", f"--mysql-port={mysql.port}",
              "--mysql-user=respring", f"--mysql-password={mysql.endpoint()['password']}",
              "--mysql-db=sbtest", "--tables=1", "--table-size=1000"]
    rates = {}
    try:
        subprocess.run([*common, "prepare"], check=True, capture_output=True)
        for threads in THREADS:
            said = subprocess.run([*common, f"--threads={threads}", f"--time={seconds}", "run"], check=True,
                                  capture_output=True, text=True).stdout
            rates[threads] = float(re.search(r"transactions:.*\((\S+) per sec", said).group(1))
    finally:
        mysql.execute("DROP DATABASE sbtest")
    best = max(rates, key=rates.get)
    print("  sysbench oltp_insert /s: " + ", ".join(f"{n} threads {r:.0f}" for n, r in rates.items()),
          flush=True)
    return rates[best]


def hand_written(build, mysql, seconds):
    """(messages/s of multi-row transactions of 16 by 2 connections, sends/s of the store)."""
    dsn = f"mysql://respring:{mysql.endpoint()['password']}@127.0.0.1:{mysql.port}/"
    said = subprocess.run([str(build / "tests/bench/store_mysql_bench"), dsn, str(seconds), "512", "1"],
                          check=True, capture_output=True, text=True).stdout
    return float(re.search(r"bare: +(\d+)", said).group(1)), float(re.search(r"store: +(\d+)", said).group(1))


def bench(server, *words):
    command = [os.environ["RESPRING_BIN"], "bench", "send", "--json", "--quiet",
               "--address", f"127.0.0.1:{server.port}", *map(str, words)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


class OneProcess:
    """Every role in one process, on the same servers."""

    def __init__(self, apart, **settings):
        from support.ports import HeldPorts

        self.held = HeldPorts(2)
        self.port, admin = self.held.numbers
        words = [os.environ["RESPRING_BIN"], "serve", "--config", str(apart.folder / "respring.yaml")]
        for key, value in {**apart.settings, "listen": f"127.0.0.1:{self.port}", "admin_listen": f"127.0.0.1:{admin}",
                           "data_dir": str(apart.folder / "data-all"), "log.level": "warn",
                           **settings}.items():
            words += ["--set", f"{key}={value}"]
        self.process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{admin}/readyz", timeout=2)
                return
            except OSError:
                if self.process.poll() is not None:
                    sys.exit("the server did not start")
                time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.held.close()


def rates(a, apart, mysql):
    """Durable sends beside sysbench and the hand-written transactions, in turn."""
    ours, theirs, bare, store = [], [], [], []
    for _ in range(a.rounds):
        theirs.append(sysbench(mysql, a.seconds))
        with OneProcess(apart) as server:
            ours.append(bench(server, "--seconds", a.seconds, "--in-flight", 64)["acked_per_s"])
        one, two = hand_written(a.build, mysql, a.seconds)
        bare.append(one)
        store.append(two)
    show("acked sends over WebSocket", ours, "/s")
    show("sysbench, best thread count", theirs, "/s")
    show("ratio (aim ≥ 4)", [x / y for x, y in zip(ours, theirs)])
    show("hand-written, 16 × 2 connections", bare, "/s")
    show("ratio (aim ≥ 0.6)", [x / y for x, y in zip(ours, bare)])
    show("the store alone", store, "/s")


def latencies(a, server, name):
    got = [bench(server, "--seconds", a.seconds, "--rate", 2000) for _ in range(a.rounds)]
    for figure in ("ack_p50_ms", "ack_p99_ms", "deliver_p50_ms", "deliver_p99_ms"):
        show(f"{name}, 2,000 sends/s: {figure}", [g[figure] for g in got])
    show(f"{name}: not acknowledged", [g["sent"] - g["acked"] for g in got])
    show(f"{name}: not delivered", [g["sent"] - g["delivered"] for g in got])


KINDS = ["rates", "one", "alone", "apart"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build/release", type=lambda text: Path(text).resolve())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("what", nargs="*", choices=KINDS, default=KINDS)
    a = parser.parse_args()
    os.environ["RESPRING_BIN"] = str(a.build / "respring")
    with tempfile.TemporaryDirectory(prefix="respring-stack-") as folder:
        from stack import kinds
        from support.apart import Server

        names = ["mysql-1", "mysql-2", "redis", "kafka", "elasticsearch"]
        servers = [kinds.server(Path(folder), name) for name in names]
        try:
            for server in servers:
                if server.name.startswith("mysql"):
                    server.remember(profile="bench")
                server.start()
            apart = Server(stack=Path(folder))
            try:
                apart.configure()
                apart.prepare()
                if "rates" in a.what:
                    rates(a, apart, servers[0])
                if "one" in a.what:
                    with OneProcess(apart) as server:
                        latencies(a, server, "one process")
                if "alone" in a.what:
                    for server in servers[3:]:
                        server.stop()
                    with OneProcess(apart, bus="local", search="local") as server:
                        latencies(a, server, "one process, MySQL and Redis alone")
                    for server in servers[3:]:
                        server.start()
                if "apart" in a.what:
                    apart.start()
                    latencies(a, apart, "a process per role")
                    apart.stop()
            finally:
                apart.close()
        finally:
            for server in servers:
                server.stop()


if __name__ == "__main__":
    main()
