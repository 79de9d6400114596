"""An OpenAI-compatible endpoint on loopback whose replies a test writes: real HTTP, no model."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from regtune.config import EndpointConfig

Answering = Callable[[str, dict[str, Any]], str]
"""(text of the last message, request) -> content of the reply."""


@contextlib.contextmanager
def chat_server(answering: Answering) -> Iterator[EndpointConfig]:
    """Serve until the block ends; yields the endpoint's settings."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                status, content = 200, answering(request["messages"][-1]["content"], request)
            except ConnectionError:
                status, content = 400, ""
            message = {"role": "assistant", "content": content}
            body = json.dumps(
                {
                    "id": "x",
                    "object": "chat.completion",
                    "created": 0,
                    "model": request["model"],
                    "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 1, "completion_tokens": len(content), "total_tokens": 1},
                }
            ).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield EndpointConfig(
            base_urls=(f"http://127.0.0.1:{server.server_port}/v1",),
            model="test-judge",
            api_key_env=None,
            timeout_seconds=10,
            max_retries=0,
            concurrency=8,
            stand_in=True,
        )
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
