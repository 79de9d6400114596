"""What the page needs at the root of the API server: it is made before the first reader, and found without its slash.

In: the API server's application, as Airflow hands it to a plugin's root middleware: the one hook that runs in each
worker of the API server, and nowhere else, when it starts. Out: the same application, which sends `/regtune` on to
`/regtune/` (a mounted application has only what is below its prefix; Airflow's own UI would answer for the rest).
Meanwhile a thread imports the page, reads the store's runs and makes the page once; the server does not wait for it.
"""

import logging
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from regtune.orchestration.backfill_runs import heed_cancels
from regtune.orchestration.page.addresses import PREFIX

_log = logging.getLogger(__name__)
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
Application = Callable[[_Message, _Receive, _Send], Awaitable[None]]


def with_page(app: Application) -> Application:
    """Begin to warm the page; returns the application, with the one address more."""
    heed_cancels()
    threading.Thread(target=_warm_up, name="regtune-page", daemon=True).start()

    async def answer(scope: _Message, receive: _Receive, send: _Send) -> None:
        if scope["type"] == "http" and scope["path"].removeprefix(scope.get("root_path", "")) == PREFIX:
            query = b"?" + scope["query_string"] if scope.get("query_string") else b""
            location = f"{PREFIX.removeprefix('/')}/".encode() + query  # relative: Airflow may lie below a path
            headers = [(b"location", location), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 307, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
        else:
            await app(scope, receive, send)

    return answer


def _warm_up() -> None:
    from regtune.orchestration.page.app import warm_up

    try:
        warm_up()
    except Exception as error:  # noqa: BLE001 - whatever it is, the first reader is told by the page
        _log.warning("the page was not made in advance: %s", error)
