"""Elasticsearch 7.17 with nori; Elasticsearch 9 and OpenSearch 3, which need Java 21 or newer."""

import os
import shutil
import urllib.request
import zipfile
from pathlib import Path

from stack.java import JavaServer, java_home
from stack.process import Failure, run


class Elasticsearch(JavaServer):
    """RESPRING_STACK_WITHOUT=nori starts it without the plugin, as a fresh installation would be."""

    source = "elasticsearch"
    port_names = ("port", "transport_port")
    heap = ("-Xms256m", "-Xmx512m")

    def command(self):
        ports = self.state()["ports"]
        without = ["without-nori"] if os.environ.get("RESPRING_STACK_WITHOUT") == "nori" else []
        return self.java(*self.heap, *self.archive_flags(),
                         f"-Dlog4j2.configurationFile={self.home() / 'log4j2.properties'}",
                         *self.class_path(), "SearchServer", self.folder, ports["port"],
                         ports["transport_port"], *without)

    def answers(self):
        url = f"{self.endpoint()['url']}/_cluster/health?wait_for_status=yellow&timeout=1s"
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as got:
            return got.status == 200

    def endpoint(self):
        return {"url": f"http://127.0.0.1:{self.port}"}


class Opensearch(Elasticsearch):
    source = "opensearch"
    oldest_java = 21


class Elasticsearch9(Elasticsearch):
    """It takes plugins from folders only, each with its own class loader, and zstd from the system."""

    source = "elasticsearch9"
    oldest_java = 21

    def command(self):
        ports = self.state()["ports"]
        return self.java(*self.heap, *self.archive_flags(),
                         f"-Dlog4j2.configurationFile={self.home() / 'log4j2.properties'}",
                         f"-Des.nativelibs.path={self.home() / 'native'}",
                         "-Dorg.elasticsearch.nativeaccess.enableVectorLibrary=false",
                         *self.class_path(), "SearchServer", self.home(), self.folder, ports["port"],
                         ports["transport_port"])

    def _build(self, target):
        super()._build(target)
        self._make_module(target, "transport-netty4", "netty-*.jar", "transport-netty4-*.jar")
        nori = self._make_module(target, "analysis-nori", "lucene-analysis-nori-*.jar")
        shutil.copy(target / "plugin-descriptor.properties", nori)
        self._jar_apart(target / "classes", "NoriPlugin*.class", nori / "plugin.jar")
        self._jar_apart(target / "classes", "*.class", target / "lib" / "aaa-main.jar")
        netty = target / "modules" / "transport-netty4"
        with zipfile.ZipFile(next(netty.glob("transport-netty4-*.jar"))) as jar:
            name = "META-INF/es-plugins/transport-netty4/plugin-descriptor.properties"
            lines = jar.read(name).decode("utf-8").splitlines(keepends=True)
        # A name of a module would be looked for in the jars of an installed server.
        described = [line for line in lines if not line.startswith("modulename")]
        (netty / "plugin-descriptor.properties").write_text("".join(described), "utf-8")
        self._link_zstd(target / "native")

    def _jar_apart(self, classes, pattern, jar):
        """No class may be met twice: what is in this jar is gone from the folder."""
        files = sorted(classes.glob(pattern))
        run([java_home(self.oldest_java) / "bin" / "jar", "cf", jar, *[file.name for file in files]],
            f"compiling {self.source}", cwd=classes)
        for file in files:
            file.unlink()

    def _make_module(self, target, name, *jars):
        folder = target / "modules" / name
        folder.mkdir(parents=True)
        for pattern in jars:
            for jar in (target / "lib").glob(pattern):
                jar.rename(folder / jar.name)
        return folder

    def _link_zstd(self, folder):
        found = sorted(Path("/usr/lib").glob("*/libzstd.so.1"))
        if not found:
            raise Failure("there is no libzstd.so.1: `make deps` installs libzstd1")
        folder.mkdir()
        (folder / "libzstd.so").symlink_to(found[0])
