#!/usr/bin/env python3
"""Scenarios one after the other, by `respring bench` and by k6, each against a fresh server: docs/load.md.

    loadtest/scenarios.py [--build build/release] [--time 0.1] [--only k6] [average stress spike soak reconnect search]

Server and generator get a core each; --time multiplies every duration. What k6 says of a threshold stays as it is.
"""
import argparse
import re
import sys
from collections import Counter
from pathlib import Path

from compare import Respring
from k6_compare import summary_of

HERE = Path(__file__).resolve().parent
ALL = ("average", "stress", "spike", "soak", "reconnect", "search")
SHOWN = (("sends", "http_req_duration{name:send}"), ("history", "http_req_duration{name:history}"),
         ("search", "http_req_duration{name:search}"), ("delivery", "delivery_ms"), ("ready", "ready_ms"))


def show(metrics, cpu, memory):
    for name, metric in SHOWN:
        found = metrics.get(metric, {})
        if found.get("max"):
            print(f"  {name:10} p50 {found['p(50)']:8.1f} ms   p99 {found['p(99)']:8.1f} ms   max {found['max']:8.1f} ms")
    for name in ("iterations", "dropped_iterations", "deliveries", "ws_sessions"):
        if name in metrics:
            print(f"  {name:20} {metrics[name]['count']:10,.0f}   {metrics[name]['rate']:8.1f} /s")
    if "asked_per_s" in metrics:
        print(f"  ended at             {metrics['asked_per_s']['value']:10,.0f} sends/s that were due")
    checks = metrics.get("checks", {})
    print(f"  checks               {checks.get('passes', 0):10,}   {checks.get('fails', 0):,} did not hold")
    print(f"  server's CPU         {cpu:10.1f} s")
    print(f"  server's memory      {memory[0]:10.0f} MiB, at the end {memory[1]:.0f}", flush=True)


def show_bench(told, memory):
    for ours, name in (("send", "sends"), ("read", "history"), ("search", "search"), ("deliver", "delivery"),
                       ("ready", "ready")):
        if told.get(f"{ours}_max_ms"):
            p50, p99, most = (told[f"{ours}_{figure}_ms"] for figure in ("p50", "p99", "max"))
            print(f"  {name:10} p50 {p50:8.1f} ms   p99 {p99:8.1f} ms   max {most:8.1f} ms")
    for name in ("send_due", "send_answered", "send_dropped", "deliveries_due", "delivered", "came", "came_failed", "broken"):
        if name in told:
            print(f"  {name:20} {told[name]:10,}")
    if "knee_per_s" in told:
        print(f"  ended at             {told['knee_per_s'] or 0:10,.0f} sends/s that were due")
    print(f"  failed               {told['failed_share']:10.4f} of all")
    print(f"  server's CPU         {told['server_cpu_s']:10.1f} s")
    print(f"  server's memory      {memory[0]:10.0f} MiB, at the end {memory[1]:.0f}")
    crossed = [threshold["figure"] for threshold in told.get("thresholds", []) if not threshold["holds"]]
    print("  thresholds           " + (f"crossed: {', '.join(crossed)}" if crossed else "hold"), flush=True)


def bench(given, name):
    with Respring(given.build) as server:
        memory = server.memory_mib()
        told = server.bench(name, "--time", given.time)
        show_bench(told, (memory, server.memory_mib()))


def k6(given, name):
    with Respring(given.build) as server:
        cpu, memory = server.cpu(), server.memory_mib()
        done, summary = summary_of(given.k6, server, name, TIME=given.time)
        show(summary.get("metrics", {}), server.cpu() - cpu, (memory, server.memory_mib()))
        print("  thresholds           " + {0: "hold", 99: "crossed"}.get(done.returncode, f"k6 ended with {done.returncode}"))
        for words, times in said(done.stderr):
            print(f"    {times} × {words}", flush=True)


def said(log):
    """What k6 logged, and how often."""
    words = (re.sub(r"\d+", "N", text) for text in re.findall(r'level=(?:warning|error) msg="(.*)"', log))
    return Counter(words).most_common(5)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--time", default="1")
    parser.add_argument("--k6", help="the program")
    parser.add_argument("--only", choices=("bench", "k6"), help="one of the two")
    parser.add_argument("scenarios", nargs="*", choices=[*ALL, []], default=ALL)
    given = parser.parse_args()
    if not given.k6 and given.only != "bench":
        sys.path.insert(0, str(HERE.parent / "tests/ops"))
        import gotools  # pylint: disable=import-outside-toplevel
        given.k6 = gotools.k6()
    for name in given.scenarios:
        for by, run in (("bench", bench), ("k6", k6)):
            if given.only in (None, by):
                print(f"{name} by {'respring bench' if by == 'bench' else 'k6'}", flush=True)
                run(given, name)


if __name__ == "__main__":
    main()
