"""A real mail server, a real HTTP receiver and settings that name them, for the tests of the alerts."""

import email
import email.policy
import html
import json
import re
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ssh_hosts import REPOSITORY


@dataclass(frozen=True)
class Mail:
    """One mail as a person reads it."""

    subject: str
    to: str
    text: str


@dataclass
class MailServer:
    """include/demo/mail_sink.py in a process of its own."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it listens."""
        sink = REPOSITORY / "include" / "demo" / "mail_sink.py"
        self.process = subprocess.Popen([sys.executable, sink, "--port", str(self.port), "--folder", self.folder])
        end = time.monotonic() + 30
        while socket.socket().connect_ex(("127.0.0.1", self.port)) != 0:
            assert time.monotonic() < end, "mail_sink.py does not listen"
            time.sleep(0.05)

    def stop(self) -> None:
        """End it, if it runs."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def mails(self) -> list[Mail]:
        """Every mail so far, in order of arrival."""
        return [_read(path) for path in sorted(self.folder.glob("*.eml"))]


@dataclass
class Receiver:
    """An HTTP server that keeps what is posted: path, headers and JSON of each."""

    posted: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    status: int = 200
    port: int = 0
    server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Serve on a free port of loopback."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.posted.append((self.path, dict(self.headers), content))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """End it."""
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _read(path: Path) -> Mail:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("html",))
    assert body is not None
    text = html.unescape(re.sub(r"<[^>]+>", "", body.get_content()))
    return Mail(str(message["subject"]), str(message["to"]), text)
