"""Kafka: one node that is broker and controller (KRaft). Topics are made by who needs them."""

import socket
import struct

from stack.java import JavaServer
from stack.process import Failure, run

SETTINGS = """process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
log.dirs={data}
auto.create.topics.enable=false
num.network.threads=2
num.io.threads=2
background.threads=2
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
log.cleaner.threads=1
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=500
"""
CLUSTER = "q1Sh-9_ISia_zwGINzRvyQ"


class Kafka(JavaServer):
    source = "kafka"
    port_names = ("port", "controller_port")

    def prepare(self):
        data = self.folder / "data"
        settings = self.folder / "server.properties"
        settings.write_text(SETTINGS.format(data=data, **self.state()["ports"]), "ascii")
        if not (data / "meta.properties").exists():
            run(self.java(self._logging(), *self.class_path(), "kafka.tools.StorageTool", "format",
                          "--standalone", "--cluster-id", CLUSTER, "--config", settings),
                "formatting Kafka's folder", timeout=60)

    def command(self):
        return self.java(*self.heap, *self.archive_flags(), self._logging(), *self.class_path(),
                         "kafka.Kafka", self.folder / "server.properties")

    def _logging(self):
        return f"-Dlog4j2.configurationFile={self.home() / 'log4j2.xml'}"

    def answers(self):
        """The broker knows itself as alive; before that it takes connections only."""
        no_topics, no_creation = struct.pack(">i", 0), b"\x00"
        answer = self._ask(3, 4, no_topics + no_creation, timeout=2)  # metadata, version 4
        return struct.unpack_from(">ii", answer)[1] == 1  # throttle, number of brokers

    def add_partitions(self, topic, count):
        """So that it has that many; a broker's metadata may tell so a moment later."""
        name = topic.encode()
        answer = self._ask(37, 0, struct.pack(">ih", 1, len(name)) + name
                           + struct.pack(">iiib", count, -1, 10_000, 0), timeout=15)
        error, = struct.unpack_from(">h", answer, 10 + len(name))  # throttle, one topic, its name
        if error:
            raise Failure(f"{self.name}: {topic} gets no partitions, error {error}")

    def produce(self, topic, key, value):
        run(["kcat", "-P", "-b", f"127.0.0.1:{self.port}", "-t", topic, "-k", key], "producing",
            input=value, stdin=None, timeout=30)

    def _ask(self, kind, version, body, timeout):
        """A request of the protocol; gives what follows the answer's header."""
        request = struct.pack(">hhih", kind, version, 1, -1) + body  # a correlation, no client's name
        with (socket.create_connection(("127.0.0.1", self.port), timeout) as connection,
              connection.makefile("rb") as answers):
            connection.sendall(struct.pack(">i", len(request)) + request)
            size, _ = struct.unpack(">ii", self._take(answers, 8))  # the correlation is counted
            return self._take(answers, size - 4)

    def _take(self, answers, size):
        taken = answers.read(size)
        if len(taken) != size:
            raise ConnectionError(f"{self.name} hung up")
        return taken

    def endpoint(self):
        return {"bootstrap": f"127.0.0.1:{self.port}"}
