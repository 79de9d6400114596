"""A line between the scheduler and a host that a test can cut."""

import contextlib
import socket
import threading


class Outage:
    """A line to the host that can be cut."""

    def __init__(self, port: int) -> None:
        """Forward a free port to `port`."""
        self._target, self._pairs = port, list[socket.socket]()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Drop every connection; new ones are taken."""
        pairs, self._pairs = self._pairs, []
        for end in pairs:
            with contextlib.suppress(OSError):  # it is closed already
                end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            ends = (self._server.accept()[0], socket.create_connection(("127.0.0.1", self._target)))
            self._pairs += ends
            for source, sink in (ends, ends[::-1]):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while block := source.recv(65536):
                sink.sendall(block)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return
