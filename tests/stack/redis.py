"""Redis: nothing is kept on disk, so a restart is a Redis that forgot everything."""

import socket

from stack.process import Server


class Redis(Server):
    ready_seconds = 20

    def command(self):
        return ["redis-server", "--bind", "127.0.0.1", "--port", self.port, "--dir", self.folder,
                "--save", "", "--appendonly", "no", "--daemonize", "no"]

    def answers(self):
        return self.ask("PING") == "+PONG"

    def ask(self, *words):
        """Sends one command; gives the first line of the answer (`+OK`, `:1`, `$-1`)."""
        request = f"*{len(words)}\r\n".encode()
        for word in words:
            data = word.encode()
            request += b"$%d\r\n%s\r\n" % (len(data), data)
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(request)
            with connection.makefile("rb") as answer:
                return answer.readline().rstrip(b"\r\n").decode()

    def endpoint(self):
        return {"url": f"redis://127.0.0.1:{self.port}"}
