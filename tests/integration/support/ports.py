"""Ports for servers that are started by number."""

import socket


class HeldPorts:
    """`count` ports of loopback that are nobody else's until close().

    Each has a bound socket that never listens: the kernel then gives the port to nobody who asks
    for any port, as every outgoing connection does, while a server that sets SO_REUSEADDR listens
    on it, and does so again after a restart (socket(7)). Without it a port chosen now could be
    some client's a moment later.
    """

    def __init__(self, count):
        self.sockets = [socket.socket() for _ in range(count)]
        for one in self.sockets:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(("127.0.0.1", 0))
        self.numbers = [one.getsockname()[1] for one in self.sockets]

    def close(self):
        for one in self.sockets:
            one.close()

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.close()
