"""Servers that run on Java: from Maven Central's jars and, where needed, a small main class."""

import hashlib
import os
import re
import shutil
from pathlib import Path

from stack import maven
from stack.places import SOURCES, cached
from stack.process import Failure, Server, run


class JavaServer(Server):
    """Its pom, sources and configuration lie in java/SOURCE. The first clean stop leaves an archive
    of loaded classes, with which later starts take a quarter of the time."""

    source = ""
    oldest_java = 17
    heap = ("-Xms128m", "-Xmx384m")

    def check(self):
        java_home(self.oldest_java)

    def install(self):
        self.home()

    def home(self):
        """The cache's folder with lib/*.jar and the files of java/SOURCE."""
        files = sorted((SOURCES / "java" / self.source).iterdir())
        key = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
        return cached(f"{self.source}-{key}", self._build)

    def _build(self, target):
        for file in (SOURCES / "java" / self.source).iterdir():
            shutil.copy(file, target)
        maven.copy_dependencies(target / "pom.xml", target / "lib")
        sources = list(target.glob("*.java"))
        if sources:
            # In a jar: a folder on the class path would disable the archive of classes.
            jdk = java_home(self.oldest_java) / "bin"
            classes = target / "classes"
            run([jdk / "javac", "-proc:none", "-nowarn", "-cp", f"{target}/lib/*", "-d", classes,
                 *sources], f"compiling {self.source}")
            run([jdk / "jar", "cf", target / "lib" / "aaa-main.jar", "-C", classes, "."],
                f"compiling {self.source}")

    def java(self, *arguments):
        """The command that runs a main class."""
        return [java_home(self.oldest_java) / "bin" / "java", "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", *arguments]

    def archive_flags(self):
        quiet = ["-Xlog:disable", "-Xlog:all=error"]  # it warns of each class it leaves out
        if self._archive().exists():
            return [f"-XX:SharedArchiveFile={self._archive()}", *quiet]
        return [f"-XX:ArchiveClassesAtExit={self._own_archive()}", *quiet]

    def class_path(self):
        return ["-cp", f"{self.home()}/lib/*"]

    def stopped(self):
        if self._own_archive().exists() and not self._archive().exists():
            fresh = self.home() / f"classes.{os.getpid()}.new"
            shutil.copy(self._own_archive(), fresh)
            fresh.rename(self._archive())
        self._own_archive().unlink(missing_ok=True)

    def _archive(self):
        return self.home() / f"classes-{java_home(self.oldest_java).name}.jsa"

    def _own_archive(self):
        return self.folder / "classes.jsa"


def java_home(oldest):
    """The oldest JDK of this machine that is new enough: servers are made for the Java of their days."""
    found = {}
    places = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    for home in places + sorted(Path("/usr/lib/jvm").glob("*")):
        version = java_version(home)
        if version and version >= oldest:
            found.setdefault(version, home.resolve())
    if not found:
        raise Failure(f"there is no JDK {oldest} or newer; `make deps` installs Java 17, anything "
                      "newer is found in JAVA_HOME")
    return found[min(found)]


def java_version(home):
    """17 for a home with a compiler; None for anything else."""
    try:
        release = (home / "release").read_text("utf-8")
    except OSError:
        return None
    version = re.search(r'^JAVA_VERSION="(\d+)', release, re.MULTILINE)
    return int(version.group(1)) if version and (home / "bin" / "javac").exists() else None
