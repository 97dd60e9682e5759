"""Files of this machine that a binary was compiled from, by what ninja wrote down of its build."""

import os
import subprocess
from pathlib import Path


def _ninja(build, *words):
    done = subprocess.run(["ninja", "-C", str(build), "-t", *words], capture_output=True, text=True, check=False,
                          timeout=120)
    if done.returncode != 0:
        raise ValueError(f"{build}: what the binary is compiled from is not known: {done.stdout}{done.stderr}")
    return [line for line in done.stdout.splitlines() if not line.startswith("ninja: ")]


def compiled_in(binary):
    """Headers and static libraries outside of the sources; `binary` lies in the folder where ninja built it."""
    build = binary.parent
    inputs = set(_ninja(build, "inputs", binary.name))
    found = {path for path in inputs if path.startswith("/usr/") and path.endswith(".a")}
    target = None
    for line in _ninja(build, "deps"):
        if line.startswith("    "):
            if target in inputs and line.startswith("    /"):
                found.add(line.strip())
        else:
            target = line.partition(":")[0]
    outside = {path for path in map(os.path.normpath, found) if path.startswith("/usr/")}
    if not outside:
        raise ValueError(f"{build}: no header is known of what {binary.name} is made of")
    return {Path(path) for path in outside}
