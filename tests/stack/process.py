"""One server process: its folder, its ports, its life."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

# Below the ports that the kernel gives to outgoing connections.
PORTS = range(20_000, 30_000)


class Failure(Exception):
    """What went wrong, in a sentence for the person at the keyboard."""


class Server:
    """A server in a folder of its own, on 127.0.0.1, on ports chosen once and kept. A kind says how
    it is installed, prepared, started and asked. One owner at a time; tests may hold private ones
    anywhere: `with Redis(folder) as redis: ...` starts it, and stops it at the end."""

    ready_seconds = 60
    stop_seconds = 30
    port_names = ("port",)

    def __init__(self, folder):
        self.folder = Path(folder).resolve()
        self.name = self.folder.name
        self._child = None

    # What a kind says of itself.

    def check(self):
        """Fails when this machine lacks what install() does not fetch."""

    def install(self):
        """Fetches what the machine lacks. Slow only the first time."""

    def prepare(self):
        """Makes files of a start; runs before each."""

    def command(self):
        """The program and its arguments."""
        raise NotImplementedError

    def answers(self):
        """Whether it serves already. Quick; OSError counts as no."""
        raise NotImplementedError

    def endpoint(self):
        """How a client reaches it, for endpoints.json."""
        raise NotImplementedError

    def stopped(self):
        """Runs after a clean stop."""

    # Its life.

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Returns when it serves. Harmless when it does already."""
        if self.is_running():
            self._wait_until_ready()
            return
        self.install()
        self.folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(3):
            self._choose_ports()
            self.prepare()
            self._spawn()
            try:
                self._wait_until_ready()
                return
            except Failure:
                if attempt == 2 or self.is_running() or not self._met_a_taken_port():
                    raise
            # Somebody else chose the port too while neither listened: a Java server takes seconds.
            self.remember(ports={})

    def stop(self):
        """Asks it to end; after stop_seconds it is killed. Returns when it is gone."""
        pid = self.pid()
        if pid is None:
            return
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        if self._wait_until_gone(self.stop_seconds):
            self.stopped()
        else:
            self.kill()

    def kill(self):
        """kill -9. Data stays as it is; start() brings the server back on the same ports."""
        self.signal(signal.SIGKILL)
        if not self._wait_until_gone(10):
            raise Failure(f"{self.name} (pid {self.pid()}) does not die")

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def signal(self, number):
        pid = self.pid()
        if pid is not None:
            os.kill(pid, number)

    def wipe(self):
        """Stops it and forgets its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def pid(self):
        """The living process, or None. Another process that got the same pid is not taken for it."""
        if self._child is not None:
            self._child.poll()  # or a dead one stays a zombie
        state = self.state()
        pid = state.get("pid")
        return pid if pid and born(pid) == state.get("born") else None

    def is_running(self):
        return self.pid() is not None

    # What it remembers.

    @property
    def port(self):
        return self.state()["ports"]["port"]

    def state(self):
        try:
            return json.loads((self.folder / "state.json").read_text("utf-8"))
        except FileNotFoundError:
            return {}

    def remember(self, **changes):
        state = {**self.state(), **changes}
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / f"state.json.{os.getpid()}.new"
        fresh.write_text(json.dumps(state, indent=1), "utf-8")
        fresh.replace(self.folder / "state.json")

    @property
    def log_file(self):
        return self.folder / "server.log"

    def last_words(self, lines=15):
        try:
            text = self.log_file.read_text("utf-8", "replace")
        except FileNotFoundError:
            return "(no log)"
        return "\n".join("    " + line for line in text.splitlines()[-lines:])

    # How it is done.

    def _choose_ports(self):
        ports = dict(self.state().get("ports", {}))
        for name in self.port_names:
            if name not in ports or not soon_free(ports[name]):
                ports[name] = free_port(ports.values())
        self.remember(ports=ports)

    def _met_a_taken_port(self):
        return "Address already in use" in self.last_words(60)

    def _spawn(self):
        command = [str(part) for part in self.command()]
        with open(self.log_file, "ab") as log:
            try:
                self._child = subprocess.Popen(
                    command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True)
            except OSError as problem:
                raise Failure(f"{self.name}: cannot run {command[0]}: {problem.strerror}; "
                              "`make deps` installs what is missing") from problem
        self.remember(pid=self._child.pid, born=born(self._child.pid))

    def _wait_until_ready(self):
        end = time.monotonic() + self.ready_seconds
        while True:
            if not self.is_running():
                raise Failure(f"{self.name} ended at its start; {self.log_file} says:\n"
                              f"{self.last_words()}")
            try:
                if self.answers():
                    return
            except OSError:
                pass
            if time.monotonic() > end:
                raise Failure(f"{self.name} does not answer after {self.ready_seconds} s; "
                              f"{self.log_file} says:\n{self.last_words()}")
            time.sleep(0.02)

    def _wait_until_gone(self, seconds):
        end = time.monotonic() + seconds
        while self.is_running():
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True


def born(pid):
    """When the living process `pid` began, in ticks since boot; None for a dead one. A zombie is
    dead when its other threads are gone too: until then they hold its ports and files."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    threads = int(fields[17])
    return None if fields[0] in "ZX" and threads <= 1 else int(fields[19])


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def soon_free(port):
    """A killed server's port may take a moment."""
    end = time.monotonic() + 2
    while not is_free(port):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def free_port(taken):
    for port in random.SystemRandom().sample(PORTS, 200):
        if port not in taken and is_free(port):
            return port
    raise Failure("no free port between 20000 and 30000")


def run(command, what, **options):
    """Runs a helper program to its end; its output belongs to the Failure when it fails."""
    command = [str(part) for part in command]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False, **{"stdin": subprocess.DEVNULL, **options})
    except FileNotFoundError as problem:
        raise Failure(f"{what}: there is no {command[0]}; `make deps` installs it") from problem
    except subprocess.TimeoutExpired as problem:
        raise Failure(f"{what}: {command[0]} took longer than {problem.timeout:.0f} s") from problem
    if done.returncode:
        last = "\n".join("    " + line for line in done.stdout.splitlines()[-15:])
        raise Failure(f"{what}: {command[0]} ended with {done.returncode}:\n{last}")
    return done.stdout
