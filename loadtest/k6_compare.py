#!/usr/bin/env python3
"""The same load by `respring bench` and by k6, round by round on the same binary: docs/load.md.

    loadtest/k6_compare.py [--build build/release] [--rounds 3] [--seconds 5]

Server and generator get a core each. k6 is the one that tests/ops/gotools.py builds, or --k6 FILE.
"""
import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from compare import Respring, on_core, show

HERE = Path(__file__).resolve().parent
PERCENTILES = "p(50),p(99),max"
PAGE_READERS = 8


def summary_of(program, server, scenario, **settings):
    """How k6 ended, and its metrics."""
    out = Path(server.folder) / "k6.json"
    settings = {"BASE": f"http://127.0.0.1:{server.port}", "SCENARIO": scenario, **settings}
    words = [word for name, value in settings.items() for word in ("-e", f"{name}={value}")]
    done = subprocess.run(
        on_core(1, [program, "run", "--quiet", f"--summary-export={out}", f"--summary-trend-stats={PERCENTILES}",
                    *words, HERE / "k6/main.ts"]),
        env={"PATH": os.environ["PATH"], "HOME": server.folder, "K6_NO_USAGE_REPORT": "true"},
        capture_output=True, text=True, check=False)
    return done, json.loads(out.read_text("utf-8")) if out.is_file() else {}


def k6(program, server, scenario, **settings):
    """Its metrics; a threshold that does not hold ends everything."""
    done, summary = summary_of(program, server, scenario, **settings)
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    return summary["metrics"]


def send(given, server, turn, rate):
    before = server.cpu()
    ours = server.bench("send", "--connections", 8, "--rate", rate, "--seconds", given.seconds)
    between = server.cpu()
    theirs = k6(given.k6, server, "bench-send", CONNECTIONS=8, RATE=rate, SECONDS=given.seconds, SEED=f"send{turn}_{rate}")
    after = server.cpu()
    sent = rate * given.seconds
    ack, delivery = theirs["bench_ack_ms"], theirs["bench_delivery_ms"]
    return {"bench: acknowledged": ours["acked"] / sent, "k6: acknowledged": theirs["bench_acked"]["count"] / sent,
            "bench: ack p50, ms": ours["ack_p50_ms"], "k6: ack p50, ms": ack["p(50)"],
            "bench: ack p99, ms": ours["ack_p99_ms"], "k6: ack p99, ms": ack["p(99)"],
            "bench: delivery p99, ms": ours["deliver_p99_ms"], "k6: delivery p99, ms": delivery["p(99)"],
            "bench: server's CPU, s": between - before, "k6: server's CPU, s": after - between}


def history(given, server, turn):
    ours = server.bench("history", "--connections", PAGE_READERS, "--seconds", given.seconds)
    theirs = k6(given.k6, server, "bench-history", CONNECTIONS=PAGE_READERS, SECONDS=given.seconds, SEED=f"history{turn}")
    took = theirs["http_req_duration{name:history}"]
    return {"bench: pages/s": ours["requests"] / given.seconds, "k6: pages/s": theirs["iterations"]["count"] / given.seconds,
            "bench: p50, ms": ours["request_p50_ms"], "k6: p50, ms": took["p(50)"],
            "bench: p99, ms": ours["request_p99_ms"], "k6: p99, ms": took["p(99)"]}


def mixed(given, server, turn):
    sizes = {"CONNECTIONS": 24, "ROOMS": 12, "RATE": 100}
    before = server.cpu()
    ours = server.bench("mixed", "--connections", 24, "--people", 24, "--rooms", 12, "--rate", 100, "--seconds",
                        given.seconds)
    between = server.cpu()
    theirs = k6(given.k6, server, "bench-mixed", SECONDS=given.seconds, SEED=f"mixed{turn}", **sizes)
    after = server.cpu()
    found = {"bench: delivered": ours["delivered"] / ours["deliveries_due"],
             "k6: delivered": theirs["deliveries"]["count"] / (8 * 100 * given.seconds)}
    for name, metric in (("send", "http_req_duration{name:send}"), ("search", "http_req_duration{name:search}"),
                         ("deliver", "delivery_ms")):
        for share in ("50", "99"):
            found[f"bench: {name} p{share}, ms"] = ours[f"{name}_p{share}_ms"]
            found[f"k6: {name} p{share}, ms"] = theirs[metric][f"p({share})"]
    return {**found, "bench: server's CPU, s": between - before, "k6: server's CPU, s": after - between}


def rounds(title, given, run):
    print(title, flush=True)
    found = {}
    for turn in range(given.rounds):
        with Respring(given.build) as server:
            for name, value in run(server, turn).items():
                found.setdefault(name, []).append(value)
    for name, values in found.items():
        show(name, values)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--k6", help="the program")
    given = parser.parse_args()
    if not given.k6:
        sys.path.insert(0, str(HERE.parent / "tests/ops"))
        import gotools  # pylint: disable=import-outside-toplevel
        given.k6 = gotools.k6()
    for rate in (200, 1000):
        rounds(f"send, 8 connections, {rate} messages/s", given,
               lambda server, turn, rate=rate: send(given, server, turn, rate))
    rounds("mixed, 100 messages/s, 24 people", given, lambda server, turn: mixed(given, server, turn))
    rounds(f"history, {PAGE_READERS} readers, as fast as they are answered", given,
           lambda server, turn: history(given, server, turn))


if __name__ == "__main__":
    main()
