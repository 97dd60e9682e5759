"""Where things lie: the stack's folder, the cache of downloads, locks between processes."""

import contextlib
import fcntl
import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = Path(__file__).resolve().parent


def stack_folder():
    """Folders of the shared servers; RESPRING_STACK_DIR makes another, separate stack."""
    return Path(os.environ.get("RESPRING_STACK_DIR") or ROOT / "build" / "stack").resolve()


def cache_folder():
    """What was downloaded, compiled or initialised once; shared by all stacks of a user."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base).resolve() / "respring-stack"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def locked(file):
    """Holds a lock that every process of this machine respects. It ends with the process."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def cached(name, make):
    """The cache's folder `name`, filled by make(folder) the first time. Never seen half made."""
    folder = cache_folder() / name
    if not folder.exists():
        with locked(cache_folder() / ".locks" / name):
            if not folder.exists():
                fresh = cache_folder() / f"{name}.new"
                shutil.rmtree(fresh, ignore_errors=True)
                fresh.mkdir()
                make(fresh)
                fresh.rename(folder)
    return folder
