"""The stand-in's replies from within the test's process, with a note of every request that was answered.

Nothing of this is a process of its own, so a test can see what arrived while the client is killed and started again.
"""

import contextlib
import math
import sys
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from stand_in import SCRIPT

from regtune.replies import Request, request_sha256

sys.path.insert(0, str(SCRIPT.parent))  # scripts, not a package: they import one another by name


def key_of(body: dict[str, Any]) -> str:
    """The journal's key of a request, from what arrived."""
    schema = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema")
    messages = tuple((message["role"], message["content"]) for message in body["messages"])
    request = Request(messages, body["max_tokens"], body["temperature"], body["top_p"], body["seed"], schema)
    return request_sha256(body["model"], request)


@contextlib.contextmanager
def counting_server(
    rules: tuple[str, ...] = (), seconds: float = 0.0, not_found_after: float = math.inf
) -> Iterator[tuple[str, list[str]]]:
    """Serve on a free port; yields the base URL and the keys of the requests, in the order in which they arrived.

    Args:
        rules: of misbehaviour.
        seconds: that each reply takes longer.
        not_found_after: so many requests every one gets 404.
    """
    from endpoint import Handler, StandIn
    from faults import Faults

    arrived: list[str] = []

    class Counting(Handler):
        def _complete(self, request: dict[str, Any], messages: Any) -> None:
            arrived.append(key_of(request))
            if len(arrived) > not_found_after:
                self._fail(HTTPStatus.NOT_FOUND, "NotFoundError", "no such path")
                return
            time.sleep(seconds)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the client was killed
                super()._complete(request, messages)

    server = StandIn(0, "regtune-stand-in", Faults.parse(rules, 0))
    server.RequestHandlerClass = Counting
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", arrived
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
