"""Elasticsearch 7.17 with nori, and OpenSearch 3, which needs Java 21 or newer."""

import os
import urllib.request

from stack.java import JavaServer


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
