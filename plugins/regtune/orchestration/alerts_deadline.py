"""From when a run's deadline counts: the moment at which it was queued.

In: Airflow's database, when a run is created. Out: that moment. The plugin registers the class, for Airflow builds it
again from the serialized DAG. It does what DeadlineReference.DAGRUN_QUEUED_AT does, under another name: Airflow 3.3.2
answers every clear of a run that has a deadline of that name with an error 500 (a TypeError in
_recalculate_dagrun_queued_at_deadlines). A run that is cleared keeps the deadline of its first time.
"""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from airflow.sdk.definitions.deadline import BaseDeadlineReference

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class RunQueued(BaseDeadlineReference):
    """When the run was queued."""

    required_kwargs: ClassVar[set[str]] = {"dag_id", "run_id"}

    def _evaluate_with(self, *, session: "Session", dag_id: str, run_id: str) -> datetime | None:
        from airflow.models.dagrun import DagRun
        from sqlalchemy import select

        return session.scalar(select(DagRun.queued_at).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id))
