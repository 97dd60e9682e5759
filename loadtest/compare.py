#!/usr/bin/env python3
"""The figures of docs/benchmarks.md: respring beside the reference servers, round by round in one run.

    cmake --preset release -DRESPRING_REFERENCE=ON && cmake --build --preset release
    loadtest/compare.py [--build build/release] [--rounds 5] [--seconds 5] [send|rate|store|fanout|room|idle|history ...]

Server and generator get a core each. Every scenario prints the median and the range of its rounds. `history` needs wrk.
"""
import argparse
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

LIMITS = ("SENDS_PER_USER REQUESTS_PER_IP LOGINS_PER_HANDLE REGISTRATIONS_PER_IP CONNECTIONS_PER_USER "
          "FRAMES_PER_CONNECTION").split()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def on_core(core, command):
    return ["taskset", "-c", str(core), *map(str, command)] if core is not None else [str(c) for c in command]


class Respring:
    """A server in a fresh folder, without limits, until the block ends."""

    def __init__(self, build, core=0):
        self.binary, self.core = os.path.join(build, "respring"), core

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="respring-compare-", dir=os.environ.get("COMPARE_DIR"))
        self.port, self.admin = free_port(), free_port()
        env = {**os.environ, **{f"RESPRING_LIMITS__{name}": "off" for name in LIMITS},
               "RESPRING_LISTEN": f"127.0.0.1:{self.port}", "RESPRING_ADMIN_LISTEN": f"127.0.0.1:{self.admin}",
               "RESPRING_DATA_DIR": self.folder, "RESPRING_LOG__LEVEL": "warn"}
        self.process = subprocess.Popen(on_core(self.core, [self.binary, "serve"]), env=env, stderr=subprocess.DEVNULL)
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/readyz", timeout=1)
                return self
            except OSError:
                if self.process.poll() is not None:
                    sys.exit("the server did not start")
                time.sleep(0.05)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        shutil.rmtree(self.folder)

    def bench(self, *arguments, core=1):
        command = on_core(core, [self.binary, "bench", *arguments, "--address", f"127.0.0.1:{self.port}",
                                 "--admin", f"127.0.0.1:{self.admin}", "--json"])
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode not in (0, 1):  # 1: a threshold does not hold
            sys.exit(done.stderr)
        return json.loads(done.stdout)

    def figure(self, metric):
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics").read().decode()
        return float(re.search(rf"^{metric} (\S+)", text, re.M).group(1))

    def cpu(self):
        return self.figure("process_cpu_seconds_total")

    def memory_mib(self):
        return self.figure("process_resident_memory_bytes") / 2**20

    def call(self, path, body=None, token=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method="POST" if body else "GET",
                                         data=json.dumps(body).encode() if body else None)
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        return urllib.request.urlopen(request).read()


