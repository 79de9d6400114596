"""What the first reader of the page would wait for, done beside the start of the API server.

In: the API server's application, as Airflow hands it to a plugin's root middleware: the one hook that runs in each
worker of the API server, and nowhere else, when it starts. Out: the same application, with nothing around it.
Meanwhile a thread imports the page, reads the store's runs and makes the page once; the server does not wait for it.
"""

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)


def with_warm_page(app: Callable[..., object]) -> Callable[..., object]:
    """Begin to warm the page; returns the application as it is."""
    threading.Thread(target=_warm_up, name="regtune-page", daemon=True).start()
    return app


def _warm_up() -> None:
    from regtune.orchestration.page.app import warm_up

    try:
        warm_up()
    except Exception as error:  # noqa: BLE001 - whatever it is, the first reader is told by the page
        _log.warning("the page was not made in advance: %s", error)
