"""A backfill that somebody cancels, and notes on runs, on tables of Airflow in memory."""

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
from airflow.models import import_all_models
from airflow.models.backfill import Backfill
from airflow.models.base import Base
from airflow.models.callback import Callback
from airflow.models.dagrun import DagRun
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunType
from sqlalchemy import create_engine, event, select
from sqlalchemy.orm import Session

from regtune.orchestration import backfill_runs, run_note

DAYS = [datetime(2024, month, 1, tzinfo=timezone.utc) for month in (1, 7)]


@pytest.fixture
def session() -> Iterator[Session]:
    """Give empty tables, and a process that heeds cancels as the API server does."""
    import_all_models()
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    backfill_runs.heed_cancels()
    with Session(engine) as session:
        yield session
    event.remove(Backfill.completed_at, "set", backfill_runs._on_completed)


def cancelled(session: Session, states: list[DagRunState]) -> tuple[list[DagRun], list[dict[str, object]]]:
    """Cancel a backfill with runs in these states as Airflow's route does; gives the runs and what is to be told."""
    backfill = Backfill(dag_id="regtune", from_date=DAYS[0], to_date=DAYS[-1], dag_run_conf={}, max_active_runs=1)
    session.add(backfill)
    session.flush()
    for day, state in zip(DAYS, states, strict=True):
        run = DagRun(
            dag_id="regtune",
            run_id=f"backfill__{day.isoformat()}",
            run_type=DagRunType.BACKFILL_JOB,
            logical_date=day,
            run_after=day,
            state=state,
        )
        run.backfill_id = backfill.id
        session.add(run)
    session.commit()
    backfill.is_paused = True
    session.commit()
    session.refresh(backfill)
    backfill.completed_at = datetime.now(timezone.utc)
    session.commit()
    runs = list(session.scalars(select(DagRun).order_by(DagRun.logical_date)))
    return runs, [dict(callback.data["kwargs"]) for callback in session.scalars(select(Callback))]


def test_a_run_that_waits_for_the_hosts_ends_with_the_cancel(session: Session) -> None:
    """It stayed in state running until another run had given the hosts back."""
    runs, told = cancelled(session, [DagRunState.RUNNING, DagRunState.FAILED])
    assert [str(run.state) for run in runs] == ["failed", "failed"]
    assert {run.note for run in runs} == {"백필이 취소되어 실행하지 않았습니다."}
    [facts] = told
    assert (facts["kind"], facts["first"], facts["last"]) == ("cancelled", "2024-01-01", "2024-07-01")


def test_a_run_that_has_ended_is_left_alone(session: Session) -> None:
    """It keeps its state and gets no note."""
    runs, told = cancelled(session, [DagRunState.SUCCESS, DagRunState.RUNNING])
    assert [str(run.state) for run in runs] == ["success", "failed"]
    assert runs[0].note is None
    assert len(told) == 1


def test_a_run_that_is_cleared_loses_what_was_noted_of_its_earlier_time(session: Session) -> None:
    """It failed of something else, and its note said still that somebody had failed it; what people wrote stays."""
    runs, _ = cancelled(session, [DagRunState.RUNNING, DagRunState.FAILED])
    runs[1].dag_run_note.content, runs[1].dag_run_note.user_id = "다시 보겠습니다.", "1"
    session.commit()
    for run in runs:
        run_note.on_dag_run_running(run, "")
    session.commit()
    session.expire_all()
    assert [run.note for run in runs] == [None, "다시 보겠습니다."]
