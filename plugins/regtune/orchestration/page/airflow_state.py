"""What Airflow's database knows that the store does not: which DAG run made a folder, what runs now, the backfill.

In: Airflow's database, read in the API server. Out: records of view.py; a backfill is started as Airflow's own API
starts it.
"""

from collections.abc import Iterable
from datetime import date

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.models.backfill import Backfill, ReprocessBehavior
from airflow.models.dagrun import DagRun
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session
from sqlalchemy import select
from sqlalchemy.orm import Session

from regtune.orchestration.page.addresses import DAG_ID
from regtune.orchestration.page.view import ActiveBackfill, DagRunState

_UNFINISHED = ("queued", "running")
_LATEST = 2000
"""DAG runs that are looked through for the names of the shown folders."""


def dag_runs_of(run_names: Iterable[str]) -> dict[str, DagRunState]:
    """For each run name the latest DAG run whose open_run gave it."""
    wanted = set(run_names)
    query = (
        select(XComModel.value, DagRun.run_id, DagRun.state)
        .join(DagRun, (DagRun.dag_id == XComModel.dag_id) & (DagRun.run_id == XComModel.run_id))
        .where(XComModel.dag_id == DAG_ID, XComModel.task_id == "open_run", XComModel.key == "return_value")
        .order_by(DagRun.id.desc())
        .limit(_LATEST)
    )
    found: dict[str, DagRunState] = {}
    with create_session() as session:
        for value, run_id, state in session.execute(query):
            name = str(value).strip('"')  # a string, as JSON
            if name in wanted and name not in found:
                found[name] = DagRunState(run_id, str(state))
    return found


def under_way() -> list[DagRunState]:
    """DAG runs that run or wait, the running ones first."""
    query = select(DagRun.run_id, DagRun.state).where(DagRun.dag_id == DAG_ID, DagRun.state.in_(_UNFINISHED))
    with create_session() as session:
        rows = [DagRunState(run_id, str(state)) for run_id, state in session.execute(query.order_by(DagRun.id))]
    return sorted(rows, key=lambda row: row.state != "running")


def active_backfill() -> ActiveBackfill | None:
    """The DAG's one backfill that is not over."""
    with create_session() as session:
        query = select(Backfill).where(Backfill.dag_id == DAG_ID, Backfill.completed_at.is_(None))
        backfill = session.scalars(query).first()
        if backfill is None:
            return None
        states = [str(s) for s in session.scalars(select(DagRun.state).where(DagRun.backfill_id == backfill.id))]
        finished = sum(state not in _UNFINISHED for state in states)
        first, last = backfill.from_date.date(), backfill.to_date.date()
        return ActiveBackfill(str(first), str(last), finished, len(states))


def start_backfill(first: date, last: date, reprocess: str, user: BaseUser, session: Session) -> None:
    """Start a backfill by the code of `POST /api/v2/backfills`; the caller has checked the permission.

    Raises:
        HTTPException: another backfill runs (409), or the DAG is not there (404).
        RequestValidationError: Airflow finds no date in the range.
    """
    from airflow.api_fastapi.core_api.datamodels.backfills import BackfillPostBody
    from airflow.api_fastapi.core_api.routes.public.backfills import create_backfill

    body = BackfillPostBody.model_validate(
        {
            "dag_id": DAG_ID,
            "from_date": f"{first}T00:00:00Z",
            "to_date": f"{last}T00:00:00Z",
            "reprocess_behavior": ReprocessBehavior(reprocess),
            "max_active_runs": 1,
        }
    )
    create_backfill(body, user, session)
