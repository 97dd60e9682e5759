"""The real binary, started in its own folder on free ports."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

BINARY = os.environ.get("RESPRING_BIN", "")

NO_LIMITS = {
    "limits.sends_per_user": "off",
    "limits.requests_per_ip": "off",
    "limits.logins_per_handle": "off",
    "limits.registrations_per_ip": "off",
    "limits.connections_per_user": "off",
    "limits.frames_per_connection": "off",
}


# Nothing of the tester's own settings; only how a sanitizer's build shall behave.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin",
               **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}}


class ServerEnded(Exception):
    """It ended before it was ready; `code` and what it said on stderr."""

    def __init__(self, code, said):
        super().__init__(f"respring ended with {code}: {said.strip()[-2000:]}")
        self.code = code
        self.said = said


def run(*words, timeout=30, failpoint=None, variables=None, **kwargs):
    """A command of the binary that ends by itself, or at a failpoint."""
    env = {**ENVIRONMENT, **(variables or {}), **({"RESPRING_FAILPOINT": failpoint} if failpoint else {})}
    return subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=timeout,
                          check=False, env=env, **kwargs)


def ask(admin_port, path, method="GET"):
    """(status, text) of an admin listener; status 0 when nobody answers."""
    request = urllib.request.Request(f"http://127.0.0.1:{admin_port}{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except OSError:
        return 0, ""


class Server:
    """`respring serve`. Keeps its folder over restarts until close()."""

    def __init__(self, settings=None, config=None, folder=None, before_exec=None,
                 flags=()):
        self.folder = Path(folder or tempfile.mkdtemp(prefix="respring-test-"))
        self.data = self.folder / "data"
        self.settings = {**NO_LIMITS, **(settings or {})}
        self.config = config
        self.flags = list(flags)
        self.before_exec = before_exec
        self.process = None
        self.port = self.admin_port = 0
        self.log_path = self.folder / "stderr"
        self.log_start = 0

    def command(self):
        settings = {"listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0",
                    "data_dir": str(self.data), **self.settings}
        words = [BINARY, "serve", *self.flags]
        if self.config is not None:
            path = self.folder / "respring.yaml"
            path.write_text(self.config, encoding="utf-8")
            words += ["--config", str(path)]
        for key, value in settings.items():
            words += ["--set", f"{key}={value}"]
        return words

    def start(self, patience=60):
        """Returns when it is ready. Raises ServerEnded when it ends instead."""
        assert BINARY, "set RESPRING_BIN to the binary under test"
        self.log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=log, preexec_fn=self.before_exec,
                env=ENVIRONMENT)
        self._wait_until_ready(time.monotonic() + patience)
        return self

    def _wait_until_ready(self, deadline):
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ServerEnded(self.process.returncode, self.said())
            ports = re.search(r"gateway +http://[\d.]+:(\d+).*?admin +http://[\d.]+:(\d+)",
                              self.said(), re.DOTALL)
            if ports:
                self.port, self.admin_port = int(ports.group(1)), int(ports.group(2))
                if self.admin("/readyz")[0] == 200:
                    return
            time.sleep(0.02)
        raise TimeoutError(f"not ready in time: {self.said()}")

    def said(self):
        """What it wrote on stderr since its last start."""
        with open(self.log_path, "rb") as log:
            log.seek(self.log_start)
            return log.read().decode("utf-8", "replace")

    def admin(self, path, method="GET"):
        """(status, text) of the admin listener; status 0 when nobody answers."""
        return ask(self.admin_port, path, method)

    def signal(self, number):
        os.kill(self.process.pid, number)

    def kill(self):
        """kill -9: no chance to say good-bye."""
        self.process.kill()
        self.process.wait(timeout=30)

    def stop(self):
        """SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def close(self):
        """Ends it however it is, and removes its folder."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)


if os.environ.get("RESPRING_TEST_ROLES") == "apart":
    from support.apart import Server  # noqa: E402, F811  (the same, in many processes)
