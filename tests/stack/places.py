"""Where things lie: the stack's folder, the cache of downloads, locks between processes."""

import contextlib
import fcntl
import hashlib
import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = Path(__file__).resolve().parent
SHARED = ROOT / "build" / "stack"
MEMORY = Path("/dev/shm")
MOST_BYTES = 4 << 30  # more than the servers of all tests together need


def stack_folder():
    """Folders of the shared servers; RESPRING_STACK_DIR makes another, separate stack."""
    return Path(os.environ.get("RESPRING_STACK_DIR") or SHARED).resolve()


def memory():
    """A folder in memory when there is room in one, else None. Tests kill processes, never the
    machine: what a server has synced outlives that there, too, and no slow disk fences a broker."""
    try:
        found = os.statvfs(MEMORY)
    except OSError:
        return None
    pages = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return MEMORY if min(found.f_bavail * found.f_frsize, pages) > MOST_BYTES else None


def make_stack_folder():
    """The shared servers' folder is a link into memory, made at the first start."""
    if "RESPRING_STACK_DIR" in os.environ:
        return
    with locked(SHARED.with_name("stack.lock")):
        if SHARED.is_symlink():
            _forget_orphans()
            SHARED.readlink().mkdir(mode=0o700, exist_ok=True)  # its data go with the machine's memory
        elif not SHARED.exists() and memory():
            _forget_orphans()
            place = MEMORY / f"respring-stack-{hashlib.sha256(str(SHARED).encode()).hexdigest()[:12]}"
            place.mkdir(mode=0o700, exist_ok=True)
            (place / "owner").write_text(str(SHARED), "utf-8")
            SHARED.symlink_to(place)


def _forget_orphans():
    """Of build folders that were removed."""
    for place in MEMORY.glob("respring-stack-*"):
        owner = place / "owner"
        if owner.is_file() and Path(owner.read_text("utf-8")).resolve() != place:
            shutil.rmtree(place, ignore_errors=True)


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
