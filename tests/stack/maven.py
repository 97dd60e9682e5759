"""Files from Maven Central, by Maven itself (its mirrors and proxies count), and Java to run them."""

from pathlib import Path

from stack.places import cache_folder, locked
from stack.process import run

PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"
DOWNLOAD_SECONDS = 600


def mvn(*arguments):
    with locked(cache_folder() / ".locks" / "maven"):  # two must not fill one repository
        return run(["mvn", "-B", "-ntp", "-q", *arguments], "fetching from Maven Central",
                   cwd=cache_folder(), timeout=DOWNLOAD_SECONDS)


def copy_artifact(artifact, target):
    mvn(f"{PLUGIN}:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={target}")
    return next(Path(target).glob("*.jar"))


def copy_dependencies(pom, target):
    mvn("-f", pom, f"{PLUGIN}:copy-dependencies", "-DincludeScope=runtime",
        f"-DoutputDirectory={target}")
