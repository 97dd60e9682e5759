"""The proxy: it listens on a port of its own and passes bytes on, unless told otherwise."""

import asyncio
import socket
import struct
import threading
import time

from proxy.mysql import Cut, Orders, Watch

CHUNK = 64 * 1024
PIECES_UNDER_WAY = 64  # of one direction; more are not read, as a full network would not take them
ANSWER_SECONDS = 10


class Proxy:
    """Runs in a thread of its own from `with` on; call it from any other."""

    def __init__(self, host, port, listen=0, mysql=False):
        self._target = host, port
        self._listen = listen
        self._follow = mysql
        self._links = set()
        self._delay_seconds = 0.0
        self._refusing = False
        self._orders = Orders()
        self._accepted = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = None

    def __enter__(self):
        self._thread.start()
        self._do(self._open)
        return self

    def __exit__(self, *_):
        self._do(self._close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # What it is told. Each returns when it is so.

    def pass_all(self):
        """Forgets every order; what a black hole held goes on."""
        async def order():
            self._delay_seconds, self._refusing = 0.0, False
            self._orders.waiting.clear()
            self._gate.set()
        self._do(order)

    def cut(self):
        """Ends every connection by RST, to both sides. New ones are served."""
        async def order():
            for link in list(self._links):
                link.reset()
        self._do(order)

    def refuse(self):
        """New connections are reset at once; those that are there stay."""
        async def order():
            self._refusing = True
        self._do(order)

    def delay(self, ms):
        """Every byte takes so much longer, each way. The order stays; 0 ends it."""
        async def order():
            self._delay_seconds = ms / 1000
        self._do(order)

    def black_hole(self):
        """Nothing passes and nothing ends, on old and new connections, until pass_all()."""
        async def order():
            self._gate.clear()
        self._do(order)

    def lose_commit_answers(self, count=1):
        """The next `count` COMMITs reach the server; when it has answered, the client's connection is
        reset instead. Only with mysql=True."""
        self._lose("answer", count)

    def lose_commits(self, count=1):
        """The next `count` COMMITs do not reach the server, and the connection is reset: to the client
        this looks the same as a lost answer. Only with mysql=True."""
        self._lose("request", count)

    def status(self):
        """connections now, accepted ever, COMMITs lost so far."""
        async def order():
            return {"connections": len(self._links), "accepted": self._accepted,
                    "lost": self._orders.done}
        return self._do(order)

    # How it is done; everything below runs in the proxy's thread.

    def _do(self, order):
        return asyncio.run_coroutine_threadsafe(order(), self._loop).result(ANSWER_SECONDS)

    def _lose(self, what, count):
        if not self._follow:
            raise ValueError("a proxy without mysql=True knows no COMMIT")

        async def order():
            self._orders.waiting += [what] * count
        self._do(order)

    async def _open(self):
        self._gate = asyncio.Event()
        self._gate.set()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._listen)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self):
        self._server.close()
        for link in list(self._links):
            link.reset()
            link.task.cancel()
        await asyncio.gather(*(link.task for link in self._links), return_exceptions=True)

    async def _accept(self, reader, writer):
        self._accepted += 1
        if self._refusing:
            reset(writer)
            return
        link = Link(self, reader, writer)
        self._links.add(link)
        try:
            await link.run()
        finally:
            self._links.discard(link)

    async def connect(self):
        await self._gate.wait()
        return await asyncio.open_connection(*self._target)

    def watch(self):
        return Watch(self._orders) if self._follow else Plain()

    async def hold(self, due):
        """Returns when bytes read so long ago may go on."""
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        await self._gate.wait()

    def due(self):
        return time.monotonic() + self._delay_seconds

    async def passing(self):
        await self._gate.wait()


class Plain:
    """Follows no protocol."""

    async def request(self, reader):
        return await reader.read(CHUNK)

    answer = request


class Link:
    """A client's connection and ours to the server."""

    def __init__(self, proxy, reader, writer):
        self.proxy = proxy
        self.client = reader, writer
        self.writers = [writer]
        self.task = asyncio.current_task()

    async def run(self):
        try:
            server = await self.proxy.connect()
            self.writers.append(server[1])
            watch = self.proxy.watch()
            await self._together(
                self._pump(watch.request, self.client[0], server[1]),
                self._pump(watch.answer, server[0], self.client[1]))
        except (Cut, OSError, asyncio.IncompleteReadError):
            self.reset()
        except asyncio.CancelledError:  # by Proxy._close, which waits for this task to end
            self.reset()
        for writer in self.writers:
            writer.close()

    def reset(self):
        for writer in self.writers:
            reset(writer)

    async def _pump(self, read, reader, writer):
        """One direction: what is read waits in a bounded queue until it is due."""
        queue = asyncio.Queue(PIECES_UNDER_WAY)

        async def take():
            piece = b"first"
            while piece:
                await self.proxy.passing()
                piece = await read(reader)
                await queue.put((self.proxy.due(), piece))

        async def give():
            while True:
                due, piece = await queue.get()
                await self.proxy.hold(due)
                if not piece:
                    break
                writer.write(piece)
                await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()

        await self._together(take(), give())

    @staticmethod
    async def _together(*coroutines):
        """Ends with the last of them, or with the first that fails, which ends the others."""
        tasks = [asyncio.ensure_future(one) for one in coroutines]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def reset(writer):
    """Closes with RST: the peer's next read or write fails."""
    raw = writer.get_extra_info("socket")
    if raw is not None and raw.fileno() >= 0:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
