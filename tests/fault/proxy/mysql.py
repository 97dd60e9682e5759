"""What a proxy must know of MySQL's protocol to lose a COMMIT or its answer.

Packets: 3 bytes of length, a sequence number, the payload. A client's packet with number 0 is a
command: 0x03 a query's text, 0x16 a text to prepare, 0x17 the execution of a prepared statement.
A server's answer to a statement without rows is one OK packet (0x00: two length-encoded numbers, then
two bytes of status), or an error (0xff). Of several statements sent together, the status of each answer
but the last has MORE_RESULTS.
"""

QUERY, PREPARE, EXECUTE = 0x03, 0x16, 0x17
OK, ERROR = 0x00, 0xFF
MORE_RESULTS = 0x0008
CLIENT_SSL, CLIENT_COMPRESS = 0x0800, 0x0020
FULL = 0xFFFFFF


class Cut(Exception):
    """The connection shall end here, without a word to the client."""


class Orders:
    """What shall happen to the next COMMITs, on whatever connection they come."""

    def __init__(self):
        self.waiting = []  # "request" or "answer"
        self.done = 0

    def take(self):
        return self.waiting.pop(0) if self.waiting else None


class Watch:
    """Follows one connection, packet by packet."""

    def __init__(self, orders):
        self.orders = orders
        self.greeted = False
        self.losing = False  # the answer that comes now
        self.preparing = False
        self.commits = set()  # ids of prepared statements

    async def request(self, reader):
        packet = await read_packet(reader)
        if self._commits(packet):
            order = self.orders.take()
            if order == "request":
                self.orders.done += 1
                raise Cut
            self.losing = order == "answer"
        return packet

    async def answer(self, reader):
        packet = await read_packet(reader)
        if not self.greeted:
            self.greeted = True
            return in_the_clear(packet)
        if self.losing:
            while packet and more_follow(packet[4:]):
                packet = await read_packet(reader)
            self.orders.done += 1
            raise Cut
        if self.preparing:
            self.preparing = False
            if packet[4:5] == bytes([OK]):
                self.commits.add(packet[5:9])
        return packet

    def _commits(self, packet):
        if len(packet) < 5 or packet[3] != 0:
            return False
        command, body = packet[4], packet[5:]
        if command == PREPARE:
            self.preparing = ends_with_commit(body)
            return False
        return (command == QUERY and ends_with_commit(body)) or (
            command == EXECUTE and body[:4] in self.commits)


async def read_packet(reader):
    """A packet with its header; nothing at the end of the stream."""
    header = await reader.read(1)
    if not header:
        return b""
    header += await reader.readexactly(3)
    return header + await reader.readexactly(int.from_bytes(header[:3], "little"))


def ends_with_commit(text):
    return text.rstrip(b"; \t\r\n\0").rpartition(b";")[2].strip().upper() == b"COMMIT"


def more_follow(payload):
    if not payload or payload[0] != OK:
        return False
    at = skip_number(payload, skip_number(payload, 1))
    return bool(int.from_bytes(payload[at:at + 2], "little") & MORE_RESULTS)


def skip_number(payload, at):
    return at + {0xFC: 3, 0xFD: 4, 0xFE: 9}.get(payload[at], 1)


def in_the_clear(greeting):
    """The server's first packet without the offers of TLS and compression, which nobody could follow."""
    if greeting[4:5] != b"\x0a":
        return greeting  # an error
    at = greeting.index(b"\0", 5) + 1 + 4 + 8 + 1  # version, thread, salt, filler
    flags = int.from_bytes(greeting[at:at + 2], "little") & ~(CLIENT_SSL | CLIENT_COMPRESS)
    return greeting[:at] + flags.to_bytes(2, "little") + greeting[at + 2:]
