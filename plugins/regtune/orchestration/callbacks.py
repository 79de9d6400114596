"""Work for the triggerer, queued by a listener in the transaction of what it heard: it is there once or not at all.

In: a session of the scheduler or the API server. Out: a callback that Airflow's triggerer runs; and what a listener
needs to know of the run.
"""

from typing import TYPE_CHECKING, Any

from regtune.orchestration.page.addresses import DAG_ID

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.orm import Session

NO_RUN = "-"


def queue(session: "Session", told: "Callable[..., Awaitable[None]]", facts: dict[str, Any]) -> None:
    """Let the triggerer call `told` with `facts`."""
    from airflow.models.callback import Callback
    from airflow.sdk.definitions.callback import AsyncCallback

    callback = Callback.create_from_sdk_def(AsyncCallback(told, facts), prefix="regtune", dag_id=DAG_ID)
    callback.queue(session=session)
    session.add(callback)


def session_of(known: object) -> "Session | None":
    """Return the session of a task or a run; None in a worker, which has none."""
    from sqlalchemy.exc import NoInspectionAvailable
    from sqlalchemy.orm import object_session
    from sqlalchemy.orm.exc import UnmappedInstanceError

    try:
        return object_session(known)
    except (NoInspectionAvailable, UnmappedInstanceError):
        return None


def returned(session: "Session", run_id: str, task_id: str) -> str | None:
    """Return what a task of a run returned, None where it has not."""
    from airflow.models.xcom import XComModel

    query = XComModel.get_many(run_id=run_id, dag_ids=DAG_ID, task_ids=task_id, key="return_value")
    row = session.scalars(query).first()
    return None if row is None else str(XComModel.deserialize_value(row))


def run_name_of(session: "Session", run_id: str) -> str:
    """Return the name that open_run gave a run; a dash when it gave none."""
    return returned(session, run_id, "open_run") or NO_RUN