class Reference:
    """A reference server; `served` and `cpu_s` are what it says at its end."""

    def __init__(self, build, name, *arguments):
        self.command = [os.path.join(build, "loadtest/reference", f"reference_{name}")]
        self.arguments = arguments

    def __enter__(self):
        self.port = free_port()
        self.process = subprocess.Popen(on_core(0, [*self.command, self.port, *self.arguments]), stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except OSError:
                time.sleep(0.05)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.said = self.process.communicate()[0]


def show(name, values, unit=""):
    print(f"  {name:42} {statistics.median(values):12.3f}  ({min(values):.3f} – {max(values):.3f}) {unit}", flush=True)


def reference_cpu_us(said):
    """CPU microseconds per message or request, from a reference's last line."""
    got = json.loads(said)
    return (got["user_seconds"] + got["system_seconds"]) * 1e6 / got["served"]


def send(a):
    got = []
    for _ in range(a.rounds):
        with Respring(a.build, core=None) as server:
            got.append(server.bench("send", "--seconds", a.seconds, "--in-flight", "64", core=None))
    show("durable sends acknowledged", [g["acked_per_s"] for g in got], "/s")
    show("ack p99", [g["ack_p99_ms"] for g in got], "ms")
    show("server CPU", [g["server_cpu_us_per_operation"] for g in got], "µs per send")


def rate(a):
    got = []
    for _ in range(a.rounds):
        with Respring(a.build, core=None) as server:
            got.append(server.bench("send", "--seconds", a.seconds, "--rate", "2000", core=None))
    for figure in ("ack_p50_ms", "ack_p99_ms", "ack_p99_9_ms", "ack_max_ms"):
        show(f"2,000 sends/s: {figure}", [g[figure] for g in got])
    show("2,000 sends/s: not acknowledged", [g["sent"] - g["acked"] for g in got])


def store(a):
    for _ in range(a.rounds):
        with tempfile.TemporaryDirectory(dir=os.environ.get("COMPARE_DIR")) as folder:
            program = os.path.join(a.build, "tests/bench/store_bench")
            print(subprocess.run([program, folder, str(a.seconds)], capture_output=True, text=True).stdout, end="", flush=True)


def fanout(a):
    ours, beast, epoll = [], [], []
    common = ("fanout", "--connections", "1000", "--burst", "16", "--seconds", a.seconds)
    for _ in range(a.rounds):
        with Respring(a.build) as server:
            got = server.bench(*common)
            if got["missing"]:
                print(f"  missing: {got['missing']} deliveries, {got['lag_frames']} lag frames")
            ours.append(got["server_cpu_us_per_operation"])
        for name, list_ in (("beast_fanout", beast), ("epoll_fanout", epoll)):
            with Reference(a.build, name) as reference:
                command = on_core(1, [os.path.join(a.build, "respring"), "bench", *common, "--reference",
                                      "--address", f"127.0.0.1:{reference.port}", "--json"])
                subprocess.run(command, check=True, capture_output=True)
            list_.append(reference_cpu_us(reference.said))
    show("ours", ours, "µs CPU per delivery")
    show("one Beast async_write per message", beast, "µs CPU per delivery")
    show("raw epoll, coalesced", epoll, "µs CPU per delivery")
    show("Beast / ours", [b / o for b, o in zip(beast, ours)])
    show("ours / epoll", [o / e for o, e in zip(ours, epoll)])


def room(a):
    with Respring(a.build) as server:
        got = server.bench("fanout", "--connections", "10000", "--people", "100", "--burst", "4", "--seconds", a.seconds)
    print(f"  one room, {got['receivers']} live sessions: {got['messages']} messages, {got['missing']} deliveries missing, "
          f"{got['delivered_per_s']:.0f} deliveries/s, burst of 4 to everybody p99 {got['burst_p99_ms']:.0f} ms")


def idle(a):
    got = []
    for _ in range(max(1, a.rounds // 2)):
        with Respring(a.build) as server:
            got.append(server.bench("idle", "--connections", "10000", "--people", "100")["server_bytes_per_connection"])
    show("10,000 idle sessions with three rooms", got, "bytes each (RSS)")


def wrk(url, seconds, token):
    said = subprocess.run(on_core(1, ["wrk", "-t1", "-c16", f"-d{seconds}s", "-H", f"Authorization: Bearer {token}", url]),
                          check=True, capture_output=True, text=True).stdout
    return int(re.search(r"(\d+) requests in", said).group(1)), float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1))


def history(a):
    rows = {"ours": [], "beast_http": [], "epoll_http": []}
    for _ in range(a.rounds):
        with Respring(a.build) as server:
            person = {"handle": "reader", "password": "a bench password"}
            server.call("/v1/users", {**person, "display_name": "reader"})
            token = json.loads(server.call("/v1/sessions", person))["token"]
            made = json.loads(server.call("/v1/rooms", {"kind": "group", "title": "bench"}, token))["id"]
            for i in range(60):
                cid = f"f81d4fae-7dec-11d0-a765-{i:012x}"
                server.call(f"/v1/rooms/{made}/messages", {"cid": cid, "text": "오늘 저녁 일곱 시에 늘 보던 곳에서 만나요."}, token)
            path = f"/v1/rooms/{made}/messages?limit=50"
            size = len(server.call(path, token=token))
            before = server.cpu()
            count, per_s = wrk(f"http://127.0.0.1:{server.port}{path}", a.seconds, token)
            rows["ours"].append((per_s, (server.cpu() - before) * 1e6 / count))
        for name in ("beast_http", "epoll_http"):
            with Reference(a.build, name, size) as reference:
                count, per_s = wrk(f"http://127.0.0.1:{reference.port}/", a.seconds, token)
            rows[name].append((per_s, reference_cpu_us(reference.said)))
    print(f"  answers of {size} bytes")
    for name, got in rows.items():
        show(f"{name}", [g[0] for g in got], "requests/s")
        show(f"{name}", [g[1] for g in got], "µs CPU per request")


SCENARIOS = {f.__name__: f for f in (send, rate, store, fanout, room, idle, history)}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", default="build/release")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--seconds", type=int, default=5)
    p.add_argument("scenarios", nargs="*", choices=[*SCENARIOS, []])
    a = p.parse_args()
    for name in a.scenarios or SCENARIOS:
        print(name, flush=True)
        SCENARIOS[name](a)


if __name__ == "__main__":
    main()
