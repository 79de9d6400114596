"""What regtune adds to Airflow beside its DAG: the page in the menu, notes on runs, what follows the end of a run.

The one module of plugins/ that Airflow executes by itself, in each of its processes; .airflowignore keeps it from
executing the package. The page is imported when the API server starts, and only there.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from regtune.orchestration import (
    alerts_run_end,
    backfill_runs,
    ended_by_hand,
    failed_by_hand,
    register_watch,
    run_note,
)
from regtune.orchestration.alerts_deadline import RunQueued
from regtune.orchestration.page.addresses import PREFIX
from regtune.orchestration.timetable import EffectiveDates

_Message = MutableMapping[str, Any]


async def page(
    scope: _Message, receive: Callable[[], Awaitable[_Message]], send: Callable[[_Message], Awaitable[None]]
) -> None:
    """Answer for the page (ASGI)."""
    from regtune.orchestration.page.app import app

    await app(scope, receive, send)


def page_at_the_root(app: Callable[..., Any]) -> Callable[..., Any]:
    """Begin to make the page when the API server starts, and with it the middlewares; answers for its bare address."""
    from regtune.orchestration.page.root import with_page

    return with_page(app)


class RegtunePlugin(AirflowPlugin):
    """Registers what Airflow asks for."""

    name = "regtune"
    # Airflow calls the last one first: run_note puts the state of a run right that others tell of.
    listeners = [  # noqa: RUF012 - Airflow's form
        *(backfill_runs, alerts_run_end, register_watch, ended_by_hand, failed_by_hand, run_note),
    ]
    timetables = [EffectiveDates]  # noqa: RUF012 - the same
    deadline_references = [RunQueued]  # noqa: RUF012 - the same
    fastapi_apps = [{"app": page, "url_prefix": PREFIX, "name": "regtune"}]  # noqa: RUF012 - the same
    fastapi_root_middlewares = [{"middleware": page_at_the_root, "name": "regtune"}]  # noqa: RUF012 - the same
    external_views = [  # noqa: RUF012 - the same
        {
            "name": "Regtune 규정 모델",
            "href": f"{PREFIX}/",
            "url_route": "regtune",  # without a route 3.3.2 makes a button of the menu that does nothing
            "destination": "nav",
            "nav_top_level": True,
        }
    ]
